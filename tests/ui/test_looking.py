"""Values of a real REPL while the run is held, and of what is recorded."""

from __future__ import annotations

import pytest

from rlm_tui.events import Intervened
from rlm_tui.ui.widgets.inspector import Inspector
from rlm_tui.ui.widgets.watch_pane import WatchPane
from tests.ui.conftest import QUESTION, finished, until
from tests.ui.test_debugger import SIZE, at_stop, head, notes, rows
from tests.ui.widgets.conftest import all_rows


@pytest.fixture
async def held(open_app, studied):
    """A live run that is held before its second request, when `hits` is set."""
    app = open_app(document=studied, question=QUESTION, paused=True)
    async with app.run_test(size=SIZE) as pilot:
        await at_stop(pilot, app, 1)
        await pilot.press("o")
        await at_stop(pilot, app, 2)
        await pilot.press("o")
        await at_stop(pilot, app, 3)
        yield app, pilot


def looking(app):
    return app.workspace.debugger.looking


def values(app):
    return [(w.expression, w.value, w.was) for w in looking(app).watches.all]


async def test_a_watch_is_typed_and_shown_below_the_tree(held):
    app, pilot = held
    await pilot.press("w")
    await until(pilot, lambda: app.screen.query("#line"))
    await pilot.press(*"len", "left_parenthesis", *"hits", "right_parenthesis", "enter")
    await until(pilot, lambda: values(app) == [("len(hits)", "4", "")])
    await pilot.pause()
    assert any("len(hits)" in row for row in all_rows(app.workspace.query_one(WatchPane)))


async def test_a_statement_changes_a_value_and_the_watch_says_what_it_was(held):
    app, pilot = held
    looking(app).watch("len(hits)")
    await until(pilot, lambda: values(app)[0][1] == "4")
    await pilot.press("exclamation_mark")
    await until(pilot, lambda: app.screen.query("#line"))
    await pilot.press(*"hits", "equals_sign", *"hits", "left_square_bracket", "colon", "2")
    await pilot.press("right_square_bracket", "enter")
    await until(pilot, lambda: values(app) == [("len(hits)", "2", "4")])
    changed = [r.event for r in head(app).records if isinstance(r.event, Intervened)]
    assert [(event.kind, event.before) for event in changed] == [("set", "hits=hits[:2]")]


async def test_watches_are_evaluated_anew_at_the_next_stop(held):
    app, pilot = held
    looking(app).watch("'found' in globals()")
    await until(pilot, lambda: values(app)[0][1] == "False")
    await pilot.press("o")
    await at_stop(pilot, app, 4)
    await pilot.press("o")
    await at_stop(pilot, app, 5)
    await until(pilot, lambda: values(app)[0][1:] == ("True", "False"))


async def test_a_value_that_cannot_be_had_is_an_error_of_its_watch(held):
    app, pilot = held
    looking(app).watch("nothing_like_it")
    await until(pilot, lambda: "NameError" in values(app)[0][1])
    assert looking(app).watches.all[0].is_error
    looking(app).watch("x = (")
    await pilot.pause()
    assert any("is not an expression" in note for note in notes(app))


async def test_a_value_is_shown_once(held):
    app, pilot = held
    looking(app).value("(len(hits) * 2)")
    await until(pilot, lambda: "8" in notes(app))


async def test_on_a_small_screen_watches_stand_in_the_inspector(open_app, studied):
    app = open_app(document=studied, question=QUESTION, paused=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await at_stop(pilot, app, 1)
        looking(app).watch("len(context)")
        await until(pilot, lambda: values(app)[0][1])
        await pilot.pause()
        inspector = app.workspace.query_one(Inspector)
        await until(pilot, lambda: any("len(context) = " in row for row in rows(inspector)))


async def test_of_a_recording_variables_are_shown_as_they_were_recorded(open_app, recording):
    app = open_app(session=recording)
    async with app.run_test(size=SIZE) as pilot:
        await finished(pilot, app)
        looking(app).watch("found")
        looking(app).watch("len(found)")
        found, other = looking(app).rows()
        assert found.value.startswith("['found E42'")
        assert other.value == "recorded as text only"
        app.workspace.action_jump(0)
        await pilot.pause()
        assert looking(app).rows()[0].value == "recorded as text only"
        looking(app).value("found")
        await pilot.pause()
        assert any("while the run is paused" in note for note in notes(app))
