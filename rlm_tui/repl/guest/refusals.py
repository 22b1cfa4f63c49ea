"""What model code is told when it asks for what the jail refuses, in place of a bare EPERM.

Courtesy only: nothing is safer for it, and code that goes round it meets the jail itself.
"""

from __future__ import annotations

import _posixsubprocess
import errno
import os
import socket
from collections.abc import Callable
from typing import Any, Final, NoReturn

fork: Final = os.fork
"""The real one, for checkpoints."""

_NO_PROCESSES = "code in the REPL cannot start other processes"
_NO_NETWORK = "code in the REPL has no network; ask with llm_query()"
_STARTERS = ("fork", "forkpty", "posix_spawn", "posix_spawnp", "execv", "execve", "system")
_LOOKUPS = ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr", "getnameinfo")


def install() -> None:
    """Make the functions of the standard library say why they cannot work here."""
    for name in _STARTERS:
        setattr(os, name, _refusal(name, _NO_PROCESSES))
    _posixsubprocess.fork_exec = _refusal("fork_exec", _NO_PROCESSES)
    for name in _LOOKUPS:
        setattr(socket, name, _refusal(name, _NO_NETWORK))
    make = socket.socket.__init__

    def __init__(  # noqa: N807 - it takes the place of one
        self: socket.socket,
        family: int = -1,
        type: int = -1,  # noqa: A002 - its name there
        proto: int = -1,
        fileno: int | None = None,
    ) -> None:
        if fileno is None:
            raise PermissionError(errno.EPERM, _NO_NETWORK)
        make(self, family, type, proto, fileno)

    socket.socket.__init__ = __init__


def _refusal(name: str, why: str) -> Callable[..., NoReturn]:
    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise PermissionError(errno.EPERM, why)

    refuse.__name__ = refuse.__qualname__ = name
    return refuse
