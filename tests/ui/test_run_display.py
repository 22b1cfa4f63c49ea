from __future__ import annotations

import asyncio
from random import Random

import pytest
from msgspec.structs import replace

from rlm_tui.assemble import recording as recorded
from rlm_tui.config import Settings
from rlm_tui.errors import ModelError
from rlm_tui.source import Broken, Cancel, LogLine, Pause, Remark, Resume, Saved
from rlm_tui.ui.app import Opening, RlmApp
from rlm_tui.ui.screens.workspace import Workspace
from rlm_tui.ui.widgets import figures
from rlm_tui.ui.widgets.bars import StatusLine, Timeline
from rlm_tui.ui.widgets.console import Console
from rlm_tui.ui.widgets.inspector import Inspector
from rlm_tui.ui.widgets.run_tree import RunTree
from tests.runs import HEADER, NAMED, file_of, random_run
from tests.ui.conftest import until


class Told:
    """A live source that tells what the test has it tell."""

    def __init__(self, *told, header=HEADER, error=None):
        self.told = told
        self.header = header
        self.error = error
        self.sent = []
        self.listener = None
        self.end = asyncio.Event()
        self.times_closed = 0

    async def run(self, listener):
        self.listener = listener
        if self.header is not None:
            listener.begin(self.header)
        for item in self.told:
            if isinstance(item, list):
                listener.take(item)
            else:
                listener.say(item)
        if self.error is not None:
            raise self.error
        await self.end.wait()

    def send(self, command):
        self.sent.append(command)

    async def close(self):
        self.times_closed += 1


class Given:
    """Opens the source that it was given."""

    def __init__(self, source):
        self.source = source

    def ask(self, request):
        return self.source

    def open_session(self, path):
        return self.source

    def warm_up(self):
        pass

    def forget(self):
        pass

    async def close(self):
        pass


@pytest.fixture
def app_of(studied):
    """An app that shows a source."""
    return lambda source: RlmApp(
        Given(source), Settings(save=False), Opening(document=studied, question="what?")
    )


@pytest.fixture
def file_of_run(tmp_path):
    """The session file of records."""

    def write(records):
        path = tmp_path / "run.rlm.jsonl"
        path.write_bytes(file_of(records))
        return path

    return write


def words(app, kind):
    return app.workspace.query_one(kind).render().plain


def status_shows(app, word):
    return lambda: app.workspace is not None and f" {word} " in words(app, StatusLine)


@pytest.mark.parametrize(
    ("name", "word"),
    [
        *((name, "DONE") for name in ("answered", "direct", "parallel", "nested", "troubled")),
        *(("limited", "LIMIT"), ("forced", "LIMIT"), ("cancelled", "STOPPED")),
        *(("failed", "FAILED"), ("unfinished", "TORN"), ("held", "TORN"), ("not begun", "TORN")),
    ],
)
async def test_every_recording_opens_and_says_what_became_of_it(app_of, file_of_run, name, word):
    app = app_of(recorded(file_of_run(NAMED[name]())))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, status_shows(app, word))
        run = app.workspace.run
        assert not run.is_live
        assert run.header == HEADER
        assert run.session.endswith("run.rlm.jsonl")
        count = len(NAMED[name]())
        assert not count or f"event {count}/{count}" in words(app, Timeline)


async def test_a_live_source_is_told_what_the_keys_say_until_it_has_ended(app_of):
    source = Told(Saved(None), NAMED["held"]())
    app = app_of(source)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, status_shows(app, "PAUSED"))
        await pilot.press("c")
        app.workspace.run.send(Pause())
        assert source.sent == [Resume(), Pause()]
        source.end.set()
        await until(pilot, status_shows(app, "TORN"))
        app.workspace.run.send(Cancel())
        assert source.sent == [Resume(), Pause()]
        assert source.times_closed == 1


async def test_the_clock_of_a_run_goes_on_without_events_and_stands_where_nothing_runs(app_of):
    records = NAMED["unfinished"]()
    source = Told(records)
    app = app_of(source)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, status_shows(app, "LIVE"))
        at_last_event = f" {figures.clock(records[-1].at)} "
        await until(pilot, lambda: at_last_event not in words(app, StatusLine))
        source.end.set()
        await until(pilot, status_shows(app, "TORN"))
        assert at_last_event in words(app, StatusLine)
        tree = app.workspace.query_one(RunTree)
        states = [tree.rows.words(key, 0.0).state for key in tree.rows.keys]
        assert "STOP" in states
        assert "run" not in states


async def test_what_is_no_event_reaches_the_user_or_the_log(app_of):
    remark = Remark("[b]a.log[/x] looks like a binary file.", "warning")
    app = app_of(Told(Saved("/there.jsonl"), remark, LogLine("[x] from a library")))
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.workspace is not None and app.workspace.run.log)
        run = app.workspace.run
        assert (run.session, run.log) == ("/there.jsonl", ["[x] from a library"])
        [notification] = app._notifications
        assert (notification.message, notification.severity) == (remark.text, "warning")


async def test_an_engine_that_breaks_off_leaves_what_it_told_and_says_why(app_of):
    records = NAMED["unfinished"]()
    source = Told(records, Broken("The engine's process ended (status 9)."))
    source.end.set()
    app = app_of(source)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, status_shows(app, "FAILED"))
        assert "ended (status 9)" in words(app, StatusLine)
        tree = app.workspace.query_one(RunTree)
        assert "run" not in [tree.rows.words(key, 0.0).state for key in tree.rows.keys]
        assert app.workspace.run.transport.playhead.records == records


async def test_a_run_that_cannot_begin_says_why_and_another_can_be_asked_for(app_of):
    source = Told(header=None, error=ModelError("auth", "OPENAI_API_KEY was [refused]."))
    app = app_of(source)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, status_shows(app, "FAILED"))
        assert "was [refused]" in words(app, StatusLine)
        assert [n.title for n in app._notifications] == ["The run did not begin"]
        assert (app.workspace.run.is_live, source.times_closed) == (False, 1)


async def test_events_that_make_no_run_are_said_and_do_not_bring_the_app_down(app_of):
    records = NAMED["answered"]()
    source = Told(records[:4], [replace(records[4], node="7.7.7")], records[5:])
    source.end.set()
    app = app_of(source)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.workspace is not None and not app.workspace.run.is_live)
        await until(pilot, status_shows(app, "FAILED"))
        assert "cannot be shown" in words(app, StatusLine)


async def test_leaving_closes_the_source(app_of):
    source = Told(NAMED["held"]())
    app = app_of(source)
    async with app.run_test() as pilot:
        await until(pilot, status_shows(app, "PAUSED"))
    assert source.times_closed


async def test_the_trees_cursor_goes_along_until_somebody_moves_it(app_of):
    records = NAMED["answered"]()
    source = Told(records[:6])
    app = app_of(source)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.workspace is not None and app.workspace.run.header)
        tree = app.workspace.query_one(RunTree)
        await until(pilot, lambda: tree.selected == "1")
        second = next(i for i, record in enumerate(records) if record.node == "2") + 1
        source.listener.take(records[6:second])
        await until(pilot, lambda: tree.selected == "2")
        await pilot.press("2", "g")
        await pilot.pause()
        chosen = tree.selected
        source.listener.take(records[second:])
        await until(pilot, status_shows(app, "DONE"))
        assert tree.selected == chosen != "2"
        await pilot.press("F")
        await pilot.pause()
        assert tree.is_on_answer


def everything(app):
    """What stands in the panes, on screen or not."""
    tree, console = app.workspace.query_one(RunTree), app.workspace.query_one(Console)
    rows = [tree.rows.words(key, 0.0) for key in tree.rows.keys]
    width = console.scrollable_content_region.width
    lines = [console.strip_at(row, width).text.rstrip() for row in range(console.row_count)]
    return (
        [(row.label, row.state) for row in rows],
        lines,
        words(app, StatusLine),
        words(app, Timeline),
        [app.workspace.query_one(Inspector).render_line(y).text for y in range(8)],
    )


@pytest.mark.parametrize("seed", [3, 11])
async def test_what_is_shown_at_an_event_does_not_depend_on_the_way_there(
    app_of, file_of_run, seed
):
    """Event by event from the start, and then by leaps from anywhere."""
    records = random_run(Random(seed))
    app = app_of(recorded(file_of_run(records)))
    async with app.run_test(size=(200, 60)) as pilot:
        await until(pilot, lambda: app.workspace is not None and app.workspace.run.header)
        await until(pilot, lambda: not app.workspace.run.is_live)
        run = app.workspace.run
        run.transport.go_to(0)
        await pilot.pause()
        chance = Random(seed)
        places = sorted(chance.sample(range(1, len(records)), min(10, len(records) - 1)))
        first = {}
        for position in places:
            while run.transport.playhead.position < position:
                run.transport.step(1)
            await pilot.pause()
            first[position] = everything(app)
        for position in chance.sample(places, len(places)):
            run.transport.go_to(position)
            await pilot.pause()
            assert everything(app) == first[position], position


async def test_a_source_that_never_got_to_run_is_closed_with_the_app(monkeypatch):
    source = Told()
    monkeypatch.setattr(Workspace, "_drive", lambda *_: None)
    app = RlmApp(Given(source), Settings(save=False), Opening(session="a recording"))
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.workspace is not None)
        app.workspace.show_run(source)
    assert source.times_closed
