"""Slices of a document are planted into prompts; what is found has to be there, and to be all."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_tui.document.anchors import GRAM, MOST_OF_GRAM, SURE
from rlm_tui.document.derived import plain
from rlm_tui.document.provenance import Locator
from rlm_tui.document.stretches import Stretches

WORDS = (
    "error",
    "disk",
    "Straße",
    "naïve",
    "日本語",
    "E42",
    "retry",
    "queue",
    "🙂",
    "x" * 20,
    "7",
    "ok",
)
ENDS = ("\n", "\r\n", " ", "\t", "\n\n", "; ")


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Words that come again and again, numbers that mostly do not, and lines of every kind."""
    parts: list[str] = []
    for _ in range(draw(st.integers(20, 120))):
        kind = draw(st.integers(0, 9))
        if kind == 0 and parts:
            first = draw(st.integers(0, len(parts) - 1))
            parts += parts[first : first + draw(st.integers(1, 12))]
        else:
            number = draw(st.integers(0, 10**9)) if kind < 6 else draw(st.integers(0, 3))
            parts.append(f"{draw(st.sampled_from(WORDS))} {number:x}{draw(st.sampled_from(ENDS))}")
    return "".join(parts)


@st.composite
def planted(draw: st.DrawFn) -> tuple[str, str, list[tuple[int, int, int]]]:
    """A document, a prompt, and where slices of one are in the other: (at, start, size)."""
    text = draw(documents())
    prompt = ""
    places: list[tuple[int, int, int]] = []
    for _ in range(draw(st.integers(1, 4))):
        prompt += draw(st.text(max_size=40)) + draw(st.sampled_from(("", "\n", "12: ", "> ")))
        start = draw(st.integers(0, max(len(text) - SURE, 0)))
        size = draw(st.integers(SURE, 400))
        piece = text[start : start + size]
        # What stands before and behind a slice must not happen to go on with it.
        prompt += "\0"
        places.append((len(prompt), start, len(piece)))
        prompt += piece + "\0"
    return text, prompt + draw(st.text(max_size=40)), places


@settings(max_examples=100, deadline=None)
@given(planted())
def test_what_is_found_is_equal_text(case):
    text, prompt, _ = case
    (located,) = Locator(text).locate([prompt])
    for span in located.spans:
        theirs, ours = text[span.start : span.end], prompt[span.at : span.until]
        assert (plain(theirs) == plain(ours)) if span.is_derived else theirs == ours
        assert plain(ours)
    for repeat in located.repeats:
        piece = prompt[repeat.at : repeat.until]
        assert all(plain(text[start:]).startswith(plain(piece)) for start in repeat.starts)


@settings(max_examples=100, deadline=None)
@given(planted())
def test_a_planted_slice_that_is_unique_is_found_where_it_was_taken_from(case):
    text, prompt, places = case
    (located,) = Locator(text).locate([prompt])
    found = Stretches((span.start, span.end) for span in located.spans)
    for _, start, size in places:
        piece = text[start : start + size]
        words = re.sub(r"^[\W_]+|[\W_]+$", "", piece)
        if len(words) < SURE or _count(text, words) > 1 or _count(prompt, words) > 1:
            continue
        pieces = {words[at : at + GRAM] for at in range(len(words) - GRAM + 1)}
        if max(_count(text, piece) for piece in pieces) > MOST_OF_GRAM:
            continue  # made of what the document is full of
        first = start + piece.index(words)
        assert found.holds(first, first + len(words))


def _count(text: str, piece: str) -> int:
    return len(re.findall(f"(?={re.escape(piece)})", text))
