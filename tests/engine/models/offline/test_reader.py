"""Answers from a text alone, with quotes and what was not used."""

from __future__ import annotations

import pytest

from rlm_tui.engine.models.offline import reader
from rlm_tui.engine.models.offline.sentences import sentences

TEXT = """\
The library of Ulm was founded in 1871 by Ada Brandt. It has 40,000 volumes.

The magic number for Bonn is 12. Nobody knows why.

Notes on the river:

- The water is cold because it comes from the mountains.
- The bridge was closed.
"""


def lines(question, text=TEXT, **more):
    return reader.answer(question, text, **more).split("\n")


def test_an_answer_is_a_line_its_quotes_and_what_was_not_used():
    assert lines("Who founded the library of Ulm?") == [
        "Ada Brandt",
        '  line 1: "The library of Ulm was founded in 1871 by Ada Brandt."',
        "not used: none",
    ]


def test_the_lines_are_numbered_from_the_first_line_given():
    assert lines("Who founded the library?", first_line=1204)[1].startswith("  line 1,204:")


def test_a_missing_word_takes_the_answer_back():
    assert lines("What is the magic number for Ulm?") == [
        "not stated",
        '  line 3: "The magic number for Bonn is 12."',
        "not used: Ulm",
    ]


def test_the_sentence_before_says_what_it_is():
    first, before, quote, unused = lines("How many volumes does the library have?")
    assert (first, unused) == ("40,000", "not used: none")
    assert "founded" in before
    assert "It has 40,000 volumes." in quote


def test_a_line_that_leads_to_a_list_counts_for_its_items():
    assert lines("Why is the water of the river cold?")[0].startswith("The water is cold because")


def test_who_stays_unused_without_a_name():
    assert lines("Who closed the bridge?")[-1] == "not used: who"


def test_nothing_is_found_where_no_word_stands():
    assert lines("Who is Zanzibar?") == ["not stated", "not used: Zanzibar"]
    assert lines("Who?")[0] == "not stated"
    assert lines("Who is Ada?", "")[0] == "not stated"


def test_rare_words_decide_where_counts_are_known():
    text = "The stone fell.\n\nThe zebra ran."
    assert "zebra" in lines("stone zebra?", text, counts={"stone": 900, "zebra": 1})[1]
    assert "stone" in lines("stone zebra?", text, counts={"stone": 1, "zebra": 900})[1]


def test_the_name_of_the_document_counts_for_its_sentences():
    assert lines("Who is the author of rich?", "Author: Ada Lovelace", source="rich.txt")[0] == (
        "Ada Lovelace"
    )


def test_a_long_sentence_is_clipped():
    assert all(
        len(line) < 330 for line in lines("zebra number?", "The zebra number " + "x y " * 900)
    )


def test_a_final_answer_tells_of_documents_and_declines_with_passages():
    texts = [("a.txt", sentences(TEXT)), ("b.txt", sentences("The magic number for Ulm is 7."))]
    assert reader.told("What is the magic number for Ulm?", texts).split("\n") == [
        "7",
        '  b.txt, line 1: "The magic number for Ulm is 7."',
    ]
    declined = reader.told("What is the magic number for Paris?", texts)
    assert declined.startswith("Not stated in the question's words (not used: Paris)")
    assert '  a.txt, line 3: "The magic number for Bonn is 12."' in declined
    assert reader.told("Who is Zanzibar?", texts).startswith("Nothing found")


@pytest.mark.parametrize("first", ["by", "prepared by", "written by"])
def test_a_thing_by_someone_was_made_by_them_unless_something_else_was_done(first):
    answer = reader.answer("Who wrote the code?", f"The code {first} Ada Lovelace is short.")
    assert answer.startswith("not stated") == (first == "prepared by")
