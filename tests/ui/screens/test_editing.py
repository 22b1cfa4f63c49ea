from __future__ import annotations

import sys

import pytest

from rlm_tui.ui.screens.editing import Edited, Editing
from rlm_tui.ui.widgets.choice import Choice
from rlm_tui.ui.widgets.code_area import CodeArea

CODE = "x = 1\nprint(x)"


async def test_the_edited_code_is_returned_with_what_the_model_is_told(shown):
    async with shown(Editing("Edit code", CODE, is_code=True)) as pilot:
        await pilot.press("y", "y")
        assert "syntax ok · 1 line changed" in pilot.app.text()
        pilot.app.dialog.query_one(Choice).choose(2)
        await pilot.press("ctrl+s")
        assert pilot.app.result == Edited(f"yy{CODE}", "both", goes_on=True)


@pytest.mark.parametrize(
    ("key", "result"),
    [
        ("ctrl+o", Edited(CODE)),
        ("f2", Edited("z" + CODE, goes_on=False)),
        ("escape", None),
    ],
)
async def test_the_text_is_left_kept_or_the_original_run(shown, key, result):
    async with shown(Editing("Edit code", CODE, is_code=True)) as pilot:
        await pilot.press("z", key)
        await pilot.pause()
        assert pilot.app.result == result


async def test_what_is_wrong_with_the_code_is_said_while_it_is_typed(shown):
    async with shown(Editing("Edit code", CODE, is_code=True)) as pilot:
        await pilot.press("left_parenthesis")
        await pilot.pause()
        assert "line 1: " in pilot.app.text()
        await pilot.press("backspace")
        await pilot.pause()
        assert "nothing changed" in pilot.app.text()


async def test_a_prompt_is_no_code(shown):
    async with shown(Editing("Edit the prompt", "Which (errors", is_code=False)) as pilot:
        assert "syntax" not in pilot.app.text()
        assert "13 characters" in pilot.app.text()
        assert not pilot.app.dialog.query(Choice)
        await pilot.press("ctrl+s")
        assert pilot.app.result == Edited("Which (errors")


@pytest.mark.parametrize("text", ["", "\x1b[31mred", "x" * 5000, "\n" * 500, "a\tb\u202e"])
async def test_any_text_can_be_edited_and_comes_back_as_it_was(shown, text):
    async with shown(Editing("[bold]Edit[/]", text, is_code=True), (60, 20)) as pilot:
        assert "[bold]Edit[/]" in pilot.app.text()
        await pilot.press("ctrl+s")
        assert pilot.app.result == Edited(text)


async def test_the_own_editor_gets_the_text_or_it_is_said_why_not(shown, monkeypatch):
    monkeypatch.setenv("VISUAL", f"{sys.executable} -c 'raise SystemExit(3)'")
    async with shown(Editing("Edit code", CODE, is_code=True)) as pilot:
        await pilot.press("f4")
        await pilot.pause()
        assert pilot.app._notifications
        assert pilot.app.dialog.query_one(CodeArea).text == CODE
