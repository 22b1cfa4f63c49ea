"""The same keys on a live run with a scripted model and on a recording of one."""

from __future__ import annotations

import pytest

from rlm_tui.breakpoint import Breakpoint
from rlm_tui.events import Paused, SubCallStarted
from rlm_tui.ui.screens.branching import Branching
from rlm_tui.ui.screens.confirm import Confirm
from rlm_tui.ui.screens.destinations import Destinations
from rlm_tui.ui.widgets.bars import StatusLine
from rlm_tui.ui.widgets.inspector import Inspector
from rlm_tui.ui.widgets.key_bar import KeyBar
from rlm_tui.ui.widgets.run_tree import RunTree
from tests.runs import NAMED, file_of
from tests.ui.conftest import QUESTION, finished, until

SIZE = (120, 40)


def head(app):
    return app.workspace.run.transport.playhead


def status(app):
    return app.workspace.query_one(StatusLine).render().plain


def notes(app):
    return [str(note.message) for note in app._notifications]


def rows(pane):
    return [pane.render_line(y).text.rstrip() for y in range(pane.size.height)]


def stops(app):
    """Where the live run was held."""
    return [
        f"{record.node} {record.event.before}"
        for record in head(app).records
        if isinstance(record.event, Paused)
    ]


async def at_stop(pilot, app, count):
    """Wait until the run has been held so often and is."""
    await until(
        pilot,
        lambda: (
            app.workspace
            and app.workspace.run.header
            and len(stops(app)) == count
            and head(app).trajectory.paused
        ),
    )
    await pilot.pause()


def what_follows(app):
    position = head(app).position
    record = head(app).records[position]
    return f"{record.node} {type(record.event).__name__}"


# Live


async def test_a_live_run_is_stepped_through_with_the_keys(open_app, studied):
    app = open_app(document=studied, question=QUESTION, paused=True)
    async with app.run_test(size=SIZE) as pilot:
        await at_stop(pilot, app, 1)
        for count, key in enumerate(("o", "f10", "o"), 2):
            await pilot.press(key)
            await at_stop(pilot, app, count)
        assert stops(app) == [
            "1 model request",
            "1.1 code block",
            "2 model request",
            "2.1 code block",
        ]
        assert app.workspace.query_one(RunTree).selected == "2.1"
        await pilot.press("T")
        await at_stop(pilot, app, 5)
        assert stops(app)[-1] == "2.1.1 llm_query"
        await pilot.press("c")
        await finished(pilot, app)
        assert head(app).trajectory.finished.outcome == "answered"


async def test_what_a_live_run_is_held_before_is_on_the_screen(open_app, studied):
    app = open_app(document=studied, question=QUESTION, paused=True)
    async with app.run_test(size=SIZE) as pilot:
        await at_stop(pilot, app, 1)
        debugger = app.workspace.debugger
        debugger.toggle("llm_query")
        await pilot.press("c")
        await at_stop(pilot, app, 2)
        assert "PAUSED  before llm_query #1 · breakpoint 1 (llm_query)" in status(app)
        assert status(app).splitlines()[0].endswith("next step free ")
        tree = rows(app.workspace.query_one(RunTree))
        [held] = [row for row in tree if "NEXT" in row]
        assert "●►" in held
        assert "#1 llm" in held
        assert any("it 2" in row and "PAUSE" in row for row in tree)
        code = rows(app.workspace.query_one(Inspector))
        assert any("about to send" in row for row in code)
        assert any("llm_query_batched" in row for row in code)
        await pilot.press("i")
        await pilot.pause()
        assert any("12:00:00 ERROR E42" in row for row in rows(app.workspace.query_one(Inspector)))


async def test_a_breakpoint_set_before_the_run_holds_it(open_app, studied):
    app = open_app(document=studied)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: app.workspace is not None)
        app.workspace.debugger.toggle("code and it 2")
        app._start_run(app.workspace, QUESTION, app._settings)
        await at_stop(pilot, app, 1)
        assert stops(app) == ["2.1 code block"]
        assert app.workspace.debugger.held.next.breakpoint == 1


async def test_one_looks_back_while_the_run_is_held_and_steps_there_for_free(open_app, studied):
    app = open_app(document=studied, question=QUESTION, paused=True)
    async with app.run_test(size=SIZE) as pilot:
        await at_stop(pilot, app, 1)
        await pilot.press("o")
        await at_stop(pilot, app, 2)
        total = len(head(app).records)
        app.workspace.debugger.step_back("into")
        await pilot.pause()
        assert what_follows(app) == "1 ModelRequested"
        assert app.workspace.debugger.held is None
        assert "REPLAY" in status(app)
        assert "recorded: free" in status(app)
        await pilot.press("s")
        await pilot.pause()
        assert len(head(app).records) == total
        assert head(app).is_at_end


async def test_a_live_run_goes_to_the_line_of_code_one_stands_on_and_line_by_line(
    open_app, studied
):
    app = open_app(document=studied, question=QUESTION, paused=True)
    async with app.run_test(size=SIZE) as pilot:
        await at_stop(pilot, app, 1)
        await pilot.press("o")
        await at_stop(pilot, app, 2)
        await pilot.press("4", "g", "down", "down", "T")
        await at_stop(pilot, app, 3)
        held = app.workspace.debugger.held
        assert (held.node, held.next.before, held.next.line) == ("1.1", "line", 2)
        await until(pilot, lambda: app.workspace.debugger.breakpoints.all == [])
        assert any("2►" in row for row in rows(app.workspace.query_one(Inspector)))
        await pilot.press("s")
        await at_stop(pilot, app, 4)
        assert app.workspace.debugger.held.next.line == 3


# A recording


@pytest.fixture
async def opened(open_app, recording):
    app = open_app(session=recording)
    async with app.run_test(size=SIZE) as pilot:
        await finished(pilot, app)
        yield app, pilot


async def test_a_recording_is_stepped_through_with_the_same_keys(opened):
    app, pilot = opened
    app.workspace.action_jump(0)
    seen = []
    for _ in range(5):
        await pilot.press("s")
        await pilot.pause()
        seen.append(what_follows(app))
    assert seen == [
        "1 ModelRequested",
        "1.1 CodeStarted",
        "2 ModelRequested",
        "2.1 CodeStarted",
        "2.1.1 SubCallStarted",
    ]
    assert "REPLAY  before llm_query #1 · step" in status(app)
    tree = app.workspace.query_one(RunTree)
    assert tree.selected == "2.1.1"
    assert any("►" in row and "NEXT" in row for row in rows(tree))
    await pilot.press("f")
    await pilot.pause()
    assert what_follows(app) == "3 ModelRequested"


async def test_over_stays_out_of_the_calls_of_a_recording(opened):
    app, pilot = opened
    app.workspace.action_jump(0)
    seen = []
    for _ in range(4):
        await pilot.press("o")
        seen.append(what_follows(app))
    assert seen[-1] == "2.1 CodeStarted"
    await pilot.press("o")
    assert what_follows(app) == "3 ModelRequested"


async def test_going_on_in_a_recording_ends_at_breakpoints_then_at_its_end(opened):
    app, pilot = opened
    app.workspace.action_jump(0)
    app.workspace.debugger.toggle("llm_query and /E42/ in prompt")
    await pilot.press("c")
    await pilot.pause()
    assert isinstance(head(app).records[head(app).position].event, SubCallStarted)
    assert "breakpoint 1 (llm_query and /E42/ in prompt)" in status(app)
    first = head(app).position
    app.workspace.debugger.breakpoints.remove()
    await pilot.press("c")
    assert head(app).is_at_end
    assert first < head(app).position
    await pilot.press("c")
    await until(pilot, lambda: isinstance(app.screen, Branching))


async def test_steps_go_back_as_they_went_forth(opened):
    app, pilot = opened
    debugger = app.workspace.debugger
    debugger.toggle("it 2")
    debugger.go_back()
    await pilot.pause()
    assert what_follows(app) == "2 ModelRequested"
    debugger.step_back("over")
    await pilot.pause()
    assert what_follows(app) == "1.1 CodeStarted"
    debugger.go_back()
    await pilot.pause()
    assert head(app).position == 0
    debugger.step_back("into")
    await pilot.pause()
    assert any("start of the run" in note for note in notes(app))


async def test_a_recording_runs_to_the_selected_node(opened):
    app, pilot = opened
    tree = app.workspace.query_one(RunTree)
    tree.follow("2.1.1")
    await pilot.press("T")
    await pilot.pause()
    assert what_follows(app) == "2.1.1 SubCallStarted"


async def test_the_caller_of_a_call_is_its_code(opened):
    app, pilot = opened
    tree = app.workspace.query_one(RunTree)
    tree.follow("2.1.1")
    await pilot.press("u")
    assert tree.selected == "2"
    await pilot.press("u")
    await pilot.pause()
    assert any("Nothing of the run" in note for note in notes(app))


async def test_a_breakpoint_is_set_at_what_is_selected_and_taken_away(opened):
    app, pilot = opened
    tree, debugger = app.workspace.query_one(RunTree), app.workspace.debugger
    for node, spec in (("2.1.1", "llm_query"), ("3", "it 3")):
        tree.follow(node)
        await pilot.press("b")
        assert debugger.breakpoints.all[-1].spec == spec
    await pilot.press("f9")
    assert [item.spec for item in debugger.breakpoints.all] == ["llm_query"]
    tree.follow("")
    await pilot.press("b")
    assert debugger.breakpoints.all[-1].spec == "answer"


async def test_a_breakpoint_is_set_at_the_line_of_code_one_stands_on(opened):
    app, pilot = opened
    app.workspace.query_one(RunTree).follow("1")
    await pilot.press("4", "down", "b")
    await pilot.pause()
    inspector = app.workspace.query_one(Inspector)
    assert [item.spec for item in app.workspace.debugger.breakpoints.all] == ["line 1.1:2"]
    assert any(row.startswith("●2") for row in rows(inspector))
    await pilot.press("b")
    await pilot.pause()
    assert not any("●" in row for row in rows(inspector))


async def test_x_has_nothing_to_stop_in_a_recording(opened):
    app, pilot = opened
    await pilot.press("x")
    await pilot.pause()
    assert not isinstance(app.screen, Confirm)


async def test_the_breakpoints_of_a_recording_are_there_for_the_next_run(open_app, tmp_path):
    path = tmp_path / "held.rlm.jsonl"
    path.write_bytes(file_of(NAMED["held"]()))
    app = open_app(session=path)
    async with app.run_test(size=SIZE) as pilot:
        await finished(pilot, app)
        assert app.workspace.debugger.breakpoints.all == [Breakpoint(1, "code")]


async def test_in_the_document_the_lines_to_break_at_are_typed(opened):
    app, pilot = opened
    await pilot.press("1", "b")
    await until(pilot, lambda: app.screen.query("#line"))
    await pilot.press(*"12", "minus", *"15", "enter")
    await pilot.pause()
    assert [item.spec for item in app.workspace.debugger.breakpoints.all] == ["doc 12-15"]


async def test_the_keys_that_make_sense_now_stand_first(opened):
    app, pilot = opened
    app.workspace.action_jump(0)
    await pilot.pause()
    bar = app.workspace.query_one(KeyBar)
    assert bar.render().plain.startswith(" s Into  o Over  f Out  c Continue  p Pause/Play")


async def test_problems_are_gone_to_forth_and_back(opened):
    app, pilot = opened
    await pilot.press("left_curly_bracket")
    await pilot.pause()
    found = head(app).records[head(app).position - 1]
    assert (found.node, found.event.outcome) == ("3.1", "error")
    assert app.workspace.query_one(RunTree).selected == "3"
    await pilot.press("left_curly_bracket")
    await pilot.pause()
    assert any("No problem lies there" in note for note in notes(app))
    app.workspace.action_jump(0)
    await pilot.press("right_curly_bracket")
    await pilot.pause()
    assert head(app).records[head(app).position - 1] == found


async def test_ctrl_f_looks_through_the_run(opened):
    app, pilot = opened
    await pilot.press("ctrl+f")
    await until(pilot, lambda: app.screen.query("#line"))
    await pilot.press(*"print", "left_parenthesis", *"nothing", "enter")
    await until(pilot, lambda: isinstance(app.screen, Destinations))
    assert any(row.startswith("3.1 ") for row in app.screen._rows)
