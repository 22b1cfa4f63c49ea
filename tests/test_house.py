"""The rules of the house that no linter knows."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from textual.message_pump import MessagePump

from rlm_tui.ui import keymap, remapping
from rlm_tui.ui.widgets.meanings import LOOKS

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "rlm_tui").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
WITHOUT_TESTS = {
    "rlm_tui/document/anchors.py",
    "rlm_tui/document/coverage.py",
    "rlm_tui/document/derived.py",
    "rlm_tui/document/line_numbers.py",
    "rlm_tui/document/matching.py",
    "rlm_tui/document/prompt_lines.py",
    "rlm_tui/document/prompt_search.py",
    "rlm_tui/document/provenance.py",
    "rlm_tui/document/scanning.py",
    "rlm_tui/document/settling.py",
    "rlm_tui/document/sightings.py",
    "rlm_tui/document/spans.py",
    "rlm_tui/document/stretches.py",
    "rlm_tui/header.py",
    "rlm_tui/repl/guest/looking.py",
    "rlm_tui/repl/guest/stepping.py",
    "rlm_tui/repl/said.py",
}
FORBIDDEN = {"utils", "helpers", "common", "manager", "base", "types", "misc"}


def test_no_file_is_longer_than_400_lines():
    long = {
        str(path.relative_to(ROOT)): lines
        for path in (*SOURCES, *TESTS)
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}


def test_no_module_has_a_name_that_says_nothing():
    assert [path for path in SOURCES if path.stem in FORBIDDEN] == []


def test_every_module_has_its_test_file():
    missing = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if path.stem not in {"__init__", "__main__"}
        and not (ROOT / "tests" / path.relative_to(ROOT / "rlm_tui"))
        .with_name(f"test_{path.name}")
        .exists()
    ]
    assert set(missing) <= WITHOUT_TESTS


def test_the_style_sheet_has_no_colour_of_its_own():
    sheet = (ROOT / "rlm_tui/ui/app.tcss").read_text(encoding="utf-8")
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|rgb\(|hsl\(", re.sub(r"#\w+ ?[{,]", "", sheet)) == []


def test_every_theme_defines_what_the_meanings_name():
    named = {look.color for look in LOOKS.values()} | {look.background for look in LOOKS.values()}
    builtin = {"foreground", "background", "panel", "accent", "primary", "secondary"}
    builtin |= {"success", "warning", "error", ""}
    for path in (ROOT / "themes").glob("*.toml"):
        theme = tomllib.loads(path.read_text(encoding="utf-8"))
        assert named <= builtin | theme["variables"].keys()
        assert builtin - {""} <= theme.keys()


def test_every_binding_has_an_id_of_its_own_and_a_tooltip():
    keys = [key for table in keymap.TABLES.values() for key in table]
    assert len({key.id for key in keys}) == len(keys)
    assert all(key.tooltip and key.label for key in keys)


@pytest.mark.parametrize("preset", remapping.PRESETS)
def test_no_key_means_two_things_in_one_place(preset):
    assert remapping.conflicts(remapping.tables(remapping.PRESETS[preset])) == []


def test_no_widget_of_ours_hides_a_private_attribute_of_textual():
    """A class attribute or method of Textual that ours replaces by accident breaks it silently."""
    hidden = []
    for path in (ROOT / "rlm_tui/ui").rglob("*.py"):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for cls in vars(importlib.import_module(name)).values():
            if not (inspect.isclass(cls) and cls.__module__ == name):
                continue
            if not issubclass(cls, MessagePump):
                continue
            bases = [b for b in cls.__mro__ if b.__module__.startswith("textual")]
            stored = {
                node.attr
                for node in ast.walk(ast.parse(inspect.getsource(cls)))
                if isinstance(node, ast.Attribute)
                and isinstance(node.ctx, ast.Store)
                and isinstance(node.value, ast.Name)
                and node.value.id == "self"
            }
            text = "".join(inspect.getsource(base) for base in bases)
            hidden += [
                (cls.__name__, attribute)
                for attribute in stored
                if attribute.startswith("_")
                and (
                    any(attribute in vars(base) for base in bases)
                    or re.search(rf"self\.{attribute}\s*[:=]", text)
                )
            ]
    assert hidden == []


@pytest.mark.parametrize(
    "imported",
    [
        "rlm_tui.cli",
        "rlm_tui.assemble, rlm_tui.ui.app, rlm_tui.ui.screens.workspace",
        "rlm_tui.replay, rlm_tui.session.reader",
    ],
)
def test_opening_the_app_or_a_recording_loads_neither_litellm_nor_tiktoken(imported):
    heavy = "{'litellm', 'tiktoken', 'openai', 'rlm_tui.engine.loop'}"
    code = f"import sys, {imported}; print(sorted({heavy} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
