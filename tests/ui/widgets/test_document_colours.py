from __future__ import annotations

from pathlib import Path

import pytest

from rlm_tui.ui.widgets.document_colours import LONGEST, Colours


def coloured(colours: Colours, text: str, *, is_first: bool = True) -> list[tuple[str, str]]:
    return [(text[s.start : s.end], s.meaning) for s in colours.spans(text, is_first=is_first)]


@pytest.mark.parametrize(
    ("line", "spans"),
    [
        ("12:00 ERROR E42 disk full", [("ERROR", "error")]),
        ("12:00 [WARN] slow", [("WARN", "waiting")]),
        ("INFO and then an ERROR", [("INFO", "ok")]),
        ("level=DEBUG x", [("DEBUG", "dim")]),
        ("an error, INFORMATION", []),
        ("x" * 300 + " ERROR", []),
    ],
)
def test_the_level_of_a_log_line_is_coloured(line, spans):
    assert coloured(Colours(), line) == spans


def test_a_level_is_that_of_a_lines_first_row():
    assert coloured(Colours(), "ERROR", is_first=False) == []


def test_symbols_of_control_characters_are_faint():
    assert coloured(Colours(), "a→   b␍") == [("→", "faint"), ("␍", "faint")]


@pytest.mark.parametrize("name", ["a.py", "a.py.gz"])
def test_a_known_type_is_coloured_by_its_words(name):
    spans = coloured(Colours.of_file(Path(name)), "def f(): return 'x'  # why")
    assert ("def", "keyword") in spans
    assert ("# why", "dim") in spans


@pytest.mark.parametrize("name", ["a.log", "notes.txt", "README-of-nothing", "a.log.gz", "x.qqq"])
def test_a_text_of_no_type_has_levels(name):
    assert coloured(Colours.of_file(Path(name)), "ERROR 'x'") == [("ERROR", "error")]


def test_the_far_end_of_a_long_line_is_not_coloured():
    spans = list(Colours.of_file(Path("a.json")).spans("1," * LONGEST, is_first=True))
    assert max(span.end for span in spans) <= LONGEST
