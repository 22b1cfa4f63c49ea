"""Keeps what is in this process's memory, such as keys, from other processes of the same user."""

from __future__ import annotations

import contextlib
import sys

_PR_SET_DUMPABLE = 4


def keep_memory_private() -> None:
    """Leave no core file; on Linux, let nobody without root's rights trace or read this process."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415 - not on every system

        _, most = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (0, most))
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415 - 2 ms that only here are needed

        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
