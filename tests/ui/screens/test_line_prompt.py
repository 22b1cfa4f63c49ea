from __future__ import annotations

import pytest
from textual.app import App
from textual.events import Key
from textual.widgets import Input

from rlm_tui.ui.screens.line_prompt import LinePrompt
from rlm_tui.ui.widgets.document_view import DocumentView
from tests.ui.conftest import until


class Host(App[None]):
    """An app without anything."""


async def typed(*keys, value=""):
    """What a prompt returns when keys are pressed."""
    results = []
    app = Host()
    async with app.run_test() as pilot:
        app.push_screen(LinePrompt("/", value=value), results.append)
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()
    return results


@pytest.mark.parametrize(
    ("keys", "value", "results"),
    [
        (["a", "b", "enter"], "", ["ab"]),
        (["enter"], "as it was", ["as it was"]),
        (["x", "enter"], "as it was", ["x"]),
        (["end", "x", "enter"], "as it was", ["as it wasx"]),
        (["backspace", "enter"], "as it was", [""]),
        (["a", "escape"], "", [None]),
    ],
)
async def test_what_is_typed_is_returned(keys, value, results):
    assert await typed(*keys, value=value) == results


async def test_keys_typed_ahead_of_the_line_are_not_lost(open_app, studied):
    """A terminal may send a key, what is typed behind it and enter in one piece."""
    app = open_app(document=studied)
    async with app.run_test(size=(80, 24)) as pilot:
        view = app.screen.query_one(DocumentView)
        await until(pilot, lambda: view.has_focus and view.file is not None)
        for key, character in (("colon", ":"), ("5", "5"), ("0", "0"), ("enter", "\r")):
            app.post_message(Key(key, character))
        await until(pilot, lambda: view.top.start > 0)
        assert view.render_line(0).text.split()[0] == "50"


async def test_the_line_stands_at_the_foot_of_the_screen(open_app, studied):
    app = open_app(document=studied)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("slash")
        await until(pilot, lambda: isinstance(app.screen, LinePrompt))
        await pilot.pause()
        assert app.screen.query_one(Input).region.y == 23
