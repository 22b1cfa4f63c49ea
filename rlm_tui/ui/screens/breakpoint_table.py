"""The dialog with all breakpoints: on and off, new, other words, what happens at one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from rich.segment import Segment
from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.events import Click
from textual.message import Message
from textual.strip import Strip
from textual.widgets import Input, Label

from rlm_tui.breakpoint import Breakpoint
from rlm_tui.errors import UsageError
from rlm_tui.ui import keymap
from rlm_tui.ui.breakpoint_list import ACTIONS, BreakpointList
from rlm_tui.ui.screens.dialog import Dialog
from rlm_tui.ui.widgets.lines import LineView, drawable
from rlm_tui.ui.widgets.wrapping import fitted

_EMPTY = "None yet. n sets one; b does on a line of code, a node or a range of the document."
_EXAMPLES = "llm_query · it 5 · line 3.1:4 · /E42/ in prompt · error · cost>0.5 · changed hits"


class BreakpointRows(LineView):
    """A row for each breakpoint."""

    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(keymap.BREAKPOINTS)]

    class Edited(Message):
        """The words of one are to be changed, or those of a new one typed (None)."""

        def __init__(self, item: Breakpoint | None) -> None:
            super().__init__()
            self.item = item

    class Asked(Message):
        """One is to be changed."""

        def __init__(self, item: Breakpoint, what: str) -> None:
            super().__init__()
            self.item = item
            self.what = what
            """`toggle`, `then`, `once` or `remove`."""

    class Remembered(Message):
        """Those of the last run are wanted."""

    def __init__(self) -> None:
        super().__init__()
        self._items: list[Breakpoint] = []
        self._hits: Mapping[int, int] = {}
        self._cursor = 0
        self._empty = _EMPTY

    def show(self, items: list[Breakpoint], hits: Mapping[int, int], empty: str = _EMPTY) -> None:
        """Set the rows; `empty` is said where there are none."""
        self._items, self._hits, self._empty = items, hits, empty
        self._cursor = min(self._cursor, max(len(items) - 1, 0))
        self.set_rows(len(items) + 1)
        self.refresh()

    def strip_at(self, row: int, width: int) -> Strip:
        """The head, then one breakpoint a row."""
        if not row:
            text = (
                f"   on   #  {'stop when …':<{max(width - 29, 4)}} hits  then"
                if self._items
                else self._empty
            )
            return Strip([Segment(fitted(text, width), self.style("dim"))])
        item = self._items[row - 1]
        sign = "●" if item.enabled else "○"
        then = "once" if item.once and item.action == "pause" else item.action
        hits = str(self._hits.get(item.number, 0)) if item.enabled else "off"
        tail = f" {hits:>4}  {then:<6}"
        words = drawable(item.spec) + (f" (not the first {item.ignore})" if item.ignore else "")
        front = f"   {sign} {item.number:>4}  "
        text = fitted(words, max(width - len(front) - len(tail), 4))
        if row - 1 == self._cursor:
            return Strip([Segment(f">{front[1:]}{text}{tail}", self.style("cursor"))])
        return Strip(
            [
                Segment(front, self.style("error" if item.enabled else "dim")),
                Segment(text, self.style("" if item.enabled else "dim")),
                Segment(tail, self.style("dim")),
            ]
        )

    def action_row(self, step: int) -> None:
        """Go to another breakpoint."""
        self._cursor = min(max(self._cursor + step, 0), max(len(self._items) - 1, 0))
        top, height = self.scroll_offset.y, self.scrollable_content_region.height
        row = self._cursor + 1
        if not top < row < top + height:
            self.scroll_to(y=row - height // 2, animate=False, immediate=True)
        self.refresh()

    def on_click(self, event: Click) -> None:
        """Go to the breakpoint under the mouse."""
        row = self.scroll_offset.y + event.y - self.gutter.top - 1
        if 0 <= row < len(self._items):
            self.action_row(row - self._cursor)

    def action_new(self) -> None:
        """Set one more."""
        self.post_message(self.Edited(None))

    def action_edit(self) -> None:
        """Give it other words."""
        self.post_message(self.Edited(self._items[self._cursor] if self._items else None))

    def action_remembered(self) -> None:
        """Have those of the last run."""
        self.post_message(self.Remembered())

    def action_change(self, what: str) -> None:
        """Turn it on or off, have something else happen, or remove it."""
        if self._items:
            self.post_message(self.Asked(self._items[self._cursor], what))


class BreakpointTable(Dialog[None]):
    """Shows and changes the breakpoints; each change holds at once."""

    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(keymap.CLOSE)]

    def __init__(
        self,
        breakpoints: BreakpointList,
        hits: Callable[[], Mapping[int, int]],
        on_changed: Callable[[], object],
    ) -> None:
        """Change these.

        Args:
            breakpoints: what is changed.
            hits: how often each was hit so far.
            on_changed: called after each change.
        """
        super().__init__()
        self._breakpoints = breakpoints
        self._hits = hits
        self._on_changed = on_changed
        self._edited: Breakpoint | None = None
        self._remembered: list[Breakpoint] = []

    def compose(self) -> ComposeResult:
        """The rows, and a line to type the words of one."""
        with Vertical(classes="dialog breakpoints") as dialog:
            dialog.border_title = "Breakpoints"
            dialog.border_subtitle = (
                "n New  space On/off  enter Edit  t Then  delete Remove  esc Close"
            )
            yield BreakpointRows()
            yield Input(placeholder=_EXAMPLES, compact=True, select_on_focus=False)
            yield Label("", classes="check -wrong", markup=False)

    def on_mount(self) -> None:
        """Show them."""
        self.query_one(Input).display = False
        self.query_one(Label).display = False
        if not self._breakpoints.all:
            self._remember()
        self._show()
        self.query_one(BreakpointRows).focus()

    @work(thread=True, exit_on_error=False)
    def _remember(self) -> None:
        """Look for what the last run left; its session may be long."""
        self._remembered = self._breakpoints.remembered()
        self.app.call_from_thread(self._show)  # pyright: ignore[reportUnknownMemberType]

    def _show(self) -> None:
        left = " · ".join(item.spec for item in self._remembered)
        empty = f"None yet. u sets those of the last run: {left}" if left else _EMPTY
        self.query_one(BreakpointRows).show(self._breakpoints.all, self._hits(), empty)

    def _changed(self) -> None:
        self._on_changed()
        self._show()

    def on_breakpoint_rows_edited(self, message: BreakpointRows.Edited) -> None:
        """Let its words be typed."""
        self._edited = message.item
        line = self.query_one(Input)
        line.value = message.item.spec if message.item else ""
        line.cursor_position = len(line.value)
        line.display = True
        line.focus()

    def on_breakpoint_rows_remembered(self) -> None:
        """Have those of the last run on the document, where there are none."""
        if self._remembered and not self._breakpoints.all:
            self._breakpoints.take(self._remembered)
            self._changed()

    def on_breakpoint_rows_asked(self, message: BreakpointRows.Asked) -> None:
        """Change one."""
        item, breakpoints = message.item, self._breakpoints
        match message.what:
            case "toggle":
                breakpoints.change(item.number, enabled=not item.enabled)
            case "then":
                following = ACTIONS[(ACTIONS.index(item.action) + 1) % len(ACTIONS)]
                breakpoints.change(item.number, action=following)
            case "once":
                breakpoints.change(item.number, once=not item.once)
            case _:
                breakpoints.remove([item.number])
        self._changed()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the words, or say why they cannot be read."""
        try:
            if self._edited is None:
                self._breakpoints.add(event.value)
            else:
                self._breakpoints.change(self._edited.number, spec=" ".join(event.value.split()))
        except UsageError as error:
            self._say(str(error))
            return
        self._end_typing()
        self._changed()

    def on_input_changed(self) -> None:
        """What was wrong may not be any more."""
        self._say("")

    def _say(self, why: str) -> None:
        label = self.query_one(Label)
        label.update(why)
        label.display = bool(why)

    def _end_typing(self) -> None:
        self._say("")
        self.query_one(Input).display = False
        self.query_one(BreakpointRows).focus()

    def action_cancel(self) -> None:
        """Leave the line that is typed, then the dialog."""
        if self.query_one(Input).display:
            self._end_typing()
        else:
            self.conclude(None)
