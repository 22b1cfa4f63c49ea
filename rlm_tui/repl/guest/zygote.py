"""The first process of a run's REPLs: reads the document once and forks a worker for each REPL.

It has one thread and never runs model code itself, so it is always there to fork, to signal and,
when the engine goes, to end every process of its group.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import socket
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, NoReturn, Protocol

from rlm_tui.repl.guest import refusals
from rlm_tui.repl.guest.documents import documents_of, read_context
from rlm_tui.repl.guest.worker import Worker
from rlm_tui.repl.jail.jail import Jail, JailError
from rlm_tui.repl.wire import Channel, Frame


def _wake_only(_number: int, _frame: FrameType | None) -> None:
    """A signal handler whose only use is that the wake-up pipe is written to."""


class Serving(Protocol):
    """What a worker's process becomes."""

    def serve(self) -> NoReturn:
        """Answer the engine until it is gone."""
        ...


class Zygote:
    """Forks workers on request."""

    def __init__(
        self, sock: socket.socket, make_worker: Callable[[socket.socket], Serving], jail: Jail
    ) -> None:
        self._channel = Channel(sock, self._end_all)
        self._make_worker = make_worker
        self._jail = jail
        self._ended: set[int] = set()
        """Workers that have ended, whose numbers the system may have given to others."""

    @staticmethod
    def _end_all() -> NoReturn:
        """The engine is gone: end this process group, workers and checkpoints included."""
        os.killpg(0, signal.SIGKILL)
        os._exit(0)

    def serve(self, chars: list[int]) -> NoReturn:
        """Answer the engine until it is gone; it is told the characters of each document."""
        woken, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, _wake_only)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        self._channel.send({"op": "ready", "chars": chars, **self._jail.described()})
        while True:
            pending = self._pending(woken)
            if woken in pending:
                os.read(woken, 512)
                self._report_ends()
            if self._channel.sock.fileno() in pending:  # before the gate: it may hold a leave
                self._answer(self._channel.receive(), woken, wake)
                while self._channel.has_message:
                    self._answer(self._channel.receive(), woken, wake)
            for fd in pending.keys() & set(self._jail.gate.fds):
                self._jail.gate.attend(fd, is_abandoned=not pending[fd] & select.POLLIN)

    def _pending(self, woken: int) -> dict[int, int]:
        """What has come, and on which file descriptors."""
        poll = select.poll()
        for fd in (woken, self._channel.sock.fileno(), *self._jail.gate.fds):
            poll.register(fd, select.POLLIN)
        return dict(poll.poll())

    def _answer(self, message: Frame, *own: int) -> None:
        if message["op"] == "spawn":
            self._spawn(*own)
        elif message["op"] == "signal":
            self._signal(message["pid"], message["signal"])
        elif message["op"] == "allow_fork":
            self._jail.gate.allow(message["pid"])
        elif message["op"] == "settle":
            self._channel.send({"op": "settled"})

    def _spawn(self, *own: int) -> None:
        sock = socket.socket(fileno=self._channel.fds.pop(0))
        sock.set_inheritable(False)  # no program that the worker starts may speak for it
        zygote, line = os.getpid(), self._jail.line_for_worker()
        if pid := os.fork():
            sock.close()
            self._ended.discard(pid)
            self._jail.expect(line, pid)
            return
        try:
            signal.set_wakeup_fd(-1)
            for fd in own:
                os.close(fd)
            self._channel.sock.close()
            self._jail.confine_worker(zygote, line)
            if self._jail.layers:
                refusals.install()
            worker = self._make_worker(sock)
        except BaseException:  # noqa: BLE001 - whatever it is, this process must not be a zygote
            os._exit(1)
        worker.serve()

    def _signal(self, pid: int, number: int) -> None:
        if pid in self._ended:
            return
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return  # it ended by itself meanwhile

    def _report_ends(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            self._ended.add(pid)
            self._jail.gate.forget(pid)
            code = os.waitstatus_to_exitcode(status)
            self._channel.send({"op": "exited", "pid": pid, "status": code})


def main(fd: int, mode: str, left_out: str, monty: str, documents: list[str]) -> NoReturn:
    """Be the zygote: read the documents and serve the engine on socket `fd`.

    `monty` is, in that mode, the folder of the package and the interpreter's file, a line each.
    """
    os.setpgid(0, 0)
    os.environ.clear()
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115 - lives as long as we do
    sock = socket.socket(fileno=fd)
    sock.settimeout(None)
    shared = documents_of(documents)
    folder, _, program = monty.partition("\n")
    jail = Jail(mode, filter(None, left_out.split("+")), program)
    try:
        make_worker = _maker(folder, program)
        jail.enter()
        context = read_context(shared)
        for document in shared:
            if document.fd >= 0:
                os.close(document.fd)
        jail.seal()
    except OSError as error:
        _fail(sock, f"the REPL could not read the document: {error}")
    except ImportError as error:
        _fail(sock, f"Monty cannot be used: {error}; try: pip install 'rlm-tui[monty]'")
    except JailError as error:
        _fail(sock, f"{error}; to run without isolation, say --sandbox=off.")
    os.dup2(null, 2)  # what is written there from now on nobody reads, and a full pipe would block
    gc.collect()
    gc.freeze()
    texts = [context] if isinstance(context, str) else context.values()
    zygote = Zygote(sock, lambda sock: make_worker(sock, context), jail)
    zygote.serve([len(text) for text in texts])


def _maker(folder: str, program: str) -> Callable[[socket.socket, Any], Serving]:
    """What makes a worker of a process; loads all that it needs, while files can be seen.

    Raises ImportError.
    """
    if not program:
        return Worker
    sys.path.insert(0, folder)
    try:
        from rlm_tui.repl.guest.monty_worker import MontyWorker  # noqa: PLC0415 - 110 ms
    finally:
        sys.path.remove(folder)
    return lambda sock, context: MontyWorker(sock, context, program)


def _fail(sock: socket.socket, why: str) -> NoReturn:
    Channel(sock, lambda: os._exit(1)).send({"op": "failed", "why": why})
    sys.exit(1)
