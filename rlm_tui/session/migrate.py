"""Brings the lines of an older session format up to date, one function a version."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from rlm_tui.errors import SessionError
from rlm_tui.header import FORMAT

Migration: TypeAlias = Callable[[list[bytes]], list[bytes]]
"""Takes all lines of a file in one version, header first, and returns them in the next.

A line that is damaged, such as a torn last one, it leaves as it is."""

MIGRATIONS: dict[int, Migration] = {}
"""By the version a migration starts from. Format 1 is the first."""


def migrated(lines: list[bytes], version: int, *, name: str) -> list[bytes]:
    """The lines in today's format.

    Raises:
        SessionError: the format is newer than this program, or too old to be known.
    """
    if version > FORMAT:
        raise SessionError(
            f"{name} is in session format {version}; this rlm-tui reads up to format {FORMAT}. "
            "Update rlm-tui to open it; the file is left as it is."
        )
    while version < FORMAT:
        if version not in MIGRATIONS:
            raise SessionError(f"{name} is in session format {version}, which was never released.")
        lines = MIGRATIONS[version](lines)
        version += 1
    return lines
