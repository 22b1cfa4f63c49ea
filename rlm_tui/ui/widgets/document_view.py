"""Shows the document: line numbers and the lines on screen, read when they are needed."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual import work
from textual.binding import BindingType
from textual.content import Content
from textual.events import Resize
from textual.message import Message
from textual.strip import Strip

from rlm_tui.document.file import DocumentFile, Line
from rlm_tui.errors import DocumentError
from rlm_tui.ui import keymap
from rlm_tui.ui.widgets.lines import TAB, LineView, cells, drawable

_AHEAD = 64
"""Lines read at once."""

_KEPT = 4_096
"""Lines kept of what was read."""

_WIDEST = 16_384
"""Cells that can be scrolled to sideways."""


class DocumentView(LineView):
    """The document pane."""

    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(keymap.TEXT)]

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.file: DocumentFile | None = None
        self.problem = "No document. ctrl+o opens one."
        """What is said in place of a document."""
        self._lines: dict[int, Line] = {}
        self._widest = 0
        self._has_cut_lines = False
        self._trouble = ""
        """Why lines are missing that were there when the file was opened."""

    class Indexed(Message):
        """More lines are known."""

    def on_document_view_indexed(self) -> None:
        """Grow by the lines that are known now."""
        self._measure()

    def open(self, file: DocumentFile) -> None:
        """Show a file from its beginning."""
        if self.file is not None:
            self.file.close()
        self.file = file
        self._lines.clear()
        self._widest = 0
        self._has_cut_lines = False
        self._trouble = ""
        self.scroll_home(animate=False)
        self._measure()
        self._index(file)

    def fail(self, problem: str) -> None:
        """Say why there is no document; one that was shown goes."""
        self.problem = problem
        if self.file is not None:
            self.file.close()
            self.file = None
            self.set_rows(0)
            self.border_subtitle = ""
        self.refresh()

    @work(thread=True, exclusive=True, group="index", exit_on_error=False)
    def _index(self, file: DocumentFile) -> None:
        """Count the lines; the view grows meanwhile, about four times a second."""
        known = 0

        def on_progress() -> None:
            nonlocal known
            if file.is_indexed or file.line_count > max(2 * known, 1_000):
                known = file.line_count
                self.post_message(self.Indexed())

        file.build_index(on_progress)

    def _measure(self) -> None:
        if self.file is None or not self.is_attached:
            return
        count = self.file.line_count
        if not count:
            count = len(self.file.lines(0, self.size.height or 1))
        self.set_rows(count, self._widest + self.number_width if self._widest else 0)
        self._show_place()
        self.refresh()

    def _show_place(self) -> None:
        if self.file is None:
            return
        top = min(self.scroll_offset.y + 1, self.row_count)
        total = f"{self.row_count:,}" if self.file.is_indexed else f"{self.row_count:,}…"
        remarks = [f"{top:,}/{total}"]
        if self.file.has_bom:
            remarks.append("BOM")
        if self.file.is_binary:
            remarks.append("binary")
        if self._has_cut_lines:
            remarks.append("long lines are cut")
        if self._trouble:
            remarks.append(self._trouble)
        self.border_subtitle = Content(" · ".join(remarks))

    @property
    def number_width(self) -> int:
        """Cells of the line numbers."""
        return max(len(f"{self.row_count:,}"), 4) + 2

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Keep the position in the frame up to date."""
        super().watch_scroll_y(old_value, new_value)
        self._show_place()

    def on_resize(self, _event: Resize) -> None:
        """The line numbers do not move sideways, so the width depends on the pane's."""
        self._measure()

    def render_line(self, y: int) -> Strip:
        """A line of the document; its number stays where it is when it scrolls sideways."""
        scroll_x, scroll_y = self.scroll_offset
        row, width = scroll_y + y, self.scrollable_content_region.width
        if self.file is None:
            text = self.problem if y == 0 else ""
            return cells(drawable(text), self.style("dim")).crop_extend(0, width, self.style())
        if row >= self.row_count:
            return Strip.blank(width, self.style())
        line = self._line(row)
        gutter = self.number_width
        number = Segment(f"{row + 1:>{gutter - 2},}  ", self.style("dim"))
        if line is None:
            return Strip([number]).crop_extend(0, width, self.style())
        room = width - gutter
        # Slice before measuring: a strip of a whole 64 KB line costs milliseconds.
        text = drawable(line.text[: (scroll_x + room) * 2])
        strip = cells(text, self.style()).crop_extend(scroll_x, scroll_x + room, self.style())
        return Strip.join([Strip([number], gutter), strip])

    def _line(self, row: int) -> Line | None:
        line = self._lines.get(row)
        if line is None and self.file is not None:
            if len(self._lines) > _KEPT:
                self._lines.clear()
            try:
                read = self.file.lines(row, _AHEAD)
            except (OSError, DocumentError) as error:
                self._note_trouble(f"cannot be read: {error}")
                return None
            if not read:
                self._note_trouble("cut short on disk")
            self._lines.update(enumerate(read, row))
            self._note_width(read)
            line = self._lines.get(row)
        return line

    def _note_trouble(self, trouble: str) -> None:
        if trouble != self._trouble:
            self._trouble = trouble
            self.call_later(self._show_place)

    def _note_width(self, lines: list[Line]) -> None:
        widest, has_cut_lines = self._widest, self._has_cut_lines
        for line in lines:
            has_cut_lines |= line.is_cut or len(line.text) > _WIDEST
            widest = max(widest, _width_of(line.text, widest))
        if (widest, has_cut_lines) != (self._widest, self._has_cut_lines):
            self._widest, self._has_cut_lines = widest, has_cut_lines
            self.call_later(self._measure)

    def on_unmount(self) -> None:
        """Close the file."""
        if self.file is not None:
            self.file.close()


def _width_of(text: str, least: int) -> int:
    """The cells of a line, at most `_WIDEST`; not worked out when they cannot exceed `least`."""
    if text.isascii():
        return min(len(text) + (len(TAB) - 1) * text.count("\t"), _WIDEST)
    if min(2 * len(text) + (len(TAB) - 2) * text.count("\t"), _WIDEST) <= least:
        return 0
    return min(cell_len(drawable(text[:_WIDEST])), _WIDEST)
