from __future__ import annotations

from rlm_tui.ui.screens.sheet import Sheet


async def test_its_rows_are_shown_as_they_are_under_its_title(shown):
    async with shown(Sheet("help b", ["b [SPEC]", "a \x1b[31m row"])) as pilot:
        text = pilot.app.text()
        assert "help b" in text
        assert "b [SPEC]" in text
        assert "\x1b" not in text
        await pilot.press("q")
        assert not pilot.app.is_open


async def test_a_long_one_scrolls(shown):
    async with shown(Sheet("x", [f"row {number}" for number in range(99)])) as pilot:
        assert "row 98" not in pilot.app.text()
        await pilot.press("G")
        await pilot.pause()
        assert "row 98" in pilot.app.text()
