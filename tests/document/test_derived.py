from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_tui.document.derived import BLOCK, grams_of, likenesses, plain, plain_places

PARAGRAPH = (
    "The Quick Brown Fox jumps over the lazy dog;\n    and the Dog, being lazy (and old),\n"
    "\tdoes not get up before 10:45 -- Straße, naïve, 日本語 -- on any day.\n"
)


def alike(text: str, piece: str):
    return likenesses(text, piece, plain_places(text, grams_of(piece)))


def changed(text: str) -> str:
    return " ".join(text.lower().split())


def test_text_that_was_joined_and_made_small_is_traced_back():
    text = f"{'Something else entirely. ' * 50}{PARAGRAPH}{'And so on. ' * 50}"
    piece = f"Summarise: {changed(PARAGRAPH)} Thank you."
    ((found,),) = alike(text, piece)
    assert text[found.start : found.end] == PARAGRAPH.strip().rstrip(".")
    assert plain(piece[found.at : found.until]) == plain(PARAGRAPH)


def test_text_across_the_end_of_a_block_is_found_as_one():
    filler = "".join(f"{number:x} " for number in range(BLOCK))[: BLOCK - 60]
    text = filler + PARAGRAPH + "end of it"
    ((found,),) = alike(text, changed(PARAGRAPH))
    assert found.start == BLOCK - 60


def test_text_that_stands_twice_is_told_with_both_places():
    text = f"{PARAGRAPH}{'Something else entirely. ' * 51}{PARAGRAPH}"
    (found,) = alike(text, changed(PARAGRAPH))
    assert [one.start for one in found] == [0, text.rindex("The Quick")]


def test_other_text_is_like_nothing():
    assert not alike(PARAGRAPH * 3, "Nothing of this is in the document at all, not one sentence.")


@settings(max_examples=100, deadline=None)
@given(
    st.text("aZé日ß İ\n-.,", max_size=200),
    st.integers(0, 200),
    st.integers(0, 200),
    st.text("xyz é", max_size=20),
)
def test_whatever_is_alike_has_the_same_form(text, first, last, junk):
    piece = junk + changed(text[first:last]) + junk
    for same in alike(text, piece):
        for one in same:
            assert plain(text[one.start : one.end]) == plain(piece[one.at : one.until])


def test_a_likeness_can_be_counted_from_elsewhere():
    ((found,),) = alike(PARAGRAPH, changed(PARAGRAPH))
    moved = found.moved(100)
    assert (moved.at, moved.until) == (found.at + 100, found.until + 100)
    assert (moved.start, moved.end) == (found.start, found.end)
