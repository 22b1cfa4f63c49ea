"""Which lines, where defined, what stands on a line."""

from __future__ import annotations

import pytest

from rlm_tui.engine.models.offline.grammar import read_question


@pytest.mark.parametrize(
    ("question", "span"),
    [
        ("What does line 42 say?", (42, 42)),
        ("Show lines 10 to 20", (10, 20)),
        ("Print line 1,204", (1204, 1204)),
    ],
)
def test_lines_are_asked_for_by_number(question, span):
    assert read_question(question).span == span


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("Where is heapify defined?", "heapify"),
        ("On which line is the class ArgumentParser declared?", "ArgumentParser"),
        ("What does def merge do?", "merge"),
        ("What does the function heapq.merge() return?", "merge"),
        ("What does os.path.join() do?", "join"),
        ("What arguments does sorted take?", "sorted"),
    ],
)
def test_a_definition_is_asked_for_by_name(question, name):
    found = read_question(question)
    assert (found.kind, found.phrase) == ("define", name)


@pytest.mark.parametrize(
    ("question", "position", "wants_when"),
    [
        ('On which line is "tournament" first mentioned?', "first", False),
        ("Where does Ulm last appear?", "last", False),
        ("On which lines does Ulm occur?", "", False),
        ("When was the last error?", "last", True),
    ],
)
def test_a_place_is_asked_for(question, position, wants_when):
    found = read_question(question)
    assert (found.kind, found.position, found.wants_when) == ("locate", position, wants_when)


def test_what_may_stand_somewhere_is_no_place():
    assert read_question("Where can a break statement appear?").kind == "open"
