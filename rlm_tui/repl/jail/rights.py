"""What a process may use and become: limits of resources, users, capabilities."""

from __future__ import annotations

import errno
import os
import resource
from pathlib import Path

from rlm_tui.repl.jail.kernel import (
    PR_CAP_AMBIENT,
    PR_CAP_AMBIENT_CLEAR_ALL,
    PR_CAPBSET_DROP,
    PR_SET_DUMPABLE,
    PR_SET_NO_NEW_PRIVS,
    call,
    prctl,
)

NOBODY = 65534
MEMORY = 4 << 30
"""Bytes of address space that model code may take beyond what its process starts with."""

FILE_BYTES = 64 << 20
OPEN_FILES = 1024
"""As many as `select` can watch."""

_CAPABILITY_VERSION = 0x20080522
_CAPABILITIES = 64


def limit_resources() -> None:
    """Bound memory, files and core dumps, for good."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    wanted = {
        resource.RLIMIT_AS: pages * resource.getpagesize() + MEMORY,
        resource.RLIMIT_FSIZE: FILE_BYTES,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_MEMLOCK: 0,
    }
    for kind, most in wanted.items():
        _, ceiling = resource.getrlimit(kind)
        if ceiling != resource.RLIM_INFINITY:
            most = min(most, ceiling)  # noqa: PLW2901 - what may not be raised stays
        resource.setrlimit(kind, (most, most))


def give_up_rights(*, become_nobody: bool) -> None:
    """Keep no capability and no way to get one; as root, where asked, become nobody.

    Raises OSError.
    """
    for capability in range(_CAPABILITIES):
        try:
            prctl(PR_CAPBSET_DROP, capability)
        except OSError:
            break  # the last one known, or not ours to drop
    if become_nobody and os.geteuid() == 0:
        try:
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
        except OSError as error:
            if error.errno not in {errno.EPERM, errno.EINVAL}:  # nobody does not exist here
                raise
    header, none = (_CAPABILITY_VERSION).to_bytes(4, "little") + bytes(4), bytes(24)
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    call("capset", header, none)
    prctl(PR_SET_NO_NEW_PRIVS, 1)


def keep_memory_private() -> None:
    """Let no other process of this user trace this one or read its memory."""
    prctl(PR_SET_DUMPABLE, 0)
