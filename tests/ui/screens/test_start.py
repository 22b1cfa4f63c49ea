from __future__ import annotations

import pytest
from textual.widgets import Input, OptionList

from rlm_tui.config import Settings
from rlm_tui.ui.screens.confirm import Confirm
from rlm_tui.ui.screens.help import Help
from rlm_tui.ui.screens.prompt import Prompt
from rlm_tui.ui.screens.start import Start
from rlm_tui.ui.screens.workspace import Workspace
from tests.ui.conftest import until


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (60, 24)], ids=str)
async def test_what_it_is_what_to_do_and_what_is_set_up_fit_the_screen(shown, size):
    async with shown(Start(Settings(), "/home/ann/sessions"), size) as pilot:
        text = pilot.app.text()
    words = (
        *("A model writes Python over a file", "d  Demo", "t  Learn", "o  Open", "?  Keys"),
        *("Model: offline (no language model)", "/home/ann/sessions", "without keys"),
        *("d Demo", "t Learn", "o Open", "q Quit"),
    )
    assert [word for word in words if word not in text] == []


@pytest.mark.parametrize(
    ("model", "told"),
    [
        (None, "with its key in the environment"),
        ("scripted:/there/a.json", "Model: scripted:a.json. To use another"),
        ("openai/gpt-5", "Model: openai/gpt-5. Each run shows what it costs."),
    ],
)
async def test_the_model_is_named_with_what_follows_from_it(shown, model, told):
    async with shown(Start(Settings(model=model), "/sessions")) as pilot:
        assert told in " ".join(pilot.app.text().replace("│", " ").split())


async def test_a_folder_with_brackets_in_its_name_is_shown_as_it_is(shown):
    async with shown(Start(Settings(), "/home/[b]ann[/x]")) as pilot:
        assert "Sessions are kept in /home/[b]ann[/x]" in pilot.app.text()


@pytest.mark.parametrize(
    ("keys", "screen"),
    [
        (["d"], Workspace),
        (["enter"], Workspace),
        (["o"], Prompt),
        (["ctrl+o"], Prompt),
        (["t"], Workspace),
        (["down", "enter"], Workspace),
        (["down", "down", "enter"], Prompt),
        (["question_mark"], Help),
        (["down", "down", "down", "enter"], Help),
    ],
    ids=str,
)
async def test_a_key_and_its_row_do_the_same(open_app, keys, screen):
    app = open_app()
    async with app.run_test() as pilot:
        await until(pilot, lambda: isinstance(app.screen, Start))
        assert app.screen.query_one(OptionList).has_focus
        await pilot.press(*keys)
        await until(pilot, lambda: isinstance(app.screen, screen))
        await until(pilot, lambda: app.workspace is None or app.workspace.run.header)


async def test_q_leaves_at_once(open_app):
    app = open_app()
    async with app.run_test() as pilot:
        await until(pilot, lambda: isinstance(app.screen, Start))
        await pilot.press("q")
        await pilot.pause()
    assert app.return_code == 0


async def test_a_workspace_that_was_opened_from_here_leads_back_here(open_app, recording):
    app = open_app()
    async with app.run_test() as pilot:
        await until(pilot, lambda: isinstance(app.screen, Start))
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, Prompt))
        app.screen.query_one(Input).value = str(recording)
        await pilot.press("enter")
        await until(pilot, lambda: app.workspace is not None and not app.workspace.run.is_live)
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, Start | Confirm))
        assert isinstance(app.screen, Start)
