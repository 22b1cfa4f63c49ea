from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from rlm_tui.ui.widgets.wrapping import LONGEST, fitted, rows_of, spans_of

PICTURES = ("a", "b", " ", ".", "é", "e\u0301", "你", "🙂", "☺\ufe0f", "👩\u200d👧", "🇩🇪", "\u200b")
texts = st.lists(st.sampled_from(PICTURES), max_size=60).map("".join) | st.text(max_size=60)
WIDEST = max(map(cell_len, PICTURES))


@settings(max_examples=300, deadline=None)
@given(texts, st.integers(1, 20))
def test_rows_hold_the_whole_text_but_for_the_spaces_at_which_it_is_broken(text, width):
    spans = list(spans_of(text, width))
    assert spans[0][0] == 0
    assert spans[-1][1] == len(text) or text[spans[-1][1] :] == " "
    between = [text[end:start] for (_, end), (start, _) in itertools.pairwise(spans)]
    assert set(between) <= {"", " "}


@settings(max_examples=300, deadline=None)
@given(texts, st.integers(WIDEST, 20))
def test_no_row_is_wider_than_the_width(text, width):
    assert all(cell_len(row) <= width for row in rows_of(text, width))


@settings(max_examples=200, deadline=None)
@given(texts, st.integers(1, 20))
def test_every_row_but_that_of_an_empty_line_has_something_in_it(text, width):
    rows = list(rows_of(text, width))
    assert all(rows) or rows == [""]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PICTURES), min_size=1, max_size=40), st.integers(WIDEST, 20))
def test_what_is_drawn_as_one_picture_is_not_broken_in_two(pictures, width):
    starts = [row[0] for row in rows_of("".join(pictures), width) if row]
    first = "".join(pictures)[0]
    assert all(start not in "\u0301\ufe0f\u200d\u200b" for start in starts if start != first)


@pytest.mark.parametrize(
    ("text", "width", "rows"),
    [
        ("", 10, [""]),
        ("one two three", 8, ["one two ", "three"]),
        ("one two three", 7, ["one two", "three"]),
        ("one twothree", 8, ["one twot", "hree"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("a bcdefghij", 6, ["a bcde", "fghij"]),
        ("你好你好", 5, ["你好", "你好"]),
        ("x☺\ufe0fy", 3, ["x☺\ufe0f", "y"]),
        ("123\ufe0f\u20e3", 3, ["12", "3\ufe0f\u20e3"]),
        ("你", 1, ["你"]),
        ("ab", 0, ["a", "b"]),
    ],
)
def test_a_line_is_broken_at_a_space_of_its_second_half_or_else_where_it_is_full(text, width, rows):
    assert list(rows_of(text, width)) == rows


def test_a_line_beyond_all_measure_is_broken_as_far_as_is_said():
    assert sum(map(len, rows_of("x" * (LONGEST + 5), 1_000))) == LONGEST


@settings(max_examples=200, deadline=None)
@given(texts, st.integers(0, 20))
def test_a_fitted_text_takes_exactly_its_room(text, room):
    assert cell_len(fitted(text, room)) == room


@pytest.mark.parametrize(
    ("text", "room", "shown"),
    [
        ("label", 5, "label"),
        ("label", 7, "label  "),
        ("label", 4, "lab…"),
        ("label", 1, "…"),
        ("label", 0, ""),
        ("你好吗", 6, "你好吗"),
        ("你好吗", 5, "你好…"),
        ("你好吗", 4, "你… "),
    ],
)
def test_a_fitted_text_ends_in_an_ellipsis_where_it_was_cut(text, room, shown):
    assert fitted(text, room) == shown
