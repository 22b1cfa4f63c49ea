"""Marks on lines of a document, and whether they are about to be sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rlm_tui.document.provenance import Locator

_FEWEST = 8
"""Characters of a line that is looked for, unless all lines of a mark are shorter."""

_LONG = 1_024
"""Characters of a line of which a part is enough, so many at least as in `_PART`."""

_PART = 256
_MOST_KEPT = 64


@dataclass(frozen=True, slots=True)
class _Marked:
    whole: tuple[str, ...]
    """Lines that are looked for whole, without the blanks around them."""
    long: Locator | None
    """The others, in pieces."""


class LineMarks:
    """Tells whether lines stand in a prompt; asked before each sub-call (50 lines: 0.5 ms)."""

    def __init__(self, lines: Callable[[int, int], str]) -> None:
        """Take what gives the text of some lines, by the numbers of the first and the last."""
        self._lines = lines
        self._marked: dict[tuple[int, int], _Marked] = {}

    def is_in(self, first: int, last: int, prompt: str) -> bool:
        """Whether any of some lines stands in a prompt, whatever line it was taken from.

        Args:
            first: the number of the first line, from 1.
            last: that of the last.
            prompt: what is about to be sent.
        """
        marked = self._marked_lines(first, last)
        if any(line in prompt for line in marked.whole):
            return True
        if marked.long is None:
            return False
        (located,) = marked.long.locate([prompt])
        found = *located.spans, *located.repeats
        return any(one.until - one.at >= _PART for one in found)

    def _marked_lines(self, first: int, last: int) -> _Marked:
        key = first, last
        if key not in self._marked:
            if len(self._marked) >= _MOST_KEPT:
                self._marked.clear()
            inside = self._lines(first, last)
            lines = dict.fromkeys(line.strip() for line in inside.split("\n"))
            short = [line for line in lines if 0 < len(line) < _FEWEST]
            whole = [line for line in lines if _FEWEST <= len(line) <= _LONG]
            long = [line for line in lines if len(line) > _LONG]
            self._marked[key] = _Marked(
                tuple(whole or (short if not long else ())),
                Locator("\n".join(long)) if long else None,
            )
        return self._marked[key]
