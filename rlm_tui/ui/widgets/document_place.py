"""Where the reader of a document is, and moving: an offset in the file, not a number of rows.

So nothing here waits for the lines to be counted, and any place of any file is there at once.
"""

from __future__ import annotations

from collections.abc import Callable

from textual.events import Click, MouseScrollDown, MouseScrollUp

from rlm_tui.document.file import DocumentFile
from rlm_tui.ui.widgets.document_filter import FilteredLines
from rlm_tui.ui.widgets.document_finding import Finding
from rlm_tui.ui.widgets.document_marks import Marks
from rlm_tui.ui.widgets.document_rows import DocumentRows, Row, Spot
from rlm_tui.ui.widgets.lines import LineView

_WHEEL = 3


class DocumentPlace(LineView):
    """A pane that shows a document from some place on; what it looks like is its subclass's."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.file: DocumentFile | None = None
        self.rows: DocumentRows | None = None
        self.finding: Finding | None = None
        self.marks: list[Marks] = []
        """Who marks lines; the first that has a mark for one wins."""
        self.top = Spot(0)
        """The first row on screen."""
        self.trouble = ""
        """Why rows are missing that were there when the file was opened."""
        self._aim: int | None = None
        """The line, from 0, that was asked for before it was known where it is."""
        self._retry: tuple[Spot, Callable[[Spot], Spot]] | None = None
        """The movement that goes on when more lines of the filter are known."""

    def redraw(self) -> None:
        """Draw everything anew."""
        raise NotImplementedError

    def say_place(self) -> None:
        """Say in the frame where the reader is."""
        raise NotImplementedError

    def fetch_hits(self) -> None:
        """Find the hits of the lines on screen."""
        raise NotImplementedError

    @property
    def front_width(self) -> int:
        """Cells in front of a line: its number and its marks."""
        raise NotImplementedError

    @property
    def text_width(self) -> int:
        """Cells that a line has: without what is in front of it, and the map."""
        return max(self.size.width - self.front_width - 1, 1)

    def start_over(self, file: DocumentFile | None) -> None:
        """Be at the beginning of another file, or of none."""
        self.file = file
        self.rows = None if file is None else DocumentRows(file)
        self.top = Spot(0 if file is None else file.contents.start)
        self.trouble = ""
        self._aim = self._retry = None

    def visible_rows(self) -> list[Row]:
        """The rows on screen; none when the file cannot be read."""
        if self.rows is None:
            return []
        try:
            found = self.rows.forward(self.top, self.size.height or 1)
        except OSError as error:
            self._note(f"cannot be read: {error}")
            return []
        if not found and self.rows.selection is None:
            self._note("cut short on disk")
        return found

    def _note(self, trouble: str) -> None:
        if trouble != self.trouble:
            self.trouble = trouble
            self.call_later(self.say_place)

    # Moving

    def move(self, movement: Callable[[Spot], Spot]) -> None:
        """Go to another place; the last page is full where there is enough."""
        self._retry = None
        self._try(self.top, movement)

    def _try(self, base: Spot, movement: Callable[[Spot], Spot]) -> None:
        rows = self.rows
        if rows is None:
            return
        selection = rows.selection
        if isinstance(selection, FilteredLines):
            selection.is_waiting = False
        try:
            top = movement(base)
            height = self.size.height or 1
            if len(rows.forward(top, height)) < height:
                top = min(top, rows.back(rows.last(), height - 1))
        except OSError as error:
            self._note(f"cannot be read: {error}")
            return
        self.top = top
        if isinstance(selection, FilteredLines) and selection.is_waiting:
            self._retry = (base, movement)
        self.redraw()

    def go_on(self) -> None:
        """More lines of the filter are known."""
        base, movement = self._retry or (self.top, lambda spot: spot)
        self._retry = None
        self._try(base, movement)

    def _by_rows(self, step: int) -> None:
        rows = self.rows
        if rows is None:
            return

        def moved(spot: Spot) -> Spot:
            if step < 0:
                return rows.back(spot, -step)
            ahead = rows.forward(spot, step + 1)
            return ahead[-1].spot if ahead else spot

        self._aim = None
        self.move(moved)

    def action_row(self, step: int) -> None:
        """Move by rows."""
        self._by_rows(step)

    def action_page(self, step: float) -> None:
        """Move by pages, or parts of one."""
        rows = max(int(self.size.height * abs(step)) - (abs(step) == 1), 1)
        self._by_rows(rows if step > 0 else -rows)

    def reach_aim(self) -> None:
        """More lines are counted: go to the one that was asked for, if it is known now."""
        if self.file is not None and self._aim is not None:
            start = self.file.start_of(self._aim)
            if start is not None and (start <= self.file.index.end or self.file.is_indexed):
                self._aim = None
                self.move(lambda _: Spot(start))
            elif self.file.is_indexed:
                self.action_edge("bottom")
        if self._retry is not None:
            self.go_on()

    def action_edge(self, where: str) -> None:
        """Go to the `top` or the `bottom`."""
        if self.file is None or self.rows is None:
            return
        self._aim = None
        begin, rows = Spot(self.file.contents.start), self.rows
        self.move(lambda _: begin if where == "top" else rows.last())

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Move as the wheel does."""
        event.prevent_default().stop()
        self._by_rows(_WHEEL)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Move as the wheel does."""
        event.prevent_default().stop()
        self._by_rows(-_WHEEL)

    def on_click(self, event: Click) -> None:
        """Go where the map was clicked."""
        place = event.get_content_offset(self)
        if place is not None and place.x == self.size.width - 1:
            self.go_to_share(place.y / max(self.size.height - 1, 1))

    def go_to_share(self, share: float) -> None:
        """Go to a part of the file, from 0 to 1."""
        file = self.file
        if file is None:
            return
        self._aim = None
        first, size = file.contents.start, file.size
        self.go_to(first + int(min(max(share, 0.0), 1.0) * max(size - first - 1, 0)))

    def go_to(self, offset: int, *, rows_above: int = 0) -> None:
        """Go to the row that holds an offset."""
        if self.rows is not None:
            rows = self.rows
            self.move(lambda _: rows.back(rows.holding(offset), rows_above))

    def go_to_line(self, number: int) -> None:
        """Go to a line, counted from 1; to about where it is while that is not known."""
        file = self.file
        if file is None:
            return
        self._aim = None
        line = max(number - 1, 0)
        start = file.start_of(line)
        if start is not None:
            self.move(lambda _: Spot(start))
        elif file.is_indexed:
            self.action_edge("bottom")
        else:
            share = line / max(file.number_at(file.size)[0], 1)
            self.go_to_share(share)
            self._aim = line
