from __future__ import annotations

import re
from itertools import chain
from random import Random

import pytest
from textual.keys import Keys

from rlm_tui.ui import keymap
from rlm_tui.ui.app import RlmApp
from rlm_tui.ui.screens.answering import Answering
from rlm_tui.ui.screens.branching import Branching
from rlm_tui.ui.screens.breakpoint_table import BreakpointRows, BreakpointTable
from rlm_tui.ui.screens.confirm import Confirm
from rlm_tui.ui.screens.editing import Editing
from rlm_tui.ui.screens.help import Help
from rlm_tui.ui.screens.judging import Judging
from rlm_tui.ui.screens.line_prompt import LinePrompt
from rlm_tui.ui.screens.prompt import Prompt
from rlm_tui.ui.screens.start import Start
from rlm_tui.ui.screens.workspace import Workspace
from rlm_tui.ui.widgets.bars import Timeline
from rlm_tui.ui.widgets.choice import Choice
from rlm_tui.ui.widgets.document_view import DocumentView
from rlm_tui.ui.widgets.lines import LineView
from rlm_tui.ui.widgets.run_tree import RunTree
from tests.ui.conftest import finished

OWNERS = {
    "app": [RlmApp],
    "debug": [Workspace],
    "workspace": [Workspace],
    "text": [LineView],
    "document": [DocumentView],
    "tree": [RunTree],
    "timeline": [Timeline],
    "start": [Start],
    "dialog": [Confirm, Help, LinePrompt, Prompt],
    "close": [Help, BreakpointTable],
    "editing": [Editing],
    "answering": [Answering],
    "judging": [Judging],
    "branching": [Branching],
    "breakpoints": [BreakpointRows],
    "choice": [Choice],
}
"""Whose keys a table has."""

ROWS = [(table, key) for table, keys in keymap.TABLES.items() for key in keys]
EVERY_ROW = pytest.mark.parametrize(
    ("table", "key"), ROWS, ids=[f"{table}-{key.id}" for table, key in ROWS]
)


def test_every_table_has_an_owner():
    assert OWNERS.keys() == keymap.TABLES.keys()


@EVERY_ROW
def test_every_action_exists_where_its_key_acts(table, key):
    place, _, action = key.action.rpartition(".") if "(" not in key.action else _split(key.action)
    owners = {"app": [RlmApp], "screen": [Workspace], "": OWNERS[table]}[place]
    name = f"action_{action.partition('(')[0]}"
    assert [owner for owner in owners if not hasattr(owner, name)] == []


def _split(action):
    name, bracket, arguments = action.partition("(")
    place, dot, rest = name.rpartition(".")
    return place, dot, f"{rest}{bracket}{arguments}"


@EVERY_ROW
def test_every_key_is_one_that_terminals_send(table, key):
    known = {item.value for item in Keys}
    for name in key.keys.split(","):
        last = name.rpartition("+")[2]
        assert name in known or last in known or re.fullmatch(r"[A-Za-z0-9]|[a-z_]{3,}", last)
        assert name == name.strip()


@EVERY_ROW
def test_every_sentence_of_the_help_is_one_line_without_its_full_stop(table, key):
    assert key.tooltip[0].isupper()
    assert not key.tooltip.endswith(".")
    assert len(key.tooltip) <= 60
    assert len(key.label) <= 14


@pytest.mark.parametrize(
    ("identity", "shown"),
    [
        ("time.back", ",  alt+left"),
        ("time.forward", ".  alt+right"),
        ("time.previous", "[  alt+up"),
        ("time.slower", "<"),
        ("tree.expand_all", "+"),
        ("app.help", "?  f1"),
        ("run.ask", "ctrl+n"),
    ],
)
def test_keys_are_shown_as_the_signs_on_them(identity, shown):
    [key] = [key for _, key in ROWS if key.id == identity]
    assert keymap.shown_keys(key) == shown


def test_a_binding_has_everything_that_its_row_says():
    for row, binding in zip(keymap.WORKSPACE, keymap.bindings(keymap.WORKSPACE), strict=True):
        assert (binding.id, binding.key, binding.action) == (row.id, row.keys, row.action)
        assert (binding.description, binding.tooltip) == (row.label, row.tooltip)
        assert binding.show == row.in_footer


def test_a_footer_names_an_action_once():
    for keys in keymap.TABLES.values():
        labels = [key.label for key in keys if key.in_footer]
        assert len(labels) == len(set(labels))


LEAVE = {"app.quit", "app.close", "app.palette", "start.quit"}


@pytest.mark.parametrize("seed", range(3))
async def test_no_row_of_keys_in_any_order_brings_the_app_down(open_app, recording, seed):
    """A monkey with every key of the app; what it did is named by its seed."""
    chance = Random(seed)
    tables = [keys for name, keys in keymap.TABLES.items() if name not in {"start", "close"}]
    names = [
        name
        for key in chain.from_iterable(tables)
        if key.id not in LEAVE
        for name in key.keys.split(",")
    ]
    app = open_app(session=recording)
    size = chance.choice([(50, 20), (80, 24), (120, 40), (200, 60)])
    async with app.run_test(size=size) as pilot:
        await finished(pilot, app)
        for number, name in enumerate(chance.choices(names, k=150)):
            app.simulate_key(name)
            if number % 10 == 0:
                await pilot.pause()
        await pilot.press("escape")
        await pilot.press("escape")
        await pilot.press("F")
        await pilot.pause()
        assert app.workspace.run.transport.playhead.is_at_end
