"""Cancelling and pausing whole runs, at every moment there is."""

import asyncio
import time
from random import Random
from types import SimpleNamespace

import pytest

from rlm_tui.events import (
    AnswerProposed,
    CodeStarted,
    IterationFinished,
    IterationStarted,
    ModelDelta,
    ModelRequested,
    ModelResponded,
    Paused,
    Record,
    ReplOutput,
    Resumed,
    RetryScheduled,
    RunFinished,
    RunStarted,
    SubCallFinished,
    SubCallStarted,
)
from rlm_tui.source import Cancel, Pause, Resume
from tests.engine.harness import (
    at_event,
    let_others_run,
    processes_of,
    repl,
    started,
    wait_until_ended,
)

DISPATCHED = (ModelRequested, CodeStarted, SubCallStarted, AnswerProposed)


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """Code that resists being stopped is killed sooner than it usually is."""
    monkeypatch.setattr("rlm_tui.repl.repl.HARD_AFTER", 0.05)
    monkeypatch.setattr("rlm_tui.repl.repl.KILL_AFTER", 0.1)


# Cancelling

STUBBORN = """
print('in')
while True:
    try:
        while True: pass
    except KeyboardInterrupt:
        pass
"""
NEVER = [{"match": "", "reply": "late", "delay": 60}]
CHILD = {"root": [repl("rlm_query('q', 'text')")]}
MOMENTS = {
    "as it starts": ({"root": ["x"]}, RunStarted, 1),
    "before the first request": ({"root": ["x"]}, IterationStarted, 1),
    "in a request": ({"root": [{"reply": "x", "delay": 60}]}, ModelRequested, 1),
    "while streaming": ({"root": ["a b c d e f"], "chunk_delay": 0.04}, ModelDelta, 1),
    "behind a reply": ({"root": [repl("1")]}, ModelResponded, 1),
    "before code": ({"root": [repl("while True: pass")]}, CodeStarted, 1),
    "in code": ({"root": [repl("print('in')\nwhile True: pass")]}, ReplOutput, 1),
    "in code that resists": ({"root": [repl(STUBBORN)]}, ReplOutput, 1),
    "before a sub-call": ({"root": [repl("llm_query('x')")], "sub": NEVER}, SubCallStarted, 1),
    "in a batch with a queue": (
        {"root": [repl("llm_query_batched(['x'] * 9)")], "sub": NEVER, "concurrency": 3},
        SubCallStarted,
        3,
    ),
    "in calls of threads": (
        {
            "root": [
                repl(
                    "import threading\n"
                    "for _ in range(3): threading.Thread(target=llm_query, args='x').start()\n"
                    "llm_query('y')"
                )
            ],
            "sub": NEVER,
        },
        SubCallStarted,
        4,
    ),
    "behind a sub-call": ({"root": [repl("llm_query_batched('xy')")]}, SubCallFinished, 1),
    "in a child's request": (CHILD | {"child": [[{"delay": 60}]]}, ModelRequested, 2),
    "in a child's code": (CHILD | {"child": [[repl("while True: pass")]]}, CodeStarted, 2),
    "in a child's code that resists": (CHILD | {"child": [[repl(STUBBORN)]]}, ReplOutput, 1),
    "in a child's sub-call": (
        CHILD | {"child": [[repl("llm_query('x')")]], "sub": NEVER},
        SubCallStarted,
        2,
    ),
    "waiting for a retry": ({"root": [{"error": "rate_limit"}]}, RetryScheduled, 1),
    "with an answer": ({"root": ["FINAL(x)"]}, AnswerProposed, 1),
    "behind an iteration": ({"root": ["x"]}, IterationFinished, 1),
    "in the last request": (
        {"root": ["x", {"delay": 60}], "max_iterations": 1},
        ModelRequested,
        2,
    ),
}


@pytest.mark.parametrize("times", [1, 2], ids=["once", "twice"])
@pytest.mark.parametrize(("given", "kind", "count"), MOMENTS.values(), ids=MOMENTS)
async def test_a_run_can_be_cancelled(tmp_path, given, kind, count, times):
    async with started(tmp_path, **given, max_depth=given.get("max_depth", 2)) as run:
        at_event(run, kind, count, lambda: [run.source.send(Cancel()) for _ in range(times)])
        await run.until(RunFinished)
        told = len(run.records)
    assert run.outcome == "cancelled"
    assert run.answer is None
    assert len(run.records) == told
    assert all(node.state != "running" for node in run.trajectory.nodes.values())
    ends = run.of(SubCallFinished)
    assert all(end.reply or end.error.kind == "cancelled" for end in ends)


async def test_a_run_can_be_cancelled_before_it_has_started(tmp_path):
    async with started(tmp_path, root=["FINAL(x)"]) as run:
        run.source.send(Cancel())
    assert run.outcome == "cancelled"
    assert run.of(ModelRequested) == []


@pytest.mark.parametrize("paused_before", ["model request", "code block", "llm_query", "answer"])
async def test_a_held_run_can_be_cancelled(tmp_path, paused_before):
    script = [repl("llm_query('x')"), "FINAL(x)"]
    kinds = {"code block": ModelResponded, "llm_query": CodeStarted}
    async with started(tmp_path, root=script, paused=paused_before == "model request") as run:
        if paused_before != "model request":
            count = 2 if paused_before == "answer" else 1
            kind = kinds.get(paused_before, ModelResponded)
            at_event(run, kind, count, lambda: run.source.send(Pause()))
        assert (await run.until(Paused)).before == paused_before
        run.source.send(Cancel())
    assert run.outcome == "cancelled"
    assert run.of(Resumed) == [Resumed()]


async def test_cancelling_what_is_over_changes_nothing(tmp_path):
    async with started(tmp_path, root=["FINAL(x)"]) as run:
        at_event(run, RunFinished, 1, lambda: run.source.send(Cancel()))
    run.source.send(Cancel())
    assert run.outcome == "answered"


async def test_a_run_that_is_given_up_at_once_still_says_that_it_is_over(tmp_path):
    """As with a second Ctrl-C: the task itself is cancelled."""
    async with started(tmp_path, root=[repl("print(1)\nwhile True: pass")]) as run:
        await run.until(ReplOutput)
        run.source.send(Cancel())
        run.task.cancel()
    assert run.outcome == "cancelled"


async def test_closing_a_run_leaves_nothing_of_it(tmp_path):
    async with started(tmp_path, root=[repl("print(1)\nwhile True: pass"), "x"]) as run:
        await run.until(ReplOutput)
        assert len(processes_of(run.group)) >= 2
        await run.source.close()
        await run.source.close()
        wait_until_ended(run.group)
    assert run.outcome == "cancelled"


# Pausing

STEPS = {
    "at the start": (RunStarted, 1, "model request", "1"),
    "before code": (ModelResponded, 1, "code block", "1.1"),
    "before the second block": (ReplOutput, 1, "code block", "1.2"),
    "before a sub-call": (CodeStarted, 2, "llm_query", "1.2.1"),
    "before the calls in the queue": (SubCallFinished, 1, "llm_query", "1.2.2"),
    "before a child": (SubCallFinished, 3, "rlm_query", "1.2.4"),
    "before a child's request": (SubCallStarted, 4, "model request", "1.2.4.1"),
    "before a child's answer": (ModelResponded, 2, "answer", "1.2.4.1"),
    "before the next request": (IterationFinished, 2, "model request", "2"),
    "before the answer": (ModelResponded, 3, "answer", "2"),
}


@pytest.mark.parametrize(("kind", "count", "before", "node"), STEPS.values(), ids=STEPS)
async def test_a_pause_holds_the_next_thing_and_everything_behind_it(
    tmp_path, kind, count, before, node
):
    async with started(
        tmp_path,
        root=[
            repl("print('first')", "llm_query_batched(['a', 'b', 'c'])\nrlm_query('q', 'text')"),
            "FINAL(done)",
        ],
        child=[["FINAL(child)"]],
        max_depth=2,
        concurrency=1,
    ) as run:
        at_event(run, kind, count, lambda: run.source.send(Pause()))
        assert (await run.until(Paused)).before == before
        assert run.nodes_of(Paused) == [node]
        assert run.trajectory.paused is not None
        clock = run.source._run._ctx.ledger.clock
        elapsed = clock.elapsed
        await let_others_run()
        assert clock.elapsed == elapsed
        run.source.send(Resume())
    names = run.names()
    while_held = run.events[names.index("paused") : names.index("resumed")]
    assert not [event for event in while_held if isinstance(event, DISPATCHED)]
    assert (run.outcome, run.answer) == ("answered", "done")
    assert len(run.of(SubCallStarted)) == 4


async def test_a_run_that_starts_paused_asks_nothing_before_it_is_let_go(tmp_path):
    async with started(tmp_path, root=["FINAL(x)"], paused=True) as run:
        held = await run.until(Paused)
        assert (held.before, held.reason) == ("model request", "started paused")
        assert run.names() == ["run_started", "iteration_started", "paused"]
        run.source.send(Resume())
    assert run.answer == "x"


async def test_a_pause_that_comes_before_the_run_holds_it_as_well(tmp_path):
    async with started(tmp_path, root=["FINAL(x)"]) as run:
        run.source.send(Pause())
        await run.until(Paused)
        assert run.of(ModelRequested) == []
        run.source.send(Resume())
    assert run.answer == "x"


async def test_a_pause_that_is_taken_back_before_the_run_does_not_hold_it(tmp_path):
    async with started(tmp_path, root=["FINAL(x)"], paused=True) as run:
        run.source.send(Resume())
    assert run.of(Paused) == []


async def test_time_spent_paused_counts_against_no_limit(tmp_path, monkeypatch):
    now = SimpleNamespace(monotonic=time.monotonic)
    monkeypatch.setattr("rlm_tui.engine.limits.time", now)
    async with started(tmp_path, root=["FINAL(x)"], paused=True, max_time=500.0) as run:
        await run.until(Paused)
        now.monotonic = lambda: time.monotonic() + 1_000
        await let_others_run()
        run.source.send(Resume())
    assert run.outcome == "answered"
    assert run.finished.elapsed < 500


@pytest.mark.parametrize("seed", range(12))
async def test_whatever_a_run_is_told_at_whatever_moment_it_ends_as_it_should(tmp_path, seed):
    """Pauses, resumes and perhaps a cancel, at random events and from inside their telling."""
    chance = Random(seed)
    async with started(
        tmp_path,
        root=[
            repl("r = llm_query_batched(['a', 'b', 'c', 'd'])", "print(r)"),
            "prose",
            repl("rlm_query_batched(['q', 'q'], ['s', 't'])"),
            "FINAL(done)",
        ],
        child=[[repl("x = llm_query('y')"), "FINAL_VAR(x)"]] * 2,
        max_depth=2,
        concurrency=2,
    ) as run:
        loop = asyncio.get_running_loop()

        def meddle(record: Record) -> None:
            if isinstance(record.event, Paused):
                loop.call_soon(run.source.send, Resume())
            elif chance.random() < 0.3:
                run.source.send(chance.choice([Pause(), Pause(), Resume()]))
            elif chance.random() < 0.01:
                run.source.send(Cancel())

        run.on_record = meddle
    assert run.outcome in {"answered", "cancelled"}
    assert (run.answer == "done") is (run.outcome == "answered")
    assert len(run.of(Resumed)) == len(run.of(Paused))
