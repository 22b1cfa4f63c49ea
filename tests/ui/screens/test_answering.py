from __future__ import annotations

import pytest

from rlm_tui.source import Answer, Fail, Resume
from rlm_tui.ui.screens.answering import Answering
from rlm_tui.ui.widgets.choice import Choice


async def settled(shown, *keys, way=0):
    """What the dialog returns after a way is chosen and keys are pressed."""
    async with shown(Answering("Answer llm_query #3", "Extract every ERROR line")) as pilot:
        pilot.app.dialog.query_one("#way", Choice).choose(way)
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()
        return pilot.app.result, pilot.app.text()


async def test_the_prompt_is_shown_in_short(shown):
    prompt = "which?\n" * 500
    async with shown(Answering("Answer", prompt)) as pilot:
        text = pilot.app.text()
        assert "which? which?" in text
        assert "…" in text


async def test_what_is_typed_answers_this_call(shown):
    result, _ = await settled(shown, "y", "e", "s", "ctrl+s")
    assert result == Answer("yes")


async def test_or_every_call_that_matches(shown):
    result, _ = await settled(shown, "y", "tab", "tab", "E", "4", "2", "enter", way=1)
    assert result == Answer("y", "E42")


async def test_it_is_failed_in_one_of_the_ways_a_provider_can(shown):
    result, _ = await settled(shown, "ctrl+s", way=2)
    assert result == Fail("timeout")
    async with shown(Answering("Answer", "p")) as pilot:
        pilot.app.dialog.query_one("#way", Choice).choose(2)
        pilot.app.dialog.query_one("#failure", Choice).choose(3)
        await pilot.press("ctrl+s")
        assert pilot.app.result == Fail("empty")


@pytest.mark.parametrize(
    ("typed", "why"),
    [([], "A pattern is missing"), (["left_parenthesis"], "is not a pattern")],
    ids=["none", "broken"],
)
async def test_a_pattern_that_is_none_is_refused_in_the_dialog(shown, typed, why):
    async with shown(Answering("Answer", "p")) as pilot:
        pilot.app.dialog.query_one("#way", Choice).choose(3)
        await pilot.pause()
        pilot.app.dialog.query_one("Input").focus()
        await pilot.press(*typed, "ctrl+s")
        await pilot.pause()
        assert why in pilot.app.text()
        assert pilot.app.is_open


@pytest.mark.parametrize(("key", "result"), [("ctrl+o", Resume()), ("escape", None)])
async def test_the_model_is_asked_after_all_or_nothing_decided(shown, key, result):
    given, _ = await settled(shown, "x", key)
    assert given == result
