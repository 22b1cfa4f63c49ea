from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_tui.document.anchors import Anchor, Places, find_places
from rlm_tui.document.matching import chosen, equal_after, equal_before, matches_of


@settings(max_examples=200, deadline=None)
@given(st.text("ab", max_size=300), st.text("ab", max_size=300), st.integers(0, 300))
def test_equal_text_is_measured_to_the_character(text, prompt, start):
    start, at = min(start, len(text)), min(start, len(prompt))
    assert equal_after(text, start, prompt, at) == common(text[start:], prompt[at:])
    before = common(text[:start][::-1], prompt[:at][::-1])
    assert equal_before(text, start, prompt, at) == before


def common(one: str, other: str) -> int:
    return next(
        (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )


def anchored(text: str, prompt: str, piece: str, *, is_line: bool = False) -> list[Anchor]:
    at = prompt.index(piece)
    return [Anchor(at, find_places(text, piece), is_line=is_line, length=len(piece))]


def test_a_match_grows_to_both_sides():
    text = "0123456789 the quick brown fox jumps over the lazy dog 9876543210"
    prompt = f"Say: {text[4:60]}!"
    (match,) = matches_of(text, prompt, anchored(text, prompt, "brown fox jumps "))
    assert (match.at, match.until, match.start) == (5, 61, 4)


def test_a_match_that_is_too_short_does_not_count_unless_it_is_a_whole_line():
    text = "a\nerror 4711 in disk 3\nb\n"
    prompt = "> error 4711 in disk 3!"
    piece = "error 4711 in disk 3"
    assert not matches_of(text, prompt, anchored(text, prompt, piece))
    assert matches_of(text, prompt, anchored(text, prompt, piece, is_line=True))


def test_of_two_places_the_one_with_more_equal_text_is_chosen():
    text = "x the quick brown fox jumps over the dog y the quick brown fox jumps over the cat z"
    prompt = "the quick brown fox jumps over the cat"
    matches = matches_of(text, prompt, anchored(text, prompt, "quick brown fox "))
    (choice,) = chosen(prompt, matches)
    assert choice.starts == (text.rindex("the quick"),)
    assert not choice.is_common


def test_places_that_differ_only_in_marks_around_the_words_are_all_kept():
    line = "the quick brown fox jumps over the lazy dog"
    text = f"- {line}\n* {line}\n"
    prompt = f"* {line}"
    matches = matches_of(text, prompt, anchored(text, prompt, "quick brown fox "))
    (choice,) = chosen(prompt, matches)
    assert len(choice.starts) == 2


def test_a_line_keeps_its_beginning_when_the_line_before_happens_to_go_on_with_it():
    text = "".join(f"2026-01-{day:02} something happened at {day * 7919}\n" for day in range(1, 29))
    lines = text.splitlines()
    prompt = f"{lines[4]}\n{lines[15]}"
    anchors = [
        Anchor(prompt.index(line), Places([text.index(line)]), is_line=True, length=len(line))
        for line in (lines[4], lines[15])
    ]
    first, second = chosen(prompt, matches_of(text, prompt, anchors))
    assert prompt[second.at : second.until] == lines[15]
    assert prompt[first.at : first.until] == f"{lines[4]}\n"


def test_a_stretch_does_not_begin_with_the_line_break_of_what_stands_before():
    text = "first line of the text\nsecond line, which is the one that was sent\nthird\n"
    prompt = "Look:\nsecond line, which is the one that was sent"
    (choice,) = chosen(prompt, matches_of(text, prompt, anchored(text, prompt, "which is the one")))
    assert choice.starts == (text.index("second"),)


def test_a_ruled_line_proves_nothing():
    text = f"{'=' * 60}\ntitle\n"
    prompt = f"{'=' * 60}"
    assert not chosen(prompt, matches_of(text, prompt, anchored(text, prompt, "=" * 60)))
