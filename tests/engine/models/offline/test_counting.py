"""How many: the code that counts, and what it tells."""

from __future__ import annotations

import pytest

from tests.engine.models.offline.rehearsing import rehearse

TEXT = """\
The heap is a Heap, not a cheap HEAP.

Write to ada@example.org or bob@example.com; ada@example.org reads it first.
The heap-like valley. all in all.
"""


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("How many lines are there?", "4 lines, 3 of them not blank."),
        ("How many characters?", "150 characters, 112 of them letters."),
        ("How many words?", "30 words (24 pieces between white space, as wc counts them)."),
        ("How many different words?", "21 different words, in any case (30 words in all)."),
        (
            "How many sentences?",
            "4 sentences, counted by their ends (., ! or ? before white space).",
        ),
        ("How many paragraphs?", "2 paragraphs, parted by blank lines."),
        ("How many headings?", "0 headings."),
        ("How many blank lines?", "1 blank line"),
        (
            'How often does "heap" occur?',
            "'heap' occurs 4 times, in 2 lines (2 with these very letters).",
        ),
        (
            'How often does "HEAP" occur?',
            "'HEAP' occurs 1 time, in 2 lines (4 in any case).",
        ),
        (
            'How often does "all" occur?',
            "'all' occurs 2 times, in 1 line (2 with these very letters).",
        ),
        ("How often does Zanzibar occur?", "'Zanzibar' does not occur: 0 times, in any case."),
        (
            "How many lines contain heap?",
            "2 lines have 'heap' (2 with these very letters; 4 times in all).",
        ),
        (
            'How many lines start with "The"?',
            "2 lines have 'The' at its start (2 with these very letters; 2 times in all).",
        ),
        ("How many lines are longer than 40 characters?", "1 line is longer than 40 characters."),
        ("How many e-mail addresses?", "3 e-mail addresses (2 different), in 1 line"),
        ("How many different e-mail addresses?", "2 different e-mail addresses (3 in all)"),
    ],
)
def test_the_number_asked_for_comes_first(question, first):
    done = rehearse(question, TEXT)
    assert done.failures == []
    assert done.first_line == first


LOG = "".join(
    f"2024-05-01 10:00:{n:02} {('ERROR', 'INFO', 'INFO')[n % 3]} app user=u-{n % 4} node=n{n % 2}\n"
    for n in range(12)
)


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("How many errors are there?", "4 error lines"),
        ("How many errors on node n1?", "2 error lines (those with node n1)"),
        ("How many errors of Zanzibar?", "No such line has Zanzibar. Without that: 4 error lines"),
        ("How many users are there?", "4 different values of user in 12 lines"),
        (
            "How many different users on n1?",
            "2 different values of user in 6 lines (those with n1)",
        ),
        ("How many lines contain user and u-2?", "3 records (those with user u-2)"),
    ],
)
def test_conditions_on_lines_are_heeded_or_told(question, first):
    done = rehearse(question, LOG)
    assert done.failures == []
    assert done.first_line == first


def test_examples_are_quoted_with_their_lines():
    done = rehearse("How many errors are there?", LOG)
    assert done.answer.split("\n")[1] == (
        '  line 1: "2024-05-01 10:00:00 ERROR app user=u-0 node=n0"'
    )
    assert done.prompts == []


def test_a_number_that_prose_states_is_read_and_not_counted():
    text = "import os\n\n# There are five classes in the diagram.\nclass A:\n    pass\n"
    done = rehearse("How many classes are in the diagram?", text)
    assert done.first_line == "five"
