"""The one-row parts of the workspace: title, timeline and status."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.binding import BindingType
from textual.widget import Widget

from rlm_tui.ui import keymap
from rlm_tui.ui.widgets.lines import drawable
from rlm_tui.ui.widgets.meanings import Meanings


class TitleBar(Widget):
    """What is open and what is asked, with something short to the right."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._meaning = Meanings(self)
        self._left: tuple[str, str] = ("", "")
        self._right = ""

    def show(self, name: str, rest: str, right: str) -> None:
        """Set the name (strong), what follows it, and what stands to the right."""
        if (name, rest, right) != (*self._left, self._right):
            self._left, self._right = (name, rest), right
            self.refresh()

    def render(self) -> Text:
        """One row."""
        width = self.size.width
        name, rest = map(drawable, self._left)
        right = drawable(self._right)
        room = max(width - cell_len(right) - 1, 0)
        text = Text(no_wrap=True, overflow="ellipsis")
        text.append(name, self._meaning("title"))
        text.append(rest)
        text.truncate(room, overflow="ellipsis", pad=True)
        text.append(f" {right}", self._meaning("dim"))
        return text


class StatusLine(Widget):
    """The mode as a word, then figures; those that do not fit are dropped from the right."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._meaning = Meanings(self)
        self._mode: tuple[str, str] = ("IDLE", "idle")
        self._reason: str = ""
        self._figures: tuple[str, ...] = ()
        self._next: str = ""

    def show(
        self, mode: str, meaning: str, reason: str, figures: Sequence[str], next_step: str = ""
    ) -> None:
        """Set what it says.

        Args:
            mode: a word.
            meaning: its colour.
            reason: the words behind it.
            figures: in their order.
            next_step: what it costs; stands to the right and is never dropped.
        """
        state = ((mode, meaning), reason, tuple(figures), next_step)
        if state != (self._mode, self._reason, self._figures, self._next):
            self._mode, self._reason, self._figures, self._next = state
            self.refresh()

    def render(self) -> Text:
        """One row, or two where there is room for the figures below."""
        mode, meaning = self._mode
        width = self.size.width
        text = Text(no_wrap=True, overflow="ellipsis")
        text.append(f" {mode} ", self._meaning(f"mode-{meaning}"))
        if self._reason:
            text.append(f" {drawable(self._reason)}")
        price = f" {drawable(self._next)} " if self._next else ""
        room = max(width - cell_len(price), 0)
        if self.size.height == 1:
            shown = _joined(self._figures, room - text.cell_len - 3)
            if shown:
                text.append(f" · {shown}" if self._reason else f" {shown}")
        text.truncate(room, overflow="ellipsis", pad=bool(price))
        text.append(price, self._meaning("strong"))
        if self.size.height > 1:
            text.append(f"\n {_joined(self._figures, width - 1)}")
        return text


def _joined(figures: Sequence[str], room: int) -> str:
    """As many figures as fit."""
    shown = ""
    for figure in map(drawable, figures):
        longer = f"{shown} · {figure}" if shown else figure
        if cell_len(longer) > room:
            break
        shown = longer
    return shown


class Timeline(Widget, can_focus=True):
    """Where the playhead stands among the events: iterations as dots, errors as crosses."""

    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(keymap.TIMELINE)]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._meaning = Meanings(self)
        self._position: int = 0
        self._total: int = 0
        self._marks: tuple[tuple[int, bool], ...] = ()
        self._words: str = ""

    def show(
        self, position: int, total: int, marks: Sequence[tuple[int, bool]], words: str
    ) -> None:
        """Set the playhead, the number of events, and the marks.

        Args:
            position: events before the playhead.
            total: events so far.
            marks: for each iteration, the event it starts at, and whether it failed.
            words: what stands to the right.
        """
        state = (position, total, tuple(marks), words)
        if state != (self._position, self._total, self._marks, self._words):
            self._position, self._total, self._marks, self._words = state
            self.refresh()

    def render(self) -> Text:
        """One row."""
        text = Text.assemble(("5", "reverse" if self.has_focus else ""), " ")
        if not self._total:
            return text
        words = f" event {self._position:,}/{self._total:,}{self._words}"
        room = self.size.width - text.cell_len - len(words) - 1
        if room > 8:  # noqa: PLR2004 - less is no line
            text.append(self._line(room))
        text.append(words)
        text.truncate(self.size.width, overflow="ellipsis")
        return text

    def _line(self, room: int) -> Text:
        head = min(self._position * room // max(self._total, 1), room - 1)
        line = ["━"] * head + ["║"] + ["─"] * (room - head - 1)
        failed: set[int] = set()
        for event, has_failed in self._marks:
            at = min(event * room // max(self._total, 1), room - 1)
            if at != head:
                line[at] = "✗" if has_failed or at in failed else "●"
            if has_failed:
                failed.add(at)
        text = Text("".join(line), no_wrap=True)
        text.stylize(self._meaning("faint"), head + 1)
        text.stylize(self._meaning("running"), head, head + 1)
        for at in failed:
            text.stylize(self._meaning("error"), at, at + 1)
        return text
