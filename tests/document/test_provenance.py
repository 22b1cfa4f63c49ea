from __future__ import annotations

import random

import pytest

from rlm_tui.document.demo import haystack, service_log
from rlm_tui.document.provenance import Locator

LOG = service_log(3, 4_000)
LINES = LOG.splitlines(keepends=True)
PROSE = haystack(5, 300_000, ["The magic number is 4711."])
FLAT = "".join(f"{random.Random(7).random()}" if not n else f"{n * 7919:x}," for n in range(60_000))
"""One endless line."""


def spans(text: str, prompt: str) -> list[tuple[int, int]]:
    (located,) = Locator(text).locate([prompt])
    return [(span.start, span.end) for span in located.spans]


@pytest.mark.parametrize(
    "text", [LOG, PROSE, FLAT, f"🙂{LOG}"], ids=["log", "prose", "flat", "wide"]
)
@pytest.mark.parametrize("size", [60, 400, 3_000, 50_000])
def test_a_slice_of_the_document_is_found_where_it_was_taken_from(text, size):
    start = 70_001
    prompt = f"Which errors are in this piece of the text?\t{text[start : start + size]}\tAnswer."
    assert (start, start + size) in spans(text, prompt)


def test_many_prompts_are_found_as_well_as_one():
    chance = random.Random(11)
    starts = [chance.randrange(len(LOG) - 20_000) for _ in range(150)]
    prompts = [f"Piece {n}:\t{LOG[start : start + 20_000]}\t?" for n, start in enumerate(starts)]
    for located, start in zip(Locator(LOG).locate(prompts), starts, strict=True):
        (span,) = located.spans
        assert (span.start, span.end) == (start, start + 20_000)


def test_lines_that_were_picked_out_are_found_one_by_one():
    picked = sorted(random.Random(2).sample(range(len(LINES)), 60))
    found = spans(LOG, "Which of these matter?\n" + "".join(LINES[number] for number in picked))
    covered = {place for start, end in found for place in range(start, end)}
    for number in picked:
        start = LOG.index(LINES[number])
        assert covered.issuperset(range(start, start + len(LINES[number]) - 1))


def test_a_list_of_matches_as_grep_gives_it_is_found():
    picked = [10, 500, 501, 3_000]
    prompt = repr([(number + 1, LINES[number].rstrip("\n")) for number in picked])
    assert len(spans(LOG, prompt)) == len(picked)


def test_lower_case_text_in_one_line_is_found_as_derived():
    piece = " ".join(PROSE[90_000:95_000].lower().split())
    (located,) = Locator(PROSE).locate([f"Summarise: {piece}"])
    (span,) = located.spans
    assert span.is_derived
    assert abs(span.start - 90_000) < 20
    assert abs(span.end - 95_000) < 20


def test_a_changed_sentence_of_a_short_prompt_is_found():
    at = PROSE.index("The magic number is 4711.")
    sentence = " ".join(PROSE[at - 80 : at + 80].upper().split())
    (located,) = Locator(PROSE).locate([sentence])
    assert any(span.start <= at < span.end for span in located.spans)


def test_a_prompt_with_nothing_of_the_document_is_unknown():
    (located,) = Locator(LOG).locate(
        ["Combine the answers of the others into one sentence, please."]
    )
    assert located.is_unknown


def test_text_that_the_document_holds_everywhere_is_claimed_for_no_place():
    text = "INFO request ok, nothing to be said about it\n" * 5_000 + LOG
    (located,) = Locator(text).locate(["> INFO request ok, nothing to be said about it"])
    assert located.is_unknown
    assert located.repeats[0].has_more


def test_equal_prompts_are_told_equal_things_and_an_empty_one_nothing():
    locator = Locator(LOG)
    one, empty, other = locator.locate([LOG[500:900], "", LOG[500:900]])
    assert one == other
    assert empty.is_unknown


def test_what_was_not_found_once_is_found_nowhere_later():
    locator = Locator(LOG)
    prompt = "An instruction that is the same in every prompt and is not in the text:\t"
    before = locator.locate([prompt + LOG[:5_000]])
    assert locator.locate([prompt + LOG[:5_000]]) == before


def test_a_document_without_text_holds_nothing():
    (located,) = Locator("").locate(["anything at all, at least as long as would count"])
    assert located.is_unknown
