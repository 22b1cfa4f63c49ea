"""Whole runs whose model code runs in Monty."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

from rlm_tui.breakpoint import Breakpoint
from rlm_tui.document.demo import DEMO_QUESTION, service_log
from rlm_tui.events import (
    CodeFinished,
    Intervened,
    ModelRequested,
    Paused,
    ReplOutput,
    ReplReplaced,
    RunStarted,
    SubCallStarted,
    VariablesChanged,
)
from rlm_tui.grounds import KeptGrounds
from rlm_tui.repl.guest.monty_hints import MODULES
from rlm_tui.source import Answer, Cancel, Edit, Fork, Remark, Resume, RunTo, SetBreakpoints
from tests.engine.driving import INTO, OVER, driven, looked, stops
from tests.engine.harness import finished, repl, started

SUB = [{"match": "(.*)", "reply": "<\\1>"}]
LOOP = repl("y = []\nfor part in ['a', 'b', 'c']:\n    y.append(llm_query(part))")


async def run_in_monty(folder, **given):
    return await finished(folder, sandbox="monty", **given)


async def driven_in_monty(folder, commands, **given):
    return await driven(folder, commands, sandbox="monty", **given)


async def test_a_run_reads_asks_and_answers(tmp_path):
    run = await run_in_monty(
        tmp_path,
        root=[
            repl("hits = grep('needle')\nprint(hits)"),
            repl("notes = llm_query_batched([line for _, line in hits])", "notes"),
            "FINAL_VAR(notes)",
        ],
        sub=SUB,
    )
    assert run.answer == "['<the second line, with a needle>']"
    assert run.of(RunStarted)[0].sandbox.startswith("monty")
    assert "(2, 'the second line, with a needle')" in run.output


async def test_the_model_is_told_what_this_python_has_and_what_it_lacks(tmp_path):
    run = await run_in_monty(
        tmp_path, root=[repl("def f():\n    yield 1\nx = 1"), repl("FINAL(5)")]
    )
    asked, observed = run.of(ModelRequested)
    assert MODULES in asked.messages[0].content
    assert "Python's standard library" not in asked.messages[0].content
    assert "Build a list and return it instead of yielding." in observed.messages[-1].content
    assert run.answer == "5"


async def test_elsewhere_nothing_is_said_of_monty(tmp_path):
    run = await finished(tmp_path, root=["FINAL(5)"])
    assert "subset" not in run.of(ModelRequested)[0].messages[0].content


async def test_sub_calls_of_a_loop_are_made_one_by_one_with_their_lines(tmp_path):
    run = await run_in_monty(tmp_path, root=[LOOP, "FINAL_VAR(y)"], sub=SUB)
    assert run.answer == "['<a>', '<b>', '<c>']"
    calls = run.of(SubCallStarted)
    assert [(call.prompt, call.line) for call in calls] == [("a", 3), ("b", 3), ("c", 3)]


async def test_a_child_runs_in_an_interpreter_of_its_own(tmp_path):
    run = await run_in_monty(
        tmp_path,
        root=[repl("mine = 1\nx = rlm_query('q', 'some text')"), "FINAL_VAR(x)"],
        child=[[repl("print(query, context, SHOW_VARS())"), "FINAL(from the child)"]],
        max_depth=2,
    )
    assert run.answer == "from the child"
    assert "q some text (no variables yet)" in run.output


async def test_a_block_that_must_be_ended_loses_only_itself(tmp_path):
    run = await run_in_monty(
        tmp_path,
        root=[
            repl("x = [1]\ndef f():\n    return x"),
            repl("x.append(2)\nwhile True: pass"),
            repl("x.append(3)\nFINAL(f())"),
        ],
        max_cell_time=0.3,
    )
    assert run.answer == "[1, 3]"
    assert [event.outcome for event in run.of(CodeFinished)] == ["ok", "killed", "ok"]
    assert run.of(ReplReplaced) == [ReplReplaced("1.1")]
    assert "the code block ran longer than 0.3 s" in run.observations[1]
    assert "your variables are as they were before it" in run.observations[1]


async def test_a_first_block_that_must_be_ended_leaves_a_new_repl(tmp_path):
    run = await run_in_monty(
        tmp_path,
        root=[repl("sum(range(10**12))"), repl("FINAL(len(context))")],
        max_cell_time=0.3,
    )
    assert run.outcome == "answered"
    assert run.of(ReplReplaced) == [ReplReplaced(None)]


async def test_a_run_is_stopped_while_it_computes(tmp_path):
    async with started(tmp_path, sandbox="monty", root=[repl("print(1)\nwhile True: pass")]) as run:
        await run.until(ReplOutput)
        run.source.send(Cancel())
    assert run.outcome == "cancelled"
    assert [event.outcome for event in run.of(CodeFinished)] == ["killed"]


async def test_a_run_is_stopped_while_it_waits_and_keeps_what_it_had(tmp_path):
    root = [repl("x = 1\nllm_query('slow')")]
    sub = [{"match": "slow", "reply": "late", "delay": 60}]
    async with started(tmp_path, sandbox="monty", root=root, sub=sub) as run:
        await run.until(SubCallStarted)
        run.source.send(Cancel())
    assert run.outcome == "cancelled"
    assert [event.outcome for event in run.of(CodeFinished)] == ["interrupted"]
    (changed,) = run.of(VariablesChanged)
    assert [item.name for item in changed.new] == ["x"]


async def test_a_limit_that_ends_the_interpreter_leaves_what_the_last_checkpoint_has(
    tmp_path, monkeypatch
):
    now = SimpleNamespace(monotonic=time.monotonic)
    monkeypatch.setattr("rlm_tui.engine.limits.time", now)
    monkeypatch.setattr("rlm_tui.engine.run._WATCH_EVERY", 0.01)
    root = [repl("found = 5"), repl("print(1)\nwhile True: pass")]
    async with started(tmp_path, sandbox="monty", root=root, max_time=500.0) as run:
        await run.until(ReplOutput)
        now.monotonic = lambda: time.monotonic() + 1_000
    assert (run.outcome, run.error) == ("limited", "time")
    assert run.finished.partial == {"found": "5"}
    assert [event.outcome for event in run.of(CodeFinished)] == ["ok", "killed"]


# The debugger


async def test_stops_at_blocks_calls_and_answers_work_and_lines_are_said_to_be_none(tmp_path):
    run = await driven_in_monty(tmp_path, [INTO] * 7)
    assert stops(run) == [
        "1 model request",
        "1.1 code block",
        "1.2 code block",
        "1.2.1 llm_query",
        "1.2.2 llm_query",
        "2 model request",
        "2 answer",
    ]
    said = [notice.text for notice in run.notices if isinstance(notice, Remark)]
    assert len(said) == 2
    assert said[0].startswith("Monty runs a code block without stops at its lines")


async def test_stepping_over_says_nothing_of_lines(tmp_path):
    run = await driven_in_monty(tmp_path, [OVER] * 4)
    assert [notice for notice in run.notices if isinstance(notice, Remark)] == []


@pytest.mark.parametrize(("spec", "is_said"), [("line 1.1:1", True), ("llm_query", False)])
async def test_a_breakpoint_at_a_line_is_said_not_to_be_reached(tmp_path, spec, is_said):
    setting = SetBreakpoints([Breakpoint(1, spec)])
    run = await driven_in_monty(tmp_path, [(setting, Resume())])
    said = [n.text for n in run.notices if isinstance(n, Remark)]
    assert [text.startswith("A breakpoint at a line is not reached") for text in said] == (
        [True] if is_said else []
    )
    assert run.outcome == "answered"


async def test_prompts_and_replies_are_changed_as_elsewhere(tmp_path):
    commands = [RunTo("1.2.1"), (Edit("another"), INTO), Answer("by hand")]
    run = await driven_in_monty(tmp_path, commands, sub=SUB)
    assert run.answer == "['<another>', 'by hand']"
    assert [event.kind for event in run.of(Intervened)] == ["edited", "answered"]


async def test_values_are_looked_at_and_set_between_blocks(tmp_path):
    async with started(
        tmp_path, sandbox="monty", paused=True, root=[repl("x = 5"), repl("FINAL(x)")]
    ) as run:
        await run.until(Paused)
        run.source.send(RunTo("2"))
        await run.until(Paused, 2)
        shown = await looked(run, "x + 1")
        assert (shown.text, shown.is_error) == ("6", False)
        await looked(run, "x = 7", is_statement=True)
        run.source.send(Resume())
    assert run.answer == "7"


async def test_inside_a_block_it_is_said_that_values_cannot_be_looked_at(tmp_path):
    async with started(
        tmp_path, sandbox="monty", paused=True, root=[repl("x = llm_query('a')\nFINAL(x)")]
    ) as run:
        await run.until(Paused)
        run.source.send(RunTo("1.1.1"))
        await run.until(Paused, 2)
        shown = await looked(run, "x")
        assert shown.is_error
        assert "look between two code blocks" in shown.text
        run.source.send(Resume())
    assert run.answer == "ok"


# Branches


@pytest.fixture
async def kept():
    grounds = KeptGrounds()
    yield grounds
    await grounds.close()


ROOT = [
    repl("import random\nx = [random.random(), len(context)]\nprint(x)"),
    LOOP,
    repl("z = (x, y, random.random())\nprint(z)"),
    "FINAL_VAR(z)",
]


def end_of_iteration(run, number: int) -> int:
    return next(
        record.seq
        for record in run.records
        if record.node == str(number) and record.event.__struct_config__.tag == "iteration_finished"
    )


async def test_a_branch_from_a_recording_has_the_values_of_its_parent(tmp_path):
    parent = await run_in_monty(tmp_path, root=ROOT, sub=SUB)
    fork = Fork(str(parent.session), end_of_iteration(parent, 2))
    branch = await driven_in_monty(tmp_path, [], fork=fork, root=ROOT, sub=SUB)
    assert branch.answer == parent.answer


async def test_a_branch_in_the_same_process_goes_on_from_what_was_kept(tmp_path, kept):
    parent = await run_in_monty(tmp_path, root=ROOT, sub=SUB, kept=kept)
    fork = Fork(str(parent.session), end_of_iteration(parent, 2))
    branch = await driven_in_monty(tmp_path, [], fork=fork, root=ROOT, sub=SUB, kept=kept)
    assert branch.answer == parent.answer
    assert len(branch.of(CodeFinished)) == len(parent.of(CodeFinished))


async def test_the_offline_model_answers_as_it_does_in_python(tmp_path):
    text = service_log(11, 1500)
    asked = {"text": text, "question": DEMO_QUESTION, "model": "offline", "cache": False}
    python, monty = [await finished(tmp_path, sandbox=mode, **asked) for mode in ("auto", "monty")]
    assert {event.outcome for event in monty.of(CodeFinished)} == {"ok"}
    assert monty.answer == python.answer
