from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_tui.document.line_numbers import LineNumbers


@settings(max_examples=100, deadline=None)
@given(st.text("ab\r\n日", max_size=200), st.integers(0, 200))
def test_every_place_lies_between_the_starts_of_its_line_and_the_next(text, place):
    lines, place = LineNumbers(text), min(place, len(text))
    line = lines.line_of(place)
    assert line == text[:place].count("\n")
    start, after = lines.start_of(line), lines.start_of(line + 1)
    assert start is not None
    assert start <= place
    assert after is None or place < after


def test_lines_far_from_the_beginning_are_found():
    text = "".join(f"line {number}\n" for number in range(50_000))
    lines = LineNumbers(text)
    assert lines.between(49_999, 49_999) == "line 49998\n"
    assert lines.line_of(text.index("line 31234\n")) == 31_234


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [(1, 1, "a\n"), (2, 3, "b\nc"), (3, 9, "c"), (0, 1, "a\n"), (4, 5, "")],
)
def test_lines_between_two_numbers_are_told_as_far_as_they_exist(first, last, text):
    assert LineNumbers("a\nb\nc").between(first, last) == text


def test_there_is_no_line_before_the_first():
    assert LineNumbers("a\n").start_of(-1) is None
