from __future__ import annotations

import contextlib

import pytest
from textual.app import App

from rlm_tui.ui.app import RlmApp
from rlm_tui.ui.screens.confirm import Confirm


class Asked(App):
    """Asks, and keeps what was decided."""

    CSS_PATH = RlmApp.CSS_PATH
    decided = None

    def __init__(self, question="Stop the run?", yes="Stop"):
        super().__init__()
        self.dialog = Confirm(question, yes)

    def on_mount(self):
        self.push_screen(self.dialog, self.decide)

    def decide(self, result):
        self.decided = result
