"""Asks before something that cannot be taken back."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Label

from rlm_tui.ui.screens.dialog import Dialog


class Confirm(Dialog[bool]):
    """A question with two buttons; escape means no."""

    def __init__(self, question: str, yes: str) -> None:
        """Ask `question`; `yes` is the word on the button that does it."""
        super().__init__()
        self._question = question
        self._yes = yes

    def compose(self) -> ComposeResult:
        """The question, then the buttons."""
        with Vertical(classes="dialog"):
            yield Label(self._question, markup=False)
            with Horizontal(classes="buttons"):
                yield Button(self._yes, id="yes", variant="warning", compact=True)
                yield Button("Cancel", id="no", compact=True)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Take the decision."""
        self.conclude(event.button.id == "yes")

    def action_cancel(self) -> None:
        """Decide for no."""
        self.conclude(False)  # noqa: FBT003 - the result is a bool
