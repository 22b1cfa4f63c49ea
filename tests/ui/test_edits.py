from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_tui.ui.edits import changed_lines, syntax, told

QUIET = settings(max_examples=80, deadline=None)
TEXTS = st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=8).map("\n".join)


@pytest.mark.parametrize(
    "code",
    ["", "x = 1", "await llm_query('a')", "async for x in y: pass", "pattern = '\\d'", "x\r\ny"],
)
def test_code_that_the_repl_takes_is_read(code):
    assert syntax(code) == ""


@pytest.mark.parametrize(
    ("code", "line"), [("x = (", "line 1"), ("a\n  b", "line 2"), ("x = 1\n\nreturn x)", "line 3")]
)
def test_what_is_wrong_is_said_with_its_line(code, line):
    assert syntax(code).startswith(line)


@pytest.mark.parametrize("code", ["x = '\0'", "(" * 500 + ")" * 500], ids=["nul", "deep"])
def test_code_that_no_parser_takes_is_refused_in_words(code):
    assert syntax(code) != ""


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("a\nb", "a\nb", "nothing changed"),
        ("a\nb", "a\nc", "1 line changed"),
        ("a\nb\nc", "a", "2 lines changed"),
        ("a", "a\nb\nc", "2 lines changed"),
    ],
)
def test_how_much_was_changed_is_counted_in_lines(before, after, said):
    assert told(before, after, is_code=True) == f"syntax ok · {said}"
    assert told(before, after, is_code=False) == f"{said} · {len(after)} characters"


def test_an_error_stands_in_front():
    assert told("x", "x = (", is_code=True).startswith("line 1: ")


@QUIET
@given(TEXTS, TEXTS)
def test_the_lines_that_are_not_named_stood_in_the_text_before(before, after):
    new, gone = changed_lines(before, after)
    lines = after.split("\n")
    kept = [line for number, line in enumerate(lines) if number not in new]
    old = iter(before.split("\n"))
    assert all(line in old for line in kept)  # in their order
    assert (len(new) + gone == 0) == (before == after)
