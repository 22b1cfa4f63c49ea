from __future__ import annotations

import pytest

from rlm_tui.codec import decode_records, encode_line
from rlm_tui.events import Record
from rlm_tui.ui.screens.confirm import Confirm
from rlm_tui.ui.widgets.bars import StatusLine
from rlm_tui.ui.widgets.console import Console
from rlm_tui.ui.widgets.document_view import DocumentView
from rlm_tui.ui.widgets.inspector import Inspector
from rlm_tui.ui.widgets.run_tree import RunTree
from tests.ui.conftest import QUESTION, finished, until


def is_paused(app):
    workspace = app.workspace
    return workspace and workspace.run.transport.playhead.trajectory.paused is not None


def text_of(pane):
    return "\n".join(pane.render_line(y).text for y in range(pane.size.height))


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        ((50, 20), ["inspector"]),
        ((80, 24), ["inspector", "tree"]),
        ((120, 40), ["document", "inspector", "tree"]),
        ((200, 60), ["console", "document", "inspector", "tree"]),
    ],
    ids=str,
)
async def test_the_panes_fit_the_size_of_the_terminal(open_app, recording, size, shown):
    app = open_app(session=recording)
    async with app.run_test(size=size) as pilot:
        await finished(pilot, app)
        panes = ("tree", "document", "console", "inspector")
        visible = [n for n in panes if app.screen.query_one(f"#{n}").region.area]
        assert sorted(visible) == shown


async def test_digits_bring_a_pane_to_the_front_and_focus_it(open_app, recording):
    app = open_app(session=recording)
    async with app.run_test(size=(80, 24)) as pilot:
        await finished(pilot, app)
        for key, name in (("3", "console"), ("1", "document"), ("4", "inspector"), ("2", "tree")):
            await pilot.press(key)
            await pilot.pause()
            assert app.focused.id == name
            assert app.focused.region.area


async def test_tab_goes_through_the_panes_that_are_on_screen(open_app, recording):
    app = open_app(session=recording)
    async with app.run_test(size=(80, 24)) as pilot:
        await finished(pilot, app)
        seen = []
        for _ in range(4):
            await pilot.press("tab")
            seen.append(app.focused.id)
        assert seen == ["inspector", "timeline", "tree", "inspector"]
        await pilot.press("shift+tab")
        assert app.focused.id == "tree"


async def test_going_back_and_forth_shows_the_run_as_it_was(open_app, recording):
    app = open_app(session=recording)
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot, app)
        display, tree = app.workspace.run, app.workspace.query_one(RunTree)
        playhead = display.transport.playhead
        everything = text_of(tree)
        total = playhead.position
        await pilot.press("comma", "comma")
        await pilot.pause()
        assert playhead.position == total - 2
        assert playhead.trajectory.finished is None
        await pilot.press("left_square_bracket")
        await pilot.pause()
        assert playhead.records[playhead.position].event.__class__.__name__ == "ModelRequested"
        await pilot.press("right_square_bracket", "full_stop", "F")
        await pilot.pause()
        assert playhead.position == total
        assert text_of(tree) == everything


async def test_every_event_of_a_recording_can_be_stood_on(open_app, recording):
    app = open_app(session=recording)
    async with app.run_test(size=(200, 60)) as pilot:
        await finished(pilot, app)
        playhead = app.workspace.run.transport.playhead
        for position in range(len(playhead.records), -1, -1):
            app.workspace.action_jump(position)
            await pilot.pause()
            assert playhead.trajectory.seq == position


@pytest.fixture
def long_recording(recording, tmp_path):
    """The same run as if a minute had passed between any two events."""
    first, *lines = recording.read_bytes().splitlines(keepends=True)
    records = decode_records(b"".join(lines))
    slow = [Record(record.seq, 60.0 * record.seq, record.node, record.event) for record in records]
    path = tmp_path / "slow.rlm.jsonl"
    path.write_bytes(first + b"".join(map(encode_line, slow)))
    return path


async def test_p_plays_a_recording_from_its_start_to_its_end(open_app, long_recording):
    app = open_app(session=long_recording)
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot, app)
        transport = app.workspace.run.transport
        for _ in range(8):
            await pilot.press("less_than_sign")
        assert transport.speed == 0.25
        await pilot.press("p")
        assert transport.is_playing
        assert transport.playhead.position < len(transport.playhead.records)
        for _ in range(8):
            await pilot.press("greater_than_sign")
        assert transport.speed == 32.0
        await until(pilot, lambda: not transport.is_playing)
        assert transport.playhead.is_at_end


async def test_a_live_run_can_be_paused_and_goes_on(open_app, studied):
    app = open_app(document=studied, question=QUESTION, paused=True)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: is_paused(app))
        display = app.workspace.run
        assert "PAUSED" in app.workspace.query_one(StatusLine).render().plain
        await pilot.press("p")
        await finished(pilot, app)
        assert display.transport.playhead.trajectory.finished.outcome == "answered"


async def test_x_stops_a_run_after_asking_and_keeps_what_is_recorded(open_app, studied):
    app = open_app(document=studied, question=QUESTION, paused=True)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: is_paused(app))
        display = app.workspace.run
        await pilot.press("x")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.click("#yes")
        await finished(pilot, app)
        assert display.transport.playhead.trajectory.finished.outcome == "cancelled"
        assert "STOPPED" in app.workspace.query_one(StatusLine).render().plain


async def test_the_inspector_shows_code_prompt_and_reply_of_the_selected_call(open_app, recording):
    app = open_app(session=recording)
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot, app)
        tree, inspector = app.workspace.query_one(RunTree), app.workspace.query_one(Inspector)
        tree.follow("2.1.1")
        await pilot.pause()
        assert "llm_query_batched" in text_of(inspector)
        await pilot.press("i")
        await pilot.pause()
        assert "ERROR E42 disk full" in text_of(inspector)
        await pilot.press("r")
        await pilot.pause()
        assert "found E42" in text_of(inspector)
        await pilot.press("r")
        assert inspector.tab == "code"


async def test_the_console_ends_with_the_answer(open_app, recording):
    app = open_app(session=recording)
    async with app.run_test(size=(200, 60)) as pilot:
        await finished(pilot, app)
        console = text_of(app.workspace.query_one(Console))
        assert "NameError: name 'nothing' is not defined" in console
        assert console.rstrip().endswith("E42 repeats most, 4 times.")


async def test_zoom_gives_a_pane_the_screen_and_q_takes_it_back(open_app, recording):
    app = open_app(session=recording)
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot, app)
        await pilot.press("1", "z")
        await pilot.pause()
        assert app.screen.maximized is app.screen.query_one(DocumentView)
        await pilot.press("q")
        await pilot.pause()
        assert app.screen.maximized is None


async def test_a_document_that_has_changed_since_the_run_is_named(open_app, recording, studied):
    whole = studied.read_bytes()
    try:
        studied.write_bytes(whole + b"more\n")
        app = open_app(session=recording)
        async with app.run_test(size=(120, 40)) as pilot:
            await finished(pilot, app)
            assert any("the run studied" in str(n.message) for n in app._notifications)
    finally:
        studied.write_bytes(whole)


async def test_the_recording_of_a_document_that_is_gone_still_opens(open_app, recording, studied):
    whole = studied.read_bytes()
    try:
        studied.unlink()
        app = open_app(session=recording)
        async with app.run_test(size=(120, 40)) as pilot:
            await finished(pilot, app)
            assert "does not exist" in text_of(app.workspace.query_one(DocumentView))
            assert app.workspace.query_one(RunTree).is_on_answer
    finally:
        studied.write_bytes(whole)
