"""Loops of independent sub-calls, in whole runs."""

from __future__ import annotations

import pytest

from rlm_tui.breakpoint import Breakpoint
from rlm_tui.events import (
    CodeFinished,
    LimitReached,
    ReplOutput,
    SubCallFinished,
    SubCallStarted,
)
from rlm_tui.source import Resume, SetBreakpoints
from tests.engine.harness import Told, finished, repl, started

LOOP = repl(
    "got = []\nfor n in range(20):\n    got.append(llm_query(f'part {n}'))\nprint(got)\nFINAL(got)"
)
ECHO = [{"match": r"part (\d+)", "reply": r"<\1>"}]
ANSWER = str([f"<{n}>" for n in range(20)])


def most_in_flight(run: Told) -> int:
    count = most = 0
    for event in run.events:
        count += isinstance(event, SubCallStarted) - isinstance(event, SubCallFinished)
        most = max(most, count)
    return most


async def test_the_calls_of_a_plain_loop_are_in_flight_at_the_same_time(tmp_path):
    slow = [{"match": r"part (\d+)", "reply": r"<\1>", "delay": 0.2}]
    run = await finished(tmp_path, root=[LOOP], sub=slow, concurrency=20)
    assert run.answer == ANSWER
    assert most_in_flight(run) == 20


async def test_they_are_one_group_of_the_tree_with_the_line_of_the_call(tmp_path):
    run = await finished(tmp_path, root=[LOOP], sub=ECHO)
    calls = run.trajectory.root.iterations[0].blocks[0].calls
    assert [(call.id, call.batch, call.line) for call in calls] == [
        (f"1.1.{n + 1}", n, 3) for n in range(20)
    ]


async def test_they_can_be_made_one_by_one(tmp_path):
    run = await finished(tmp_path, root=[LOOP], sub=ECHO, together=False)
    assert run.answer == ANSWER
    assert most_in_flight(run) == 1
    assert {event.batch for event in run.of(SubCallStarted)} == {None}


async def test_they_are_made_one_by_one_while_a_breakpoint_waits(tmp_path):
    async with started(tmp_path, root=[LOOP], sub=ECHO, paused=True) as run:
        run.source.send(SetBreakpoints([Breakpoint(1, "it 9")]))
        run.source.send(Resume())
    assert run.answer == ANSWER
    assert most_in_flight(run) == 1


@pytest.mark.parametrize("together", [True, False])
async def test_a_failure_ends_the_loop_where_it_stands(tmp_path, together):
    run = await finished(
        tmp_path,
        root=[LOOP, repl("FINAL(len(got))")],
        sub=[{"match": "part 5$", "error": "empty"}, *ECHO],
        together=together,
    )
    assert run.answer == "5"
    assert "line 3, in <module>" in run.observations[0]
    assert run.of(CodeFinished)[0].error.startswith("SubCallError")


@pytest.mark.parametrize("together", [True, False])
async def test_a_limit_is_met_at_the_same_call(tmp_path, together):
    code = (
        "for n in range(9):\n"
        "    try: print(n, llm_query(f'part {n}'))\n"
        "    except SubCallError as e: print(n, e.kind)"
    )
    run = await finished(
        tmp_path, root=[repl(code), "FINAL(x)"], sub=ECHO, max_sub_calls=4, together=together
    )
    printed = "".join(event.text for event in run.of(ReplOutput))
    assert printed.split("\n")[:6] == ["0 <0>", "1 <1>", "2 <2>", "3 <3>", "4 limit", "5 limit"]
    assert len(run.of(SubCallStarted)) == 4
    assert [event.limit for event in run.of(LimitReached)] == ["sub-calls"]
