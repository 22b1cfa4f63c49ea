"""The dialog that asks whether a run is to go on otherwise from an earlier event."""

from __future__ import annotations

from typing import ClassVar, Literal, TypeAlias

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Input, Label

from rlm_tui.ui import keymap
from rlm_tui.ui.screens.dialog import Dialog

Begun: TypeAlias = tuple[str, Literal["paused", "running"]]
"""The name of the branch, and how it begins."""


class Branching(Dialog[Begun | None]):
    """Returns how the branch is to begin; None when there is to be none."""

    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(keymap.BRANCHING)]

    def __init__(self, event: int, models: str, *, is_live: bool) -> None:
        """Offer a branch that leaves at `event`; `is_live` when its parent has to be stopped."""
        super().__init__()
        self._event = event
        self._models = models
        self._is_live = is_live

    def compose(self) -> ComposeResult:
        """What it costs, and its name."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = f"What if: go on from event {self._event:,}"
            dialog.border_subtitle = "enter Begin paused   ctrl+r Begin   esc Cancel"
            yield Label(
                f"Up to event {self._event:,} everything is taken from the recording: no calls, no "
                "cost. Its code runs again, so that its variables are there. From then on the run "
                f"is live, with {self._models}, and saved as a branch of its own.",
                markup=False,
            )
            if self._is_live:
                yield Label(
                    "The run that goes on now is stopped; it stays saved.", classes="-wrong"
                )
            yield Input(placeholder="a name for the branch, or none", compact=True)

    def on_input_submitted(self) -> None:
        """Enter begins it."""
        self._begin("paused")

    def action_begin_running(self) -> None:
        """Begin without a stop."""
        self._begin("running")

    def _begin(self, how: Literal["paused", "running"]) -> None:
        self.conclude((self.query_one(Input).value.strip(), how))

    def action_cancel(self) -> None:
        """No branch."""
        self.conclude(None)
