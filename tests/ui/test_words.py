"""The `:` line over a recording, and what of it a live run is told."""

from __future__ import annotations

import pytest

from rlm_tui.breakpoint import Breakpoint
from rlm_tui.ui.screens.breakpoint_table import BreakpointTable
from rlm_tui.ui.widgets.bars import StatusLine
from tests.ui.conftest import QUESTION, finished, until
from tests.ui.test_debugger import SIZE, at_stop, head, notes, stops, what_follows


def obey(app, *lines):
    for line in lines:
        app.workspace.debugger.command_line.obey(line)


@pytest.fixture
async def opened(open_app, recording):
    app = open_app(session=recording)
    async with app.run_test(size=SIZE) as pilot:
        await finished(pilot, app)
        yield app, pilot


async def test_it_is_typed_behind_a_colon(opened):
    app, pilot = opened
    await pilot.press("colon")
    await until(pilot, lambda: app.screen.query("#line"))
    await pilot.press(*"event", "space", "7", "enter")
    await pilot.pause()
    assert head(app).position == 7


async def test_steps_move_and_an_empty_line_repeats_the_last_one(opened):
    app, pilot = opened
    obey(app, "event 1", "n", "", "")
    await pilot.pause()
    assert what_follows(app) == "2 ModelRequested"
    obey(app, "rs", "")
    await pilot.pause()
    assert what_follows(app) == "1 ModelRequested"


async def test_reverse_words_go_back_as_in_a_time_travelling_debugger(opened):
    app, pilot = opened
    obey(app, "b it 2", "rc")
    await pilot.pause()
    assert what_follows(app) == "2 ModelRequested"
    assert "breakpoint 1 (it 2)" in app.workspace.query_one(StatusLine).render().plain
    obey(app, "rn", "rn")
    await pilot.pause()
    assert what_follows(app) == "1 ModelRequested"


async def test_until_goes_on_to_a_place_once(opened):
    app, pilot = opened
    obey(app, "event 1", "until llm_query")
    await pilot.pause()
    assert what_follows(app) == "2.1.1 SubCallStarted"
    assert app.workspace.debugger.breakpoints.all == []
    obey(app, "event 1", "until 2.1")
    assert what_follows(app) == "2.1 CodeStarted"


async def test_breakpoints_are_set_and_changed_by_their_numbers(opened):
    app, _ = opened
    breakpoints = app.workspace.debugger.breakpoints
    obey(app, "b llm_query", "tbreak it 3", "disable 1", "ignore 2 4", "then 2 log")
    assert breakpoints.all == [
        Breakpoint(1, "llm_query", enabled=False),
        Breakpoint(2, "it 3", once=True, ignore=4, action="log"),
    ]
    obey(app, "enable", "condition 1 depth>=1", "delete 2")
    assert breakpoints.all == [Breakpoint(1, "llm_query if depth>=1")]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("brek 3", "Did you mean break?"),
        ("it 99", "There is no iteration 99"),
        ("delete 9", "There is no breakpoint 9"),
        ("when nothing_like_it", "No variable"),
        ("theme nowhere", "There is no theme"),
        ("p hits", "while the run is paused"),
        ("answer yes", "W goes on from here"),
    ],
)
async def test_what_cannot_be_done_is_said(opened, line, why):
    app, pilot = opened
    obey(app, line)
    await pilot.pause()
    assert any(why in note for note in notes(app))


async def test_what_has_a_screen_of_its_own_opens_it(opened):
    app, pilot = opened
    obey(app, "b")
    await until(pilot, lambda: isinstance(app.screen, BreakpointTable))


async def test_a_live_run_obeys_the_same_words(open_app, studied):
    app = open_app(document=studied, question=QUESTION, paused=True)
    async with app.run_test(size=SIZE) as pilot:
        await at_stop(pilot, app, 1)
        obey(app, "until llm_query")
        await at_stop(pilot, app, 2)
        assert stops(app)[-1] == "2.1.1 llm_query"
        await until(pilot, lambda: app.workspace.debugger.breakpoints.all == [])
        obey(app, "display len(context)", "p 6*7", "! mine = 1", "budget it=40", "answer yes")
        await at_stop(pilot, app, 3)
        assert "42" in notes(app)
        kinds = [event.kind for _, event in head(app).trajectory.interventions]
        assert sorted(kinds) == ["answered", "raised_limit", "set"]
        obey(app, "undisplay", "c")
        await finished(pilot, app)
        assert app.workspace.debugger.looking.watches.all == []
