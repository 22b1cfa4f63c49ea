"""Draws the rows of the document pane: number, marks, text with its colours and hits, the map."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip

from rlm_tui.document.file import LINE_LIMIT, DocumentFile
from rlm_tui.ui.widgets.document_colours import Colours
from rlm_tui.ui.widgets.document_hits import Hits
from rlm_tui.ui.widgets.document_place import DocumentPlace
from rlm_tui.ui.widgets.document_rows import DocumentRows, Row, column_in, drawn
from rlm_tui.ui.widgets.highlighting import Span

_THUMB = "mark"
_HIT = "•"
_HIT_ON_MAP = "━"


class Page:
    """What is on screen of a document, made once for each place."""

    def __init__(self, view: DocumentPlace, file: DocumentFile, rows: DocumentRows) -> None:
        """Draw a file's rows for a view."""
        self.colours = Colours()
        self.widest = 0
        """Cells of the widest line seen so far."""
        self._view, self._file, self._rows = view, file, rows
        self._hits = Hits(view, file, rows)
        self._shown: list[Row] | None = None
        self._numbers: list[tuple[int, bool]] = []
        self._map: list[tuple[str, str]] | None = None

    def forget(self) -> None:
        """Something has changed."""
        self._shown = self._map = None

    @property
    def line_total(self) -> int:
        """The number of lines, or about that while they are being counted."""
        file = self._file
        if file.is_indexed:
            return max(file.line_count, 1)
        return max(file.number_at(file.size)[0], file.line_count, 1)

    @property
    def number_width(self) -> int:
        """Cells of the line numbers and the space behind them."""
        uncertain = not self._file.is_indexed and self._file.size > LINE_LIMIT
        return max(len(f"{self.line_total:,}") + uncertain, 4) + 2

    def words(self) -> Iterable[str]:
        """Where the reader is, and what is to be said of the file."""
        file, contents = self._file, self._file.contents
        shown = self._page()
        number, is_known = file.number_at(shown[0].line.start if shown else self._view.top.start)
        number, is_sure = min(number + 1, self.line_total), "" if is_known else "~"
        total = f"{self.line_total:,}" if file.is_indexed else f"~{self.line_total:,}…"
        yield f"{is_sure}{number:,}/{total}"
        if not file.is_indexed and file.indexed_share < 1:
            verb = "counted" if contents.is_whole else f"{contents.packing or 'text'} read"
            yield f"{file.indexed_share:.0%} {verb}"
        if contents.packing:
            yield contents.packing
        if contents.encoding.label != "UTF-8":
            yield contents.encoding.label
        if file.is_binary:
            yield "binary"
        if file.invalid:
            yield f"{file.invalid:,} invalid byte{'s' * (file.invalid > 1)}"

    # Rows

    def strip(self, y: int) -> Strip:
        """A row of the screen."""
        view = self._view
        rows = self._page()
        if y >= len(rows):
            text = Strip.blank(view.size.width - 1, view.style())
        else:
            text = Strip.join([self._front(y, rows[y]), self._body(rows[y])])
        return Strip.join([text, self._map_cell(y)])

    def _page(self) -> list[Row]:
        if self._shown is None:
            self._shown = self._view.visible_rows()
            self._numbers = list(self._numbered(self._shown))
            self._measure(self._shown)
            self._hits.ask(self._shown)
        return self._shown

    def _numbered(self, rows: list[Row]) -> Iterator[tuple[int, bool]]:
        number, is_known, after = 0, False, -1
        for row in rows:
            if row.line.start == after:
                number += 1
            elif row.line.after != after:
                number, is_known = self._file.number_at(row.line.start)
            after = row.line.after
            yield number, is_known

    def _measure(self, rows: list[Row]) -> None:
        widest = max((self._width_of(row) for row in rows), default=0)
        if widest > self.widest:
            self.widest = widest
            self._view.call_later(self._view.redraw)

    def _width_of(self, row: Row) -> int:
        if self._rows.width:
            return 0
        if row.line.is_cut:
            return row.line.after - row.line.start
        return len(row.text) if row.text.isascii() else cell_len(row.text)

    def _front(self, y: int, row: Row) -> Strip:
        """Number and marks."""
        view = self._view
        number, is_known = self._numbers[y]
        width = self.number_width
        is_first = y == 0 or self._shown is None or self._shown[y - 1].line is not row.line
        text = f"{number + 1:,}" if is_known else f"~{number + 1:,}"
        hits = self._hits.of_row(row)
        name = "strong" if self._hits.is_current(row) else "dim"
        segments = [
            Segment(f"{text if is_first else '':>{width - 2}}"[-(width - 2) :], view.style(name)),
            Segment(_HIT if hits else " ", view.style("waiting" if hits else "")),
        ]
        if view.marks:
            line = row.line
            found = (marks.of_line(line.start, line.after) for marks in view.marks)
            mark = next((mark for mark in found if mark is not None), None)
            sign, meaning = (mark.sign, mark.meaning) if mark else ("", "")
            segments.append(Segment(f"{sign:<2}"[:2], view.style(meaning)))
        segments.append(Segment(" ", view.style()))
        return Strip(segments, view.front_width)

    def _body(self, row: Row) -> Strip:
        """The text, coloured, as far as it is in view."""
        view = self._view
        width = view.text_width
        if row.line.is_cut and not self._rows.width:
            return self._far_along(row, view.scroll_offset.x, width)
        left = 0 if self._rows.width else view.scroll_offset.x
        # Cut before measuring: a strip of a whole 64 KB line costs milliseconds.
        text = row.text[: (left + width) * 2]
        spans = list(self.colours.spans(text, is_first=row.begin <= 0))
        spans += self._hits.of_row(row)
        strip = Strip(self._segments(text, spans))
        return strip.crop_extend(left, left + width, view.style())

    def _far_along(self, row: Row, left: int, width: int) -> Strip:
        """A part of a very long line; columns are characters there."""
        file, line = self._file, row.line
        offset = line.start + self._rows.along(line, left)
        if offset >= line.after:
            return Strip.blank(width, self._view.style())
        text, end = file.text_at(offset, min(4 * width, line.after - offset))
        text = text.partition("\n")[0]
        spans = [
            Span(column_in(text, start), column_in(text, end), meaning)
            for start, end, meaning in self._hits.within(line, offset, end)
        ]
        self._hits.fetch()
        return Strip(self._segments(drawn(text), spans)).crop_extend(0, width, self._view.style())

    def _segments(self, text: str, spans: list[Span]) -> Iterator[Segment]:
        """The text in the styles of its spans; later spans win."""
        style = self._view.style
        if not spans:
            yield Segment(text, style())
            return
        edges = sorted({0, len(text), *(e for s in spans for e in s[:2] if e < len(text))})
        for begin, end in pairwise(edges):
            names = [s.meaning for s in spans if s.start <= begin < s.end]
            yield Segment(text[begin:end], style(names[-1] if names else ""))

    def bring_into_view(self, offset: int) -> None:
        """Scroll sideways until what is at an offset is in view."""
        view, start = self._view, self._file.line_start(offset)
        line = self._rows.line_at(start)
        if line is None:
            return
        if line.is_cut:
            column = self._rows.column_of(line, offset - start)
        else:
            char = self._file.index.chars_in(self._file.contents.read(offset - start, start))
            column, _ = self._rows.columns(line, char, char + 1)
            shown = self._rows.shown(line)[:column]
            column = cell_len(shown[shown.rfind("\n") + 1 :])
        left, width = view.scroll_offset.x, view.text_width
        if not left <= column < left + width - 8:
            self.widest = max(self.widest, column + width)
            view.redraw()
            view.scroll_to(x=max(column - width // 3, 0), animate=False, force=True)

    # Map

    def _map_cell(self, y: int) -> Strip:
        if self._map is None:
            self._map = self._mapped(max(self._view.size.height, 1))
        sign, meaning = self._map[min(y, len(self._map) - 1)]
        view, file = self._view, self._file
        rows = len(self._map)
        shown = self._page()
        first = view.top.start + (view.top.at if shown and shown[0].begin < 0 else 0)
        end = shown[-1].line.after if shown and not shown[-1].line.is_cut else first + 1
        size = max(file.size, 1)
        top = min(first * rows // size, rows - 1)
        is_thumb = top <= y <= max(min((end - 1) * rows // size, rows - 1), top)
        style = view.style(meaning)
        if is_thumb:
            background = view.style(_THUMB)
            sign, style = (sign if sign.strip() else "█"), (style if sign.strip() else background)
            style += type(style)(reverse=sign not in {" ", "█"})
        return Strip([Segment(sign, style)], 1)

    def _mapped(self, rows: int) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = [(" ", "")] * rows
        for marks in reversed(self._view.marks):
            for y, mark in enumerate(marks.of_file(rows)[:rows]):
                if mark is not None:
                    found[y] = mark.sign[:1], mark.meaning
        finding = self._view.finding
        if finding is not None and finding.wanted is not None:
            for y, count in enumerate(finding.on_map(rows)):
                if count:
                    found[y] = _HIT_ON_MAP, "waiting"
        return found
