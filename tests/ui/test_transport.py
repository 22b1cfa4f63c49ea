from __future__ import annotations

from random import Random
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_tui.events import Record
from rlm_tui.trajectory import Trajectory
from rlm_tui.ui import transport as module
from rlm_tui.ui.transport import SPEEDS, Transport
from tests.runs import NAMED, random_run, random_runs


class Clockwork:
    """Time and timers that move when they are told to."""

    def __init__(self):
        self.now = 100.0
        self.timers = []

    def monotonic(self):
        return self.now

    def set_interval(self, interval, callback):
        timer = SimpleNamespace(callback=callback, stop=lambda: self.timers.remove(timer))
        self.timers.append(timer)
        return timer

    def pass_by(self, seconds):
        self.now += seconds
        for timer in list(self.timers):
            timer.callback()


class Seen:
    """What is in view, from what a transport says; going back means looking anew."""

    def __init__(self):
        self.records = []
        self.times_back = 0
        self.playhead = None

    def __call__(self, records):
        if records is None:
            self.times_back += 1
            self.records = self.playhead.records[: self.playhead.position]
        else:
            self.records.extend(records)


@pytest.fixture
def clock(monkeypatch):
    clock = Clockwork()
    monkeypatch.setattr(module, "time", clock)
    return clock


def transport_over(records, clock=None):
    seen = Seen()
    transport = Transport(clock or Clockwork(), seen)
    seen.playhead = transport.playhead
    transport.extend(records)
    return transport, seen


def spaced(*gaps):
    """Records with these seconds before each."""
    records, at = [], 0.0
    for record, gap in zip(NAMED["answered"](), gaps, strict=False):
        at += gap
        records.append(Record(record.seq, at, record.node, record.event))
    return records


def test_what_comes_in_comes_into_view_while_it_follows():
    transport, seen = transport_over([])
    records = NAMED["answered"]()
    transport.extend(records[:5])
    assert seen.records == records[:5]
    transport.step(-2)
    transport.extend(records[5:])
    assert (transport.playhead.position, seen.times_back) == (3, 1)
    assert len(transport.playhead.records) == len(records)


def test_going_to_the_end_follows_again():
    records = NAMED["answered"]()
    transport, seen = transport_over(records[:5])
    transport.step(-1)
    transport.step(1)
    transport.extend(records[5:])
    assert transport.playhead.is_at_end
    assert seen.records[-1] == records[-1]


@pytest.mark.parametrize(("asked", "reached"), [(-5, 0), (0, 0), (3, 3), (10_000, None)])
def test_a_place_out_of_range_is_the_nearest_end(asked, reached):
    transport, _ = transport_over(NAMED["answered"]())
    transport.go_to(asked)
    everything = len(transport.playhead.records)
    assert transport.playhead.position == (everything if reached is None else reached)


def test_iterations_are_stopped_at_one_by_one_in_both_directions():
    transport, _ = transport_over(NAMED["answered"]())
    stops = list(transport.playhead.iteration_stops)
    back = []
    for _ in range(4):
        transport.iteration(-1)
        back.append(transport.playhead.position)
    assert back == [*reversed(stops), 0]
    forth = []
    for _ in range(4):
        transport.iteration(1)
        forth.append(transport.playhead.position)
    assert forth == [*stops, len(transport.playhead.records)]


def test_playing_takes_the_time_that_the_run_took(clock):
    transport, seen = transport_over(spaced(0, 0.5, 0.25, 0.25), clock)
    transport.play()
    assert (transport.is_playing, transport.playhead.position, seen.records) == (True, 0, [])
    positions = []
    for _ in range(5):
        clock.pass_by(0.25)
        positions.append(transport.playhead.position)
    assert positions == [1, 2, 3, 4, 4]
    assert not transport.is_playing
    assert clock.timers == []
    assert transport.playhead.follows


def test_a_wait_is_cut_to_a_second_before_the_speed_is_applied(clock):
    transport, _ = transport_over(spaced(0, 3600, 3600), clock)
    transport.change_speed(1)
    transport.play()
    positions = []
    for _ in range(4):
        clock.pass_by(0.25)
        positions.append(transport.playhead.position)
    assert positions == [1, 2, 2, 3]


def test_events_whose_times_go_back_come_at_once(clock):
    transport, _ = transport_over(spaced(0.5, -0.4, -0.1), clock)
    transport.play()
    clock.pass_by(0.5)
    assert transport.playhead.is_at_end


def test_the_speed_goes_from_a_quarter_to_thirty_two_times():
    transport, _ = transport_over([])
    assert transport.speed == 1.0
    seen = []
    for step in [-1] * 4 + [1] * 9:
        transport.change_speed(step)
        seen.append(transport.speed)
    assert seen == [0.5, 0.25, 0.25, 0.25, *SPEEDS[1:], 32.0, 32.0]


def test_a_new_speed_counts_from_now_on(clock):
    transport, _ = transport_over(spaced(*[1.0] * 8), clock)
    transport.play()
    clock.pass_by(1.0)
    transport.change_speed(2)
    clock.pass_by(1.0)
    assert transport.playhead.position == 5


def test_pausing_and_playing_on_does_not_count_the_time_between(clock):
    transport, _ = transport_over(spaced(*[1.0] * 8), clock)
    transport.play()
    clock.pass_by(1.0)
    transport.pause()
    clock.pass_by(60.0)
    transport.play()
    clock.pass_by(0.5)
    assert transport.playhead.position == 1
    clock.pass_by(0.5)
    assert transport.playhead.position == 2


def test_playing_twice_is_playing_once(clock):
    transport, _ = transport_over(spaced(1.0, 1.0), clock)
    transport.play()
    transport.play()
    assert len(clock.timers) == 1


def test_any_step_ends_the_playing(clock):
    transport, _ = transport_over(spaced(1.0, 1.0, 1.0), clock)
    transport.play()
    transport.step(1)
    assert (transport.is_playing, transport.playhead.position) == (False, 1)


def test_playing_a_live_run_from_behind_catches_up_and_follows(clock):
    records = spaced(*[0.1] * 8)
    transport, seen = transport_over(records[:4], clock)
    transport.go_to(0)
    transport.play()
    clock.pass_by(0.2)
    transport.extend(records[4:6])
    clock.pass_by(10.0)
    transport.extend(records[6:])
    assert seen.records == records
    assert transport.playhead.follows


def test_playing_what_has_no_events_yet_does_not_lose_those_that_come(clock):
    transport, seen = transport_over([], clock)
    transport.play()
    clock.pass_by(1.0)
    transport.extend(spaced(0, 0))
    assert len(seen.records) == 2


@settings(max_examples=40, deadline=None)
@given(random_runs, st.integers(0, 1 << 32))
def test_however_it_was_moved_what_is_in_view_is_what_was_before(records, seed):
    chance, clock, waiting = Random(seed), Clockwork(), list(records)
    transport, seen = transport_over([], clock)
    head = transport.playhead

    def hear():
        count = chance.randrange(6)
        transport.extend(waiting[:count])
        del waiting[:count]

    moves = (
        hear,
        lambda: transport.step(chance.randrange(-9, 10)),
        lambda: transport.iteration(chance.choice([-1, 1])),
        lambda: transport.go_to(chance.randrange(len(records) + 1)),
        transport.play,
        transport.pause,
        lambda: clock.pass_by(chance.random()),
    )
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "time", clock)
        for _ in range(40):
            chance.choice(moves)()
            assert seen.records == head.records[: head.position] == records[: head.position]
            assert not (head.follows and transport.is_playing)
    expected = Trajectory()
    expected.apply_all(records[: head.position])
    assert head.trajectory.root == expected.root


def test_the_runs_of_that_property_are_long_enough_to_move_in():
    assert max(len(random_run(Random(seed))) for seed in range(20)) > 40
