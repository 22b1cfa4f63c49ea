"""Marks on lines of a document, and whether they are about to be sent."""

from __future__ import annotations

from rlm_tui.document.line_numbers import LineNumbers
from rlm_tui.document.provenance import Locator

_MOST_KEPT = 64


class LineMarks:
    """Tells whether lines stand in a prompt; asked before each sub-call, so it knows its lines."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines = LineNumbers(text)
        self._locators: dict[tuple[int, int], Locator] = {}

    def is_in(self, first: int, last: int, prompt: str) -> bool:
        """Whether text of some lines stands in a prompt.

        A whole line does, however short it is, or 32 characters of one. That other lines hold the
        same text makes no difference: then it is their text that is about to be sent as well.

        Args:
            first: the number of the first line, from 1.
            last: that of the last.
            prompt: what is about to be sent.
        """
        locator = self._locator(first, last)
        if not locator.text.strip():
            return False
        (located,) = locator.locate([prompt])
        if located.spans or located.repeats:
            return True
        wanted = {line.strip() for line in locator.text.split("\n")} - {""}
        return not wanted.isdisjoint(map(str.strip, prompt.split("\n")))

    def _locator(self, first: int, last: int) -> Locator:
        key = first, last
        if key not in self._locators:
            if len(self._locators) >= _MOST_KEPT:
                self._locators.clear()
            start = self._lines.start_of(max(first, 1) - 1)
            end = self._lines.start_of(max(last, first))
            inside = "" if start is None else self._text[start:end]
            self._locators[key] = Locator(inside)
        return self._locators[key]
