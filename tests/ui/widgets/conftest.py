"""One widget at a time, with the style sheet and the themes of the app."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widget import Widget

from rlm_tui.ui import app, theming


class Alone(App[None]):
    """Shows one widget."""

    CSS_PATH = Path(app.__file__).with_name("app.tcss")

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self.widget = widget
        for theme in theming.shipped_themes():
            self.register_theme(theme)
        self.theme = "rlm-dark"

    def compose(self) -> ComposeResult:
        yield self.widget


@contextlib.asynccontextmanager
async def alone(
    widget: Widget, size: tuple[int, int] = (40, 10), hear=None
) -> AsyncIterator[Pilot[None]]:
    """An app that shows one widget; `hear` is given every message that reaches anyone in it."""
    async with Alone(widget).run_test(size=size, message_hook=hear) as pilot:
        await pilot.pause()
        yield pilot


def rows_on_screen(pane) -> list[str]:
    """What a pane of rows draws, without the spaces to the right."""
    height = pane.scrollable_content_region.height
    return [pane.render_line(y).text.rstrip() for y in range(height)]


def all_rows(pane) -> list[str]:
    """Every row of a pane, without the spaces to the right."""
    width = pane.scrollable_content_region.width
    return [pane.strip_at(row, width).text.rstrip() for row in range(pane.row_count)]
