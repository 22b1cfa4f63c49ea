from __future__ import annotations

import pytest
from textual.widgets import Input
from textual.widgets._toast import Toast

from rlm_tui import paths
from rlm_tui.assemble import Engines
from rlm_tui.config import Settings
from rlm_tui.session.reader import read_session
from rlm_tui.ui.app import Opening, RlmApp
from rlm_tui.ui.screens.confirm import Confirm
from rlm_tui.ui.screens.help import Help
from rlm_tui.ui.screens.prompt import Prompt
from rlm_tui.ui.screens.start import Start
from rlm_tui.ui.screens.workspace import Workspace
from rlm_tui.ui.widgets.document_view import DocumentView
from rlm_tui.ui.widgets.inspector import Inspector
from rlm_tui.ui.widgets.run_tree import RunTree
from tests.ui.conftest import QUESTION, finished, until


async def test_without_anything_to_open_the_start_screen_is_shown(open_app):
    app = open_app()
    async with app.run_test() as pilot:
        await pilot.pause()
        assert isinstance(app.screen, Start)


async def test_a_document_is_shown_at_once_without_a_run(open_app, studied):
    app = open_app(document=studied)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        view = app.screen.query_one(DocumentView)
        assert view.has_focus
        assert "ERROR E42" in view.render_line(0).text
        assert app.workspace.run.header is None


async def test_ctrl_n_asks_and_the_answer_comes_with_its_run(open_app, studied):
    app = open_app(document=studied)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("ctrl+n")
        await until(pilot, lambda: isinstance(app.screen, Prompt))
        app.screen.query_one(Input).value = QUESTION
        await pilot.press("enter")
        await finished(pilot, app)
        trajectory = app.workspace.run.transport.playhead.trajectory
        assert trajectory.finished.answer == "E42 repeats most, 4 times."
        assert app.workspace.query_one(RunTree).is_on_answer
        assert "E42 repeats most" in app.workspace.query_one(Inspector).render_line(1).text


async def test_the_file_that_is_named_is_for_the_first_run_only(script, studied, tmp_path):
    settings = Settings(model=script, session=str(tmp_path / "first.rlm.jsonl"))
    app = RlmApp(Engines(settings), settings, Opening(document=studied, question="what?"))
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot, app)
        first = app.workspace.run.header.run
        await pilot.press("ctrl+n")
        await until(pilot, lambda: isinstance(app.screen, Prompt))
        app.screen.query_one(Input).value = QUESTION
        await pilot.press("enter")
        shown = app.workspace
        await until(pilot, lambda: shown.run.header is not None and shown.run.header.run != first)
        await finished(pilot, app)
        assert app.workspace.run.header.question == QUESTION
    assert len(list(paths.sessions_dir().glob("*.rlm.jsonl"))) == 1
    assert read_session(tmp_path / "first.rlm.jsonl").header.run == first


async def test_a_live_run_and_its_recording_show_the_same_rows(open_app, studied, recording):
    shown = []
    for opening in ({"document": studied, "question": QUESTION}, {"session": recording}):
        app = open_app(**opening)
        async with app.run_test(size=(120, 40)) as pilot:
            await finished(pilot, app)
            tree = app.workspace.query_one(RunTree)
            words = [tree.rows.words(key, 0.0) for key in tree.rows.keys]
            shown.append([(said.label, said.state) for said in words])
    assert shown[0] == shown[1]


async def test_opening_a_session_calls_no_model(open_app, recording):
    app = open_app(model="no/such-model", session=recording)
    async with app.run_test() as pilot:
        await finished(pilot, app)
        assert app.workspace.run.transport.playhead.trajectory.finished is not None


async def test_a_session_can_be_opened_at_an_event(open_app, recording):
    app = open_app(session=recording, at=5)
    async with app.run_test() as pilot:
        await finished(pilot, app)
        assert app.workspace.run.transport.playhead.position == 5


async def test_leaving_while_a_run_is_live_asks_first(open_app, studied):
    app = open_app(document=studied, question=QUESTION, paused=True)
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.workspace is not None and app.workspace.run.is_live)
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, Workspace)
        assert app.workspace.run.is_live


async def test_help_shows_the_keys_of_the_focused_pane_first(open_app, studied):
    app = open_app(document=studied)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("2", "question_mark")
        await until(pilot, lambda: isinstance(app.screen, Help))
        sheet = app.screen.query("KeySheet").first()
        rows = [sheet.strip_at(row, 80).text for row in range(sheet.row_count)]
        assert any("Expand everything" in row for row in rows)
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, Workspace)


@pytest.mark.parametrize("named", ["missing.txt", "."])
async def test_opening_what_is_no_file_says_so_and_changes_nothing(open_app, studied, named):
    app = open_app(document=studied)
    async with app.run_test() as pilot:
        await pilot.press("ctrl+o")
        await until(pilot, lambda: isinstance(app.screen, Prompt))
        app.screen.query_one(Input).value = named
        await pilot.press("enter")
        await pilot.pause()
        assert app.workspace.document == studied
        assert any("is not a file" in str(n.message) for n in app._notifications)


async def test_asking_without_a_document_says_what_to_do(open_app):
    app = open_app()
    async with app.run_test() as pilot:
        await pilot.pause()
        await app.run_action("ask")
        await pilot.pause()
        assert any("Open a document" in str(n.message) for n in app._notifications)


async def test_a_second_question_waits_for_the_first_run_to_end(open_app, studied):
    app = open_app(document=studied, question=QUESTION, paused=True)
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.workspace is not None and app.workspace.run.is_live)
        await pilot.press("ctrl+n")
        await pilot.pause()
        assert isinstance(app.screen, Workspace)


async def test_the_palette_offers_every_action_of_the_workspace(open_app, studied):
    app = open_app(document=studied)
    async with app.run_test() as pilot:
        await pilot.pause()
        titles = [command.title for command in app.get_system_commands(app.screen)]
        assert "Run: Ask" in titles
        assert "Time: Back" in titles
        assert len(titles) == len(set(titles))


async def test_both_shipped_themes_can_be_chosen(open_app, studied):
    app = open_app(document=studied)
    async with app.run_test() as pilot:
        await pilot.pause()
        dark = app.screen.query_one(DocumentView).style("error")
        app.theme = "rlm-light"
        await pilot.pause()
        assert app.screen.query_one(DocumentView).style("error") != dark


async def test_ctrl_c_with_nothing_to_copy_says_how_to_quit(open_app, studied):
    app = open_app(document=studied)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("ctrl+c")
        await until(pilot, lambda: app._notifications)
        [notification] = app._notifications
        assert notification.message == "ctrl+q quits; ctrl+c copies what is selected."


async def test_over_a_dialog_what_is_told_stands_at_the_top_not_on_its_keys(open_app, studied):
    app = open_app(document=studied)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, Help))
        app.notify("something happened")
        await until(pilot, lambda: any(toast.region for toast in app.screen.query(Toast)))
        assert app.screen.query(Toast).first().region.bottom <= 5
