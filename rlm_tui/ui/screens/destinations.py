"""The dialog that lists places of a run to go to: who saw a line, or what was found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import OptionList

from rlm_tui.ui import keymap
from rlm_tui.ui.screens.dialog import Dialog


class Destinations(Dialog[int | None]):
    """Rows of which each leads to a place; the result is the index of the one that was opened."""

    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(keymap.CLOSE)]

    def __init__(self, title: str, rows: Sequence[str]) -> None:
        """List some rows under a title."""
        super().__init__()
        self._title, self._rows = title, list(rows)

    def compose(self) -> ComposeResult:
        """The rows in a frame."""
        options = OptionList(*(Text(row, no_wrap=True) for row in self._rows), classes="dialog")
        options.styles.text_wrap, options.styles.text_overflow = "nowrap", "ellipsis"
        options.border_title = Text(self._title).markup
        options.border_subtitle = "enter Go there  esc Close"
        yield options

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Open a row."""
        self.conclude(event.option_index)

    def action_cancel(self) -> None:
        """Open none."""
        self.conclude(None)
