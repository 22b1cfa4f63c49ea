"""The engine's end of the processes that run model code.

A `Sandbox` is one zygote with the run's documents; each `Repl` is a worker forked from it. All
methods belong to one event loop. Frames from a guest are hostile: an unknown operation, an id that
was not given out or a value of the wrong type ends that worker, not the engine.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from pathlib import Path

from rlm_tui.config import SandboxMode
from rlm_tui.errors import ReplError
from rlm_tui.repl.guest.documents import SharedDocument, words_of
from rlm_tui.repl.interpreter import located
from rlm_tui.repl.link import GuestLink, connect
from rlm_tui.repl.repl import Repl
from rlm_tui.repl.wire import Frame, WireError, pack

_START_TIMEOUT = 60.0
_SETTLE_TIMEOUT = 1.0

_BOOT = """
import sys
sys.path.insert(0, sys.argv[2])
from rlm_tui.repl.guest.zygote import main
del sys.path[0]
main(int(sys.argv[1]), *sys.argv[3:6], sys.argv[6:])
"""


class Sandbox:
    """A zygote and the workers forked from it."""

    def __init__(self) -> None:
        self.layers = "off"
        """The isolation in force, such as `ns+landlock+seccomp`; `off` when there is none."""
        self.missing: dict[str, str] = {}
        """Why each layer that is not in force is not, and what would help."""
        self.has_checkpoints = True
        """Whether the state of a REPL can be kept."""
        self.is_monty = False
        """Whether code runs in Monty, which knows a subset of Python."""
        self.context_chars: list[int] = []
        """The characters of each document, as `context` has them."""
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._wire: GuestLink | None = None
        self._ready: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._ends: dict[int, int] = {}
        self._repls: list[Repl] = []
        self._settling: deque[asyncio.Future[None]] = deque()

    @classmethod
    async def start(
        cls,
        documents: Sequence[str | SharedDocument],
        mode: SandboxMode = "auto",
        *,
        left_out: Sequence[str] = (),
    ) -> Sandbox:
        """Start the zygote and wait until it holds the documents.

        Args:
            documents: their paths, where they are UTF-8, or what else is to be known of them.
            mode: `auto` takes every layer of isolation that can be had, `strict` forbids forks as
                well, `monty` runs code in another interpreter behind them, `off` takes none.
            left_out: layers to do without, as if the system refused them.

        Raises:
            ReplError: it did not come up, or model code cannot be isolated.
            UsageError: the package that the mode needs is not installed.
        """
        sandbox = cls()
        sandbox.is_monty = mode == "monty"
        monty = "\n".join(located()) if sandbox.is_monty else ""
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-P", "-s", "-S", "-B", "-X", "utf8", "-c", _BOOT]
        root = str(Path(__file__).parents[2])
        shared = [SharedDocument(one) if isinstance(one, str) else one for one in documents]
        with theirs:
            sandbox._process = subprocess.Popen(  # noqa: ASYNC220 - 1 ms; it takes a socket
                [
                    *command,
                    *(str(theirs.fileno()), root, mode, "+".join(left_out), monty),
                    *words_of(shared),
                ],
                env={"PYTHONHASHSEED": "0"},
                pass_fds=[theirs.fileno(), *(one.fd for one in shared if one.fd >= 0)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                cwd="/",
            )
        sandbox._control = ours
        try:
            sandbox._wire = await connect(ours.dup(), sandbox._on_message)
            sandbox._wire.closed.add_done_callback(lambda _: sandbox._end_group())
            async with asyncio.timeout(_START_TIMEOUT):
                ready = await sandbox._first_word(sandbox._wire)
            if ready["op"] != "ready":
                raise ReplError(str(ready.get("why")))
        except TimeoutError as error:
            await sandbox.close()
            raise ReplError(f"the REPL did not start within {_START_TIMEOUT:.0f} s") from error
        except BaseException:
            await sandbox.close()
            raise
        sandbox.context_chars = [int(chars) for chars in ready["chars"]]
        sandbox.layers = "+".join(ready["layers"]) or "off"
        sandbox.missing = dict(ready["missing"])
        sandbox.has_checkpoints = bool(ready["has_checkpoints"])
        return sandbox

    @property
    def is_alive(self) -> bool:
        """Whether REPLs can be had from it."""
        return self._wire is not None and not self._wire.closed.done()

    async def _first_word(self, link: GuestLink) -> Frame:
        await asyncio.wait([self._ready, link.closed], return_when=asyncio.FIRST_COMPLETED)
        if not self._ready.done():
            raise ReplError(f"the REPL did not start: {self._last_words()}")
        return self._ready.result()

    def _last_words(self) -> str:
        assert self._process is not None  # noqa: S101 - set by start
        stream = self._process.stderr
        text = stream.read().decode(errors="replace").strip() if stream else ""
        return text.splitlines()[-1] if text else "it said nothing"

    def _on_message(self, message: Frame) -> None:
        if message["op"] == "exited":
            self._ends[int(message["pid"])] = int(message["status"])
        elif message["op"] == "settled":
            if not self._settling:
                raise WireError("nobody asked whether it has settled")
            if not (asked := self._settling.popleft()).done():
                asked.set_result(None)
        elif not self._ready.done():
            self._ready.set_result(message)

    async def spawn(
        self, query: str, context: str | dict[str, str] | None = None, state: str = ""
    ) -> Repl:
        """A new REPL; `context` None means the documents, `state` is what one was kept as.

        Raises:
            ReplError: the worker did not come up.
            FrameTooLargeError: the context is over 64 MB.
        """
        if self._control is None or self._process is None:
            raise ReplError("the REPL's process is not running")
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                socket.send_fds(self._control, [pack({"op": "spawn"})], [theirs.fileno()])
        except OSError as error:
            ours.close()
            raise ReplError("the process that starts REPLs is gone") from error
        repl = self.adopt()
        try:
            await repl.connect(ours)
            await repl.set_up(query, context, state)
        except BaseException:
            repl.close()
            raise
        return repl

    def adopt(self) -> Repl:
        """A REPL whose worker is about to be there."""
        repl = Repl(self)
        self._repls.append(repl)
        return repl

    def signal(self, pid: int, number: signal.Signals) -> None:
        """Have the zygote send a signal to one of its workers."""
        if self._wire is not None:
            self._wire.send({"op": "signal", "pid": pid, "signal": int(number)})

    def allow_fork(self, pid: int) -> None:
        """Have the zygote let one of its workers fork once, which is about to be asked to."""
        if self._wire is not None:
            self._wire.send({"op": "allow_fork", "pid": pid})

    async def settled(self) -> None:
        """Wait until every signal so far has been sent on, or the zygote is gone."""
        if self._wire is None or self._wire.closed.done():
            return
        asked: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._settling.append(asked)
        self._wire.send({"op": "settle"})
        await asyncio.wait(
            [asked, self._wire.closed],
            timeout=_SETTLE_TIMEOUT,
            return_when=asyncio.FIRST_COMPLETED,
        )

    def forget(self, repl: Repl) -> None:
        """The REPL is closed."""
        if repl in self._repls:
            self._repls.remove(repl)

    def end_of(self, pid: int) -> str:
        """How a worker ended, as far as it is known."""
        status = self._ends.get(pid)
        if status is None:
            return "its process ended"
        if status < 0:
            name = signal.Signals(-status).name
            if name == "SIGBUS":
                return "its process read what was cut off the document on disk (SIGBUS)"
            return f"its process was ended by {name}"
        return f"its process exited with status {status}"

    async def close(self) -> None:
        """End the zygote and every process forked from it."""
        if repls := list(self._repls):
            for repl in repls:
                repl.close()
            await self.settled()  # a worker that left the process group is gone now as well
        if self._wire is not None:
            self._wire.close("closed")
        if self._control is not None:
            self._control.close()
            self._control = None
        self._end_group()
        process, self._process = self._process, None
        if process is not None:
            await asyncio.to_thread(process.wait)
            if process.stderr is not None:
                process.stderr.close()

    def _end_group(self) -> None:
        """End the zygote and its workers; when it has ended by itself, those it left behind."""
        if self._process is not None:
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except ProcessLookupError:
                self._process.kill()
