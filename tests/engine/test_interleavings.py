"""Any commands at any moments, under a flood of sub-calls: nothing is lost, and nothing hangs."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from rlm_tui.breakpoint import Breakpoint
from rlm_tui.events import CodeStarted, Paused, Record, Resumed, SubCallFinished, SubCallStarted
from rlm_tui.source import (
    Answer,
    AnyCommand,
    Edit,
    Fail,
    Pause,
    RaiseLimit,
    Reject,
    Resume,
    RunTo,
    SetBreakpoints,
    Skip,
    Step,
)
from tests.engine.harness import repl, started

ROOT = [
    repl("r = llm_query_batched([str(n) for n in range(20)])\nprint(len(r))"),
    repl("for n in range(3):\n    s = llm_query(f'again {n}')"),
    repl("t = rlm_query_batched(['q', 'q'], ['s', 't'])"),
    "FINAL(done)",
]
SPECS = ["llm_query", "after llm_query", "/1/ in prompt", "code", "line 2", "calls>5", "error"]


def any_command(chance: Random) -> AnyCommand:
    """Sensible or not where the run stands."""
    return chance.choice(
        [
            Step("into"),
            Step("into"),
            Step("over"),
            Step("over"),
            Step("out"),
            Resume(),
            Resume(),
            Pause(),
            RunTo(chance.choice(["2", "2.1.1", "3.1.2.1", "9.9"])),
            Answer("by hand"),
            Answer("by hand", "^1"),
            Fail("timeout"),
            Edit("another"),
            Skip(),
            Reject("no"),
            RaiseLimit("sub-calls", 500),
            SetBreakpoints(
                [
                    Breakpoint(number, spec, ignore=chance.randrange(3))
                    for number, spec in enumerate(chance.sample(SPECS, chance.randrange(3)), 1)
                ]
            ),
        ]
    )


@pytest.mark.parametrize("seed", range(12))
async def test_whatever_the_user_does_the_run_comes_to_an_end_and_every_call_is_whole(
    tmp_path, seed
):
    chance = Random(seed)
    left = 60
    async with started(
        tmp_path,
        root=ROOT,
        child=[[repl("x = llm_query('y')"), "FINAL_VAR(x)"]] * 2,
        sub=[{"match": "(.*)", "reply": "<\\1>"}],
        max_depth=2,
        concurrency=6,
        paused=True,
    ) as run:
        loop = asyncio.get_running_loop()

        def go_on() -> None:
            nonlocal left
            left -= 1
            if left > 0:
                run.source.send(any_command(chance))
                # What cannot be done there leaves the run held.
                run.source.send(Step(chance.choice(["into", "over"])))
            else:
                run.source.send(SetBreakpoints([]))
                run.source.send(Resume())

        def meddle(record: Record) -> None:
            if isinstance(record.event, Paused):
                loop.call_soon(go_on)
            elif chance.random() < 0.05 and left > 0:
                run.source.send(any_command(chance))

        run.on_record = meddle
    assert run.outcome in {"answered", "forced", "limited"}
    assert sorted(run.nodes_of(SubCallStarted)) == sorted(run.nodes_of(SubCallFinished))
    assert len(set(run.nodes_of(SubCallStarted))) == len(run.of(SubCallStarted))
    assert len(set(run.nodes_of(CodeStarted))) == len(run.of(CodeStarted))
    held = 0
    for record in run.records:  # while the run is held, nothing begins
        if isinstance(record.event, Paused):
            held = 1
        elif isinstance(record.event, Resumed):
            held = 0
        assert not (held and isinstance(record.event, SubCallStarted | CodeStarted)), record
