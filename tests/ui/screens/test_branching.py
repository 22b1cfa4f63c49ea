from __future__ import annotations

import pytest
from textual.widgets import Input

from rlm_tui.errors import UsageError
from rlm_tui.events import Paused
from rlm_tui.held import Held
from rlm_tui.ui.screens.branching import Begun, Branching, Place, limits_of
from rlm_tui.ui.widgets.choice import Choice

CODE = Place(28, Held("3.1", Paused("code block")))
CALL = Place(31, Held("3.1.3", Paused("llm_query")), is_selected=True)


def asking(*places: Place, **given) -> Branching:
    given.setdefault("is_live", False)
    return Branching(places or (CODE,), ("gpt-5", "gpt-5-mini"), **given)


async def begun(shown, dialog: Branching, *keys: str) -> object:
    async with shown(dialog, (100, 30)) as pilot:
        await pilot.press(*keys)
        await pilot.pause()
        return pilot.app.result


async def test_enter_begins_it_paused_with_the_models_of_the_run(shown):
    wanted = Begun(28, model="gpt-5", sub_model="gpt-5-mini")
    assert await begun(shown, asking(), "enter") == wanted


async def test_what_is_to_be_changed_is_chosen_first(shown):
    result = await begun(shown, asking(), "down", "enter")
    assert (result.change, result.paused) == ("edit", True)


async def test_ctrl_r_begins_it_without_a_stop_unless_something_is_to_be_changed(shown):
    assert not (await begun(shown, asking(), "ctrl+r")).paused
    assert (await begun(shown, asking(), "down", "ctrl+r")).paused


async def test_the_other_place_offers_other_changes(shown):
    dialog = asking(CODE, CALL)
    async with shown(dialog, (100, 30)) as pilot:
        dialog.query_one("#place", Choice).choose(1)
        await pilot.pause()
        assert "event 31, before llm_query #3 (what is selected)" in pilot.app.text()
        assert "the answer: I give it myself" in pilot.app.text()
        await pilot.press("down", "down", "enter")
        await pilot.pause()
        assert (pilot.app.result.event, pilot.app.result.change) == (31, "answer")


async def test_name_models_and_limits_are_typed(shown):
    dialog = asking(name="b1")
    async with shown(dialog, (100, 30)) as pilot:
        dialog.query_one("#root", Input).value = "gpt-6"
        dialog.query_one("#limits", Input).value = "cost=2 calls=400"
        await pilot.press("enter")
        await pilot.pause()
        result = pilot.app.result
    assert (result.name, result.model, result.sub_model) == ("b1", "gpt-6", "gpt-5-mini")
    assert limits_of(result.limits) == {"cost": 2.0, "sub-calls": 400.0}


async def test_limits_that_are_none_are_refused_in_the_dialog(shown):
    dialog = asking()
    async with shown(dialog, (100, 30)) as pilot:
        dialog.query_one("#limits", Input).value = "money=2"
        await pilot.press("enter")
        await pilot.pause()
        assert pilot.app.is_open
        assert "cannot mean 'money'" in pilot.app.text()


async def test_it_begins_with_what_the_reader_was_about_to_do(shown):
    assert (await begun(shown, asking(CALL, change="answer"), "enter")).change == "answer"
    assert (await begun(shown, asking(CODE, change="answer"), "enter")).change == ""


async def test_escape_begins_none(shown):
    assert await begun(shown, asking(), "escape") is None


async def test_it_says_what_is_free_and_that_a_live_parent_is_stopped(shown):
    async with shown(asking(is_live=True), (100, 30)) as pilot:
        text = pilot.app.text()
    assert "event 28, before code 3.1 (where you stand)" in text
    assert "no calls, no cost" in text
    assert "is stopped" in text


async def test_it_fits_on_a_small_screen(shown):
    async with shown(asking(CODE, CALL, is_live=True), (80, 24)) as pilot:
        text = pilot.app.text()
    for words in ("event 28", "event 31", "a variable", "gpt-5-mini", "name", "Begin paused"):
        assert words in text


@pytest.mark.parametrize("typed", ["", " "])
def test_no_limits_are_none(typed):
    assert limits_of(typed) == {}


def test_a_limit_that_is_none_is_said():
    with pytest.raises(UsageError, match="budget"):
        limits_of("x=1")
