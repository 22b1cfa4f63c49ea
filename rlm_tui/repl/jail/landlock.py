"""Landlock: which files, networks and processes are out of reach of this one and its children.

Structures and bits are those of include/uapi/linux/landlock.h; what a kernel knows of them is told
by its ABI number (1 with Linux 5.13, network from 4, signals and abstract sockets from 6).
"""

from __future__ import annotations

import errno
import os
import stat
import struct
from collections.abc import Sequence

from rlm_tui.repl.jail.kernel import call

_EXECUTE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 2, 1 << 3
_WRITE_FILE, _TRUNCATE, _IOCTL_DEV = 1 << 1, 1 << 14, 1 << 15
_REMOVE = 1 << 4 | 1 << 5
_MAKE_DIR, _MAKE_FILE, _MAKE_SYMLINK = 1 << 7, 1 << 8, 1 << 12
_REFER = 1 << 13
_READ = _READ_FILE | _READ_DIR
_WRITE = _READ | _WRITE_FILE | _TRUNCATE | _REMOVE | _MAKE_DIR | _MAKE_FILE | _MAKE_SYMLINK | _REFER
_OF_A_FILE = _EXECUTE | _READ_FILE | _WRITE_FILE | _TRUNCATE | _IOCTL_DEV

_FILE_BITS = {1: 13, 2: 14, 3: 15, 4: 15}
_ALL_FILE_BITS = 16
TRUNCATION_FROM, _NETWORK_FROM, _SCOPES_FROM = 3, 4, 6
_TCP = 1 << 0 | 1 << 1
_ABSTRACT_SOCKETS, _SIGNALS = 1 << 0, 1 << 1

_VERSION = 1
_PATH_BENEATH = 1


def abi() -> int:
    """What this kernel's landlock can do. Raises OSError."""
    return call("landlock_create_ruleset", None, 0, _VERSION)


def why_not(error: OSError) -> str:
    """What keeps landlock from being used, and what would help."""
    if error.errno == errno.ENOSYS:
        return "this kernel has none; it is in Linux 5.13 and later"
    if error.errno == errno.EOPNOTSUPP:
        return "it is switched off; add it to the kernel's lsm= parameter"
    return error.strerror or "it is refused"


def restrict(readable: list[str], writable: list[str], runnable: Sequence[str] = ()) -> None:
    """Nothing can be opened but what lies below these paths, and nothing be connected to.

    Of `runnable`, which are files, programs can be started.

    Raises OSError.
    """
    known = abi()
    handled = (1 << _FILE_BITS.get(known, _ALL_FILE_BITS)) - 1
    scopes = _ABSTRACT_SOCKETS | _SIGNALS if known >= _SCOPES_FROM else 0
    ruleset = _ruleset(known, handled, _TCP, scopes)
    try:
        allowed = ((_READ, readable), (_WRITE, writable), (_READ | _EXECUTE, runnable))
        for rights, paths in allowed:
            for path in paths:
                _allow(ruleset, path, rights & handled)
        call("landlock_restrict_self", ruleset, 0)
    finally:
        os.close(ruleset)


def keep_signals_inside() -> None:
    """From here on signals reach this process and its children only. Raises OSError."""
    known = abi()
    if known < _SCOPES_FROM:
        raise OSError(errno.EOPNOTSUPP, "this kernel's landlock does not know of signals")
    ruleset = _ruleset(known, 0, 0, _SIGNALS)
    try:
        call("landlock_restrict_self", ruleset, 0)
    finally:
        os.close(ruleset)


def _ruleset(known: int, files: int, network: int, scopes: int) -> int:
    attributes = struct.pack("=Q", files)
    if known >= _NETWORK_FROM:
        attributes += struct.pack("=Q", network)
    if known >= _SCOPES_FROM:
        attributes += struct.pack("=Q", scopes)
    return call("landlock_create_ruleset", attributes, len(attributes), 0)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(fd).st_mode):
            rights &= _OF_A_FILE
        beneath = struct.pack("=Qi", rights, fd)
        call("landlock_add_rule", ruleset, _PATH_BENEATH, beneath, 0)
    finally:
        os.close(fd)
