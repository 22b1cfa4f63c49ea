from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_tui.ui.widgets.highlighting import LONGEST, python_spans
from rlm_tui.ui.widgets.meanings import LOOKS

PIECES = (
    "for ",
    "x",
    " = ",
    "'",
    '"""',
    "#",
    "\n",
    "\r",
    "\r\n",
    "\t",
    "\\",
    "12",
    "é",
    "你",
    "\ufeff",
)
codes = st.lists(st.sampled_from(PIECES), max_size=30).map("".join) | st.text(max_size=40)


def coloured(code):
    """Each coloured word of some code, and what it is."""
    lines = code.split("\n")
    return [
        (line[span.start : span.end], span.meaning)
        for line, spans in zip(lines, python_spans(code), strict=True)
        for span in spans
    ]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("for x in y: pass", [("for", "keyword"), ("in", "keyword"), ("pass", "keyword")]),
        ("a and not b", [("and", "keyword"), ("not", "keyword")]),
        (
            "def f(): return 1.5",
            [("def", "keyword"), ("f", "name"), ("return", "keyword"), ("1.5", "number")],
        ),
        ("class A: ...", [("class", "keyword"), ("A", "name")]),
        ("print(len(x))", [("print", "name"), ("len", "name")]),
        ("x = 1  # one", [("1", "number"), ("# one", "dim")]),
        ("x + y", []),
        ("", []),
    ],
    ids=["keywords", "operators", "function", "class", "builtins", "comment", "plain", "nothing"],
)
def test_words_are_coloured_by_what_they_are(code, words):
    assert coloured(code) == words


def test_a_string_of_several_lines_is_coloured_on_each():
    spans = python_spans('x = """one\ntwo\n\nthree"""')
    assert [
        [(span.start, span.end) for span in line if span.meaning == "string"] for line in spans
    ][1:] == [[(0, 3)], [], [(0, 5), (5, 8)]]


@pytest.mark.parametrize("before", ["\ufeff", "\r", "é\r\n", "\n\n", "\t"])
def test_what_stands_before_a_word_does_not_shift_its_colour(before):
    assert coloured(f"{before}'end'")[-3:] == [("'", "string"), ("end", "string"), ("'", "string")]


@settings(max_examples=300, deadline=None)
@given(codes)
def test_there_is_a_list_of_spans_for_each_line_in_order_and_inside_it(code):
    lines = code.split("\n")
    spans = python_spans(code)
    assert len(spans) == len(lines)
    for line, inside in zip(lines, spans, strict=True):
        assert all(0 <= span.start < span.end <= len(line) for span in inside)
        assert all(one.end <= other.start for one, other in pairwise(inside))
        assert {span.meaning for span in inside} <= LOOKS.keys()


def test_code_beyond_all_measure_is_not_coloured():
    code = "x = 1\n" * (LONGEST // 6 + 1)
    assert python_spans(code) == ((),) * (code.count("\n") + 1)
