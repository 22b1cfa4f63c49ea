"""A row of the key map: an action, and the keys that do it."""

from __future__ import annotations

from typing import NamedTuple


class Key(NamedTuple):
    """One action and the keys that do it."""

    id: str
    """By which a user's file rebinds it."""
    keys: str
    """Comma-separated, the one to show first."""
    action: str
    label: str
    """For the footer: a word or two."""
    tooltip: str
    """For the help: a sentence without its full stop."""
    group: str
    in_footer: bool = False
