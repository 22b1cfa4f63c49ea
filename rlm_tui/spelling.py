"""The known word that somebody meant who wrote another."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str:
    """`" Did you mean …?"`, or nothing when no known word is near, in whatever case."""
    by_folded = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(word.casefold(), by_folded, n=1)
    return f" Did you mean {by_folded[close[0]]}?" if close else ""
