"""Which kind a question is taken to be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_tui.engine.models.offline.grammar import read_question


@pytest.mark.parametrize(
    ("kind", "question"),
    [
        ("open", "Who created Python?"),
        ("open", "What is the magic number for Ulm?"),
        ("open", "What is the name of the last king of Bavaria?"),
        ("open", "Where may break occur syntactically?"),
        ("overview", "What is this document about?"),
        ("overview", "Summarise the text"),
        ("overview", "what?"),
        ("overview", ""),
        ("count", "How many lines are there?"),
        ("rank", "Top 5 words"),
        ("list", "List all dates"),
        ("measure", "What is the 95th percentile of the latency?"),
        ("busiest", "Which hour has the most errors?"),
        ("errors", "Which errors repeat most, and when?"),
        ("locate", "On which line is Ulm mentioned?"),
        ("define", "What does heappush() do?"),
        ("show", "What does line 42 say?"),
        ("extreme", "Which line is the longest?"),
    ],
)
def test_a_question_has_a_kind(kind, question):
    assert read_question(question).kind == kind


def test_statuses_in_the_plural_are_requests_with_that_status():
    question = read_question("How many 404s?")
    assert question.thing.one == "request"
    assert [term.word for term in question.filters] == ["status", "404"]


def test_a_possessive_is_not_part_of_a_name():
    assert [term.word for term in read_question("What is Ulm's number?").terms] == ["Ulm", "number"]


@given(st.text(max_size=60))
def test_every_text_is_some_question(text):
    assert read_question(text).kind
