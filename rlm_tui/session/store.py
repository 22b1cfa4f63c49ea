"""Where sessions are kept, and what a new one is called."""

from __future__ import annotations

import re
from pathlib import Path

from rlm_tui.events import Header

SUFFIX = ".rlm.jsonl"
_SLUG_LENGTH = 40


def session_path(folder: Path, header: Header) -> Path:
    """The path of a new session: when, about what, and the run's name."""
    when = re.sub(r"[^0-9T]", "", header.started.partition(".")[0])
    slug = re.sub(r"[^a-z0-9]+", "-", header.question.lower()).strip("-")[:_SLUG_LENGTH].strip("-")
    return folder / f"{when}-{slug or 'run'}-{header.run[:4]}{SUFFIX}"
