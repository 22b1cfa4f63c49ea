from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_tui.document.encoding import decoded
from rlm_tui.document.pattern import Pattern, Wanted
from rlm_tui.repl.guest.texttools import TextTools

LINES = st.lists(
    st.lists(st.sampled_from(["a", "b", "A", "ab ", "é", "É", "€", "😀", "\r", "1"])).map("".join),
    max_size=8,
).map(lambda lines: "".join(f"{line}\n" for line in lines))
REGEXES = ["a+", "[^b]+", r"\s*a", "^a|b$", "(?=a).", r"\w\s\w", "é|b", ".", r"a\Z", "(a|b)*", "."]


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("disk full", Wanted("disk full", ignore_case=True)),
        ("Disk", Wanted("Disk")),
        ("E42.*pg", Wanted("E42.*pg", is_regex=True)),
        (r"\Wx", Wanted(r"\Wx", is_regex=True, ignore_case=True)),
        ("f(x", Wanted("f(x", ignore_case=True)),
        ("!ok", Wanted("ok", ignore_case=True, is_inverted=True)),
        ("!", Wanted("!", ignore_case=True)),
    ],
)
def test_what_is_typed_is_a_regex_if_it_is_one_and_capitals_make_case_matter(typed, wanted):
    assert Wanted.typed(typed) == wanted


def naive_hits(text: str, wanted: Wanted) -> list[tuple[int, int]]:
    """Hits in characters, line by line."""
    expression = wanted.text if wanted.is_regex else re.escape(wanted.text)
    pattern = re.compile(expression, re.IGNORECASE if wanted.ignore_case else 0)
    found, at = [], 0
    for line in text.split("\n"):
        spans = (match.span() for match in pattern.finditer(line))
        found += [(at + start, at + end) for start, end in spans if end > start]
        at += len(line) + 1
    return found


def assert_finds(text: str, wanted: Wanted, codec: str):
    piece = text.encode(codec)
    pattern = Pattern(wanted, codec)
    expected = [
        (len(text[:start].encode(codec)), len(text[:end].encode(codec)))
        for start, end in naive_hits(text, wanted)
    ]
    assert [tuple(hit) for hit in pattern.hits(piece)] == expected
    assert pattern.count(piece) == len(expected)


@given(LINES, st.sampled_from(["a", "ab", "É", "é", "1\r", "€"]), st.booleans())
@settings(max_examples=200, deadline=None)
def test_a_literal_is_found_as_a_slow_reader_finds_it(text, literal, ignore_case):
    assert_finds(text, Wanted(literal, ignore_case=ignore_case), "utf-8")


@given(st.lists(LINES, max_size=6), st.sampled_from(["a", "ab", "A", "é", "s"]))
@settings(max_examples=200, deadline=None)
def test_a_literal_in_any_case_is_counted_the_same_whichever_way_is_faster(pieces, literal):
    pattern = Pattern(Wanted(literal, ignore_case=True), "utf-8")
    for piece in [*pieces, "aAaA\n" * 9, *pieces, "\u017fK\n" * 99, "sk\n"]:
        content = piece.encode()
        assert pattern.count(content) == sum(1 for _ in pattern.hits(content))


@given(LINES, st.sampled_from(REGEXES), st.booleans())
@settings(max_examples=200, deadline=None)
def test_a_regex_is_found_line_by_line(text, regex, ignore_case):
    assert_finds(text, Wanted(regex, is_regex=True, ignore_case=ignore_case), "utf-8")


@given(LINES, st.sampled_from(["a", "É", "€", "😀"]), st.booleans())
@settings(max_examples=100, deadline=None)
def test_in_a_single_byte_encoding_it_is_found_as_well(text, literal, ignore_case):
    text = text.replace("😀", "")
    assert_finds(text, Wanted(literal, ignore_case=ignore_case), "cp1252")


@given(LINES, st.sampled_from(["a", "é", "ab"]), st.booleans(), st.booleans())
@settings(max_examples=150, deadline=None)
def test_lines_are_those_that_hold_it_or_those_that_do_not(text, literal, ignore_case, is_inverted):
    wanted = Wanted(literal, ignore_case=ignore_case, is_inverted=is_inverted)
    piece = text.encode()
    starts = Pattern(wanted, "utf-8").lines(piece)
    shown = [piece[start:].partition(b"\n")[0].decode() for start in starts]
    fold = str.lower if ignore_case else str
    lines = text.split("\n")[:-1]
    assert shown == [line for line in lines if (fold(literal) in fold(line)) != is_inverted]
    assert Pattern(wanted, "utf-8").count(piece) == (
        len(starts) if is_inverted else fold(text).count(fold(literal))
    )


@given(LINES, st.sampled_from(REGEXES))
@settings(max_examples=150, deadline=None)
def test_the_pane_and_the_helper_of_the_repl_find_the_same_lines(text, regex):
    """Where a match is empty the helper counts it, too; the pane has nothing to show."""
    if re.search(regex, ""):
        return
    piece = text.encode()
    wanted = Wanted(regex, is_regex=True)
    starts = Pattern(wanted, "utf-8").lines(piece)
    numbers = [piece.count(b"\n", 0, start) + 1 for start in starts]
    assert numbers == [number for number, _ in TextTools(lambda: text).grep(regex)]


def test_invalid_bytes_are_searched_as_the_marks_they_are_shown_as():
    piece = b"\xffa\xe2\x82a\n"
    hits = list(Pattern(Wanted("\ufffd+a", is_regex=True), "utf-8").hits(piece))
    assert [piece[hit.start : hit.end] for hit in hits] == [b"\xffa", b"\xe2\x82a"]
    assert len(decoded(piece)) == len(piece)
