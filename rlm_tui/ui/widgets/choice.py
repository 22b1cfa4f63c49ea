"""One of a few things to choose, a row each: `(•) this call only`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.events import Click
from textual.message import Message
from textual.widget import Widget

from rlm_tui.ui import keymap
from rlm_tui.ui.widgets.meanings import Meanings


class Choice(Widget, can_focus=True):
    """Rows of which one is chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(keymap.CHOICE)]

    class Chosen(Message):
        """Another row is chosen."""

        def __init__(self, choice: Choice) -> None:
            super().__init__()
            self.choice = choice

        @property
        def control(self) -> Choice:
            """Whose row it is."""
            return self.choice

    def __init__(self, options: Sequence[str], *, id: str | None = None) -> None:  # noqa: A002
        """Offer these; the first is chosen."""
        super().__init__(id=id)
        self._options = list(options)
        self._meaning = Meanings(self)
        self.chosen: int = 0
        """The index of the row."""
        self.styles.height = len(self._options)

    def render(self) -> Text:
        """The rows."""
        text = Text(no_wrap=True, overflow="ellipsis")
        for index, option in enumerate(self._options):
            is_chosen = index == self.chosen
            mark = "(•) " if is_chosen else "( ) "
            text.append("\n" if index else "")
            strong = "cursor" if is_chosen and self.has_focus else "strong" if is_chosen else ""
            text.append(mark + option, self._meaning(strong))
        return text

    def offer(self, options: Sequence[str]) -> None:
        """Offer others; the first is chosen."""
        self._options, self.chosen = list(options), 0
        self.styles.height = len(self._options)
        self.refresh(layout=True)

    def choose(self, index: int) -> None:
        """Choose a row."""
        if index != self.chosen and 0 <= index < len(self._options):
            self.chosen = index
            self.refresh()
            self.post_message(self.Chosen(self))

    def action_choose(self, step: int) -> None:
        """Choose the next row or the one before."""
        self.choose(self.chosen + step)

    def on_click(self, event: Click) -> None:
        """Choose the row under the mouse."""
        self.choose(event.y)
