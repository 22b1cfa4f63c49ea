from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_tui.events import IterationStarted, ModelRequested
from rlm_tui.playhead import Playhead
from rlm_tui.trajectory import Trajectory
from tests.runs import NAMED, random_runs

QUIET = settings(max_examples=60, deadline=None)
MOVES = st.lists(st.integers(-3, 300), max_size=6)


def folded(records):
    trajectory = Trajectory()
    trajectory.apply_all(records)
    return trajectory


def playhead_of(records):
    playhead = Playhead()
    playhead.extend(records)
    return playhead


@QUIET
@given(random_runs, MOVES)
def test_wherever_it_goes_it_knows_the_fold_of_the_records_up_to_there(records, moves):
    playhead = playhead_of(records)
    for position in moves:
        playhead.move_to(position)
        assert playhead.position == min(max(position, 0), len(records))
        assert playhead.trajectory == folded(records[: playhead.position])


@QUIET
@given(random_runs, st.lists(st.integers(0, 300), max_size=4))
def test_it_makes_no_difference_in_which_portions_records_come(records, cuts):
    playhead = Playhead()
    bounds = [0, *sorted(min(cut, len(records)) for cut in cuts), len(records)]
    for first, last in pairwise(bounds):
        playhead.extend(records[first:last])
        assert playhead.is_at_end
    assert playhead.records == records
    assert playhead.trajectory == folded(records)
    assert list(playhead.iteration_stops) == list(playhead_of(records).iteration_stops)


@QUIET
@given(random_runs, st.integers(0, 300))
def test_problems_are_met_one_by_one_forth_and_back(records, position):
    playhead = playhead_of(records)
    playhead.move_to(0)
    seen = []
    while place := playhead.next_problem():
        assert place > playhead.position
        playhead.move_to(place)
        seen.append(place)
    back = []
    playhead.move_to(len(records) + 1)
    while place := playhead.previous_problem():
        playhead.move_to(place)
        back.append(place)
    behind_the_last = seen[-1:] == [len(records)]
    assert seen[: len(seen) - behind_the_last] == back[::-1]


def test_what_went_wrong_and_what_was_hit_are_problems():
    for name, count in (("answered", 0), ("failed", 1)):
        playhead = playhead_of(NAMED[name]())
        playhead.move_to(0)
        assert bool(playhead.next_problem()) == bool(count)


@QUIET
@given(random_runs, st.integers(0, 300))
def test_it_stays_where_it_is_when_it_does_not_follow(records, position):
    playhead = playhead_of(records[:10])
    playhead.move_to(position)
    playhead.follows = False
    stood, trajectory = playhead.position, playhead.trajectory
    playhead.extend(records[10:])
    assert playhead.position == stood
    assert playhead.trajectory == trajectory == folded(records[:stood])


@QUIET
@given(random_runs)
def test_it_stops_before_the_request_of_every_iteration_of_the_root(records):
    playhead = playhead_of(records)
    stops = list(playhead.iteration_stops)
    requested = {r.node for r in records if isinstance(r.event, ModelRequested)}
    begun = [r.node for r in records if isinstance(r.event, IterationStarted)]
    roots = [node for node in begun if "." not in node and node in requested]
    assert [playhead.records[stop].node for stop in stops] == roots
    for stop in stops:
        assert isinstance(playhead.records[stop].event, ModelRequested)


@QUIET
@given(random_runs, st.integers(0, 300))
def test_the_next_and_the_previous_stop_lie_on_both_sides(records, position):
    playhead = playhead_of(records)
    playhead.move_to(position)
    at = playhead.position
    stops = playhead.iteration_stops
    assert playhead.next_iteration() == min((s for s in stops if s > at), default=len(records))
    assert playhead.previous_iteration() == max((s for s in stops if s < at), default=0)


@pytest.mark.parametrize("name", NAMED)
def test_going_through_all_iterations_and_back_visits_the_same_places(name):
    playhead = playhead_of(NAMED[name]())
    there, back = [], []
    playhead.move_to(0)
    while not playhead.is_at_end:
        playhead.move_to(playhead.next_iteration())
        there.append(playhead.position)
    while playhead.position:
        back.append(playhead.position)
        playhead.move_to(playhead.previous_iteration())
    assert there == sorted(back)


def test_an_empty_playhead_stands_at_both_ends():
    playhead = Playhead()
    playhead.move_to(5)
    assert playhead.is_at_end
    assert (playhead.position, playhead.next_iteration(), playhead.previous_iteration()) == (
        0,
        0,
        0,
    )


def test_going_back_takes_a_trajectory_of_its_own():
    playhead = playhead_of(NAMED["troubled"]())
    at_end = playhead.trajectory
    kept = folded(playhead.records)
    playhead.move_to(3)
    assert at_end == kept
