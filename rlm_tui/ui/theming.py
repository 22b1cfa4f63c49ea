"""The themes in `themes/*.toml`: palettes by meaning, read as Textual themes."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec
from textual.theme import Theme

from rlm_tui import paths
from rlm_tui.errors import UsageError


def read_theme(path: Path) -> Theme:
    """A theme file. Raises UsageError naming the file and what is wrong in it."""
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Theme)
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: not a theme: {error}.") from error


def shipped_themes() -> list[Theme]:
    """The themes that come with the program."""
    return [read_theme(path) for path in sorted(paths.shipped("themes").glob("*.toml"))]
