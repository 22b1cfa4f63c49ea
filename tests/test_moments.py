from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_tui.breakpoint import Breakpoint
from rlm_tui.errors import UsageError
from rlm_tui.events import (
    CodeStarted,
    ErrorInfo,
    ModelRequested,
    Paused,
    Resumed,
    SubCallStarted,
    Variable,
    VariablesChanged,
)
from rlm_tui.moments import Moments, level_of
from rlm_tui.source import Resume, RunTo, Step
from tests.engine.harness import repl, started
from tests.runs import NAMED, block, call, chained, numbered, random_runs, turn, whole

QUIET = settings(max_examples=60, deadline=None)
BREAKPOINTS = [
    Breakpoint(1, "after llm_query"),
    Breakpoint(2, "it 2"),
    Breakpoint(3, "error", ignore=1),
    Breakpoint(4, "code", action="log"),
    Breakpoint(5, "calls>=2"),
]
WORDS = {"request": "model request", "code": "code block"}


def moments_of(records, breakpoints=()):
    moments = Moments()
    moments.extend(records)
    moments.set_breakpoints(list(breakpoints))
    return moments


def walked(go):
    """The positions one comes to by going on and on."""
    positions, stop = [], go(None)
    while stop is not None:
        positions.append(stop.position)
        stop = go(stop.position)
    return positions


def forth(moments, how, start=0):
    return walked(lambda at: moments.forward(start if at is None else at, how))


def what_follows(records, position):
    """The record that a stop stands before, as its node and what it is."""
    record = records[position]
    kinds = {ModelRequested: "request", CodeStarted: "code", SubCallStarted: "call"}
    return f"{record.node} {kinds.get(type(record.event), type(record.event).__name__)}"


def test_into_ends_before_everything_that_ran_or_cost():
    records = NAMED["parallel"]()
    moments = moments_of(records)
    first_calls = ["1 request", "1.1 code"]
    seen = [what_follows(records, at) for at in forth(moments, "into")]
    assert seen[:2] == first_calls
    assert seen[-1] == "1 AnswerProposed"
    calls = [r.node for r in records if isinstance(r.event, SubCallStarted)]
    assert seen[2:-1] == [f"{node} call" for node in calls]


def test_over_stays_at_the_level_and_out_leaves_it():
    records = whole(
        chained(
            turn("1", blocks=[block("1.1", calls=chained(call("1.1.1"), call("1.1.2")))]),
            turn("2", answer="715"),
        )
    )
    moments = moments_of(records)
    over = [what_follows(records, at) for at in forth(moments, "over")]
    assert over == ["1 request", "1.1 code", "2 request", "2 AnswerProposed"]
    inside = next(p.position for p in moments.places if p.moment.node == "1.1.1")
    assert what_follows(records, moments.forward(inside, "over").position) == "1.1.2 call"
    assert what_follows(records, moments.forward(inside, "out").position) == "2 request"
    assert moments.forward(0, "out") is None


def test_what_is_about_to_happen_is_known_where_a_step_ends_and_nowhere_else():
    records = NAMED["answered"]()
    moments = moments_of(records)
    stops = set(forth(moments, "into"))
    for position in range(len(records) + 1):
        assert (moments.next_at(position) is not None) == (position in stops)


def test_a_moment_knows_what_had_been_used_by_then_and_what_it_is_about():
    hits = VariablesChanged([Variable("hits", "int", None, "3")], gone=["old"])
    asked = block("1.1", calls=call("1.1.1", "which?", reply=None, error=ErrorInfo("empty", "-")))
    records = whole(
        chained(turn("1", blocks=[asked]), turn("2", blocks=[block("2.1", changes=hits)]))
    )
    moments = [place.moment for place in moments_of(records).places]
    made, ended = (m for m in moments if m.node == "1.1.1")
    assert (made.prompt, made.calls, made.tokens, made.cost) == ("which?", 0, 1280, 0.25)
    assert (ended.is_after, ended.fault, ended.calls, ended.cost) == (True, "empty", 1, 0.375)
    after = next(m for m in moments if m.node == "2.1" and m.is_after)
    assert after.changed == {"hits", "old"}
    assert after.output == "440820\n"


def test_time_that_the_run_was_held_does_not_count():
    first, *rest = turn("1")
    held = numbered([first, ("1", Paused("model request")), ("1", Resumed()), *rest], step=10.0)
    [asked, *_] = moments_of(held).places
    assert asked.moment.time == 30.0


def test_a_line_at_which_the_run_was_held_is_a_moment_of_its_own():
    code = "a = 1\nb = 2"
    held = Paused("line", "step", None, code, line=2)
    inside = block("1.1", code, calls=iter([("1.1", held), ("1.1", Resumed())]))
    records = whole(turn("1", blocks=[inside], answer="1"))
    moments = moments_of(records, [Breakpoint(1, "line 2")])
    stop = moments.next_hit(0)
    assert stop.breakpoint == 1
    assert records[stop.position - 1].event == held
    assert moments.level_at(stop.position) == (0, 1)


@pytest.mark.parametrize(
    ("spec", "follows"),
    [
        ("llm_query", "1.1.1 call"),
        ("after llm_query", "1.1 ReplOutput"),
        ("/which/ in prompt", "1.1.1 call"),
        ("error", "1 IterationFinished"),
        ("answer", "2 AnswerProposed"),
        ("cost>0.3", "2 request"),
        ("nothing_like_it or it 2", None),
    ],
)
def test_going_on_ends_at_the_next_breakpoint(spec, follows):
    failing = block("1.1", calls=call("1.1.1", "which?"), outcome="error", error="KeyError: 1")
    records = whole(chained(turn("1", blocks=[failing]), turn("2", answer="715")))
    if follows is None:
        with pytest.raises(UsageError):
            moments_of(records, [Breakpoint(1, spec)])
        return
    moments = moments_of(records, [Breakpoint(1, spec)])
    stop = moments.next_hit(0)
    assert what_follows(records, stop.position) == follows
    assert stop.reason == f"breakpoint 1 ({spec})"
    assert moments.hits == {1: 1}


def test_a_breakpoint_that_is_off_or_only_notes_ends_nothing():
    records = NAMED["parallel"]()
    off = Breakpoint(1, "llm_query", enabled=False)
    notes = Breakpoint(2, "llm_query", action="log")
    moments = moments_of(records, [off, notes])
    assert moments.next_hit(0) is None
    assert moments.hits.get(1, 0) == 0
    assert moments.hits[2] == 5


def test_a_step_on_the_way_ends_at_a_breakpoint():
    records = NAMED["parallel"]()
    moments = moments_of(records, [Breakpoint(7, "llm_query")])
    code = next(p.position for p in moments.places if p.moment.kind == "code")
    stop = moments.forward(code, "over")
    first_call = next(r for r in records if isinstance(r.event, SubCallStarted))
    assert (stop.breakpoint, records[stop.position]) == (7, first_call)


def test_a_run_goes_to_the_first_thing_at_or_below_a_node():
    records = NAMED["nested"]()
    moments = moments_of(records)
    assert what_follows(records, moments.to_node(0, "1.1.1").position) == "1.1.1 call"
    assert what_follows(records, moments.to_node(0, "1.1.1.1").position) == "1.1.1.1 request"
    assert moments.to_node(len(records), "1.1.1") is None
    assert moments.to_node(0, "1.1.9") is None


@QUIET
@given(random_runs, st.sampled_from([(), BREAKPOINTS]))
def test_going_back_passes_the_stops_of_going_forth(records, breakpoints):
    moments = moments_of(records, breakpoints)
    there = forth(moments, "into")
    back = walked(lambda at: moments.back(len(records) + 1 if at is None else at, "into"))
    assert back == there[::-1]
    hits = walked(lambda at: moments.next_hit(0 if at is None else at))
    unhit = walked(lambda at: moments.previous_hit(len(records) + 1 if at is None else at))
    assert [at for at in unhit if at] == hits[::-1]


@QUIET
@given(random_runs, st.integers(0, 300), st.sampled_from(["into", "over", "out"]))
def test_a_step_moves_on_and_passes_only_what_lies_further_inside(records, start, how):
    moments = moments_of(records)
    start = min(start, len(records))
    level, stop = moments.level_at(start), moments.forward(start, how)
    end = len(records) + 1 if stop is None else stop.position
    assert end > start
    between = [p for p in moments.places if start < p.position < end and not p.moment.is_after]
    if how == "into":
        assert between == []
    for place in between:
        assert level_of(place.moment) > level or (how == "out" and level_of(place.moment) == level)


@QUIET
@given(random_runs, st.lists(st.integers(0, 300), max_size=4))
def test_it_makes_no_difference_in_which_portions_records_come(records, cuts):
    portions = Moments()
    portions.set_breakpoints(BREAKPOINTS)
    for end in [*sorted(min(cut, len(records)) for cut in cuts), len(records)]:
        portions.extend(records[:end])
        portions.next_hit(0)
    at_once = moments_of(records, BREAKPOINTS)
    assert portions.places == at_once.places
    assert portions.hits == at_once.hits
    positions = [place.position for place in at_once.places]
    assert all(a <= b for a, b in pairwise(positions))


CHILD = [[repl("y = llm_query('deep')"), "FINAL(c)"]]
SCRIPT = [repl("a = llm_query('one')", "b = rlm_query('q', 'text')"), "FINAL_VAR(b)"]


@pytest.mark.parametrize(
    "steps",
    [
        ["into"] * 9,
        ["over"] * 4,
        ["into", "over", "into", "over", "over"],
        ["into", "into", "out", "into", "into", "out"],
        ["into", "over", "into", "into", "into", "into", "out"],
        ["1.2.1", "into", "2"],
    ],
    ids="-".join,
)
async def test_steps_of_a_recording_end_where_those_of_the_live_run_did(tmp_path, steps):
    left = [Step(how) if how in {"into", "over", "out"} else RunTo(how) for how in steps]
    async with started(tmp_path, paused=True, root=SCRIPT, child=CHILD, max_depth=2) as run:
        loop = asyncio.get_running_loop()

        def tell(record):
            if isinstance(record.event, Paused):
                loop.call_soon(run.source.send, left.pop(0) if left else Resume())

        run.on_record = tell
    held = [(r.node, r.event.before) for r in run.records if isinstance(r.event, Paused)]
    moments = moments_of(run.records)
    position = moments.forward(0, "into").position
    seen = [moments.next_at(position)]
    for how in steps:
        is_step = how in {"into", "over", "out"}
        go = moments.forward if is_step else moments.to_node
        position = go(position, how).position
        seen.append(moments.next_at(position))
    assert [(m.node, WORDS.get(m.kind, m.kind)) for m in seen] == held[: len(seen)]
    assert len(held) == len(seen)
