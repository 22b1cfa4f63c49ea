"""The dialog in which an answer is taken, changed or rejected before the run ends with it."""

from __future__ import annotations

from typing import ClassVar, TypeAlias

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Input, Label

from rlm_tui.source import Answer, Reject, Resume
from rlm_tui.ui import keymap
from rlm_tui.ui.screens.dialog import Dialog
from rlm_tui.ui.widgets.choice import Choice
from rlm_tui.ui.widgets.code_area import CodeArea

Judged: TypeAlias = Answer | Reject | Resume
"""What becomes of an answer; `Resume` takes it as it is."""


class Judging(Dialog[Judged | None]):
    """Returns what becomes of the answer; None when it was cancelled."""

    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(keymap.JUDGING)]

    def __init__(self, answer: str) -> None:
        """Judge an answer."""
        super().__init__()
        self._answer = answer

    def compose(self) -> ComposeResult:
        """The answer, and what becomes of it."""
        with Vertical(classes="dialog answering") as dialog:
            dialog.border_title = "Take this answer?"
            dialog.border_subtitle = "ctrl+s Do it   esc Cancel"
            yield CodeArea(self._answer, is_code=False)
            yield Choice(("take it as it stands here", "reject it and tell the model why"))
            yield Input(placeholder="what the model is told", compact=True)
            yield Label("", classes="check -wrong", markup=False)

    def on_mount(self) -> None:
        """Begin at the choice."""
        self.query_one(Choice).focus()
        self.on_choice_chosen()

    def on_choice_chosen(self) -> None:
        """Ask for a message only where one is sent."""
        rejects = bool(self.query_one(Choice).chosen)
        self.query_one(Input).display = rejects
        self.query_one(CodeArea).disabled = rejects

    def on_input_submitted(self) -> None:
        """Enter in the message is as good as ctrl+s."""
        self.action_use()

    def action_use(self) -> None:
        """Take or reject it; a rejection says why."""
        if not self.query_one(Choice).chosen:
            text = self.query_one(CodeArea).text
            self.conclude(Resume() if text == self._answer else Answer(text))
            return
        message = self.query_one(Input).value.strip()
        if message:
            self.conclude(Reject(message))
        else:
            self.query_one(".check", Label).update("Say why, so that the model can do better.")
            self.query_one(Input).focus()

    def action_cancel(self) -> None:
        """Decide nothing."""
        self.conclude(None)
