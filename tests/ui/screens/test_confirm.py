from __future__ import annotations

import pytest

from rlm_tui.ui.screens.confirm import Confirm

QUESTION = "Stop the run? Everything recorded so far is kept."


@pytest.mark.parametrize(
    ("keys", "decided"),
    [
        (["escape"], False),
        (["enter"], True),
        (["tab", "enter"], False),
        (["tab", "tab", "enter"], True),
    ],
    ids=["escape", "enter", "second", "around"],
)
async def test_keys_decide(shown, keys, decided):
    async with shown(Confirm(QUESTION, "Stop")) as pilot:
        await pilot.press(*keys)
        await pilot.pause()
        assert pilot.app.result is decided


@pytest.mark.parametrize(("button", "decided"), [("#yes", True), ("#no", False)])
async def test_a_click_decides(shown, button, decided):
    async with shown(Confirm(QUESTION, "Stop")) as pilot:
        await pilot.click(button)
        await pilot.pause()
        assert pilot.app.result is decided


@pytest.mark.parametrize("size", [(80, 24), (40, 10)], ids=str)
async def test_the_question_and_both_words_are_on_the_screen(shown, size):
    async with shown(Confirm(QUESTION, "Stop and leave"), size) as pilot:
        text = pilot.app.text()
        words = ("Stop the run?", "Stop and leave", "Cancel")
        assert [word for word in words if word not in text] == []
        assert pilot.app.is_open


async def test_a_question_with_brackets_is_shown_as_it_is(shown):
    async with shown(Confirm("Overwrite [bold]a[/x].log?", "Yes")) as pilot:
        assert "Overwrite [bold]a[/x].log?" in pilot.app.text()
