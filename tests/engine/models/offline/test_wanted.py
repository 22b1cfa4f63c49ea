"""What a question wants, and what a sentence gives."""

from __future__ import annotations

import pytest

from rlm_tui.engine.models.offline import wanted
from rlm_tui.engine.models.offline.words import terms


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Who created Python?", "person"),
        ("When was Python created?", "time"),
        ("In which year was it created?", "time"),
        ("How many volumes does the library have?", "number"),
        ("Why is the sky blue?", "reason"),
        ("What is a shelf?", "meaning"),
        ("What does the pass statement do?", "meaning"),
        ("What does PSF stand for?", "meaning"),
        ("What is raised when a name is not bound?", "value"),
        ("What is the magic number for Ulm?", "value"),
    ],
)
def test_the_first_question_word_says_what_is_wanted(question, kind):
    assert wanted.wanted(question) == kind


def short(question, sentence):
    return wanted.short_answer(question, wanted.wanted(question), sentence, terms(question))


@pytest.mark.parametrize(
    ("question", "sentence", "answer"),
    [
        ("What is the magic number for Ulm?", "The magic number for Ulm is 715.", "715"),
        ("What is the magic number for Ulm?", "715 is the magic number for Ulm.", "715"),
        ("What is the secret code?", "The secret code was set to: 'kestrel'.", "kestrel"),
        ("What is the license?", "License: MIT", "MIT"),
        (
            "Who created Python?",
            "Python was created in 1991 by Guido van Rossum.",
            "Guido van Rossum",
        ),
        ("Who wrote the code?", "Original code by Kevin O'Connor, augmented", "Kevin O'Connor"),
        ("Who leads the team?", "Ada Lovelace leads the team.", "Ada Lovelace"),
        ("When was it formed?", "In 2001, the foundation was formed.", "2001"),
        ("When did it end?", "It ended on 3 May 2021 at noon.", "3 May 2021"),
        ("How many volumes are there?", "It has 40,000 old volumes and 3 rooms.", "40,000"),
        ("How many volumes are there?", "There are 12 volumes.", "12"),
        ("Which RFC describes it?", "It is described in RFC 4122.", "RFC 4122"),
        ("What is X1 a subclass of?", "X1 is a subclass of ValueError.", "ValueError"),
        (
            "What does PSF stand for?",
            "The Python Software Foundation (PSF)",
            "Python Software Foundation",
        ),
        ("What does RPC mean?", "RPC -- remote procedure call.", "remote procedure call"),
    ],
)
def test_a_short_answer_is_read_off_a_sentence_of_clear_form(question, sentence, answer):
    assert short(question, sentence) == answer


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("When did it happen?", "It happened in 1999 or in 2001."),
        ("How many were there?", "There were 3 cats and 4 dogs."),
        ("Who was it?", "Anna met Berta in Ulm."),
        ("What is the magic number?", "The magic number of the town that lies by the river is 3."),
        ("What is the number?", "It is the number."),
        ("Why did it fail?", "It failed because of rust."),
        ("What does the code do?", "The code is 715."),
    ],
)
def test_of_an_unclear_sentence_no_part_is_taken(question, sentence):
    assert short(question, sentence) is None


@pytest.mark.parametrize(
    ("question", "sentence", "has"),
    [
        ("Who wrote it?", "Written by Ada Lovelace.", True),
        ("Who wrote it?", "It was written long ago.", False),
        ("Who wrote it?", "__all__ = ['GetPassWarning']", False),
        ("When was it written?", "It was written in 1843.", True),
        ("When was it written?", "It was written when it rained.", False),
        ("When is it called?", "It is called when it rains.", True),
        ("How many are there?", "There are two.", True),
        ("Why did it fail?", "It failed because of rust.", True),
        ("What is a shelf?", 'A "shelf" is a dictionary.', True),
        ("What is a shelf?", "The values in a shelf are objects.", False),
        ("What does pass do?", '"pass" is a null operation.', True),
        ("What does pass do?", 'pass_stmt ::= "pass"', False),
        ("Which precision?", "With no precision given, six digits are used.", False),
    ],
)
def test_whether_a_sentence_has_what_is_wanted(question, sentence, has):
    kind = wanted.wanted(question)
    assert wanted.has_answer(question, kind, sentence, terms(question)) == has


def test_a_sentence_of_nothing_but_the_question_adds_nothing():
    asked = terms("What is the standard FTP port?")
    assert not wanted.adds_something("The standard FTP port", asked)
    assert wanted.adds_something("The standard FTP port is open", asked)


def test_the_noun_behind_which_heads_the_question():
    question = "Which RFC describes the format?"
    assert wanted.head_of(question, terms(question)).word == "RFC"
    assert wanted.head_of("Who is it?", []) is None
