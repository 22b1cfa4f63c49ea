"""Where something stands, what stands on a line, and definitions."""

from __future__ import annotations

import pytest

from tests.engine.models.offline.rehearsing import rehearse

CODE = '''\
import os

LIMIT = 10


def run(fast, *, slow=1):
    """Run it once.

    Twice is too often.
    """
    return LIMIT


class Ada:
    """A person."""

    def run(self):
        # Runs her.
        return run(1)
'''
LOG = "10:00:01 INFO start\n10:00:02 ERROR disk full\n10:00:03 INFO ok\n10:00:04 ERROR disk gone\n"


@pytest.mark.parametrize(
    ("question", "text", "first"),
    [
        ('On which line is "Twice" mentioned?', CODE, "line 9"),
        ("On which lines does LIMIT occur?", CODE, "Lines 3, 11 (2 lines)."),
        ('Where does "run" last appear?', CODE, "line 19 (4 such lines; this is the last)"),
        ("On which line is the disk gone?", LOG, "line 4"),
        ("When was the first error?", LOG, "10:00:02: line 2 (2 such lines; this is the first)"),
        ("When was the last error?", LOG, "10:00:04: line 4 (2 such lines; this is the last)"),
        (
            "On which line is the disk of Zanzibar?",
            LOG,
            "No line has all the words (Zanzibar not used). Closest: Lines 2, 4 (2 lines).",
        ),
        ("What does line 3 say?", CODE, "LIMIT = 10"),
        ("What does line 2 say?", CODE, "(an empty line)"),
        ("Show lines 1 to 3", CODE, "Lines 1 to 3:"),
        ("What does line 99 say?", CODE, "There is no line 99: the text has 19 lines."),
        ("Where is Ada defined?", CODE, "line 14: class Ada:"),
        ("Where is LIMIT defined?", CODE, "line 3: LIMIT = 10"),
        ("What does Ada do?", CODE, "A person."),
        ("What does run() do?", CODE, "Run it once. (2 definitions of this name)"),
        (
            "Define TTL",
            "RPC: a call.\n- **TTL** (time): how long.\n",
            "- **TTL** (time): how long.",
        ),
    ],
)
def test_the_place_comes_first(question, text, first):
    done = rehearse(question, text)
    assert done.failures == []
    assert done.first_line == first


def test_a_definition_is_quoted_with_its_docstring():
    lines = rehearse("Where is run defined?", CODE).answer.split("\n")
    assert lines[1:] == [
        '  line 6: "def run(fast, *, slow=1):"',
        '  line 7: """"Run it once."',
        '  line 17: "def run(self):"',
    ]


@pytest.mark.parametrize("question", ["Where is Zanzibar mentioned?", "Where is zanzibar defined?"])
def test_what_is_nowhere_is_said_to_be_nowhere(question):
    assert rehearse(question, CODE).first_line.startswith("Nothing found")


def test_lines_of_several_documents_are_shown_from_each():
    done = rehearse("What does line 2 say?", {"a": "1\n2\n", "b": "3\n4\n", "c": "5"})
    assert done.answer == 'From line 2 of each document:\n  a, line 2: "2"\n  b, line 2: "4"'
