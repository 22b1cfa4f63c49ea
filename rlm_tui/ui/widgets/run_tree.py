"""The tree of a run: iterations, their sub-calls, the loops below those, and the answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import BindingType
from textual.events import Click
from textual.message import Message
from textual.strip import Strip

from rlm_tui.events import NodeId
from rlm_tui.held import Held
from rlm_tui.trajectory import Trajectory
from rlm_tui.ui import keymap
from rlm_tui.ui.widgets.lines import LineView, cells, drawable
from rlm_tui.ui.widgets.tree_rows import ANSWER, LAST, ROOT, Key, TreeRows, key_of, node_of
from rlm_tui.ui.widgets.wrapping import fitted

_EMPTY = ("No run yet.", "", "ctrl+n  ask a question")
_STARTING = ("The run begins.",)


class RunTree(LineView):
    """Shows a trajectory; knows neither the engine nor where events come from."""

    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(keymap.TREE)]

    class Selected(Message):
        """The cursor stands on another row."""

        def __init__(self, node: NodeId, *, is_answer: bool) -> None:
            super().__init__()
            self.node = node
            """The node; the run's, `""`, also for the answer."""
            self.is_answer = is_answer

    class Opened(Selected):
        """A row was chosen with enter or a click."""

    class Moved(Message):
        """The reader moved the cursor, so it does not follow the run any more."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.rows = TreeRows()
        self._cursor: Key = ROOT
        self._trajectory = Trajectory()
        self._held: Held | None = None
        self._has_run = False
        self._is_starting = False
        self._passed = 0.0
        """Seconds since the latest event, in which the run has been running."""

    # Values in

    def show(
        self,
        trajectory: Trajectory,
        changed: Iterable[NodeId] | None,
        held: Held | None = None,
    ) -> None:
        """Bring the rows that changed up to date, and no others; None means all.

        Args:
            trajectory: the run.
            changed: the nodes that are not as they were.
            held: what comes next, which has a row although it has not started.
        """
        self._trajectory = trajectory
        self._has_run = bool(trajectory.seq)
        if changed is None:
            self.rows.rebuild(trajectory)
        else:
            self.rows.update(trajectory, changed)
        self._held = held
        self.rows.hold(held)
        self.set_rows(len(self.rows.keys))
        self.refresh()

    def await_rows(self, *, is_live: bool) -> None:
        """Say whether a run goes on, which will have rows."""
        if is_live != self._is_starting:
            self._is_starting = is_live
            self.refresh()

    def keep_time(self, passed: float, *, is_cut_off: bool) -> None:
        """Say for how long what runs has been running.

        Args:
            passed: seconds that the run has been running since its latest event.
            is_cut_off: whether it broke off there, so that nothing runs any more.
        """
        self._passed, self.rows.is_cut_off = passed, is_cut_off
        self.refresh()

    def follow(self, node: NodeId) -> None:
        """Put the cursor on a node, or on the answer once there is one."""
        key = ANSWER if not node and self._trajectory.root.answer else key_of(node)
        self._go_to(self.rows.index(key))

    @property
    def cursor(self) -> Key:
        """The row the cursor stands on."""
        return self._cursor

    @property
    def selected(self) -> NodeId:
        """The node the cursor stands on."""
        return node_of(self._cursor)

    @property
    def is_on_answer(self) -> bool:
        """Whether the cursor stands on the answer."""
        return self._cursor == ANSWER

    # Drawing

    def render_line(self, y: int) -> Strip:
        """A row, or what to do while there is none."""
        width = self.scrollable_content_region.width
        if not self._has_run:
            told = _STARTING if self._is_starting else _EMPTY
            text = f" {told[y]}" if y < len(told) else ""
            return cells(text, self.style("dim")).crop_extend(0, width, self.style())
        return super().render_line(y)

    def strip_at(self, row: int, width: int) -> Strip:
        """One row: fold mark and label to the left, state and figure to the right."""
        key = self.rows.keys[row]
        words = self.rows.words(key, self._trajectory.at + self._passed)
        mark = " "
        if self.rows.has_children(key):
            mark = "▸" if self.rows.is_collapsed(key) else "▾"
        elif key and key[-1] == LAST and key != ANSWER:
            mark = "…"
        left = f"{self._indent(key)}{mark} "
        right = f" {words.state} " if words.state else " "
        figure = f"{words.figure:>3}"
        if words.state == "NEXT" and not words.figure:
            right, figure = right.rstrip(), ""
        room = max(width - len(left) - len(right) - len(figure), 0)
        label = fitted(drawable(words.label), room)
        state, dim = self.style(words.meaning), self.style("dim")
        parts = [
            Segment(left, self.style("waiting") if "►" in left else dim),
            Segment(label, dim if key and key[-1] == LAST and key != ANSWER else self.style()),
            Segment(right, state),
            Segment(figure, dim),
        ]
        strip = Strip(parts).adjust_cell_length(width, self.style())
        if key != self._cursor:
            return strip
        if self.has_focus:
            return Strip(Segment(part.text, self.style("cursor")) for part in strip)
        # Another pane has the focus: the row keeps its colours, on a background of its own.
        mark = Style(bgcolor=self.style("mark").bgcolor)
        return Strip(Segment.apply_style(strip, post_style=mark), strip.cell_length)

    def _indent(self, key: Key) -> str:
        """What stands before a row; of what comes next, its mark and that of a breakpoint."""
        indent = "  " * self.rows.level(key)
        if not indent or self._held is None or key != self.rows.held_key:
            return indent
        return f"{indent[:-2]}{' ' if self._held.next.breakpoint is None else '●'}►"

    # Moving

    def _go_to(self, row: int) -> None:
        if not self.rows.keys:
            return
        row = min(max(row, 0), len(self.rows.keys) - 1)
        key = self.rows.keys[row]
        self._scroll_into_view(row)
        if key != self._cursor:
            self._cursor = key
            self.refresh()
            self.post_message(self.Selected(node_of(key), is_answer=key == ANSWER))

    def _scroll_into_view(self, row: int) -> None:
        top, height = self.scroll_offset.y, self.scrollable_content_region.height
        if row < top:
            self.scroll_to(y=row, animate=False, immediate=True)
        elif height and row >= top + height:
            self.scroll_to(y=row - height + 1, animate=False, immediate=True)

    def _move(self, row: int) -> None:
        self.post_message(self.Moved())
        self._go_to(row)

    @property
    def _row(self) -> int:
        return self.rows.index(self._cursor)

    def action_row(self, step: int) -> None:
        """Move the cursor by rows."""
        self._move(self._row + step)

    def action_page(self, step: float) -> None:
        """Move the cursor by pages, or parts of one."""
        self._move(self._row + int(step * max(self.scrollable_content_region.height - 1, 1)))

    def action_edge(self, where: str) -> None:
        """Move the cursor to the `top` or the `bottom`."""
        self._move(0 if where == "top" else len(self.rows.keys) - 1)

    def action_column(self, step: int) -> None:
        """Left: collapse, or go to the parent. Right: expand, or go to the first child."""
        key, row = self._cursor, self._row
        is_open = self.rows.has_children(key) and not self.rows.is_collapsed(key)
        if step < 0:
            if is_open and key:
                self._fold(collapsed=True)
            else:
                self._move(self._parent_row(row))
        elif is_open:
            self._move(row + 1)
        else:
            self._fold(collapsed=False)

    def _parent_row(self, row: int) -> int:
        level = self.rows.level(self.rows.keys[row])
        while row > 0 and self.rows.level(self.rows.keys[row]) >= level:
            row -= 1
        return row

    def _fold(self, *, collapsed: bool) -> None:
        self.rows.set_collapsed(self._cursor, collapsed=collapsed)
        self._after_folding()

    def _after_folding(self) -> None:
        self.set_rows(len(self.rows.keys))
        self._cursor = self.rows.keys[self._row]
        self._scroll_into_view(self._row)
        self.refresh()

    def action_fold(self) -> None:
        """Collapse or expand the row."""
        if self.rows.has_children(self._cursor) or self._cursor[-1:] == (LAST,):
            self._fold(collapsed=not self.rows.is_collapsed(self._cursor))

    def action_fold_all(self, step: int) -> None:
        """Collapse (-1) or expand (1) everything."""
        self.rows.collapse_all(collapsed=step < 0)
        self._after_folding()

    def action_open(self) -> None:
        """Open the row in the inspector; a row that stands for several unfolds."""
        if self._cursor[-1:] == (LAST,) and self._cursor != ANSWER:
            self._fold(collapsed=False)
            return
        self.post_message(self.Opened(self.selected, is_answer=self._cursor == ANSWER))

    def on_click(self, event: Click) -> None:
        """Choose the row under the mouse; on its fold mark, fold."""
        row = self.scroll_offset.y + event.y - self.gutter.top
        if not 0 <= row < len(self.rows.keys):
            return
        self._move(row)
        key = self.rows.keys[row]
        mark_at = 2 * self.rows.level(key) + self.gutter.left
        if event.x in {mark_at, mark_at + 1} and self.rows.has_children(key):
            self.action_fold()
        else:
            self.action_open()
