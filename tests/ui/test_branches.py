from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from rlm_tui.assemble import Engines
from rlm_tui.config import Settings
from rlm_tui.session.reader import read_session
from rlm_tui.source import Evaluate, Fork
from rlm_tui.ui.branches import branch_request
from rlm_tui.ui.screens.branching import Begun, Branching
from rlm_tui.ui.screens.editing import Editing
from rlm_tui.ui.screens.line_prompt import LinePrompt
from rlm_tui.ui.widgets.run_tree import RunTree
from tests.ui.conftest import finished, until
from tests.ui.test_interventions import notes


def rewrite_header(path: Path, change) -> None:
    """Change what the first line of a session says."""
    header, *events = path.read_text(encoding="utf-8").splitlines(keepends=True)
    told = json.loads(header)
    change(told)
    path.write_text("".join([json.dumps(told) + "\n", *events]), encoding="utf-8")


@pytest.fixture
def copied_recording(recording, studied, tmp_path) -> Path:
    """A recording about a document of its own."""
    document, path = tmp_path / "own.log", tmp_path / "own.rlm.jsonl"
    document.write_bytes(studied.read_bytes())
    path.write_bytes(recording.read_bytes())
    rewrite_header(path, lambda told: told["document"].update(path=str(document)))
    return path


def overwrite(path: str) -> None:
    Path(path).write_text("other\n", encoding="utf-8")


async def opened(pilot, app):
    """Wait for the dialog."""
    await until(pilot, lambda: isinstance(app.screen, Branching))
    return app.screen


def is_held(app) -> bool:
    run = app.workspace.run
    return run.is_live and run.transport.playhead.trajectory.paused is not None


async def test_a_branch_has_the_runs_own_models_and_limits_but_for_what_was_changed(
    open_app, recording
):
    app = open_app(session=recording)
    async with app.run_test() as pilot:
        await finished(pilot, app)
        run = app.workspace.run
        mine = Settings(model="offline", theme="rlm-light", save=False)
        plain = branch_request(run, mine, Begun(9, "b1"), 0.0)
        wanted = Begun(9, model="m", sub_model="s", limits="cost=2 calls=9", paused=False)
        other = branch_request(run, mine, wanted, 0.0)
    header = read_session(recording).header
    assert plain.fork == Fork(str(recording), 9, "b1")
    assert (plain.question, plain.paused) == (header.question, True)
    assert (plain.settings.model, plain.settings.theme) == (header.model, "rlm-light")
    assert (plain.settings.save, plain.documents) == (False, [header.document.path])
    settings = other.settings
    assert (settings.model, settings.sub_model, other.paused) == ("m", "s", False)
    assert (settings.max_cost, settings.max_sub_calls) == (2.0, 9)


async def test_there_is_nothing_to_go_on_from_without_a_run(open_app, studied):
    app = open_app(document=studied)
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.workspace is not None)
        app.action_what_if()
        await pilot.pause()
        assert any("no run here" in note for note in notes(app))


async def test_a_run_that_is_not_saved_has_no_branches(open_app, studied):
    app = open_app(document=studied, question="x")
    async with app.run_test() as pilot:
        await finished(pilot, app)
        await pilot.press("W")
        await until(pilot, lambda: any("is not saved" in note for note in notes(app)))


async def test_w_begins_a_branch_where_the_reader_stands_and_shows_it_held(open_app, recording):
    app = open_app(session=recording)
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot, app)
        await pilot.press("[", "[", "W")
        dialog = await opened(pilot, app)
        dialog.query_one("#name").value = "mine"
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.workspace and is_held(app))
        branch = app.workspace.run
        assert "mine · run" in app.workspace.query_one("#title").render_line(0).text
        assert branch.header.parent == read_session(recording).header.run
        await pilot.press("c")
        await finished(pilot, app)
        assert branch.transport.playhead.trajectory.finished.outcome == "answered"


async def test_at_the_end_of_a_run_it_leaves_before_what_is_selected(open_app, recording):
    app = open_app(session=recording)
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot, app)
        app.workspace.run.set_following(follows=False)
        app.workspace.query_one(RunTree).follow("2.1")
        await pilot.press("W")
        dialog = await opened(pilot, app)
        assert [place.is_selected for place in dialog._places] == [True, True, False]
        await pilot.press("down", "enter")
        await until(pilot, lambda: isinstance(app.screen, Editing))
        assert "llm_query_batched" in app.screen.query_one("CodeArea").text
        await pilot.press("escape")
        assert app.workspace.run.held.node == "2.1"


async def test_a_key_that_changes_something_recorded_begins_a_branch_for_it(open_app, recording):
    app = open_app(session=recording)
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot, app)
        await pilot.press("[", "[", "e")
        await opened(pilot, app)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Editing))


async def test_a_variable_is_changed_by_a_statement_once_the_branch_is_held(open_app, recording):
    app = open_app(session=recording)
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot, app)
        await pilot.press("[", "W")
        await opened(pilot, app)
        await pilot.press("down", "down", "enter")
        await until(pilot, lambda: isinstance(app.screen, LinePrompt))


async def test_a_step_past_the_end_of_a_recording_offers_to_go_on(open_app, recording):
    app = open_app(session=recording)
    async with app.run_test() as pilot:
        await finished(pilot, app)
        await pilot.press("s")
        await opened(pilot, app)


async def test_the_word_takes_the_name_along(open_app, recording):
    app = open_app(session=recording)
    async with app.run_test() as pilot:
        await finished(pilot, app)
        app.workspace.debugger.command_line.obey("fork it's mine")
        dialog = await opened(pilot, app)
        assert dialog.query_one("#name").value == "it's mine"


async def test_a_branch_that_cannot_begin_leaves_the_held_run_as_it_is(open_app, studied, tmp_path):
    app = open_app(document=studied, question="x", paused=True)
    app._settings = replace(app._settings, save=True, session=str(tmp_path / "x.rlm.jsonl"))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.workspace is not None and is_held(app))
        run = app.workspace.run
        for _ in range(2):
            seen = len(run.transport.playhead.records)
            await pilot.press("s")
            await until(
                pilot, lambda n=seen: len(run.transport.playhead.records) > n and is_held(app)
            )
        assert run.held.next.before == "line"
        run.send(Evaluate(1, "mine = 1", is_statement=True))
        await until(pilot, lambda: run.transport.playhead.trajectory.interventions)
        await pilot.press("W")
        await opened(pilot, app)
        await pilot.press("enter")
        await until(pilot, lambda: any("can begin at event" in note for note in notes(app)))
        assert app.workspace.run is run
        assert run.is_at_run
        assert run.held.next.before == "line"


async def test_a_recording_whose_document_has_changed_stays_on_the_screen(
    open_app, copied_recording
):
    app = open_app(session=copied_recording)
    async with app.run_test() as pilot:
        await finished(pilot, app)
        overwrite(app.workspace.run.header.document.path)
        run = app.workspace.run
        await pilot.press("[", "[", "W")
        await opened(pilot, app)
        await pilot.press("enter")
        await until(pilot, lambda: any("is not what it was" in note for note in notes(app)))
        assert app.workspace.run is run


async def test_the_recording_comes_back_when_its_branch_could_not_begin_after_all(
    open_app, copied_recording, monkeypatch
):
    monkeypatch.setattr(Engines, "fork_trouble", lambda _opener, _request: "")
    app = open_app(session=copied_recording)
    async with app.run_test() as pilot:
        await finished(pilot, app)
        overwrite(app.workspace.run.header.document.path)
        await pilot.press("[", "[")
        run = app.workspace.run
        stood = run.transport.playhead.position
        await pilot.press("W")
        await opened(pilot, app)
        await pilot.press("enter")
        await until(
            pilot,
            lambda: (
                app.workspace.run is not run
                and app.workspace.run.transport.playhead.position == stood
            ),
        )
        assert app.workspace.run.header == run.header


async def test_settings_that_mean_nothing_here_are_refused(open_app, copied_recording):
    rewrite_header(copied_recording, lambda told: told["settings"].update(max_depth="deep"))
    app = open_app(session=copied_recording)
    async with app.run_test() as pilot:
        await finished(pilot, app)
        run = app.workspace.run
        await pilot.press("[", "[", "W")
        await opened(pilot, app)
        await pilot.press("enter")
        await until(pilot, lambda: any("mean nothing here" in note for note in notes(app)))
        assert app.workspace.run is run
