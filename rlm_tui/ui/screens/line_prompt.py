"""A line to type at the foot of the screen, over the keys: what to find, where to go."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.events import Key
from textual.widgets import Input, Label

from rlm_tui.ui.screens.dialog import Dialog
from rlm_tui.ui.widgets.lines import drawable


class LinePrompt(Dialog[str | None]):
    """Returns what was typed, which may be nothing; None when it was cancelled."""

    def __init__(
        self, sign: str, *, value: str = "", placeholder: str = "", goes_on: bool = False
    ) -> None:
        """Ask for a line behind a sign such as `/`.

        Args:
            sign: what stands in front.
            value: what stands there at first, marked, so that typing takes its place.
            placeholder: what is shown while nothing is typed.
            goes_on: whether typing goes on behind the value instead.
        """
        super().__init__()
        self._goes_on = goes_on
        self._sign = Content(sign)
        self._value = drawable(value)
        self._placeholder = placeholder
        self._early: list[Key] = []
        """Keys that came before the line was there."""

    def compose(self) -> ComposeResult:
        """The sign and the line."""
        with Horizontal(id="line"):
            yield Label(self._sign)
            yield Input(
                self._value, placeholder=self._placeholder, compact=True, select_on_focus=False
            )

    def on_mount(self) -> None:
        """Mark what stands there, and take in what was typed meanwhile."""
        if not self._goes_on:
            self.query_one(Input).select_all()
        early, self._early = self._early, []
        for event in early:
            self.take_key(event)

    def take_key(self, event: Key) -> bool:
        """Take in what was typed before the line had the focus."""
        if not self.is_mounted:
            self._early.append(event)
            return True
        line = self.query_one(Input)
        if event.key == "enter":
            self.conclude(line.value)
        elif event.character and event.is_printable:
            line.replace(event.character, *line.selection)
        else:
            return False
        return True

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Return what was typed."""
        self.conclude(event.value)

    def action_cancel(self) -> None:
        """Return nothing."""
        self.conclude(None)
