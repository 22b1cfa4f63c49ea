import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_tui.config import Settings
from rlm_tui.engine.limits import Clock, Ledger, sentence
from rlm_tui.errors import LimitReachedError
from rlm_tui.events import LimitNeared, LimitReached, Usage


class Time:
    """A clock that goes forward when it is told to."""

    def __init__(self, monkeypatch) -> None:
        self.now = 100.0
        monkeypatch.setattr("rlm_tui.engine.limits.time.monotonic", lambda: self.now)


@pytest.fixture
def time(monkeypatch):
    return Time(monkeypatch)


def ledger_of(**limits) -> tuple[Ledger, list]:
    told = []
    return Ledger(Settings(**limits), told.append), told


def used(tokens: int, cost: float | None = 0.0) -> Usage:
    return Usage(requests=1, input_tokens=tokens, cost_usd=cost)


# The clock


def test_a_clock_does_not_count_its_pauses(time):
    clock = Clock()
    time.now += 2
    clock.pause()
    time.now += 50
    assert clock.elapsed == 2
    clock.resume()
    time.now += 3
    assert clock.elapsed == 5


def test_pausing_twice_is_pausing_once(time):
    clock = Clock()
    clock.pause()
    time.now += 10
    clock.pause()
    time.now += 10
    clock.resume()
    clock.resume()
    time.now += 1
    assert clock.elapsed == 1


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 100)), max_size=20))
def test_a_clock_counts_exactly_the_time_between_its_pauses(steps):
    with pytest.MonkeyPatch.context() as monkeypatch:
        time = Time(monkeypatch)
        clock, expected = Clock(), 0
        for is_paused, seconds in steps:
            clock.pause() if is_paused else clock.resume()
            time.now += seconds
            expected += 0 if is_paused else seconds
            assert clock.elapsed == pytest.approx(expected)


# Reservations


def test_what_is_reserved_counts_until_it_is_settled():
    ledger, told = ledger_of(max_tokens=100)
    first = ledger.reserve(60, 0.0)
    with pytest.raises(LimitReachedError, match="100 tokens"):
        ledger.reserve(60, 0.0)
    assert told == [LimitReached("tokens", 60, 100)]
    ledger.settle(first, used(10))
    assert ledger.spent == used(10)


def test_a_request_may_reach_a_limit_but_not_pass_it():
    ledger, told = ledger_of(max_tokens=100, max_cost=1.0, max_sub_calls=1)
    ledger.settle(ledger.reserve(100, 1.0, sub_call=True), used(1))
    assert not [event for event in told if isinstance(event, LimitReached)]


@pytest.mark.parametrize(
    ("limits", "request_", "name"),
    [
        ({"max_tokens": 99}, (100, 0.0, False), "tokens"),
        ({"max_cost": 0.5}, (1, 0.51, False), "cost"),
        ({"max_sub_calls": 0}, (1, 0.0, True), "sub-calls"),
    ],
    ids=["tokens", "cost", "sub-calls"],
)
def test_a_limit_that_is_reached_stops_every_later_call(limits, request_, name):
    ledger, told = ledger_of(**limits)
    tokens, cost, sub_call = request_
    with pytest.raises(LimitReachedError) as raised:
        ledger.reserve(tokens, cost, sub_call=sub_call)
    assert raised.value.limit == name
    with pytest.raises(LimitReachedError) as later:
        ledger.reserve(0, 0.0)
    assert later.value.limit == name
    assert [event.limit for event in told] == [name]


def test_a_root_request_does_not_count_against_the_sub_calls():
    ledger, _ = ledger_of(max_sub_calls=1)
    ledger.reserve(1, 0.0)
    ledger.reserve(1, 0.0, sub_call=True)
    assert ledger.sub_calls == 1


def test_half_and_four_fifths_of_a_limit_are_announced_once_each():
    ledger, told = ledger_of(max_sub_calls=10)
    for _ in range(10):
        ledger.reserve(1, 0.0, sub_call=True)
    assert told == [LimitNeared("sub-calls", 5, 10), LimitNeared("sub-calls", 8, 10)]


def test_a_jump_over_both_marks_is_announced_once():
    ledger, told = ledger_of(max_tokens=100)
    ledger.settle(ledger.reserve(10, 0.0), used(85))
    ledger.settle(ledger.reserve(10, 0.0), used(1))
    assert told == [LimitNeared("tokens", 85, 100)]


def test_a_price_that_is_not_known_is_not_zero_in_the_account():
    ledger, _ = ledger_of()
    ledger.settle(ledger.reserve(1, None), used(1, None))
    assert ledger.spent.cost_usd is None


def test_an_unknown_price_does_not_hide_the_known_ones_from_the_limit():
    ledger, told = ledger_of(max_cost=1.0)
    ledger.settle(ledger.reserve(1, 0.1), used(1, 0.9))
    ledger.settle(ledger.reserve(1, None), used(1, None))
    with pytest.raises(LimitReachedError, match=r"\$0.9000 spent"):
        ledger.reserve(1, 0.2)
    assert told == [LimitNeared("cost", 0.9, 1.0), LimitReached("cost", 0.9, 1.0)]


def test_the_time_limit_is_met_by_the_clock_without_pauses(time):
    ledger, told = ledger_of(max_time=10.0)
    time.now += 6
    ledger.check()
    ledger.clock.pause()
    time.now += 100
    ledger.check()
    ledger.clock.resume()
    time.now += 4
    with pytest.raises(LimitReachedError) as raised:
        ledger.check()
    assert raised.value.limit == "time"
    assert [type(event) for event in told] == [LimitNeared, LimitReached]


def test_a_limit_can_be_lifted_for_one_last_request_and_put_back():
    ledger, told = ledger_of(max_sub_calls=0)
    with pytest.raises(LimitReachedError):
        ledger.reserve(1, 0.0, sub_call=True)
    reached = ledger.reopen()
    ledger.settle(ledger.reserve(1, 0.0), used(1))
    ledger.close(reached)
    with pytest.raises(LimitReachedError):
        ledger.reserve(1, 0.0)
    assert len(told) == 1


def test_the_last_request_must_fit_and_its_limit_is_not_told_twice():
    ledger, told = ledger_of(max_tokens=10)
    with pytest.raises(LimitReachedError):
        ledger.reserve(11, 0.0)
    reached = ledger.reopen()
    with pytest.raises(LimitReachedError):
        ledger.reserve(11, 0.0)
    ledger.close(reached)
    assert told == [LimitReached("tokens", 0, 10)]


def test_closing_without_a_limit_leaves_one_that_was_reached_meanwhile():
    ledger, _ = ledger_of(max_sub_calls=0)
    lifted = ledger.reopen()
    with pytest.raises(LimitReachedError):
        ledger.reserve(1, 0.0, sub_call=True)
    ledger.close(lifted)
    assert ledger.reached.limit == "sub-calls"


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_calls_in_parallel_never_pass_a_limit_together(data):
    max_tokens = data.draw(st.integers(1, 200), "max tokens")
    max_calls = data.draw(st.integers(0, 12), "max sub-calls")
    max_cost = data.draw(st.integers(1, 100), "max cents") / 100
    ledger, told = ledger_of(max_tokens=max_tokens, max_sub_calls=max_calls, max_cost=max_cost)
    in_flight = []
    calls = 0
    for _ in range(data.draw(st.integers(0, 30), "steps")):
        if in_flight and data.draw(st.booleans(), "one ends"):
            reservation = in_flight.pop(data.draw(st.integers(0, len(in_flight) - 1)))
            share = data.draw(st.sampled_from([0, 0.5, 1]), "of what it reserved")
            usage = used(int(reservation.tokens * share), reservation.cost * share)
            ledger.settle(reservation, usage)
        else:
            is_call = data.draw(st.booleans(), "a sub-call")
            tokens, cents = data.draw(st.tuples(st.integers(0, 60), st.integers(0, 30)))
            try:
                in_flight.append(ledger.reserve(tokens, cents / 100, sub_call=is_call))
            except LimitReachedError:
                assert ledger.reached is not None
            else:
                assert ledger.reached is None
                calls += is_call
        held = sum(reservation.tokens for reservation in in_flight)
        held_cost = sum(reservation.cost for reservation in in_flight)
        assert ledger.spent.input_tokens + held <= max_tokens
        assert ledger.spent.cost_usd + held_cost <= max_cost + 1e-9
        assert ledger.sub_calls == calls <= max_calls
    assert sum(isinstance(event, LimitReached) for event in told) == (ledger.reached is not None)


@given(st.lists(st.floats(0, 10, allow_nan=False), max_size=30))
def test_what_was_held_is_given_back(costs):
    ledger, _ = ledger_of(max_cost=1e6)
    for reservation in [ledger.reserve(3, cost) for cost in costs]:
        ledger.settle(reservation, Usage(cost_usd=0.0))
    assert ledger._held_tokens == 0
    assert math.isclose(ledger._held_cost, 0.0, abs_tol=1e-9)


@pytest.mark.parametrize(
    ("limit", "allowed", "flag"),
    [
        ("iterations", 30, "--max-iterations"),
        ("sub-calls", 1_000, "1,000 sub-calls"),
        ("tokens", 5, "--max-tokens"),
        ("cost", 0.5, "$0.50"),
        ("time", 2.5, "2.5 s"),
        ("errors", 5, "5 iterations in a row"),
        ("another", 1, "another"),
    ],
    ids=str,
)
def test_a_limit_is_told_in_a_sentence(limit, allowed, flag):
    assert flag in sentence(LimitReached(limit, 0.1234, allowed))
