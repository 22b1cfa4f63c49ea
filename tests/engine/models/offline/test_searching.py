"""Open questions: search, ask, compare."""

from __future__ import annotations

import pytest

from rlm_tui.document.demo import haystack
from tests.engine.models.offline.rehearsing import rehearse

TEXT = haystack(1, 20_000, ["The magic number for Ulm is 715.", "The magic number for Bonn is 12."])
QUESTION = "What is the magic number for Ulm?"


def test_an_answer_is_short_and_quoted_with_its_line():
    done = rehearse(QUESTION, TEXT)
    number = next(n for n, line in enumerate(TEXT.split("\n"), 1) if "magic number for Ulm" in line)
    assert done.failures == []
    assert done.answer.startswith(f"715\n  line {number:,}")
    assert '"The magic number for Ulm is 715."' in done.answer


def test_an_open_question_makes_many_sub_calls():
    done = rehearse("Who planted a row of limes near the old mill by the river?", TEXT)
    assert 10 <= len(done.prompts) <= 20
    assert all(prompt.startswith("Question: Who planted") for prompt in done.prompts)
    assert len(set(done.prompts)) == len(done.prompts)


def test_what_is_not_in_the_text_is_not_answered():
    done = rehearse("What is the magic number for Paris?", TEXT)
    assert done.first_line == (
        "Not stated in the question's words (not used: Paris). Closest passages:"
    )
    assert "The magic number for" in done.answer


def test_where_no_word_occurs_that_is_said_without_a_call():
    done = rehearse("Who is Zanzibar?", TEXT)
    assert done.first_line.startswith("Nothing found: none of the question's words occurs")
    assert "offline (no language model)" in done.first_line
    assert done.prompts == []


def test_two_answers_are_both_told():
    text = f"{TEXT}\n\nThe magic number for Ulm is 9.\n"
    assert rehearse(QUESTION, text).first_line == "The text says more than one thing: 715 or 9."


def test_without_sub_calls_it_reads_the_pieces_itself():
    done = rehearse(QUESTION, TEXT, depth_left=0)
    assert (done.failures, done.prompts) == ([], [])
    assert done.first_line == "715"


def test_when_every_sub_call_fails_it_reads_the_pieces_itself():
    done = rehearse(QUESTION, TEXT, ask=lambda _: ValueError("no"))
    assert done.failures == []
    assert done.first_line == "715"


def test_replies_of_a_language_model_are_taken_too():
    def ask(prompt):
        return "It is 715.\nline 3 says so" if "is 715" in prompt else "Not stated."

    assert rehearse(QUESTION, TEXT, ask=ask).first_line == "It is 715."
    assert rehearse(QUESTION, TEXT, ask=lambda _: "not stated").first_line.startswith(
        "Nothing found"
    )


@pytest.mark.parametrize(
    "text",
    [
        "The magic number for Ulm is 715.",
        "word " * 4000 + ". The magic number for Ulm is 715. " + "word " * 4000,
        "İ" * 900 + "\nThe magic number for Ulm is 715.\n",
        "{x} \"\"\" ''' \\n $name\nThe magic number for Ulm is 715.\n",
        "x\r\nThe magic number for Ulm is 715.\r\n",
    ],
    ids=["tiny", "one line", "letters that grow", "marks", "windows"],
)
def test_any_text_will_do(text):
    done = rehearse(QUESTION, text)
    assert done.failures == []
    assert done.first_line == "715"


def test_pieces_do_not_cross_from_one_document_into_the_next():
    documents = {
        "rich.txt": "Name: rich\nAuthor: Ada Brandt",
        "ulm.txt": "Name: ulm\nAuthor: Bob Keller",
    }
    done = rehearse("Who is the author of rich?", documents)
    assert done.failures == []
    assert done.answer.startswith("Ada Brandt\n  rich.txt, line 2:")
    assert "Bob" not in done.answer


def test_quotes_over_several_lines_name_their_document_and_lines():
    text = (
        "The harbour master of the little town of Ulm was born in the year of the great\n"
        "flood, 1871."
    )
    done = rehearse("When was the harbour master of Ulm born?", {"a": "x\n", "b": text})
    assert done.answer.startswith("1871\n  b, lines 1-2: ")
