"""Marks beside the document's lines: how far each has come, and what a call saw of it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from rlm_tui.document.coverage import Coverage
from rlm_tui.document.file import DocumentFile
from rlm_tui.document.readings import Level
from rlm_tui.document.stretches import Stretches
from rlm_tui.ui.widgets.document_marks import Mark

SIGNS: dict[Level, str] = {"scanned": "░", "matched": "▒", "printed": "▓", "sent": "█"}
LEGEND = "░ gone through by code  ▒ matched  ▓ printed for the root model  █ sent in a call"
_MEANINGS: dict[Level, str] = {
    "scanned": "faint",
    "matched": "dim",
    "printed": "model",
    "sent": "code",
}
_LOCATED = "▌"
_MOST_KEPT = 4_096


class CoverageMarks:
    """Marks one document's lines; asked by the pane for what is on screen."""

    def __init__(self, file: DocumentFile) -> None:
        """Mark nothing yet."""
        self.file = file
        self.coverage = Coverage()
        self.is_coloured = False
        """Whether lines are marked by how far they have come."""
        self.located = Stretches()
        """What a call saw, in characters."""
        self._chars: dict[int, int] = {}
        self._maps: dict[int, list[Mark | None]] = {}

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not self.is_coloured and not self.located

    def forget(self) -> None:
        """Something has changed."""
        self._maps.clear()

    def char_of(self, offset: int) -> int | None:
        """Which character is at an offset of the file; None while that is not known."""
        index, start = self.file.index, self.file.contents.start
        if offset > index.end:
            return None
        if index.chars[-1] == index.end - start:  # so far, every character is one byte
            return offset - start
        if offset not in self._chars:
            place = self.file.place_at_offset(offset)
            if place is None:
                return None
            if len(self._chars) > _MOST_KEPT:
                self._chars.clear()
            self._chars[offset] = place.char
        return self._chars[offset]

    def is_located(self, start: int, after: int) -> bool:
        """Whether a line is a part of what is located."""
        first, end = self.char_of(start), self.char_of(after)
        return first is not None and end is not None and self.located.meets(first, end)

    def of_line(self, start: int, after: int) -> Mark | None:
        """How far a line has come, and whether it is a part of what is located."""
        return self._mark(self.char_of(start), self.char_of(after))

    def of_file(self, rows: int) -> Sequence[Mark | None]:
        """The same for equal parts of the whole file."""
        if rows not in self._maps:
            size = self.file.size
            edges = [self.char_of(size * row // rows) for row in range(rows + 1)]
            self._maps[rows] = [self._mark(first, end) for first, end in pairwise(edges)]
        return self._maps[rows]

    def _mark(self, first: int | None, end: int | None) -> Mark | None:
        if first is None or end is None:
            return None
        level = self.coverage.level_of(first, end) if self.is_coloured else None
        is_located = self.located.meets(first, end)
        if level is None and not is_located:
            return None
        sign = SIGNS[level] if level else " "
        if is_located:
            return Mark(sign.strip() + _LOCATED, "here")
        return Mark(sign, _MEANINGS[level] if level else "")
