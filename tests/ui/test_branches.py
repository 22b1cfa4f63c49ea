from __future__ import annotations

import pytest

from rlm_tui.config import Settings
from rlm_tui.errors import UsageError
from rlm_tui.session.reader import read_session
from rlm_tui.source import Fork
from rlm_tui.ui.branches import branch_point, branch_request
from rlm_tui.ui.screens.branching import Branching
from tests.ui.conftest import finished, until


async def test_a_branch_goes_on_where_the_reader_stands_with_the_runs_own_models(
    open_app, recording
):
    app = open_app(session=recording)
    async with app.run_test() as pilot:
        await finished(pilot, app)
        run = app.workspace.run
        await pilot.press("[", "[")
        event = branch_point(run)
        mine = Settings(model="offline", theme="rlm-light", save=False)
        request = branch_request(run, mine, event, "b1", paused=True, typing_pace=0.0)
    header = read_session(recording).header
    assert 0 < event < len(read_session(recording).records)
    assert request.fork == Fork(str(recording), event, "b1")
    assert (request.question, request.paused) == (header.question, True)
    assert (request.settings.model, request.settings.theme) == (header.model, "rlm-light")
    assert request.settings.save is False
    assert request.documents == [header.document.path]


async def test_there_is_nothing_to_go_on_from_without_a_run(open_app, studied):
    app = open_app(document=studied)
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.workspace is not None)
        with pytest.raises(UsageError, match="no run here"):
            branch_point(app.workspace.run)


async def test_w_begins_a_branch_and_shows_it_held(open_app, recording):
    app = open_app(session=recording)
    async with app.run_test() as pilot:
        await finished(pilot, app)
        await pilot.press("[", "[", "W")
        await until(pilot, lambda: isinstance(app.screen, Branching))
        await pilot.press("enter")
        await until(
            pilot,
            lambda: (
                app.screen is app.workspace
                and app.workspace.run.is_live
                and app.workspace.run.transport.playhead.trajectory.paused
            ),
        )
        branch = app.workspace.run
        assert branch.header.parent == read_session(recording).header.run
        await pilot.press("c")
        await finished(pilot, app)
        assert branch.transport.playhead.trajectory.finished.outcome == "answered"
