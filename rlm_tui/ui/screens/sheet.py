"""A dialog of text to read, such as the help of a word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.strip import Strip

from rlm_tui.ui import keymap
from rlm_tui.ui.screens.dialog import Dialog
from rlm_tui.ui.widgets.lines import LineView, cells, drawable

_CHROME = 2
"""Rows of the frame."""


class SheetRows(LineView):
    """Rows of plain text."""

    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(keymap.TEXT)]

    def __init__(self, rows: Sequence[str]) -> None:
        super().__init__(classes="dialog sheet")
        self._texts = [drawable(row) for row in rows]
        self.styles.height = len(self._texts) + _CHROME

    def on_mount(self) -> None:
        """Say how long it is, and how wide."""
        self.set_rows(len(self._texts), max(map(len, self._texts), default=0))

    def strip_at(self, row: int, width: int) -> Strip:  # noqa: ARG002 - rows are short
        """A row."""
        return cells(self._texts[row], self.style())


class Sheet(Dialog[None]):
    """The text in a frame."""

    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(keymap.CLOSE)]

    def __init__(self, title: str, rows: Sequence[str]) -> None:
        """Show some rows under a title."""
        super().__init__()
        self._heading = title
        self._rows = list(rows)

    def compose(self) -> ComposeResult:
        """The rows."""
        sheet = SheetRows(self._rows)
        sheet.name_pane("", drawable(self._heading))
        sheet.border_subtitle = "esc Close"
        yield sheet

    def action_cancel(self) -> None:
        """Close it."""
        self.conclude(None)
