"""The zygote's say in who may fork.

A worker's filter holds back every fork until the zygote has answered for it. One is let through for
each leave that the engine gave; so a checkpoint can be taken, and a fork bomb is one refusal.
"""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import struct
from collections import Counter

_RECEIVE, _SEND = 0xC0502100, 0xC0182101
"""SECCOMP_IOCTL_NOTIF_RECV and _SEND (linux/seccomp.h)."""
_ASKED = struct.Struct("=QI")
_ASKED_BYTES = 80
_ANSWER = struct.Struct("=QqiI")
_GO_ON = 1


class Gate:
    """Hears of forks before they happen."""

    def __init__(self) -> None:
        self._leaves: Counter[int] = Counter()
        self._newcomers: dict[int, socket.socket] = {}
        self._listeners: set[int] = set()

    @property
    def fds(self) -> list[int]:
        """What to watch for something to read."""
        return [*self._newcomers, *self._listeners]

    def expect(self, newcomer: socket.socket) -> None:
        """A worker will send its listener here."""
        self._newcomers[newcomer.fileno()] = newcomer

    def allow(self, pid: int) -> None:
        """Let a process fork once."""
        self._leaves[pid] += 1

    def forget(self, pid: int) -> None:
        """The process has ended, and its number may be given to another."""
        del self._leaves[pid]

    def leave(self) -> None:
        """In a worker: have no part in it."""
        for newcomer in self._newcomers.values():
            newcomer.close()
        for listener in self._listeners:
            os.close(listener)
        self._newcomers.clear()
        self._listeners.clear()

    def attend(self, fd: int, *, is_abandoned: bool) -> None:
        """See to one of `fds`; it is abandoned when all who could ask there have ended."""
        if (newcomer := self._newcomers.pop(fd, None)) is not None:
            with newcomer:
                _, fds, _, _ = socket.recv_fds(newcomer, 1, 1)
            self._listeners.update(fds)
        elif is_abandoned:
            self._listeners.discard(fd)
            os.close(fd)
        else:
            self._answer(fd)

    def _answer(self, listener: int) -> None:
        asked = bytearray(_ASKED_BYTES)
        try:
            fcntl.ioctl(listener, _RECEIVE, asked)
            number, pid = _ASKED.unpack_from(asked)
            if self._leaves[pid] > 0:
                self._leaves[pid] -= 1
                reply = _ANSWER.pack(number, 0, 0, _GO_ON)
            else:
                reply = _ANSWER.pack(number, 0, -errno.EPERM, 0)
            fcntl.ioctl(listener, _SEND, reply)
        except OSError as error:
            if error.errno != errno.ENOENT:  # who asked was killed meanwhile
                raise
