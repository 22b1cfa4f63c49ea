"""Where sessions are kept, and what a new one is called."""

from __future__ import annotations

import re
from pathlib import Path

from rlm_tui.header import Header

SUFFIX = ".rlm.jsonl"
_SLUG_LENGTH = 40
_RUN_DIGITS = 8
"""With four of them, of a hundred runs of one second two would have one name in every thirteenth
case, and the second could not be saved."""


def session_path(folder: Path, header: Header) -> Path:
    """The path of a new session: when, about what, and the run's name."""
    when = re.sub(r"[^0-9T]", "", header.started.partition(".")[0])
    slug = re.sub(r"[^a-z0-9]+", "-", header.question.lower()).strip("-")[:_SLUG_LENGTH].strip("-")
    return folder / f"{when}-{slug or 'run'}-{header.run[:_RUN_DIGITS]}{SUFFIX}"
