"""What earlier runs on a document leave for the next one: their breakpoints."""

from __future__ import annotations

from pathlib import Path

from rlm_tui.breakpoint import Breakpoint
from rlm_tui.codec import decode_header, decode_record, printable
from rlm_tui.events import BreakpointsChanged
from rlm_tui.session.store import SUFFIX

_MOST = 200
"""Sessions that are looked into, the newest first."""
_MARK = b'"type":"breakpoints_changed"'


def breakpoints_of_last_run(folder: Path, document: Path) -> list[Breakpoint]:
    """Those that the latest run on a document had at its end, but for those of one stop only.

    Reads the files in a folder of sessions; what cannot be read has none.
    """
    wanted = printable(str(document.absolute()))
    for path in sorted(folder.glob(f"*{SUFFIX}"), reverse=True)[:_MOST]:  # a name begins with when
        try:
            with path.open("rb") as file:
                known = decode_header(file.readline()).documents
                if wanted not in {ref.path for ref in known}:
                    continue
                changes = [line for line in file if _MARK in line[:200]]
            if not changes:
                return []
            event = decode_record(changes[-1]).event
        except (OSError, ValueError, RecursionError):
            continue
        if isinstance(event, BreakpointsChanged):
            return [item for item in event.breakpoints if not item.once]
    return []
