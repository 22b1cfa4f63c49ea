"""Words that only show something, over a recording."""

from __future__ import annotations

import pytest

from rlm_tui.ui.screens.destinations import Destinations
from rlm_tui.ui.screens.sheet import Sheet
from rlm_tui.ui.widgets.document_view import DocumentView
from rlm_tui.ui.widgets.inspector import Inspector
from rlm_tui.ui.widgets.run_tree import RunTree
from tests.ui.conftest import finished, until
from tests.ui.test_debugger import SIZE, head, notes, what_follows
from tests.ui.test_words import obey


@pytest.fixture
async def opened(open_app, recording):
    app = open_app(session=recording)
    async with app.run_test(size=SIZE) as pilot:
        await finished(pilot, app)
        yield app, pilot


def selected(app) -> str:
    return app.workspace.query_one(RunTree).selected


async def sheet(pilot, app) -> list[str]:
    """What a sheet says that has been opened; closes it."""
    await until(pilot, lambda: isinstance(app.screen, Sheet))
    rows = app.screen._rows
    await pilot.press("escape")
    await until(pilot, lambda: app.screen is app.workspace)
    return rows


async def test_an_iteration_is_gone_to_before_its_request(opened):
    app, pilot = opened
    obey(app, "it 2")
    await pilot.pause()
    assert what_follows(app) == "2 ModelRequested"
    assert selected(app) == "2"


async def test_a_call_is_selected_and_gone_to_where_it_has_not_begun(opened):
    app, pilot = opened
    obey(app, "#3")
    assert (selected(app), head(app).is_at_end) == ("2.1.3", True)
    obey(app, "it 1", "#2")
    await pilot.pause()
    assert (selected(app), head(app).is_at_end) == ("2.1.2", False)


async def test_events_and_shares_of_the_run_are_gone_to(opened):
    app, pilot = opened
    app.workspace.query_one(RunTree).focus()
    obey(app, "50%")
    assert head(app).position == round(len(head(app).records) / 2)
    obey(app, "event 7", "when", "w")
    await pilot.pause()
    assert head(app).position == 7
    assert any(note.startswith("Event 7 of ") for note in notes(app))


async def test_lines_and_shares_of_the_document_are_gone_to(opened):
    app, pilot = opened
    view = app.workspace.query_one(DocumentView)
    obey(app, "120")
    await until(pilot, lambda: any("request 119 ok" in row.text for row in view.visible_rows()))


async def test_a_variable_leads_to_the_code_that_set_it_last(opened):
    app, pilot = opened
    obey(app, "when hits")
    await pilot.pause()
    assert any("hits was set last by code 1.1" in note for note in notes(app))
    assert selected(app) == "1"


async def test_one_looks_at_what_something_called_and_back_at_its_caller(opened):
    app, _ = opened
    obey(app, "it 3", "#1", "u", "d")
    assert selected(app) == "2.1.1"


async def test_checkpoints_are_noted_listed_and_gone_back_to(opened):
    app, pilot = opened
    obey(app, "event 9", "checkpoint before the calls", "event 12", "checkpoint", "restart 1")
    assert head(app).position == 9
    await pilot.pause()
    assert any("Checkpoint 2 at event 12" in note for note in notes(app))
    obey(app, "info checkpoints")
    assert await sheet(pilot, app) == ["  1  event 9  before the calls", "  2  event 12"]


async def test_a_pattern_is_found_in_the_run_and_one_of_its_places_opened(opened):
    app, pilot = opened
    obey(app, "find /found E42/ in:answer")
    await until(pilot, lambda: isinstance(app.screen, Destinations))
    await pilot.press("enter")
    await until(pilot, lambda: app.screen is app.workspace)
    assert selected(app).startswith("2.1.")
    assert app.workspace.query_one(Inspector).tab == "answer"


async def test_a_pattern_that_takes_too_long_is_told_and_nothing_opens(opened):
    app, pilot = opened
    obey(app, "find /^(.|..)*(?<!.)$/ in:prompt")
    await until(pilot, lambda: any("takes too long" in note for note in notes(app)))
    assert app.screen is app.workspace


async def test_what_is_told_at_length_is_a_sheet(opened):
    app, pilot = opened
    obey(app, "help b")
    assert any("llm_query" in row for row in await sheet(pilot, app))
    obey(app, "info limits")
    assert any(row.startswith("sub-calls") for row in await sheet(pilot, app))
    obey(app, "display len(hits)", "info display")
    assert any("len(hits)" in row for row in await sheet(pilot, app))


async def test_options_are_turned_on_and_off_by_name(opened):
    app, pilot = opened
    view = app.workspace.query_one(DocumentView)
    obey(app, "set wrap", "set wrap", "set pretty", "set nopretty")
    await pilot.pause()
    assert (view.wraps, view.is_pretty) == (True, False)
    obey(app, "set nowrap", "theme rlm-light", "filter ERROR")
    await until(pilot, lambda: view.filtering is not None)
    assert (view.wraps, app.theme) == (False, "rlm-light")


async def test_playing_is_as_fast_and_as_patient_as_it_is_told(opened):
    app, _ = opened
    transport = app.workspace.run.transport
    obey(app, "speed 4", "skip-idle 0")
    assert (transport.speed, transport.longest_idle) == (4.0, float("inf"))
    obey(app, "skip-idle")
    assert transport.longest_idle == 1.0
    obey(app, "play")
    assert transport.is_playing
    transport.pause()


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("#99", "There is no call 99"),
        ("it 99", "There is no iteration 99"),
        ("restart 7", "There is no checkpoint 7"),
        ("find nowhere_at_all", "is nowhere in the run"),
        ("set wrop", "Did you mean wrap?"),
        ("speed 99", "Speeds are 0.25 to 32"),
        ("theme rlm-dork", "Did you mean rlm-dark?"),
        ("when nothing_like_it", "No variable"),
    ],
)
async def test_what_leads_nowhere_is_said(opened, line, why):
    app, pilot = opened
    obey(app, line)
    await pilot.pause()
    assert any(why in note for note in notes(app))
