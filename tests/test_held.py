from __future__ import annotations

import pytest
from hypothesis import given, settings

from rlm_tui.events import CodeStarted, ModelRequested, Paused, Resumed, SubCallStarted
from rlm_tui.held import Held, amount, held_at
from rlm_tui.moments import Moments
from rlm_tui.playhead import Playhead
from tests.runs import NAMED, block, call, numbered, random_runs, turn, whole

QUIET = settings(max_examples=40, deadline=None)


def at(records, position, *, is_live=False):
    playhead = Playhead()
    playhead.extend(records)
    playhead.move_to(position)
    return held_at(playhead.trajectory, records, position, is_live=is_live)


def before(records, kind):
    """What comes next right before the first event of a kind."""
    position = next(i for i, record in enumerate(records) if isinstance(record.event, kind))
    return at(records, position)


def test_what_is_recorded_next_is_told_as_a_live_run_would():
    records = whole(turn("1", blocks=[block("1.1", "x = 1", calls=call("1.1.1", "which?"))]))
    asked = before(records, ModelRequested)
    assert (asked.node, asked.next.before, asked.next.input_tokens) == ("1", "model request", 1200)
    assert asked.next.text == "Go on 1"
    code = before(records, CodeStarted)
    assert (code.node, code.block, code.next.text, code.is_sent) == ("1.1", "1.1", "x = 1", False)
    made = before(records, SubCallStarted)
    assert (made.node, made.block, made.next.text, made.next.line) == ("1.1.1", "1.1", "which?", 1)
    assert made.is_call
    assert made.is_sent
    assert made.is_recorded


def test_at_the_end_of_a_live_run_it_is_what_the_run_is_held_before():
    records = NAMED["held"]()
    held = at(records, len(records), is_live=True)
    assert (held.node, held.next.reason) == ("2.1", "breakpoint 1 (code)")
    assert not held.is_recorded
    assert at(records, len(records)).is_recorded


def test_a_stop_in_the_past_of_a_live_run_is_recorded():
    records = numbered([*turn("1", hold="you asked"), ("1", Paused("answer"))])
    position = next(i for i, r in enumerate(records) if isinstance(r.event, Resumed))
    assert at(records, position, is_live=True).is_recorded


def test_nothing_comes_next_at_the_end():
    records = NAMED["answered"]()
    assert at(records, len(records)) is None
    assert held_at(Playhead().trajectory, [], 0) is None


@QUIET
@given(random_runs)
def test_something_comes_next_wherever_a_step_ends(records):
    moments = Moments()
    moments.extend(records)
    stop = moments.forward(0, "into")
    while stop is not None:
        moment = moments.next_at(stop.position)
        held = at(records, stop.position)
        assert held is not None
        if held.next.reason == "":
            assert held.node == moment.node
        stop = moments.forward(stop.position, "into")


@pytest.mark.parametrize(
    ("held", "where"),
    [
        (Held("3.1.3", Paused("llm_query")), "before llm_query #3"),
        (Held("3.1.3", Paused("rlm_query")), "before rlm_query #3"),
        (Held("3.1.3", Paused("reply")), "before the reply of #3"),
        (Held("3.1", Paused("code block")), "before code 3.1"),
        (Held("3.1", Paused("line", line=4)), "at line 4 of code 3.1"),
        (Held("3", Paused("model request")), "before the model request of it 3"),
        (Held("3.1.1.2", Paused("model request")), "before the model request of it 2"),
        (Held("3", Paused("answer")), "before the answer is taken"),
        (Held("3.1", Paused("what follows the code block")), "after code 3.1"),
        (Held("3", Paused("what follows the model request")), "after the reply of it 3"),
        (Held("3", Paused("a full moon")), "before a full moon"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_where_it_is_held_is_told_in_words(held, where):
    assert held.where == where


@pytest.mark.parametrize(
    ("held", "price"),
    [
        (Held("1", Paused("model request", cost_usd=0.0006)), "next step ~$0.0006"),
        (Held("1", Paused("model request", cost_usd=2.5)), "next step ~$2.50"),
        (Held("1", Paused("model request", cost_usd=0.0)), "next step free"),
        (Held("1.1.1", Paused("llm_query")), "next step: price unknown"),
        (Held("1.1", Paused("code block")), "next step costs nothing"),
        (Held("1.1.1", Paused("llm_query"), is_recorded=True), "next step is recorded: free"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_price_of_going_on_is_told_in_words(held, price):
    assert held.price == price


def test_a_small_amount_keeps_its_digits():
    assert amount(0.00061) == "~$0.0006"
