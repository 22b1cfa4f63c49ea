from __future__ import annotations

from textual.app import App

from rlm_tui.ui.screens.destinations import Destinations


async def chosen(*keys: str) -> list[int | None]:
    found: list[int | None] = []
    app = App()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(
            Destinations("Who saw line 7", ["sent 1.1.1", "[b]sent[/b] 1.1.2"]), found.append
        )
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()
    return found


async def test_the_row_that_was_opened_is_the_result():
    assert await chosen("down", "enter") == [1]


async def test_leaving_opens_nothing():
    assert await chosen("escape") == [None]
