from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_tui.document.anchors import (
    GRAM,
    LONGEST_LINE,
    MOST,
    MOST_OF_GRAM,
    SURE,
    Grams,
    find_places,
    line_places,
)


def test_lines_are_found_without_the_blanks_around_them():
    text = "one line\r\n   another line\t\none line\n"
    places = line_places(text, ["one line", "another line", "third"])
    assert places["one line"].starts == [0, text.rindex("one")]
    assert places["another line"].starts == [text.index("another")]
    assert "third" not in places


def test_a_line_behind_one_that_is_longer_than_a_block_is_found():
    text = f"first line\n{'x' * 700_000}\nlast line"
    places = line_places(text, ["first line", "last line"])
    assert places["first line"].starts == [0]
    assert places["last line"].starts == [text.index("last")]


def test_a_text_that_is_one_endless_line_has_no_line_to_find():
    assert not line_places("x" * (LONGEST_LINE * 10), ["x"])


def test_of_a_line_that_stands_everywhere_the_first_places_are_noted():
    (places,) = line_places("same line\n" * 100_000, ["same line"]).values()
    assert places.has_more
    assert places.starts == [10 * number for number in range(MOST)]


@settings(max_examples=100, deadline=None)
@given(st.text("ab日🙂\n", min_size=SURE, max_size=300), st.integers(0, 300))
def test_every_stretch_that_is_long_enough_has_a_piece_that_is_found_in_its_place(text, start):
    start = min(start, len(text) - SURE)
    grams = Grams(text)
    asked = grams.of(text[start : start + SURE])
    places = grams.places(asked)
    assert any(
        start + index in places[gram].starts or places[gram].has_more
        for index, gram in enumerate(asked)
        if gram in places
    )


@settings(max_examples=100, deadline=None)
@given(st.text("ab", max_size=300), st.text("ab", min_size=GRAM, max_size=GRAM))
def test_every_place_of_a_piece_holds_it(text, piece):
    for places in Grams(text).places(Grams(text).of(piece)).values():
        assert all(text.startswith(piece, start) for start in places.starts)
    assert all(text.startswith(piece, start) for start in find_places(text, piece).starts)


def test_a_piece_that_stands_everywhere_is_common():
    text = "x" * 100_000
    assert find_places(text, "x" * GRAM).has_more
    (places,) = Grams(text).places(Grams(text).of("x" * GRAM)).values()
    assert places.has_more
    assert len(places.starts) == MOST_OF_GRAM
