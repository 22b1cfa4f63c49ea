"""The start screen: one key to something useful, with or without a model."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import Screen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from rlm_tui.config import Settings, is_billed, shown_name
from rlm_tui.ui import keymap
from rlm_tui.ui.widgets.key_bar import KeyBar

_WHAT = (
    "A model writes Python over a file too big for a prompt and asks smaller questions about "
    "pieces of it. You watch, pause and replay."
)


class Start(Screen[None]):
    """What can be done first."""

    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(keymap.START)]

    def __init__(self, settings: Settings, sessions: str) -> None:
        """Say which model is set up and where sessions are kept."""
        super().__init__()
        self._settings = settings
        self._sessions = sessions

    def compose(self) -> ComposeResult:
        """What it is, what to do, and what is set up."""
        model = self._settings.root_model
        with Vertical(id="start") as frame:
            frame.border_title = "rlm-tui"
            yield Static(_WHAT, markup=False)
            yield OptionList(
                Option(_choice("d", "Demo", "a bundled log, without key or network"), id="demo"),
                Option(_choice("t", "Learn", "step, edit and fork a small run"), id="tutorial"),
                Option(_choice("o", "Open", "a document or a saved session"), id="open_path"),
                Option(_choice("?", "Keys", "all of them"), id="help"),
                compact=True,
            )
            yield Static(f"Model: {shown_name(model)}. {_how(model)}", markup=False)
            yield Static(
                "Model-written code runs in a process of its own, without keys.", markup=False
            )
            yield Static(f"Sessions are kept in {self._sessions}", markup=False, classes="note")
        yield KeyBar()

    async def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Do what was chosen."""
        await self.run_action(f"app.{event.option.id}")


def _choice(key: str, name: str, what: str) -> Text:
    return Text.assemble((f" {key} ", "bold"), f" {name:<8}", (what, "dim"))


def _how(model: str) -> str:
    if is_billed(model):
        return "Each run shows what it costs."
    return "To use another: rlm-tui FILE --model NAME, with its key in the environment."
