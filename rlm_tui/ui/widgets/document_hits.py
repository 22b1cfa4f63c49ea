"""Where what was found stands in the rows on screen, whatever form their lines are shown in."""

from __future__ import annotations

from collections.abc import Iterable

from rlm_tui.document.file import LINE_LIMIT, DocumentFile, Line
from rlm_tui.ui.widgets.document_finding import ShownHit
from rlm_tui.ui.widgets.document_place import DocumentPlace
from rlm_tui.ui.widgets.document_rows import DocumentRows, Row
from rlm_tui.ui.widgets.highlighting import Span

_AROUND = 1024
"""Bytes before and behind a part of a very long line in which a hit may begin or end."""


class Hits:
    """Marks what was found in the rows of a file."""

    def __init__(self, view: DocumentPlace, file: DocumentFile, rows: DocumentRows) -> None:
        """Mark a file's rows for a view."""
        self._view, self._file, self._rows = view, file, rows

    def is_current(self, row: Row) -> bool:
        """Whether the hit one stands on is in a row's line."""
        current = self._view.finding.current if self._view.finding else None
        return current is not None and row.line.start <= current[0] < row.line.after

    def ask(self, rows: Iterable[Row]) -> None:
        """See to it that the hits of some rows become known."""
        if self._view.finding is not None and self._view.finding.wanted is not None:
            for row in rows:
                self.of_row(row)
            self.fetch()

    def fetch(self) -> None:
        """Have what was not known when it was drawn found."""
        if self._view.finding is not None and self._view.finding.lacks_some:
            self._view.fetch_hits()

    def of_row(self, row: Row) -> list[Span]:
        """The hits in a row, in characters of what it shows."""
        line = row.line
        if row.begin < 0:
            begin = line.start + row.spot.at
            return self.within(line, begin, begin + self._file.length_of(begin, len(row.text)))
        found = self._hits(line.start, min(line.after, line.start + LINE_LIMIT))
        placed = ((self._rows.columns(line, hit.start, hit.end), hit) for hit in found)
        return _clipped(placed, row.begin, len(row.text))

    def within(self, line: Line, begin: int, end: int) -> list[Span]:
        """The hits in a part of a very long line, in characters from its beginning."""
        first = self._file.char_boundary(max(begin - _AROUND, line.start))
        found = self._hits(first, min(end + _AROUND, line.after))
        if not found:
            return []
        chars_in, read = self._file.index.chars_in, self._file.contents.read
        before = chars_in(read(begin - first, first))
        size = chars_in(read(end - begin, begin))
        return _clipped((((hit.start, hit.end), hit) for hit in found), before, size)

    def _hits(self, start: int, end: int) -> list[ShownHit]:
        return self._view.finding.hits(start, end) if self._view.finding is not None else []


def _clipped(
    placed: Iterable[tuple[tuple[int, int], ShownHit]], first: int, size: int
) -> list[Span]:
    """What of some hits is in a row of some characters, from its beginning."""
    return [
        Span(max(start - first, 0), min(end - first, size), "here" if hit.is_current else "found")
        for (start, end), hit in placed
        if start < first + size and end > first
    ]
