"""One dialog at a time, in an app with the style sheet and the themes of ours."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from textual.app import App
from textual.widgets import Label

from rlm_tui.ui import app, theming

UNDECIDED = object()
"""The result of a dialog that is still open."""


class Behind(App):
    """Shows a dialog in front of a screen, and keeps how it ended."""

    CSS_PATH = Path(app.__file__).with_name("app.tcss")

    def __init__(self, dialog):
        super().__init__()
        self.dialog = dialog
        self.result = UNDECIDED
        self.times = 0
        for theme in theming.shipped_themes():
            self.register_theme(theme)
        self.theme = "rlm-dark"

    def compose(self):
        yield Label("behind")

    def on_mount(self):
        self.push_screen(self.dialog, self.keep)

    def keep(self, result):
        self.result = result
        self.times += 1

    @property
    def is_open(self):
        return self.screen is self.dialog

    def text(self):
        """What is on the screen, row by row."""
        rows = self.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in row).rstrip() for row in rows)


@pytest.fixture
def shown():
    """Opens a dialog; gives its pilot."""

    @contextlib.asynccontextmanager
    async def show(dialog, size=(80, 24)):
        async with Behind(dialog).run_test(size=size) as pilot:
            await pilot.pause()
            yield pilot

    return show
