"""What a held run is about to do is changed on the screen; the engine and its REPL are real."""

from __future__ import annotations

import pytest

from rlm_tui.events import CodeFinished, CodeStarted, Intervened, SubCallFinished
from rlm_tui.ui.screens.answering import Answering
from rlm_tui.ui.screens.editing import Editing
from rlm_tui.ui.screens.judging import Judging
from rlm_tui.ui.screens.line_prompt import LinePrompt
from rlm_tui.ui.widgets.choice import Choice
from rlm_tui.ui.widgets.code_area import CodeArea
from tests.ui.conftest import QUESTION, finished, until
from tests.ui.test_debugger import SIZE, at_stop, head, notes, stops


def events(app, kind):
    return [record.event for record in head(app).records if isinstance(record.event, kind)]


@pytest.fixture
async def held(open_app, studied):
    """A live run that is held before its first request."""
    app = open_app(document=studied, question=QUESTION, paused=True)
    async with app.run_test(size=SIZE) as pilot:
        await at_stop(pilot, app, 1)
        yield app, pilot


async def dialog(pilot, app, kind):
    await until(pilot, lambda: isinstance(app.screen, kind) and app.screen.is_mounted)
    await pilot.pause()
    return app.screen


async def run_to(pilot, app, spec):
    app.workspace.debugger.toggle(spec)
    count = len(stops(app))
    await pilot.press("c")
    await at_stop(pilot, app, count + 1)


async def test_code_is_edited_before_it_runs(held):
    app, pilot = held
    await run_to(pilot, app, "code")
    await pilot.press("e")
    area = (await dialog(pilot, app, Editing)).query_one(CodeArea)
    assert area.text.startswith("print(len(context))")
    area.text = "print('mine')"
    await pilot.press("ctrl+s")
    await at_stop(pilot, app, 4)  # told once more after the edit, then held before the next request
    assert events(app, CodeStarted)[0].code == "print('mine')"
    assert stops(app)[-1] == "2 model request"
    assert "mine" in events(app, CodeStarted)[0].code


async def test_an_edit_can_be_kept_while_the_run_stays_held(held):
    app, pilot = held
    await run_to(pilot, app, "code")
    await pilot.press("e")
    (await dialog(pilot, app, Editing)).query_one(CodeArea).text = "print('mine')"
    await pilot.press("f2")
    await at_stop(pilot, app, 3)
    assert app.workspace.debugger.held.next.text == "print('mine')"
    assert events(app, CodeStarted) == []


async def test_the_original_runs_when_nothing_was_changed(held):
    app, pilot = held
    await run_to(pilot, app, "code")
    await pilot.press("e")
    await dialog(pilot, app, Editing)
    await pilot.press("x", "ctrl+o")
    await at_stop(pilot, app, 3)
    assert events(app, Intervened) == []
    assert events(app, CodeStarted)[0].code.startswith("print(len(context))")


async def test_a_call_is_answered_by_hand(held):
    app, pilot = held
    await run_to(pilot, app, "llm_query")
    await pilot.press("a")
    await dialog(pilot, app, Answering)
    await pilot.press("y", "e", "s", "ctrl+s")
    await until(pilot, lambda: events(app, SubCallFinished))
    assert events(app, SubCallFinished)[0].reply == "yes"


async def test_a_call_is_failed(held):
    app, pilot = held
    await run_to(pilot, app, "llm_query")
    await pilot.press("a")
    (await dialog(pilot, app, Answering)).query_one("#way", Choice).choose(2)
    await pilot.press("ctrl+s")
    await until(pilot, lambda: events(app, SubCallFinished))
    assert events(app, SubCallFinished)[0].error.kind == "timeout"


async def test_a_reply_is_changed_before_the_code_gets_it(held):
    app, pilot = held
    await run_to(pilot, app, "after llm_query")
    await pilot.press("e")
    (await dialog(pilot, app, Editing)).query_one(CodeArea).text = "better"
    await pilot.press("ctrl+s")
    await until(pilot, lambda: events(app, Intervened))
    assert events(app, Intervened)[0].after == "better"


async def test_an_answer_is_rejected_with_a_message(held):
    app, pilot = held
    await run_to(pilot, app, "answer")
    await pilot.press("a")
    await dialog(pilot, app, Judging)
    await pilot.press("down", "tab")
    app.screen.query_one("Input").focus()
    await pilot.press("n", "o", "enter")
    await until(pilot, lambda: events(app, Intervened))
    assert (events(app, Intervened)[0].kind, events(app, Intervened)[0].after) == ("rejected", "no")


async def test_a_block_is_skipped_and_a_limit_raised_from_the_palette(held):
    app, pilot = held
    await run_to(pilot, app, "code")
    app.workspace.debugger.verbs["skip"]()
    await until(pilot, lambda: events(app, CodeFinished))
    assert events(app, CodeFinished)[0].outcome == "skipped"
    app.workspace.debugger.verbs["raise_limit"]()
    await until(pilot, lambda: app.screen.query("Input"))
    await pilot.press(*"iterations", "equals_sign", "5", "0", "enter")
    await until(pilot, lambda: len(events(app, Intervened)) > 1)
    assert events(app, Intervened)[1].after == "iterations 50"


async def test_a_limit_that_there_is_not_is_refused_in_words(held):
    app, pilot = held
    app.workspace.debugger.changes._limits_typed("patience=3")
    await pilot.pause()
    assert any("patience" in note for note in notes(app))


async def test_what_cannot_be_changed_there_is_said(held):
    app, pilot = held
    await pilot.press("a")
    await pilot.pause()
    assert any("Only a sub-call" in note for note in notes(app))
    app.workspace.debugger.step_back("into")
    await pilot.press("comma", "e")
    await pilot.pause()
    assert any("not saved" in note for note in notes(app))


async def test_nothing_is_changed_in_a_recording(open_app, recording):
    app = open_app(session=recording)
    async with app.run_test(size=SIZE) as pilot:
        await finished(pilot, app)
        app.workspace.debugger.verbs["skip"]()
        app.workspace.debugger.verbs["raise_limit"]()
        await pilot.pause()
        assert any("W goes on from here" in note for note in notes(app))
        assert any("No run is going on" in note for note in notes(app))


async def test_a_call_is_made_again_with_the_model_that_is_typed(held):
    app, pilot = held
    await run_to(pilot, app, "after llm_query")
    app.workspace.debugger.breakpoints.remove()
    app.workspace.debugger.breakpoints_changed()
    count = len(stops(app))
    await pilot.press("R")
    await dialog(pilot, app, LinePrompt)
    await pilot.press("enter")
    await at_stop(pilot, app, count + 1)
    assert stops(app)[-1] == stops(app)[-2]
    assert [event.kind for event in events(app, Intervened)] == ["retried"]


async def test_what_is_no_call_is_not_made_again(held):
    app, pilot = held
    await pilot.press("R")
    await pilot.pause()
    assert any("Only a plain sub-call" in note for note in notes(app))
