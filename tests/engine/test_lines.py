"""Stepping through the lines of a code block, and looking at values inside it."""

from __future__ import annotations

import time

import pytest

from rlm_tui.breakpoint import Breakpoint
from rlm_tui.events import CodeFinished, Paused
from rlm_tui.source import Cancel, Evaluate, Resume, RunTo, SetBreakpoints, Step
from tests.engine.driving import INTO, OUT, OVER, driven, looked, stops
from tests.engine.harness import Told, let_others_run, repl, started

STEPPED = "x = 1\ndef f(a):\n    b = a + 1\n    return b\ny = f(x)\nz = llm_query('q')\nw = 3"


def lines(run: Told) -> list[int]:
    return [event.line for event in run.of(Paused) if event.before == "line"]


@pytest.mark.parametrize(
    ("commands", "held"),
    [
        ([RunTo("1.1"), *[INTO] * 7], [1, 2, 5, 3, 4, 6]),
        ([RunTo("1.1"), INTO, INTO, OVER, OVER, OVER, OVER], [1, 2, 5, 6, 7]),
        ([RunTo("1.1"), INTO, INTO, INTO, INTO, OUT], [1, 2, 5, 3, 6]),
    ],
    ids=["into", "over", "out"],
)
async def test_a_code_block_is_stepped_by_line(tmp_path, commands, held):
    run = await driven(tmp_path, commands, root=[repl(STEPPED), "FINAL_VAR(y)"])
    assert lines(run) == held
    assert run.answer == "2"


async def test_into_a_line_with_a_call_is_before_the_call(tmp_path):
    run = await driven(
        tmp_path,
        [(SetBreakpoints([Breakpoint(1, "line 6")]), Resume()), INTO, INTO],
        root=[repl(STEPPED), "FINAL_VAR(y)"],
    )
    assert stops(run)[1:] == ["1.1 line", "1.1.1 llm_query", "1.1 line"]


@pytest.mark.parametrize(("step", "next_line"), [(INTO, 3), (OVER, 3), (OUT, 5)])
async def test_a_step_from_a_call_ends_at_the_next_line_of_a_block_that_nobody_steps_through(
    tmp_path, step, next_line
):
    code = "def f():\n    a = llm_query('q')\n    return a\nz = f()\nw = 3\nv = llm_query('r')"
    run = await driven(
        tmp_path, [RunTo("1.1.1"), step, OVER, OVER], root=[repl(code), "FINAL_VAR(w)"]
    )
    assert stops(run)[:2] == ["1 model request", "1.1.1 llm_query"]
    assert lines(run)[0] == next_line
    assert run.answer == "3"


async def test_a_step_over_a_child_whose_calls_are_made_meanwhile_ends_at_the_next_line(tmp_path):
    code = "z = rlm_query('q', 'some text')\nw = 3"
    child = repl("a = llm_query('below')\nb = 2\nFINAL(a)")
    run = await driven(
        tmp_path,
        [RunTo("1.1.1"), OVER, Resume()],
        root=[repl(code), "FINAL_VAR(w)"],
        sub=[{"match": "below", "reply": "deep"}],
        child=[[child]],
        max_depth=2,
    )
    assert stops(run)[1:] == ["1.1.1 rlm_query", "1.1 line"]
    assert lines(run) == [2]


@pytest.mark.parametrize("where", [[RunTo("1.1"), INTO], [RunTo("1.1.1")]])
async def test_a_breakpoint_at_a_line_is_hit_that_is_set_inside_of_its_block(tmp_path, where):
    code = "z = llm_query('q')\nw = 3\nv = 4\nu = 5"
    run = await driven(
        tmp_path,
        [*where, (SetBreakpoints([Breakpoint(1, "line 1.1:3")]), Resume()), Resume()],
        root=[repl(code), "FINAL_VAR(u)"],
    )
    assert lines(run)[-1] == 3
    assert run.answer == "5"


async def test_a_line_that_a_breakpoint_names_is_held_each_time_it_comes(tmp_path):
    code = "for n in range(3):\n    m = n\nm"
    run = await driven(
        tmp_path,
        [(SetBreakpoints([Breakpoint(1, "line 2")]), Resume())],
        root=[repl(code), "FINAL_VAR(m)"],
    )
    assert lines(run) == [2, 2, 2]
    assert run.of(Paused)[1].text == "    m = n"


async def test_values_are_looked_at_inside_a_running_function(tmp_path):
    code = "def f(a):\n    b = a + 1\n    return llm_query(str(b))\nr = f(41)\n"
    async with started(tmp_path, root=[repl(code), "FINAL_VAR(r)"], paused=True) as run:
        await run.until(Paused)
        run.source.send(RunTo("1.1.1"))
        await run.until(Paused, 2)
        assert (await looked(run, "a, b")).text == "(41, 42)"
        assert (await looked(run, "print('said')")).text == "said"
        assert (await looked(run, "nothing")).text == "NameError: name 'nothing' is not defined"
        assert (await looked(run, "llm_query('sly')")).is_error
        assert not (await looked(run, "kept = 7", is_statement=True)).is_error
        run.source.send(Resume())
    assert run.answer == "ok"
    assert run.output == ""


async def test_a_value_that_takes_for_ever_ends_with_the_run(tmp_path):
    async with started(
        tmp_path, root=[repl("r = llm_query('q')"), "FINAL_VAR(r)"], paused=True
    ) as run:
        await run.until(Paused)
        run.source.send(RunTo("1.1.1"))
        await run.until(Paused, 2)
        run.source.send(Evaluate(1, "[0 for _ in iter(int, 1)]"))
        await let_others_run()
        run.source.send(Cancel())
    assert run.outcome == "cancelled"


async def test_the_time_a_line_is_held_is_not_the_blocks(tmp_path, monkeypatch):
    """The clock of the engine is put forward by an hour while the line is held."""
    ahead, real = 0.0, time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: real() + ahead)
    async with started(
        tmp_path, root=[repl("a = 1\nb = 2"), "FINAL_VAR(b)"], paused=True, max_cell_time=60.0
    ) as run:
        await run.until(Paused)
        run.source.send(Step("into"))
        await run.until(Paused, 2)
        run.source.send(Step("into"))
        await run.until(Paused, 3)
        ahead = 3600.0
        await let_others_run()
        run.source.send(Resume())
    assert run.of(CodeFinished)[0].outcome == "ok"
