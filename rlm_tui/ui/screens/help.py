"""The keys: those of the focused pane first, then all others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import ClassVar

from rich.segment import Segment
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.strip import Strip

from rlm_tui.ui import keymap
from rlm_tui.ui.keymap import Key
from rlm_tui.ui.screens.dialog import Dialog
from rlm_tui.ui.widgets.lines import LineView

_KEYS_WIDTH = 20


class KeySheet(LineView):
    """Keys and what they do."""

    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(keymap.TEXT)]

    def __init__(self, tables: Iterable[tuple[str, Iterable[Key]]]) -> None:
        """Show tables of keys under their titles."""
        super().__init__()
        self._rows = list(_rows(tables))

    def on_mount(self) -> None:
        """Say how long it is."""
        self.set_rows(len(self._rows))

    def strip_at(self, row: int, width: int) -> Strip:  # noqa: ARG002 - short rows
        """A title, or keys with their sentence."""
        keys, sentence = self._rows[row]
        if not sentence:
            return Strip([Segment(keys, self.style("strong"))])
        return Strip(
            [
                Segment(f"  {keys:<{_KEYS_WIDTH}}", self.style("code")),
                Segment(sentence, self.style()),
            ]
        )


class Help(Dialog[None]):
    """The key sheet."""

    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(keymap.CLOSE)]

    def __init__(self, tables: Iterable[tuple[str, Iterable[Key]]]) -> None:
        """Show these tables, the focused pane's first."""
        super().__init__()
        self._tables = list(tables)

    def compose(self) -> ComposeResult:
        """The sheet in a frame."""
        sheet = KeySheet(self._tables)
        sheet.name_pane("", "Keys")
        sheet.border_subtitle = "esc Close"
        sheet.add_class("dialog")
        yield sheet

    def action_cancel(self) -> None:
        """Close it."""
        self.conclude(None)


def _rows(tables: Iterable[tuple[str, Iterable[Key]]]) -> Iterator[tuple[str, str]]:
    for title, keys in tables:
        for group, members in groupby(keys, key=lambda key: key.group):
            yield (f"{title} · {group}" if title else group), ""
            for key in members:
                yield keymap.shown_keys(key), key.tooltip
            yield "", ""
