from __future__ import annotations

import pytest

from rlm_tui.ui.screens.confirm import Confirm
from rlm_tui.ui.screens.dialog import Dialog
from rlm_tui.ui.screens.help import Help
from rlm_tui.ui.screens.prompt import Prompt


@pytest.fixture(
    params=[
        lambda: Confirm("Stop the run?", "Stop"),
        lambda: Prompt("Open", value="a.log"),
        lambda: Help([("", ())]),
    ],
    ids=["confirm", "prompt", "help"],
)
def dialog(request):
    return request.param()


async def test_escape_closes_every_dialog(shown, dialog):
    async with shown(dialog) as pilot:
        await pilot.press("escape")
        await pilot.pause()
        assert not pilot.app.is_open
        assert not pilot.app.result


@pytest.mark.parametrize("keys", [("escape", "escape"), ("enter", "enter"), ("q", "q")], ids=str)
async def test_a_key_that_comes_twice_does_not_close_what_is_behind(shown, dialog, keys):
    async with shown(dialog) as pilot:
        for key in keys:
            pilot.app.simulate_key(key)
        await pilot.pause()
        await pilot.pause()
        assert pilot.app.times <= 1
        assert len(pilot.app.screen_stack) >= 1
        assert pilot.app.screen_stack[0].query("Label")


async def test_a_dialog_that_is_not_in_front_stays(shown):
    first = Dialog()
    async with shown(first) as pilot:
        pilot.app.push_screen(Dialog())
        await pilot.pause()
        first.conclude(None)
        await pilot.pause()
        assert len(pilot.app.screen_stack) == 3
