"""Which lines count."""

from __future__ import annotations

import re

import pytest

from rlm_tui.engine.models.offline.choosing import line_regexes, phrase_regex, with_value
from rlm_tui.engine.models.offline.grammar import read_question
from rlm_tui.engine.models.offline.pen import Pen
from rlm_tui.engine.models.offline.shape import shape_of
from rlm_tui.engine.models.offline.situation import Situation
from rlm_tui.engine.models.offline.task import Task
from rlm_tui.engine.models.offline.words import term

LINES = [(n, f"{n} GET /a status={200 + n} user=u-{n} size=503 ERROR x") for n in range(1, 9)]


def conditions(question):
    task = Task(
        Situation(question, 1, 1, ""),
        read_question(question),
        shape_of(LINES),
        Pen(is_joined=False),
    )
    return line_regexes(task, task.question.filters)


@pytest.mark.parametrize(
    ("phrase", "text", "count"),
    [
        ("all", "all valley all-in v*all*ey", 3),
        ("self.x", "self.x self.xy selfxx", 1),
        ("foo(", "foo( foo (", 1),
        ("a b", "a  b a\nb", 2),
        ("@property", "@property x@property", 2),
    ],
)
def test_a_phrase_is_bounded_where_it_is_a_word(phrase, text, count):
    assert len(re.findall(phrase_regex(phrase), text)) == count


def test_a_word_is_a_condition_of_its_own():
    assert list(conditions("How many errors mention Ulm?")) == ["Ulm"]


def test_a_field_and_its_value_are_one_condition():
    (regex,) = conditions("How many lines have user u-3?").values()
    assert [n for n, line in LINES if re.search(regex, line)] == [3]


def test_a_status_of_requests_is_not_any_number():
    (regex,) = conditions("How many requests returned 503?").values()
    assert not any(re.search(regex, line) for _, line in LINES)


def test_other_things_are_conditions_in_their_own_case():
    assert conditions("Which user has the most errors?")["error lines"].startswith("(?-i:")


def test_what_only_names_a_name_is_no_condition():
    assert list(conditions("How many errors did the payments service log?")) == ["payments"]


def test_a_value_takes_the_place_of_the_group():
    field = shape_of([(1, 'a "city": "Ulm"'), (2, '"city": "Bonn"')]).field_for(["city"])
    regex = re.compile(with_value(field, term("Ulm")), re.IGNORECASE)
    assert regex.search('{"city": "Ulm"}')
    assert not regex.search('{"town": "Ulm"}')
