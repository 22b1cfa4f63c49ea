"""A dialog with one line to type: the question of a run, or the path of a file."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Label

from rlm_tui.ui.screens.dialog import Dialog
from rlm_tui.ui.widgets.lines import drawable


class Prompt(Dialog[str | None]):
    """Returns what was typed; None when it was cancelled."""

    def __init__(
        self, title: str, *, value: str = "", placeholder: str = "", note: str = ""
    ) -> None:
        """Ask for a line. All texts are shown as they are, without markup.

        Args:
            title: in the frame.
            value: what stands there at first.
            placeholder: what is shown while nothing is typed.
            note: what follows from it, below.
        """
        super().__init__()
        self._title = Content(drawable(title))
        self._value = drawable(" ".join(value.split()))
        self._placeholder = drawable(placeholder)
        self._note = drawable(note)

    def compose(self) -> ComposeResult:
        """The line and the note."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = self._title
            dialog.border_subtitle = "enter OK   esc Cancel"
            yield Input(self._value, placeholder=self._placeholder, compact=True)
            if self._note:
                yield Label(self._note, classes="note", markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Return what was typed, if anything was."""
        text = event.value.strip()
        if text:
            self.conclude(text)

    def action_cancel(self) -> None:
        """Return nothing."""
        self.conclude(None)
