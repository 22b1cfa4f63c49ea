"""The zygote's say in who may fork.

A worker's filter holds back every fork until the zygote has answered for it. One is let through for
each leave that the engine gave; so a checkpoint can be taken, and a fork bomb is one refusal.

A worker whose work is to start one program may fork once and start it once, without a leave.
"""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import socket
import struct
from collections import Counter
from dataclasses import dataclass

from rlm_tui.repl.jail.syscalls import number_of, this_machine

_RECEIVE, _SEND = 0xC0502100, 0xC0182101
"""SECCOMP_IOCTL_NOTIF_RECV and _SEND (linux/seccomp.h)."""
_ASKED = struct.Struct("=QIIi")
_ASKED_BYTES = 80
_ANSWER = struct.Struct("=QqiI")
_GO_ON = 1


@dataclass
class _Start:
    """The one program that a worker starts."""

    worker: int
    forks: int = 1
    """How often the worker may still fork for it."""
    program: int = -1
    """A handle (pidfd) of the program's process; -1 before it is one."""


class Gate:
    """Hears of forks before they happen, and of the programs that some workers start."""

    def __init__(self) -> None:
        self._leaves: Counter[int] = Counter()
        self._newcomers: dict[int, tuple[socket.socket, _Start | None]] = {}
        self._listeners: dict[int, _Start | None] = {}

    @property
    def fds(self) -> list[int]:
        """What to watch for something to read."""
        return [*self._newcomers, *self._listeners]

    def expect(self, newcomer: socket.socket, starter: int | None = None) -> None:
        """A worker will send its listener here; `starter` is its number if it starts a program."""
        start = None if starter is None else _Start(starter)
        self._newcomers[newcomer.fileno()] = newcomer, start

    def allow(self, pid: int) -> None:
        """Let a process fork once."""
        self._leaves[pid] += 1

    def forget(self, pid: int) -> None:
        """The process has ended, and its number may be given to another."""
        del self._leaves[pid]
        for start in self._listeners.values():
            if start is not None and start.worker == pid and start.program >= 0:
                _end(start)

    def leave(self) -> None:
        """In a worker: have no part in it."""
        for newcomer, _ in self._newcomers.values():
            newcomer.close()
        for listener, start in self._listeners.items():
            os.close(listener)
            if start is not None and start.program >= 0:
                os.close(start.program)
        self._newcomers.clear()
        self._listeners.clear()

    def attend(self, fd: int, *, is_abandoned: bool) -> None:
        """See to one of `fds`; it is abandoned when all who could ask there have ended."""
        if (expected := self._newcomers.pop(fd, None)) is not None:
            newcomer, start = expected
            with newcomer:
                _, fds, _, _ = socket.recv_fds(newcomer, 1, 1)
            self._listeners.update(dict.fromkeys(fds, start))
        elif is_abandoned:
            start = self._listeners.pop(fd)
            if start is not None and start.program >= 0:
                os.close(start.program)
            os.close(fd)
        else:
            self._answer(fd)

    def _answer(self, listener: int) -> None:
        asked = bytearray(_ASKED_BYTES)
        try:
            fcntl.ioctl(listener, _RECEIVE, asked)
            number, pid, _, wanted = _ASKED.unpack_from(asked)
            if self._is_allowed(listener, pid, wanted):
                reply = _ANSWER.pack(number, 0, 0, _GO_ON)
            else:
                reply = _ANSWER.pack(number, 0, -errno.EPERM, 0)
            fcntl.ioctl(listener, _SEND, reply)
        except OSError as error:
            if error.errno != errno.ENOENT:  # who asked was killed meanwhile
                raise

    def _is_allowed(self, listener: int, pid: int, wanted: int) -> bool:
        start = self._listeners[listener]
        machine = this_machine()
        if start is not None and machine is not None:
            if wanted == number_of("execve", machine):
                if start.program >= 0:
                    return False
                start.program = _handle_of(pid)
                return start.program >= 0
            start.forks -= 1
            return start.forks >= 0
        if self._leaves[pid] <= 0:
            return False
        self._leaves[pid] -= 1
        return True


def _handle_of(pid: int) -> int:
    """A handle of a process; -1 when it is gone."""
    try:
        return os.pidfd_open(pid)
    except OSError:
        return -1


def _end(start: _Start) -> None:
    """End a program that its worker has left behind; it may be in the middle of a long loop."""
    try:
        signal.pidfd_send_signal(start.program, signal.SIGKILL)
    except ProcessLookupError:
        return  # it has ended by itself
