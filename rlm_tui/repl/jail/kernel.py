"""System calls by name, for those that Python has no function for."""

from __future__ import annotations

import ctypes
import errno
import os

from rlm_tui.repl.jail.syscalls import number_of, this_machine

_LIBC = ctypes.CDLL(None, use_errno=True)
_MACHINE = this_machine()

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_CAPBSET_DROP = 24
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_CLEAR_ALL = 4


def call(name: str, *arguments: int | bytes | None) -> int:
    """Make a system call; bytes are passed by their address. Raises OSError."""
    number = None if _MACHINE is None else number_of(name, _MACHINE)
    if number is None:
        raise OSError(errno.ENOSYS, f"{name}: the number of this system call is not known here")
    passed = [
        ctypes.c_char_p(value) if isinstance(value, bytes) else ctypes.c_ulong(value or 0)
        for value in arguments
    ]
    make = _LIBC.syscall
    make.restype = ctypes.c_long
    result: int = make(ctypes.c_long(number), *passed)
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{name}: {os.strerror(error)}")
    return result


def prctl(option: int, *arguments: int) -> int:
    """Change a property of this process. Raises OSError."""
    return call("prctl", option, *arguments, *[0] * (4 - len(arguments)))
