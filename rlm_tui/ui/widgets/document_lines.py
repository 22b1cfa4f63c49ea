"""Marks on lines of a document by their numbers: those that the reader chose, and breakpoints."""

from __future__ import annotations

from collections.abc import Sequence

from rlm_tui.document.file import DocumentFile
from rlm_tui.ui.widgets.document_marks import Mark


class NumberedLines:
    """Marks lines from one number to another, from 1, both included."""

    def __init__(self, mark: Mark, spans: Sequence[tuple[int, int]]) -> None:
        """Mark some spans of lines; of no file yet."""
        self.spans = list(spans)
        self.file: DocumentFile | None = None
        self._mark = mark

    def of_line(self, start: int, after: int) -> Mark | None:  # noqa: ARG002 - as `Marks` has it
        """The mark of a line, if its number is known."""
        if self.file is None or not self.spans:
            return None
        number, is_known = self.file.number_at(start)
        held = any(first <= number + 1 <= last for first, last in self.spans)
        return self._mark if is_known and held else None

    def of_file(self, rows: int) -> Sequence[Mark | None]:
        """The same for equal parts of the whole file, as far as lines are counted."""
        found: list[Mark | None] = [None] * rows
        file = self.file
        for first, last in self.spans if file is not None else ():
            assert file is not None  # noqa: S101 - else there is nothing to go through
            begin = file.start_of(first - 1)
            if begin is None or begin > file.index.end:
                continue
            end = file.start_of(last - 1)
            size = max(file.size, 1)
            low = min(begin * rows // size, rows - 1)
            high = low if end is None else min(end * rows // size, rows - 1)
            found[low : high + 1] = [self._mark] * (high + 1 - low)
        return found


class ChosenLines(NumberedLines):
    """The lines that the reader chose: from one that stays to one that moves."""

    def __init__(self) -> None:
        super().__init__(Mark("┃", "here"), ())
        self._stays = self.moves = 0
        """The number of the line that is chosen last; 0 for none."""

    def clear(self) -> None:
        """Choose none."""
        self.spans = []
        self.moves = 0

    def extend(self, step: int, standing: int, count: int) -> None:
        """Choose the line one stands on; then as many more as are gone over.

        Args:
            step: how many lines to go over, or back.
            standing: the number of the line one stands on.
            count: how many lines there are.
        """
        if not self.moves:
            self._stays = self.moves = standing
        else:
            self.moves = min(max(self.moves + step, 1), max(count, 1))
        self.spans = [(min(self._stays, self.moves), max(self._stays, self.moves))]

    @property
    def spec(self) -> str:
        """The words of a breakpoint that is about them; empty for none."""
        numbers = map(str, dict.fromkeys(self.spans[0])) if self.spans else ()
        return f"doc {'-'.join(numbers)}" if self.spans else ""
