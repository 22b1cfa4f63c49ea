from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import get_args

import pytest
from hypothesis import given, settings

from rlm_tui.events import (
    AnswerProposed,
    AnyEvent,
    CodeFinished,
    CodeStarted,
    ErrorInfo,
    IterationFinished,
    IterationStarted,
    Message,
    ModelDelta,
    ModelFailed,
    ModelRequested,
    ModelResponded,
    Paused,
    ReplOutput,
    ReplyRejected,
    Resumed,
    RetryScheduled,
    RunFinished,
    SubCallFinished,
    SubCallStarted,
    Usage,
    depth_of,
    parent_of,
)
from rlm_tui.trajectory import CodeBlock, Iteration, SubCall, Trajectory
from tests import runs
from tests.runs import COST, NAMED, SUB_COST, TOO_MANY, random_runs

QUIET = settings(max_examples=60, deadline=None)


def folded(records):
    trajectory = Trajectory()
    trajectory.apply_all(records)
    return trajectory


def trajectory_of(*happenings):
    return folded(runs.numbered(happenings))


def test_the_named_runs_hold_every_event_there_is():
    seen = {type(record.event) for make in NAMED.values() for record in make()}
    assert seen == set(get_args(AnyEvent))


def test_nothing_has_happened_before_the_first_event():
    trajectory = Trajectory()
    assert (trajectory.seq, trajectory.at, trajectory.nodes) == (0, 0.0, {})
    assert trajectory.root.iterations == []


@QUIET
@given(random_runs)
def test_every_start_makes_one_node_in_its_place(records):
    trajectory = folded(records)
    starts = (IterationStarted, CodeStarted, SubCallStarted)
    started = [record.node for record in records if isinstance(record.event, starts)]
    assert list(trajectory.nodes) == started
    for name, node in trajectory.nodes.items():
        assert node.id == name
        match node:
            case Iteration():
                siblings = trajectory.loop_of(name).iterations
            case CodeBlock():
                siblings = trajectory.iteration(parent_of(name)).blocks
            case SubCall():
                siblings = trajectory.block(parent_of(name)).calls
        assert sum(sibling is node for sibling in siblings) == 1


@QUIET
@given(random_runs)
def test_the_figures_are_those_of_the_events(records):
    trajectory = folded(records)
    events = [record.event for record in records]
    has_loop = {parent_of(r.node) for r in records if isinstance(r.event, IterationStarted)}
    used = Usage()
    for record in records:
        match record.event:
            case ModelResponded(usage=usage) | ModelFailed(usage=usage):
                used = used.plus(usage)
            case SubCallFinished(usage=usage) if record.node not in has_loop:
                used = used.plus(usage)
    assert trajectory.spent == used
    assert trajectory.call_count == sum(isinstance(event, SubCallStarted) for event in events)
    assert trajectory.deepest == max(
        (depth_of(r.node) for r in records if isinstance(r.event, IterationStarted)), default=0
    )
    assert trajectory.seq == len(records)
    assert trajectory.at == (records[-1].at if records else 0.0)


@QUIET
@given(random_runs)
def test_every_request_is_kept_exactly_as_it_was_sent(records):
    trajectory = folded(records)
    sent: dict[str, list[Message]] = {}
    for record in records:
        if isinstance(record.event, ModelRequested):
            loop = parent_of(record.node)
            sent[loop] = [*sent.get(loop, [])[: record.event.kept], *record.event.messages]
            assert trajectory.iteration(record.node).prompt == sent[loop]


@QUIET
@given(random_runs)
def test_nothing_runs_any_more_after_the_last_event(records):
    trajectory = folded(records)
    if trajectory.finished is not None:
        assert trajectory.paused is None
        for node in trajectory.nodes.values():
            assert node.state not in {"running", "waiting"}
            assert node.ended is not None
            assert node.ended >= node.started


@QUIET
@given(random_runs)
def test_folding_changes_no_record_and_so_can_be_done_again(records):
    assert folded(records) == folded(records)


# What a node says


def test_the_whole_reply_takes_the_place_of_its_pieces():
    started = ("1", IterationStarted(1))
    pieces = [("1", ModelDelta("Hel")), ("1", ModelDelta("hm", reasoning=True))]
    iteration = trajectory_of(started, *pieces, ("1", ModelDelta("lo"))).iteration("1")
    assert iteration.reply == "Hello"
    assert iteration.reasoning == ["hm"]
    responded = ("1", ModelResponded("Hello.", COST, 1.0, "stop"))
    assert trajectory_of(started, *pieces, responded).iteration("1").reply == "Hello."


def test_an_empty_whole_reply_takes_their_place_too():
    happenings = (("1", ModelDelta("x")), ("1", ModelResponded("", COST, 1.0, "stop")))
    assert trajectory_of(("1", IterationStarted(1)), *happenings).iteration("1").reply == ""


@pytest.mark.parametrize("node", ["1", "1.1.1"], ids=["iteration", "sub-call"])
def test_a_retry_forgets_what_had_arrived_and_waits_until_text_comes(node):
    begun = [
        ("1", IterationStarted(1)),
        ("1.1", CodeStarted("…")),
        ("1.1.1", SubCallStarted("llm_query", "m", "p", 1)),
        (node, ModelDelta("a false st")),
        (node, RetryScheduled(2, 0.5, TOO_MANY)),
    ]
    waiting = trajectory_of(*begun).nodes[node]
    assert (waiting.state, waiting.reply, waiting.retry.attempt) == ("waiting", "", 2)
    again = trajectory_of(*begun, (node, ModelDelta("ok"))).nodes[node]
    assert (again.state, again.reply, again.retry) == ("running", "ok", None)


def test_a_failed_call_has_no_reply_even_if_some_of_it_had_arrived():
    records = runs.whole(runs.turn("1", blocks=[runs.block("1.1", calls=failed_call())]))
    call = folded(records).call("1.1.1")
    assert (call.reply, call.state, call.result.error) == ("", "error", TOO_MANY)


def failed_call():
    return runs.call("1.1.1", pieces=["half a re"], error=TOO_MANY)


CANCELLED = ErrorInfo("cancelled", "the call was stopped")
TURN = ("1", IterationStarted(1))
BLOCK = ("1.1", CodeStarted("…"))
CALL = ("1.1.1", SubCallStarted("llm_query", "m", "p", 1))
END = ("1", IterationFinished("…"))


def ended(outcome):
    return ("1.1", CodeFinished(outcome, 0.1))


@pytest.mark.parametrize(
    ("happenings", "node", "state"),
    [
        ([TURN], "1", "running"),
        ([TURN, ("1", ModelFailed(TOO_MANY, COST, 1.0))], "1", "error"),
        ([TURN, ("1", ModelFailed(TOO_MANY, COST, 1.0)), END], "1", "error"),
        ([TURN, END], "1", "ok"),
        ([TURN, ("1", ReplyRejected("no_code", "…")), END], "1", "error"),
        (
            [TURN, ("1", ReplyRejected("no_code", "…")), ("1", AnswerProposed("5", "FINAL")), END],
            "1",
            "ok",
        ),
        ([TURN, BLOCK], "1.1", "running"),
        ([TURN, BLOCK, ended("ok"), END], "1", "ok"),
        ([TURN, BLOCK, ended("ok")], "1.1", "ok"),
        ([TURN, BLOCK, ended("error")], "1.1", "error"),
        ([TURN, BLOCK, ended("error"), END], "1", "error"),
        ([TURN, BLOCK, ended("interrupted")], "1.1", "stopped"),
        ([TURN, BLOCK, ended("killed"), END], "1", "stopped"),
        ([TURN, BLOCK, CALL], "1.1.1", "running"),
        ([TURN, BLOCK, CALL, ("1.1.1", SubCallFinished(SUB_COST, 1.0, "yes"))], "1.1.1", "ok"),
        (
            [TURN, BLOCK, CALL, ("1.1.1", SubCallFinished(SUB_COST, 1.0, error=TOO_MANY))],
            "1.1.1",
            "error",
        ),
        (
            [TURN, BLOCK, CALL, ("1.1.1", SubCallFinished(SUB_COST, 1.0, error=CANCELLED))],
            "1.1.1",
            "stopped",
        ),
        ([TURN, BLOCK, CALL, ("", RunFinished("cancelled", 1.0, COST))], "1.1.1", "stopped"),
        ([TURN, BLOCK, CALL, ("", RunFinished("cancelled", 1.0, COST))], "1", "stopped"),
    ],
)
def test_a_node_says_how_it_stands(happenings, node, state):
    assert trajectory_of(*happenings).nodes[node].state == state


def test_what_was_stopped_from_outside_is_no_error():
    assert folded(NAMED["limited"]()).error_count == 0
    assert folded(NAMED["cancelled"]()).error_count == 0


def test_errors_are_counted_where_they_happened():
    assert folded(NAMED["failed"]()).error_count == 1
    assert folded(NAMED["parallel"]()).error_count == 1


def test_a_block_knows_how_many_of_its_calls_have_a_reply():
    assert folded(NAMED["parallel"]()).block("1.1").finished_ok == 4


def test_a_block_keeps_its_output_in_order():
    printed = [ReplOutput("stdout", "1\n"), ReplOutput("stderr", "!\n"), ReplOutput("stdout", "2")]
    happenings = [("1.1", event) for event in printed]
    assert trajectory_of(TURN, BLOCK, *happenings).block("1.1").output == printed


def test_the_answer_of_a_child_is_not_the_run_s():
    trajectory = folded(NAMED["nested"]())
    assert trajectory.root.answer.answer == "715"
    assert trajectory.call("1.1.1").loop.answer.answer == "5"
    assert trajectory.deepest == 2


def test_a_run_is_paused_until_it_goes_on_or_ends():
    paused = ("1", Paused("model request", "you asked"))
    assert trajectory_of(TURN, paused).paused == paused[1]
    assert trajectory_of(TURN, paused, ("1", Resumed())).paused is None
    assert trajectory_of(TURN, paused, ("", RunFinished("cancelled", 1.0, COST))).paused is None


def test_limits_are_kept_as_they_were_told():
    trajectory = folded(NAMED["limited"]())
    assert trajectory.limit == runs.LIMIT
    assert [warning.used for warning in trajectory.warnings] == [160]
    assert trajectory.finished.partial == {"total": "412"}


# Events that cannot follow what went before


@pytest.mark.parametrize(
    "happenings",
    [
        [("1", ModelDelta("x"))],
        [("1", ModelRequested("m", 0, [], 1))],
        [("1", ModelResponded("x", COST, 1.0, "stop"))],
        [("1", RetryScheduled(2, 1.0, TOO_MANY))],
        [("1", IterationFinished())],
        [("1", AnswerProposed("5", "FINAL"))],
        [BLOCK],
        [TURN, CALL],
        [TURN, ("1.1", ReplOutput("stdout", "x"))],
        [TURN, BLOCK, ("1.1.1", SubCallFinished(COST, 1.0))],
        [TURN, BLOCK, ("1.1", ModelResponded("x", COST, 1.0, "stop"))],
        [TURN, BLOCK, ("1", CodeFinished("ok", 1.0))],
        [TURN, BLOCK, ("1.1.1.1", IterationStarted(1))],
        [TURN, ("1.1", IterationStarted(1))],
        [TURN, TURN],
        [TURN, BLOCK, BLOCK],
        [TURN, BLOCK, CALL, CALL],
    ],
    ids=lambda happenings: f"{type(happenings[-1][1]).__name__} after {len(happenings) - 1}",
)
def test_events_that_contradict_each_other_are_refused(happenings):
    *before, _ = runs.numbered(happenings)
    assert folded(before).seq == len(before)
    with pytest.raises(ValueError, match="started"):
        trajectory_of(*happenings)


def test_a_refused_event_leaves_the_trajectory_as_it_was():
    records = NAMED["nested"]()
    trajectory = folded(records)
    for wrong in runs.numbered([TURN, ("9", ModelRequested("m", 0, [], 1)), ("9.1", BLOCK[1])]):
        with pytest.raises(ValueError, match="started"):
            trajectory.apply(wrong)
    assert trajectory == folded(records)


def test_no_part_of_a_trajectory_is_shared_between_two():
    records = NAMED["troubled"]()
    one, other = folded(records), folded(records)
    assert {id(part) for part in parts_of(one)}.isdisjoint(id(part) for part in parts_of(other))


def parts_of(trajectory):
    for node in trajectory.nodes.values():
        assert is_dataclass(node)
        yield node
        yield from (v for f in fields(node) if isinstance(v := getattr(node, f.name), list))
