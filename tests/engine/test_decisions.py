from __future__ import annotations

import pytest

from rlm_tui.breakpoints import Moment
from rlm_tui.engine.decisions import decision_of, intervened, why_not
from rlm_tui.events import Intervened
from rlm_tui.source import Answer, Edit, Fail, Reject, Retry, Skip

DECISIONS = [
    Edit("print(1)", "both"),
    Answer("mine"),
    Fail("timeout"),
    Skip(),
    Reject("not that"),
]


@pytest.mark.parametrize("decision", DECISIONS)
def test_what_is_recorded_of_a_decision_leads_back_to_it(decision):
    event = intervened(decision, "before")
    assert event.before == "before"
    assert decision_of(event) == decision


def test_a_pattern_is_recorded_with_what_it_is_for():
    assert intervened(Answer("mine", "a+"), "p") == Intervened(
        "answered", "p", "mine", pattern="a+"
    )


def test_what_is_no_decision_about_the_future_leads_to_none():
    assert decision_of(intervened(Retry("sub"), "root")) is None
    assert decision_of(Intervened("set", "a = 1")) is None


@pytest.mark.parametrize(
    ("decision", "moment", "why"),
    [
        (Edit("x"), Moment("answer", "1"), "can be edited"),
        (Answer("x"), Moment("code", "1.1"), "can be answered by hand"),
        (Fail("empty"), Moment("llm_query", "1.1.1", is_after=True), "can be failed"),
        (Retry("sub"), Moment("rlm_query", "1.1.1"), "made with another model"),
        (Skip(), Moment("request", "1"), "can be skipped"),
        (Reject("x"), Moment("llm_query", "1.1.1"), "can be rejected"),
    ],
)
def test_what_cannot_be_done_about_a_moment_is_said(decision, moment, why):
    assert why in why_not(decision, moment)


@pytest.mark.parametrize(
    ("decision", "moment"),
    [
        (Edit("x"), Moment("code", "1.1")),
        (Answer("x"), Moment("llm_query", "1.1.1", is_after=True)),
        (Answer("x"), Moment("answer", "1")),
        (Fail("empty"), Moment("rlm_query", "1.1.1")),
        (Skip(), Moment("code", "1.1")),
        (Reject("x"), Moment("answer", "1")),
    ],
)
def test_what_can_be_done_has_nothing_against_it(decision, moment):
    assert why_not(decision, moment) is None
