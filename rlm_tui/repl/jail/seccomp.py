"""The filter through which every system call of model code goes.

A call that is not on the list fails with EPERM, one that was added to Linux later with ENOSYS. A
fork is held back until the zygote (`gate`) lets it happen: a checkpoint is one, and a bomb is many.

The filter is a program for the kernel's packet machine: instructions of 8 bytes (linux/filter.h)
over `struct seccomp_data` (linux/seccomp.h).
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from collections.abc import Callable, Iterable
from typing import Literal, TypeAlias

from rlm_tui.repl.jail.kernel import PR_SET_NO_NEW_PRIVS, call, prctl
from rlm_tui.repl.jail.rehearsal import rehearsed
from rlm_tui.repl.jail.syscalls import (
    AUDIT_ARCH,
    FILE_MARKS,
    FREE,
    LAST,
    Machine,
    number_of,
    this_machine,
)

Forks: TypeAlias = Literal["never", "asked"]
"""Whether a process may fork: never, or when the zygote, who is asked, lets it."""

_LOAD, _EQUAL, _AT_LEAST, _ANY_OF, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCH, _ARGUMENTS = 0, 4, 16

_KILL = 0x80000000
_ERRNO = 0x00050000
_NOTIFY = 0x7FC00000
_ALLOW = 0x7FFF0000

_AF_UNIX, _SOCK_STREAM, _SOCK_KIND = 1, 1, 0xF
_CLONE_THREAD = 0x00010000
_CLONE_NEW = 0x7E020000 | 0x80
"""Every CLONE_NEW… flag."""
_FORK_FLAGS = (0x01200011, 0x11)
"""What `fork` is made of in glibc and in musl."""
_SPAWN_FLAGS = 0x4111
"""What `posix_spawn` is made of: the parent waits in the child's memory until that is a program."""
_SET_THREAD_POINTER = 0x1002
"""ARCH_SET_FS, which every program begins with on x86-64."""

_IOCTLS = (0x5401, 0x5421, 0x541B, 0x5450, 0x5451)
"""TCGETS (isatty), FIONBIO, FIONREAD, FIONCLEX, FIOCLEX."""
_FCNTLS = (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030, 1032)
"""Duplicating, flags, locks and F_GETPIPE_SZ; not F_SETOWN, which sends signals."""
_PRCTLS = (15, 16, 0x53564D41)
"""PR_SET_NAME, PR_GET_NAME, and PR_SET_VMA, by which the C library names its memory."""

_SET_FILTER, _NEW_LISTENER = 1, 1 << 3


def _instruction(code: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("=HBBI", code, then, otherwise, value)


def _answer(value: int) -> bytes:
    return _instruction(_RETURN, value)


_REFUSE = _answer(_ERRNO | errno.EPERM)
_MISSING = _answer(_ERRNO | errno.ENOSYS)


def _load(index: int, *, high: bool = False) -> bytes:
    return _instruction(_LOAD, _ARGUMENTS + 8 * index + 4 * high)


def _if_equal(value: int, answer: int) -> bytes:
    return _instruction(_EQUAL, value, 0, 1) + _answer(answer)


def _if_any(bits: int, answer: int) -> bytes:
    return _instruction(_ANY_OF, bits, 0, 1) + _answer(answer)


def _argument_among(index: int, values: Iterable[int]) -> bytes:
    return _load(index) + b"".join(_if_equal(value, _ALLOW) for value in values) + _REFUSE


def _own_limits_only() -> bytes:
    """`prlimit64` of this process, with nothing to set: the third argument is a null pointer."""
    parts = b""
    for index, high in ((0, False), (2, False), (2, True)):
        parts += _load(index, high=high) + _instruction(_EQUAL, 0, 1, 0) + _REFUSE
    return parts + _answer(_ALLOW)


def _signal_to(only: int | None) -> bytes:
    """A signal to one process by its number; never to a group or to everybody."""
    if only is not None:
        return _argument_among(0, [only])
    return (
        _load(0)
        + _if_any(1 << 31, _ERRNO | errno.EPERM)
        + _if_equal(0, _ERRNO | errno.EPERM)
        + _answer(_ALLOW)
    )


def _clone(forked: int, flags: Iterable[int]) -> bytes:
    parts = _load(0) + _if_any(_CLONE_NEW, _ERRNO | errno.EPERM) + _if_any(_CLONE_THREAD, _ALLOW)
    return parts + b"".join(_if_equal(value, forked) for value in flags) + _REFUSE


def _pair_of_streams() -> bytes:
    """A pair of datagram sockets could still send to any other socket."""
    parts = _load(0) + _instruction(_EQUAL, _AF_UNIX, 1, 0) + _REFUSE + _load(1)
    parts += _instruction(0x54, _SOCK_KIND)  # A &= 15
    return parts + _if_equal(_SOCK_STREAM, _ALLOW) + _REFUSE


def _keeps_length(index: int) -> bytes:
    return _load(index) + _if_any(os.O_TRUNC, _ERRNO | errno.EPERM) + _answer(_ALLOW)


def program(
    machine: Machine,
    *,
    forks: Forks,
    has_own_files: bool,
    signals_to: int | None = None,
    truncates: bool = True,
    starts_program: bool = False,
) -> bytes:
    """The filter's instructions.

    Args:
        machine: whose numbers to use.
        forks: whether a process may fork.
        has_own_files: whether no file of others is in sight, whose marks could be changed.
        signals_to: the only process that may be sent signals; None where others are out of reach.
        truncates: whether files may be cut by opening them; landlock watches it from ABI 3 on.
        starts_program: whether the zygote is asked about programs as it is about forks. What it
            lets start is behind the same filter.
    """
    forked = _NOTIFY if forks == "asked" else _ERRNO | errno.EPERM
    weighed = {
        "ioctl": _argument_among(1, _IOCTLS),
        "fcntl": _argument_among(1, _FCNTLS),
        "prctl": _argument_among(0, _PRCTLS),
        "prlimit64": _own_limits_only(),
        "socketpair": _pair_of_streams(),
        "clone": _clone(forked, (*_FORK_FLAGS, _SPAWN_FLAGS) if starts_program else _FORK_FLAGS),
        "clone3": _MISSING,
        "fork": _answer(forked),
        "kill": _signal_to(signals_to),
        "tgkill": _signal_to(signals_to),
    }
    if starts_program:
        weighed["execve"] = _answer(forked)
        weighed["arch_prctl"] = _argument_among(0, [_SET_THREAD_POINTER])
    if not truncates:
        weighed["open"], weighed["openat"] = _keeps_length(1), _keeps_length(2)
    free = [*(FREE.keys() - weighed.keys()), *(FILE_MARKS if has_own_files else ())]
    parts = [
        _instruction(_LOAD, _ARCH),
        _instruction(_EQUAL, AUDIT_ARCH[machine], 1, 0),
        _answer(_KILL),
        _instruction(_LOAD, _NUMBER),
        _instruction(_AT_LEAST, LAST + 1, 0, 1),
        _MISSING,
    ]
    numbers = (number_of(name, machine) for name in free)
    parts += [_if_equal(number, _ALLOW) for number in numbers if number is not None]
    for name, block in weighed.items():
        if (number := number_of(name, machine)) is not None:
            parts += [_instruction(_EQUAL, number, 0, len(block) // 8), block]
    return b"".join([*parts, _REFUSE])


def install(instructions: bytes, *, forks: Forks) -> int | None:
    """Put this process and its children behind the filter, for good.

    Returns where the zygote can hear who wants to fork. Raises OSError.
    """
    code = ctypes.create_string_buffer(instructions)
    pointer = ctypes.addressof(code)
    filter_program = struct.pack("@HP", len(instructions) // 8, pointer)
    flags = _NEW_LISTENER if forks == "asked" else 0
    result = call("seccomp", _SET_FILTER, flags, filter_program)
    return result if forks == "asked" else None


def tried(forks: Forks) -> tuple[str | None, Forks]:
    """Whether this system takes the filter, and whether the zygote can be asked about forks.

    Returns why there can be no filter, or None; and what can be had of `forks`.
    """
    machine = this_machine()
    if machine is None:
        return f"the system calls of {os.uname().machine} are not known", "never"

    def install_one(wanted: Forks) -> Callable[[], None]:
        def action() -> None:
            prctl(PR_SET_NO_NEW_PRIVS, 1)
            code = program(machine, forks=wanted, has_own_files=True)
            install(code, forks=wanted)

        return action

    def explain(error: OSError) -> str:
        return f"{error.strerror}; a container's own filter or an old kernel is in the way"

    if forks == "asked" and _can_let_go_on() and rehearsed(install_one("asked"), explain) is None:
        return None, "asked"
    return rehearsed(install_one("never"), explain), "never"


def _can_let_go_on() -> bool:
    """Whether a call that was held back can be let through, as it can from Linux 5.5 on."""
    major, minor = os.uname().release.split(".")[:2]
    return (int(major), int(minor)) >= (5, 5)
