from __future__ import annotations

from textual.app import App

from rlm_tui.ui.screens.branching import Branching
from tests.ui.conftest import until


class Asking(App[None]):
    """Shows the dialog and keeps what comes back."""

    def __init__(self, *, is_live: bool) -> None:
        super().__init__()
        self.given: list[object] = []
        self._is_live = is_live

    def on_mount(self) -> None:
        self.push_screen(Branching(28, "m > s", is_live=self._is_live), self.given.append)


async def given(*keys: str, is_live: bool = False) -> object:
    app = Asking(is_live=is_live)
    async with app.run_test() as pilot:
        await until(pilot, lambda: isinstance(app.screen, Branching))
        await pilot.press(*keys)
        await until(pilot, lambda: app.given)
    return app.given[0]


async def test_enter_begins_the_branch_paused_under_the_name_that_was_typed():
    assert await given("b", "1", "enter") == ("b1", "paused")


async def test_ctrl_r_begins_it_without_a_stop():
    assert await given("ctrl+r") == ("", "running")


async def test_escape_begins_none():
    assert await given("escape") is None


async def test_it_says_where_it_leaves_and_that_a_live_parent_is_stopped():
    app = Asking(is_live=True)
    async with app.run_test() as pilot:
        await until(pilot, lambda: isinstance(app.screen, Branching))
        dialog = app.screen.query_one(".dialog")
        texts = [str(label.render()) for label in app.screen.query("Label")]
    assert "event 28" in str(dialog.border_title)
    assert any("no calls, no cost" in text for text in texts)
    assert any("is stopped" in text for text in texts)
