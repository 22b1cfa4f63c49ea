import signal
import time
from types import SimpleNamespace

import pytest

from rlm_tui import live
from rlm_tui.engine import asking
from rlm_tui.engine.models.scripted import ScriptedModel
from rlm_tui.engine.prices import Price
from rlm_tui.errors import UsageError
from rlm_tui.events import (
    CodeFinished,
    CodeStarted,
    IterationStarted,
    LimitNeared,
    LimitReached,
    ModelFailed,
    ModelRequested,
    ModelResponded,
    Paused,
    ReplOutput,
    RunFinished,
    SubCallFinished,
    SubCallStarted,
)
from rlm_tui.source import LogLine, Pause, Resume
from tests.engine.harness import at_event, finished, repl, started

LOOK = repl("found = 5\nunrelated = 1")
LATE = [{"match": "", "reply": "late", "delay": 60}]


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(asking, "FIRST_WAIT", 0.0)


def requests(run) -> int:
    return len(run.of(ModelRequested))


# How a limit ends a run


@pytest.mark.parametrize(
    ("last", "outcome", "answer"),
    [
        ("  It is 5. ", "forced", "It is 5."),
        ("So:\nFINAL(5)", "forced", "5"),
        ("FINAL_VAR(found)", "forced", "5"),
        (repl("FINAL(found + 1)"), "forced", "6"),
        (repl("print(found)"), "limited", None),
        (repl("FINAL(llm_query('more'))"), "limited", None),
        ("FINAL_VAR(nothing)", "limited", None),
        ("FINAL(5", "limited", None),
        ("", "limited", None),
        ({"error": "server_error"}, "limited", None),
    ],
    ids=[
        *("words", "FINAL", "FINAL_VAR", "code with an answer", "code without", "a sub-call"),
        *("an unknown variable", "an unclosed FINAL", "nothing", "a failure"),
    ],
)
async def test_after_its_last_turn_a_run_asks_once_for_the_best_answer(
    tmp_path, last, outcome, answer
):
    run = await finished(tmp_path, root=[LOOK, last, last, last, last], max_iterations=1)
    assert (run.outcome, run.answer, run.error) == (outcome, answer, "iterations")
    assert run.finished.error.message == ("the limit of 1 iterations is reached (--max-iterations)")
    assert [event.kind for event in run.of(IterationStarted)] == ["loop", "forced"]
    assert requests(run) == 2
    asked = run.trajectory.root.iterations[1].prompt[-1].content
    assert asked.startswith("The run ends here: the limit of 1 iterations is reached")
    assert run.of(LimitReached) == [LimitReached("iterations", 1, 1)]
    assert run.of(SubCallStarted) == []
    assert run.finished.partial == ({} if answer else {"found": "5"})


async def test_a_limited_run_tells_the_variables_that_look_like_a_partial_answer(tmp_path):
    likely = await finished(
        tmp_path,
        root=[repl("x = 1\nanswers = ['a']\nTotal_so_far = 7\n_count = 3"), ""],
        max_iterations=1,
    )
    assert likely.finished.partial == {"Total_so_far": "7", "answers": "['a']"}
    others = await finished(
        tmp_path, root=[repl("\n".join(f"v{i} = {i}" for i in range(9))), ""], max_iterations=1
    )
    assert others.finished.partial == {f"v{i}": str(i) for i in range(5)}


@pytest.mark.parametrize(("sandbox", "partial"), [("auto", {"found": "5"}), ("strict", {})])
async def test_a_limited_run_whose_repl_has_died_has_what_its_checkpoint_has(
    tmp_path, sandbox, partial
):
    async with started(tmp_path, root=[LOOK, ""], max_iterations=1, sandbox=sandbox) as run:
        at_event(run, IterationStarted, 2, lambda: run.source.send(Pause()))
        await run.until(Paused)
        live = run.source._run._loop.cells.repl
        live._keeper.signal(live.pid, signal.SIGKILL)
        await live._wire.closed
        run.source.send(Resume())
    assert (run.outcome, run.finished.partial) == ("limited", partial)


async def test_a_limit_is_announced_before_it_is_reached(tmp_path):
    run = await finished(tmp_path, root=[*[LOOK] * 9, "FINAL(x)"], max_iterations=10)
    assert run.of(LimitNeared) == [
        LimitNeared("iterations", 5, 10),
        LimitNeared("iterations", 8, 10),
    ]
    assert run.outcome == "answered"


async def test_tokens_are_limited_before_a_request_is_sent(tmp_path):
    run = await finished(tmp_path, root=[LOOK], max_tokens=2_600)
    assert (run.outcome, run.error) == ("limited", "tokens")
    used = run.finished.usage.input_tokens + run.finished.usage.output_tokens
    assert 0 < used <= 2_600
    assert requests(run) == len(run.of(IterationStarted)) == len(run.of(ModelResponded))
    assert len(run.of(LimitReached)) == 1
    assert run.finished.partial == {"found": "5"}


async def test_a_run_that_may_not_even_begin_is_limited(tmp_path):
    run = await finished(tmp_path, root=["FINAL(1)"], max_tokens=1)
    assert (run.outcome, run.error) == ("limited", "tokens")
    assert run.of(IterationStarted) == []
    assert run.finished.usage.requests == 0


async def test_sub_calls_in_parallel_do_not_pass_the_token_limit_together(tmp_path):
    run = await finished(
        tmp_path,
        root=[repl("r = llm_query_batched(['x' * 4000] * 8)"), "words"],
        max_tokens=8_000,
    )
    spent = run.finished.usage
    assert spent.input_tokens + spent.output_tokens <= 8_000
    assert 0 < len(run.of(SubCallStarted)) < 8
    assert run.error == "tokens"


async def test_cost_is_limited(monkeypatch, tmp_path):
    monkeypatch.setattr(ScriptedModel, "is_language_model", True)
    for module in (asking, live):
        monkeypatch.setattr(module, "price_of", lambda _model: Price(1e-5, 1e-4))
    run = await finished(
        tmp_path,
        root=[repl("r = llm_query_batched(['x'] * 9)"), "So far 5."],
        max_cost=0.31,
        force_rlm=True,
    )
    assert (run.outcome, run.answer, run.error) == ("forced", "So far 5.", "cost")
    assert 0 < run.finished.usage.cost_usd <= 0.31
    assert 0 < len(run.of(SubCallStarted)) < 9
    assert "the limit of $0.31 is reached" in run.finished.error.message


async def test_a_limit_of_cost_that_nobody_could_keep_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(ScriptedModel, "is_language_model", True)
    with pytest.raises(UsageError, match="No price is known"):
        await finished(tmp_path, root=["FINAL(1)"], max_cost=1.0)


async def test_a_run_whose_price_is_not_known_says_so_and_not_zero(monkeypatch, tmp_path):
    monkeypatch.setattr(ScriptedModel, "is_language_model", True)
    monkeypatch.setattr(asking, "price_of", lambda _model: None)
    run = await finished(tmp_path, root=["FINAL(1)"], force_rlm=True)
    assert run.finished.usage.cost_usd is None


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ({"root": [LOOK, repl("print(1)\nwhile True: pass")]}, ReplOutput),
        ({"root": [LOOK, {"reply": "late", "delay": 60}]}, ModelRequested),
        ({"root": [LOOK, repl("llm_query('x')")], "sub": LATE}, SubCallStarted),
        (
            {
                "root": [LOOK, repl("rlm_query('q', 'text')")],
                "child": [[repl("print(1)\nwhile True: pass")]],
            },
            ReplOutput,
        ),
    ],
    ids=["in code", "in a request", "in a sub-call", "in a child's code"],
)
async def test_when_its_time_is_up_a_run_ends_wherever_it_is(tmp_path, monkeypatch, script, kind):
    now = SimpleNamespace(monotonic=time.monotonic)
    monkeypatch.setattr("rlm_tui.engine.limits.time", now)
    monkeypatch.setattr("rlm_tui.engine.run._WATCH_EVERY", 0.01)
    async with started(tmp_path, **script, max_time=500.0, max_depth=2) as run:
        await run.until(IterationStarted, 2)
        await run.until(kind, 2 if kind is ModelRequested else 1)
        now.monotonic = lambda: time.monotonic() + 1_000
    assert (run.outcome, run.answer, run.error) == ("limited", None, "time")
    assert run.finished.partial == {"found": "5"}
    assert run.finished.elapsed >= 1_000
    assert [event.limit for event in run.of(LimitReached)] == ["time"]
    assert {event.outcome for event in run.of(CodeFinished)[1:]} <= {"interrupted"}
    assert all(end.error.kind == "cancelled" for end in run.of(SubCallFinished))


async def test_too_many_errors_in_a_row_end_a_run(tmp_path):
    run = await finished(
        tmp_path,
        root=[repl("1/0"), "prose", LOOK, repl("1/0"), "", "FINAL(open", "I give up."],
        max_errors=3,
    )
    assert (run.outcome, run.answer, run.error) == ("forced", "I give up.", "errors")
    assert requests(run) == 7
    assert run.of(LimitReached) == [LimitReached("errors", 3, 3)]


# How a run fails


@pytest.mark.parametrize("at", [1, 2])
async def test_a_model_that_does_not_answer_fails_the_run_with_all_before_it_kept(tmp_path, at):
    run = await finished(tmp_path, root=[*[LOOK] * (at - 1), {"error": "timeout"}])
    assert (run.outcome, run.error) == ("failed", "timeout")
    assert run.finished.error.message == "the model did not answer in time (scripted)"
    assert run.finished.usage.requests == at - 1 + asking.ATTEMPTS
    (failed,) = run.of(ModelFailed)
    assert failed.usage.requests == asking.ATTEMPTS
    assert run.trajectory.root.iterations[-1].state == "error"


async def test_an_error_of_this_program_ends_the_run_and_is_logged(monkeypatch, tmp_path):
    def broken(*_args) -> None:
        raise ZeroDivisionError("here")

    monkeypatch.setattr("rlm_tui.engine.loop.parse_reply", broken)
    run = await finished(tmp_path, root=["FINAL(1)"])
    assert (run.outcome, run.error) == ("failed", "internal")
    assert run.finished.error.message == "rlm-tui itself failed: ZeroDivisionError: here"
    (line,) = [notice for notice in run.notices if isinstance(notice, LogLine)]
    assert "in broken" in line.text


async def test_a_run_whose_repls_cannot_be_started_any_more_fails(tmp_path):
    """The process that they are forked from has been killed, and then the REPL itself."""
    async with started(
        tmp_path, root=[{"reply": repl("1"), "delay": 0.01}, "FINAL(x)"], paused=True
    ) as run:
        await run.until(IterationStarted)
        sandbox = run.source._grounds.sandbox
        live = run.source._run._loop.cells.repl
        live._keeper.signal(live.pid, signal.SIGKILL)
        await live._wire.closed
        sandbox._process.kill()
        await sandbox._wire.closed
        run.source.send(Resume())
    assert (run.outcome, run.error) == ("failed", "repl")
    assert run.of(CodeStarted) == []


async def test_the_run_is_over_when_it_says_so(tmp_path):
    run = await finished(tmp_path, root=["FINAL(1)"])
    assert run.of(RunFinished) == [run.finished]
    assert run.finished.elapsed <= run.records[-1].at + 1
    assert run.trajectory.finished == run.finished
