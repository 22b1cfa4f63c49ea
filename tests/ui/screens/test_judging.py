from __future__ import annotations

from rlm_tui.source import Answer, Reject, Resume
from rlm_tui.ui.screens.judging import Judging
from rlm_tui.ui.widgets.code_area import CodeArea


async def test_an_answer_is_taken_as_it_is(shown):
    async with shown(Judging("E42 repeats most.")) as pilot:
        assert "E42 repeats most." in pilot.app.text()
        await pilot.press("ctrl+s")
        assert pilot.app.result == Resume()


async def test_or_as_the_user_writes_it(shown):
    async with shown(Judging("E42")) as pilot:
        pilot.app.dialog.query_one(CodeArea).text = "E42, 17 times"
        await pilot.press("ctrl+s")
        assert pilot.app.result == Answer("E42, 17 times")


async def test_a_rejection_says_why(shown):
    async with shown(Judging("E42")) as pilot:
        await pilot.press("down", "ctrl+s")
        await pilot.pause()
        assert pilot.app.is_open
        assert "Say why" in pilot.app.text()
        await pilot.press("n", "o", "enter")
        assert pilot.app.result == Reject("no")


async def test_escape_decides_nothing(shown):
    async with shown(Judging("E42")) as pilot:
        await pilot.press("escape")
        await pilot.pause()
        assert pilot.app.result is None
        assert pilot.app.times == 1
