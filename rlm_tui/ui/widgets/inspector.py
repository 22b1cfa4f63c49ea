"""The inspector: what the selected node is made of, as code, exact prompt, answer or variables."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import ClassVar, Literal

from rich.segment import Segment
from rich.style import Style
from textual.binding import BindingType
from textual.events import Click, Resize
from textual.message import Message
from textual.strip import Strip

from rlm_tui.events import NodeId, parent_of
from rlm_tui.held import Held
from rlm_tui.trajectory import Trajectory
from rlm_tui.ui import keymap
from rlm_tui.ui.widgets import node_rows
from rlm_tui.ui.widgets.diff_rows import diff_rows, steps_before
from rlm_tui.ui.widgets.inspector_rows import HERE, STOP, Row, rule, variable_rows, within
from rlm_tui.ui.widgets.lines import LineView, drawable
from rlm_tui.ui.widgets.node_rows import Inspected
from rlm_tui.ui.widgets.watch_pane import Watched
from rlm_tui.ui.widgets.wrapping import left_out, spans_of
from rlm_tui.variables import unread_at, variables_at

Tab = Literal["code", "prompt", "answer", "variables", "diff"]

_TABS: tuple[tuple[Tab, str], ...] = (
    ("code", "Code"),
    ("prompt", "i Prompt"),
    ("answer", "r Answer"),
    ("variables", "v Vars"),
    ("diff", "d Diff"),
)
_MOST_ROWS = 10_000
"""Rows that are shown of one text; a session holds all of it."""


class Inspector(LineView):
    """The inspector pane."""

    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(keymap.TEXT)]

    class TabChosen(Message):
        """Another tab is shown."""

        def __init__(self, tab: Tab) -> None:
            super().__init__()
            self.tab: Tab = tab

    class LineMarked(Message):
        """The number of a line of code was clicked."""

        def __init__(self, block: NodeId, line: int) -> None:
            super().__init__()
            self.block = block
            self.line = line

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.tab: Tab = "code"
        self._seen = Inspected()
        self._rows: list[Row] = []
        self._cursor = 0
        """The row that the reader stands on; shown where there is code and the focus."""
        self._watches: list[Watched] = []
        self._back = 1
        """How many steps before the node the one lies that it is compared with."""

    def show(self, trajectory: Trajectory, node: NodeId, *, is_answer: bool = False) -> None:
        """Show a node from its beginning; the answer row shows the run's answer."""
        seen = self._seen
        is_same = node == seen.node and is_answer == seen.is_answer
        seen.trajectory, seen.node, seen.is_answer = trajectory, node, is_answer
        if not is_same:
            self._back = 1
            self._to_top()
        self._compose_rows()
        if not is_same:
            self._show_next()

    def update(self, trajectory: Trajectory, changed: Iterable[NodeId]) -> None:
        """The run went on; draw anew what concerns the node."""
        self._seen.trajectory = trajectory
        shown = self._seen.node
        if any(node == shown or parent_of(node) == shown or not shown for node in changed):
            self._compose_rows()

    def hold(self, held: Held | None, stops: Mapping[NodeId, Collection[int]]) -> None:
        """Say what comes next, and which lines of code have a breakpoint.

        Args:
            held: what comes next; None while the run goes on.
            stops: lines by code block; under `""` those of any block.
        """
        seen = self._seen
        if (held, stops) != (seen.held, seen.stops):
            seen.held, seen.stops = held, stops
            self._compose_rows()
            self._show_next()

    def show_values(self, watches: Sequence[Watched], here: Sequence[Watched]) -> None:
        """Show watched values, where they have no pane of their own, and those of a held block."""
        if [*watches] != self._watches or [*here] != self._seen.values:
            self._watches, self._seen.values = [*watches], [*here]
            self._compose_rows()

    def choose(self, tab: Tab) -> None:
        """Show another tab."""
        if tab != self.tab:
            self.tab = tab
            self._to_top()
            self._compose_rows()
            self.post_message(self.TabChosen(tab))

    def on_resize(self, _event: Resize) -> None:
        """Break the lines anew."""
        width = self.scrollable_content_region.width
        if width != self._seen.width:
            self._seen.width = width
            self._compose_rows()

    @property
    def title(self) -> str:
        """The tabs, the chosen one in brackets."""
        return "  ".join(f"[{word}]" if tab == self.tab else word for tab, word in _TABS)

    @property
    def place(self) -> tuple[NodeId, int] | None:
        """The code block and the line that the reader stands on; None outside of code."""
        rows = self._rows[: self._cursor + 1]
        return rows[-1].place if rows and self.tab == "code" else None

    # What is shown

    def _compose_rows(self) -> None:
        width = self._seen.width
        if not width:
            return
        rows: list[Row] = []
        for row in self._content():
            gutter, text = len(row.number), drawable(row.text)
            for start, end in spans_of(text, width - gutter):
                number = " " * gutter if start else row.number
                spans = within(row, start, end)
                rows.append(Row(text[start:end], row.meaning, number, spans, row.place))
            if more := left_out(text):
                rows.append(Row(more, "dim", " " * gutter))
            if len(rows) > _MOST_ROWS:
                rows.append(Row("… the rest is in the session file", "dim"))
                break
        self._rows = rows
        self._cursor = min(self._cursor, max(len(rows) - 1, 0))
        self.set_rows(len(rows))
        self.refresh()

    def _content(self) -> Iterator[Row]:
        seen = self._seen
        if not seen.trajectory.seq:
            yield Row("Select a node of the run to see its code, prompt and answer.", "dim")
        elif self.tab == "variables":
            yield from node_rows.value_rows(self._watches)
            if seen.values:
                yield rule("values here", seen.width)
                yield from node_rows.value_rows(seen.values)
                yield rule("after the code before", seen.width)
            known = seen.found or seen.trajectory.nodes.get(parent_of(seen.node))
            unread = unread_at(seen.trajectory, known)
            yield from variable_rows(variables_at(seen.trajectory, known), unread)
        elif self.tab == "diff":
            yield from diff_rows(seen.trajectory, seen.node, self._back, seen.width)
        elif seen.is_answer or not seen.node:
            yield from node_rows.run_rows(seen)
        elif self.tab == "code":
            yield from node_rows.code_rows(seen)
            if self._watches and seen.held is not None:
                yield rule("watch", seen.width)
                yield from node_rows.value_rows(self._watches)
        elif self.tab == "prompt":
            yield from node_rows.prompt_rows(seen)
        else:
            yield from node_rows.reply_rows(seen)

    # Moving

    def _to_top(self) -> None:
        self._cursor = 0
        self.scroll_home(animate=False, immediate=True)

    def _show_next(self) -> None:
        """Bring the line that is next into view, and the reader to it."""
        for index, row in enumerate(self._rows):
            if HERE in row.number:
                self._go_to(index)
                return

    def _go_to(self, row: int) -> None:
        self._cursor = min(max(row, 0), max(len(self._rows) - 1, 0))
        top, height = self.scroll_offset.y, self.scrollable_content_region.height
        if self._cursor < top:
            self.scroll_to(y=self._cursor, animate=False, immediate=True)
        elif height and self._cursor >= top + height:
            self.scroll_to(y=self._cursor - height + 1, animate=False, immediate=True)
        self.refresh()

    @property
    def _has_cursor(self) -> bool:
        return self.tab == "code" and any(row.place for row in self._rows)

    def action_row(self, step: int) -> None:
        """Move by rows; in code, the cursor."""
        if self._has_cursor:
            self._go_to(self._cursor + step)
        else:
            super().action_row(step)

    def action_page(self, step: float) -> None:
        """Move by pages, or parts of one; in code, the cursor."""
        if self._has_cursor:
            height = max(self.scrollable_content_region.height - 1, 1)
            self._go_to(self._cursor + int(step * height))
        else:
            super().action_page(step)

    def action_edge(self, where: str) -> None:
        """Go to the `top` or the `bottom`; in code, the cursor."""
        if self._has_cursor:
            self._go_to(0 if where == "top" else len(self._rows) - 1)
        else:
            super().action_edge(where)

    def action_column(self, step: int) -> None:
        """In a diff: compare with an earlier step, or with a later one again."""
        if self.tab == "diff":
            most = max(steps_before(self._seen.trajectory, self._seen.node), 1)
            self._back = min(max(self._back + (1 if step < 0 else -1), 1), most)
            self._compose_rows()

    def on_click(self, event: Click) -> None:
        """Go to a line of code; on its number, mark it."""
        row = self.scroll_offset.y + event.y - self.gutter.top
        if not self._has_cursor or not 0 <= row < len(self._rows):
            return
        self._go_to(row)
        place = self._rows[row].place
        if place is not None and event.x - self.gutter.left < len(self._rows[row].number):
            self.post_message(self.LineMarked(*place))

    # Drawing

    def strip_at(self, row: int, width: int) -> Strip:  # noqa: ARG002 - rows fit already
        """One row."""
        shown = self._rows[row]
        plain = self.style(shown.meaning)
        parts = list(self._gutter(shown.number))
        at = 0
        for span in shown.spans:
            parts.append(Segment(shown.text[at : span.start], plain))
            parts.append(Segment(shown.text[span.start : span.end], self.style(span.meaning)))
            at = span.end
        parts.append(Segment(shown.text[at:], plain))
        strip = Strip(part for part in parts if part.text)
        is_next = HERE in shown.number
        if not is_next and not (row == self._cursor and self.has_focus and self._has_cursor):
            return strip
        mark = Style(bgcolor=self.style("mark").bgcolor)
        strip = strip.extend_cell_length(self._seen.width, self.style())
        return Strip(Segment.apply_style(strip, post_style=mark), strip.cell_length)

    def _gutter(self, number: str) -> Iterator[Segment]:
        dim = self.style("dim")
        if STOP not in number and HERE not in number:
            yield Segment(number, dim)
            return
        for sign in number:
            meaning = {STOP: "error", HERE: "running"}.get(sign, "dim")
            yield Segment(sign, self.style(meaning))
