"""The rows of a document on screen: walks them forward and back from any place in the file.

A row is named by the line it belongs to and by where in the line it begins, so nothing needs to
know how many rows or lines there are before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from rich.cells import cell_len

from rlm_tui.document.file import LINE_LIMIT, DocumentFile, Line
from rlm_tui.document.shaped import Shape, Shaped, in_turn
from rlm_tui.ui.widgets.wrapping import end_of_row, spans_of
from rlm_tui.visible import visible_line

TAB = "→   "
"""What a tab is drawn as."""

_AHEAD = 64
"""Lines read at once."""

_KEPT = 4_096
"""Lines kept of what was read."""

_FAR = 8
"""Rows of a line that are gone back when lines are not wrapped any more."""

_SEGMENT_ROWS = 64
"""Rows after which a very long line is broken anew, so that its end need not be wrapped from its
beginning. A segment holds this many rows of ASCII exactly."""


class Spot(NamedTuple):
    """Where a row is."""

    start: int
    """Where its line begins in the file, in bytes."""
    at: int = 0
    """Where in the line it begins: in characters of what is shown, or bytes of a very long line."""


class Row(NamedTuple):
    """A row of the screen."""

    spot: Spot
    line: Line
    text: str
    """What it shows."""
    begin: int
    """Where `text` begins in what is shown of its line, in characters; -1 when it is not known."""


class Selection(Protocol):
    """Which lines are shown, where not all are. Knows some now and more later."""

    def following(self, start: int) -> int | None:
        """The first line that is shown from an offset on; None when it is not known."""
        ...

    def preceding(self, start: int) -> int | None:
        """The last line that is shown before an offset; None when it is not known."""
        ...


def drawn(text: str) -> str:
    """A text with tabs and control characters as symbols; newlines stay."""
    if text.isascii() and text.isprintable():
        return text
    return "\n".join(visible_line(part.replace("\t", TAB)) for part in text.split("\n"))


def column_in(text: str, column: int) -> int:
    """Where a character of a line stands in what is drawn of it."""
    return column + (len(TAB) - 1) * text.count("\t", 0, column)


class DocumentRows:
    """Reads lines as rows of a width."""

    def __init__(self, file: DocumentFile) -> None:
        """Read from a file."""
        self.file = file
        self.width = 0
        """Cells that lines are wrapped to; 0 for a row a line."""
        self.selection: Selection | None = None
        self._lines: dict[int, Line] = {}
        self._before: dict[int, int] = {}
        self._shapes: Sequence[Shape] = ()
        self._shaped: dict[int, Shaped] = {}

    def forget(self) -> None:
        """Read everything anew."""
        self._lines.clear()
        self._before.clear()
        self._shaped.clear()

    def reshape(self, *shapes: Shape) -> None:
        """Show what some changes, one after another, make of each line; without any, the line."""
        self._shapes = shapes
        self._shaped.clear()

    def line_at(self, start: int) -> Line | None:
        """The line that begins at an offset; None at the end. Raises OSError."""
        line = self._lines.get(start)
        if line is None and (start < self.file.size or start == self.file.contents.start):
            if len(self._lines) > _KEPT:
                self.forget()
            before = -1
            for read in self.file.lines_from(start, _AHEAD):
                self._lines[read.start] = read
                if before >= 0:
                    self._before[read.start] = before
                before = read.start
            line = self._lines.get(start)
        return line

    def shown(self, line: Line) -> str:
        """What is shown of a line: all of it can be drawn, but for newlines that break it."""
        return drawn(self._form_of(line).text)

    def columns(self, line: Line, start: int, end: int) -> tuple[int, int]:
        """Where characters of a line stand in what is shown of it."""
        form = self._form_of(line)
        start, end = form.span(start, end)
        return column_in(form.text, start), column_in(form.text, end)

    def _form_of(self, line: Line) -> Shaped:
        if not self._shapes or line.is_cut:
            return Shaped(line.text)
        if line.start not in self._shaped:
            if len(self._shaped) > _AHEAD:
                self._shaped.clear()
            self._shaped[line.start] = in_turn(line.text, self._shapes)
        return self._shaped[line.start]

    def forward(self, spot: Spot, count: int) -> list[Row]:
        """At most some rows from a place on; fewer at the end. Raises OSError."""
        rows: list[Row] = []
        start: int | None = spot.start
        if self.selection is not None:
            start = self.selection.following(spot.start)
        while len(rows) < count and start is not None and (line := self.line_at(start)):
            first = spot.at if start == spot.start else 0
            for row in self._rows_of(line, first):
                rows.append(row)
                if len(rows) == count:
                    break
            start = line.after if line.after > start else None
            if self.selection is not None and start is not None:
                start = self.selection.following(start)
        return rows

    def back(self, spot: Spot, count: int) -> Spot:
        """The place some rows before another, or the first there is. Raises OSError."""
        start, at = spot
        while count > 0:
            line = self.line_at(start) if at else None
            before = [] if line is None else [row.spot for row in self._rows_before(line, at)]
            if before:
                taken = min(count, len(before))
                start, at = before[-taken]
                count -= taken
                continue
            previous = self._line_before(start)
            if previous is None:
                return Spot(start)
            line = self.line_at(previous)
            if line is None:
                return Spot(start)
            start, at = previous, self._last_of(line)
            count -= 1
        return Spot(start, at)

    def last(self) -> Spot:
        """The place of the last row."""
        previous = self._line_before(self.file.size)
        line = None if previous is None else self.line_at(previous)
        if previous is None or line is None:
            return Spot(self.file.contents.start)
        return Spot(previous, self._last_of(line))

    def holding(self, offset: int) -> Spot:
        """The row that shows what is at an offset."""
        start = self.file.line_start(offset)
        line = self.line_at(start) if self.width or self._shapes else None
        if line is None or (line.is_cut and not self.width):
            return Spot(start)
        if line.is_cut:
            return self._rows_before(line, max(offset - start, 0) + 1)[-1].spot
        char = self.file.index.chars_in(self.file.contents.read(offset - start, start))
        column, _ = self.columns(line, char, char + 1)
        return [row.spot for row in self._rows_of(line, 0) if row.begin <= column][-1]

    def along(self, line: Line, chars: int) -> int:
        """So many characters along a very long line, in bytes; about that where it is not known."""
        place = self.file.place_at_offset(line.start) if chars else None
        there = self.file.place_at_char(place.char + chars) if place is not None else None
        if there is not None:
            return there.offset - line.start
        return self._aligned(line, chars)

    def column_of(self, line: Line, at: int) -> int:
        """So many bytes along a very long line, in characters; or bytes where it is not known."""
        place = self.file.place_at_offset(line.start + at)
        return at if place is None else place.column

    def turned(self, top: Spot, left: int, width: int) -> tuple[Spot, int]:
        """Wrap to another width, or not (0), and stay where one is.

        Args:
            top: the first row of the screen.
            left: how far it is scrolled sideways.
            width: what lines are wrapped to from now on.

        Returns:
            The first row and how far to scroll sideways then. A line whose beginning is near
            enough is shown from its beginning, because all others would go out of view with it.
        """
        was, self.width = self.width, width
        line = self.line_at(top.start)
        if line is None:
            return Spot(top.start), 0
        if line.is_cut:
            at = top.at if was else self.along(line, left)
            if width:
                return self._rows_before(line, at + 1)[-1].spot, 0
            return Spot(line.start), self.column_of(line, at)
        text, at = self.shown(line), top.at
        if left and not was:
            at = end_of_row(text, at, left)
        spot = [row.spot for row in self._rows_of(line, 0) if row.begin <= at][-1]
        is_far = not width and at - spot.at > _FAR * was
        return spot, cell_len(text[spot.at : at]) if is_far else 0

    def _line_before(self, start: int) -> int | None:
        if self.selection is not None:
            return self.selection.preceding(start)
        if start <= self.file.contents.start:
            return None
        if start not in self._before:
            before = self.file.lines_before(start, 1 if start == self.file.size else _AHEAD)
            for line, after in zip(before, [*before[1:], None], strict=True):
                self._lines[line.start] = line
                self._before[after.start if after else start] = line.start
        return self._before.get(start)

    # The rows of one line

    def _rows_of(self, line: Line, first: int) -> Iterator[Row]:
        if self.width and line.is_cut:
            yield from self._segments(line, first)
            return
        text = self.shown(line)
        for begin, end in self._spans(text):
            if begin >= first:
                yield Row(Spot(line.start, begin), line, text[begin:end], begin)

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        """The rows of what is shown of a line, as offsets."""
        begin = 0
        for part in text.split("\n"):
            if self.width:
                for start, end in spans_of(part, self.width):
                    yield begin + start, begin + end
            else:
                yield begin, begin + len(part)
            begin += len(part) + 1

    def _rows_before(self, line: Line, at: int) -> list[Row]:
        if self.width and line.is_cut:
            size = self.width * _SEGMENT_ROWS
            segment = (at - 1) // size
            while (first := self._aligned(line, segment * size)) >= at and segment:
                segment -= 1
            rows: list[Row] = []
            for row in self._segments(line, first):
                if row.spot.at >= at:
                    break
                rows.append(row)
            return rows
        return [row for row in self._rows_of(line, 0) if row.spot.at < at]

    def _last_of(self, line: Line) -> int:
        """Where the last row of a line begins."""
        if self.width and line.is_cut:
            return self._rows_before(line, self._length(line))[-1].spot.at
        return max(begin for begin, _ in self._spans(self.shown(line)))

    def _segments(self, line: Line, first: int) -> Iterator[Row]:
        """The rows of a very long line, from so many bytes on; broken without regard to words."""
        size = self.width * _SEGMENT_ROWS
        at, end = first, self._length(line)
        while at < end:
            stop = min(self._aligned(line, (at // size + 1) * size), end)
            text, _ = self.file.text_at(line.start + at, min(stop - at, LINE_LIMIT))
            begin = 0
            text = visible_line(text)
            while begin < len(text):
                stop_at = end_of_row(text, begin, self.width)
                row = text[begin:stop_at]
                yield Row(Spot(line.start, at), line, row, -1)
                at += self.file.length_of(line.start + at, len(row))
                begin = stop_at
            at = max(at, stop)

    def _length(self, line: Line) -> int:
        """The bytes of a line without its newline."""
        return line.after - line.start - (self.file.contents.read(1, line.after - 1) == b"\n")

    def _aligned(self, line: Line, at: int) -> int:
        """The first character of a line from so many bytes on."""
        return self.file.char_boundary(line.start + at) - line.start
