from __future__ import annotations

import pytest
from textual.widgets import Input

from rlm_tui.ui.screens.prompt import Prompt


async def test_what_was_typed_is_returned_without_the_spaces_around_it(shown):
    async with shown(Prompt("Ask")) as pilot:
        await pilot.press("space", *"why", "space", "enter")
        await pilot.pause()
        assert pilot.app.result == "why"


@pytest.mark.parametrize("keys", [["enter"], ["space", "space", "enter"]], ids=len)
async def test_nothing_typed_is_nothing_asked(shown, keys):
    async with shown(Prompt("Ask", placeholder="Which errors?")) as pilot:
        await pilot.press(*keys)
        await pilot.pause()
        assert pilot.app.is_open


async def test_escape_returns_none_whatever_was_typed(shown):
    async with shown(Prompt("Ask", value="why")) as pilot:
        await pilot.press("x", "escape")
        await pilot.pause()
        assert (pilot.app.result, pilot.app.times) == (None, 1)


async def test_the_last_question_stands_there_to_be_sent_again(shown):
    async with shown(Prompt("Ask", value="why")) as pilot:
        await pilot.press("enter")
        await pilot.pause()
        assert pilot.app.result == "why"


async def test_a_question_of_several_lines_becomes_one_line_that_can_be_edited(shown):
    async with shown(Prompt("Ask", value="why\n  so \x1b[2J?")) as pilot:
        await pilot.press("enter")
        await pilot.pause()
        assert pilot.app.result == "why so ␛[2J?"


async def test_printable_keys_of_the_app_are_letters_here(shown):
    async with shown(Prompt("Ask")) as pilot:
        await pilot.press("q", "question_mark", "1", "x")
        assert pilot.app.screen.query_one(Input).value == "q?1x"


async def test_a_pasted_text_of_several_lines_gives_its_first(shown):
    async with shown(Prompt("Ask")) as pilot:
        pilot.app.screen.query_one(Input)._on_paste(_paste("first\nsecond"))
        await pilot.press("enter")
        await pilot.pause()
        assert pilot.app.result == "first"


def _paste(text):
    from textual.events import Paste  # noqa: PLC0415 - one event

    return Paste(text)


@pytest.mark.parametrize("size", [(80, 24), (40, 10)], ids=str)
async def test_title_note_and_placeholder_are_on_the_screen(shown, size):
    dialog = Prompt("Ask about ci.log", placeholder="Which errors?", note="Model: offline")
    async with shown(dialog, size) as pilot:
        text = pilot.app.text()
        words = ("Ask about ci.log", "Which errors?", "Model: offline", "enter OK")
        assert [word for word in words if word not in text] == []


@pytest.mark.parametrize(
    ("name", "on_screen"),
    [
        ("[red]a[/red].log", "[red]a[/red].log"),
        ("a[/].log", "a[/].log"),
        ("[@click=app.quit]a.log", "[@click=app.quit]a.log"),
        ("a\x1b[31m\n.log", "a␛[31m␊.log"),
    ],
    ids=["markup", "closing", "link", "controls"],
)
async def test_the_name_of_a_file_is_shown_as_it_is(shown, name, on_screen):
    dialog = Prompt(f"Ask about {name}", note=f"In {name}", placeholder=f"Of {name}")
    async with shown(dialog) as pilot:
        text = pilot.app.text()
        assert not set(text) & {"\x1b", "\r"}
        assert f"Ask about {on_screen}" in text
        assert f"In {on_screen}" in text
        assert f"Of {on_screen}" in text
