from __future__ import annotations

import asyncio

import pytest

from rlm_tui.breakpoint import Breakpoint
from rlm_tui.engine.debugger import loop_of
from rlm_tui.events import (
    BreakpointHit,
    CodeFinished,
    CodeStarted,
    Intervened,
    ModelRequested,
    Paused,
    RunFinished,
    SubCallFinished,
    SubCallStarted,
    VariablesChanged,
)
from rlm_tui.source import (
    Answer,
    Edit,
    Evaluate,
    Evaluated,
    Fail,
    Pause,
    RaiseLimit,
    Reject,
    Remark,
    Resume,
    Retry,
    RunTo,
    SetBreakpoints,
    Skip,
)
from tests.engine.driving import INTO, OUT, OVER, SCRIPT, driven, looked, stops
from tests.engine.harness import repl, started


async def test_into_holds_before_everything_that_runs_or_costs(tmp_path):
    run = await driven(tmp_path, [INTO] * 9)
    held = [stop for stop in stops(run) if stop != "1.2 line"]
    assert held == [
        "1 model request",
        "1.1 code block",
        "1.1 line",
        "1.2 code block",
        "1.2.1 llm_query",
        "1.2.2 llm_query",
    ]
    assert run.answer == "['ok', 'ok']"


async def test_over_stays_in_the_loop_and_out_of_its_calls(tmp_path):
    run = await driven(tmp_path, [OVER] * 4)
    assert stops(run) == [
        "1 model request",
        "1.1 code block",
        "1.2 code block",
        "2 model request",
        "2 answer",
    ]


async def test_out_of_a_call_finishes_its_code_block(tmp_path):
    run = await driven(tmp_path, [RunTo("1.2.1"), OUT])
    assert stops(run)[1:] == ["1.2.1 llm_query", "2 model request"]


async def test_out_of_a_child_finishes_its_loop(tmp_path):
    run = await driven(
        tmp_path,
        [RunTo("1.1.1"), INTO, OUT],
        root=[repl("x = rlm_query('q', 'text')"), "FINAL_VAR(x)"],
        child=[[repl("1"), "FINAL(c)"]],
        max_depth=2,
    )
    assert stops(run) == [
        "1 model request",
        "1.1.1 rlm_query",
        "1.1.1.1 model request",
        "2 model request",
    ]


async def test_a_run_goes_to_the_node_it_is_sent_to(tmp_path):
    run = await driven(tmp_path, [RunTo("1.2.2")])
    assert stops(run) == ["1 model request", "1.2.2 llm_query"]


async def test_the_price_of_what_comes_next_is_told(tmp_path):
    run = await driven(tmp_path, [RunTo("1.2.1")])
    held = run.of(Paused)[1]
    assert (held.text, held.input_tokens > 0, held.cost_usd) == ("a", True, 0.0)
    assert held.model.startswith("scripted:")


async def test_the_code_is_changed_before_it_runs_and_the_model_is_told_what_ran(tmp_path):
    edited = (Edit("found = [llm_query('mine')]"), Resume())
    run = await driven(tmp_path, [RunTo("1.2"), edited])
    assert [event.code for event in run.of(CodeStarted)] == [
        "pieces = ['a', 'b']",
        "found = [llm_query('mine')]",
    ]
    assert run.answer == "['ok']"
    (changed,) = run.of(Intervened)
    assert (changed.kind, changed.after) == ("edited", "found = [llm_query('mine')]")
    told = run.of(ModelRequested)[1].messages[0].content
    assert "llm_query('mine')" in told
    assert "for p in pieces" not in told


@pytest.mark.parametrize(("told", "finds_note"), [("wrote", False), ("both", True)])
async def test_or_the_model_is_told_what_it_wrote(tmp_path, told, finds_note):
    run = await driven(tmp_path, [RunTo("1.2"), (Edit("found = 1", told), Resume())])
    wrote, observed = run.of(ModelRequested)[1].messages
    assert "for p in pieces" in wrote.content
    assert ("the user changed this code" in observed.content) is finds_note


async def test_a_prompt_is_changed_before_it_is_sent(tmp_path):
    run = await driven(
        tmp_path,
        [RunTo("1.2.1"), (Edit("another question"), INTO)],
        sub=[{"match": "(.*)", "reply": "<\\1>"}],
    )
    assert run.answer == "['<another question>', '<b>']"
    assert run.prompts == ["another question", "b"]


async def test_the_question_to_the_root_model_is_changed(tmp_path):
    run = await driven(tmp_path, [(Edit("Only this."), Resume())])
    assert run.of(ModelRequested)[0].messages[-1].content == "Only this."


async def test_a_call_is_answered_by_hand_and_the_run_stops_again_right_after(tmp_path):
    run = await driven(tmp_path, [RunTo("1.2.1"), Answer("by hand")])
    assert run.answer == "['by hand', 'ok']"
    assert stops(run)[2] == "1.2.2 llm_query"
    assert [event.usage.requests for event in run.of(SubCallFinished)] == [0, 1]


async def test_every_call_that_matches_is_answered_by_hand(tmp_path):
    run = await driven(tmp_path, [RunTo("1.2.1"), (Answer("by hand", "^[ab]$"), Resume())])
    assert run.answer == "['by hand', 'by hand']"
    assert [event.kind for event in run.of(Intervened)] == ["answered", "answered"]
    assert run.finished.usage.requests == 2


async def test_a_call_is_failed_and_the_code_sees_a_sub_call_error(tmp_path):
    code = "try: x = llm_query('a')\nexcept SubCallError as e: x = e.kind"
    run = await driven(
        tmp_path, [RunTo("1.1.1"), Fail("timeout")], root=[repl(code), "FINAL_VAR(x)"]
    )
    assert run.answer == "timeout"


async def test_a_reply_is_changed_before_the_code_gets_it(tmp_path):
    stop = SetBreakpoints([Breakpoint(1, "after llm_query", once=True)])
    run = await driven(tmp_path, [(stop, Resume()), Answer("better")])
    assert run.answer == "['better', 'ok']"
    assert stops(run)[1] == "1.2.1 reply"


async def test_a_block_is_skipped_and_the_model_is_told(tmp_path):
    run = await driven(
        tmp_path, [RunTo("1.1"), Skip()], root=[repl("x = 1"), repl("FINAL('x' in globals())")]
    )
    assert run.answer == "False"
    assert run.of(CodeFinished)[0].outcome == "skipped"
    assert "[code block 1 was skipped by the user]" in run.observations[0]


async def test_an_answer_is_rejected_with_a_message_and_the_run_goes_on(tmp_path):
    run = await driven(
        tmp_path,
        [INTO, Reject("too short"), Resume()],
        root=["FINAL(a)", "FINAL(a longer one)"],
    )
    assert run.answer == "a longer one"
    assert "[the user did not take your answer: too short]" in run.observations[0]


async def test_an_answer_is_replaced(tmp_path):
    run = await driven(tmp_path, [INTO, Answer("mine")], root=["FINAL(a)"])
    assert run.answer == "mine"


@pytest.mark.parametrize(
    ("at", "command", "why"),
    [
        ("1", Answer("x"), "only a sub-call or an answer"),
        ("1", Skip(), "only a code block"),
        ("1", Fail("empty"), "only a sub-call"),
        ("1.2.1", Reject("x"), "only an answer"),
        ("1", Retry("m"), "only a plain sub-call"),
        ("1.2.1", Answer("x", "("), "is not a pattern"),
        ("1.2.1", Fail("empty", "x{9999999999999}"), "is not a pattern"),
    ],
)
async def test_what_cannot_be_done_there_is_said_and_changes_nothing(tmp_path, at, command, why):
    run = await driven(
        tmp_path, [RunTo(at), (command, Resume())] if at != "1" else [(command, Resume())]
    )
    said = [notice.text for notice in run.notices if isinstance(notice, Remark)]
    assert any(why in text for text in said)
    assert run.answer == "['ok', 'ok']"


async def test_values_are_looked_at_and_set_between_code_blocks(tmp_path):
    async with started(tmp_path, root=SCRIPT, paused=True) as run:
        await run.until(Paused)
        run.source.send(RunTo("1.2"))
        await run.until(Paused, 2)
        assert (await looked(run, "pieces + ['c']")).text == "['a', 'b', 'c']"
        failed = await looked(run, "1 / 0")
        assert failed.is_error
        assert "ZeroDivisionError" in failed.text
        await looked(run, "pieces.append('c')", is_statement=True)
        run.source.send(Resume())
    assert run.answer == "['ok', 'ok', 'ok']"
    assert [(event.kind, event.before) for event in run.of(Intervened)] == [
        ("set", "pieces.append('c')")
    ]
    changes = run.of(VariablesChanged)
    assert {variable.name for variable in changes[1].changed} == {"pieces"}


async def test_a_breakpoint_holds_and_its_hits_are_events(tmp_path):
    run = await driven(
        tmp_path, [(SetBreakpoints([Breakpoint(1, "llm_query and /b/ in prompt")]), Resume())]
    )
    assert stops(run) == ["1 model request", "1.2.2 llm_query"]
    assert run.of(Paused)[1].breakpoint == 1
    assert run.nodes_of(BreakpointHit) == ["1.2.2"]


async def test_a_breakpoint_that_only_notes_does_not_hold(tmp_path):
    item = Breakpoint(1, "llm_query", action="log")
    run = await driven(tmp_path, [(SetBreakpoints([item]), Resume())])
    assert stops(run) == ["1 model request"]
    assert run.nodes_of(BreakpointHit) == ["1.2.1", "1.2.2"]


async def test_a_breakpoint_that_cannot_be_read_is_refused_in_words(tmp_path):
    run = await driven(tmp_path, [(SetBreakpoints([Breakpoint(1, "nonsense")]), Resume())])
    assert any("'nonsense' is not known" in n.text for n in run.notices if isinstance(n, Remark))


async def test_an_error_is_stopped_at(tmp_path):
    run = await driven(
        tmp_path,
        [(SetBreakpoints([Breakpoint(1, "error")]), Resume())],
        root=[repl("1 / 0"), "FINAL(x)"],
    )
    assert stops(run)[1:] == ["1.1 what follows the code block"]


async def test_a_limit_is_raised_while_the_run_is_held(tmp_path):
    run = await driven(
        tmp_path,
        [RunTo("2"), (RaiseLimit("iterations", 5), Resume())],
        root=["prose", "prose", "FINAL(x)"],
        max_iterations=2,
    )
    assert run.outcome == "answered"
    assert run.of(Intervened)[0].after == "iterations 5"


async def test_a_pause_holds_what_is_not_under_way_and_loses_nothing(tmp_path):
    """Twenty calls at once, two in flight: those finish, the others wait and go on afterwards."""
    async with started(
        tmp_path,
        root=[repl("r = llm_query_batched([str(n) for n in range(20)])"), "FINAL_VAR(r)"],
        sub=[{"match": "(.*)", "reply": "<\\1>"}],
        concurrency=4,
    ) as run:
        run.on_record = lambda record: (
            isinstance(record.event, SubCallStarted)
            and len(run.of(SubCallStarted)) == 3
            and run.source.send(Pause())
        )
        await run.until(Paused)
        for _ in range(200):
            await asyncio.sleep(0)
        begun = len(run.of(SubCallStarted))
        assert begun < 20
        for _ in range(200):
            await asyncio.sleep(0)
        assert len(run.of(SubCallStarted)) == begun
        run.source.send(Resume())
    assert run.answer == str([f"<{n}>" for n in range(20)])


def test_a_node_belongs_to_the_loop_whose_call_it_lies_in():
    assert loop_of("3.2.1") == ""
    assert loop_of("3") == ""
    assert loop_of("3.2.1.1.1") == "3.2.1"
    assert loop_of("3.2.1.1.1.4") == "3.2.1"


async def test_nothing_can_be_looked_at_while_the_run_goes_on(tmp_path):
    async with started(tmp_path, root=[repl("1"), "FINAL(x)"]) as run:
        run.on_record = lambda record: (
            isinstance(record.event, CodeStarted) and run.source.send(Evaluate(1, "1"))
        )
        await run.until(RunFinished)
    assert [n for n in run.notices if isinstance(n, Evaluated)] in (
        [Evaluated(1, "the run is not paused", is_error=True)],
        [],
    )


async def test_a_call_is_made_again_until_its_reply_will_do(tmp_path):
    """Each reply is held, paid and counted; the code gets the last one."""
    root = [repl("a = llm_query('q')"), "FINAL_VAR(a)"]
    script = tmp_path / "other.json"
    script.write_text('{"root": ["x"], "sub_default": "better"}', encoding="utf-8")
    async with started(tmp_path, root=root, paused=True) as run:
        run.source.send(SetBreakpoints([Breakpoint(1, "after llm_query")]))
        await run.until(Paused)
        run.source.send(Resume())
        await run.until(Paused, 2)
        run.source.send(SetBreakpoints([]))
        run.source.send(Retry(f"scripted:{script}"))
        held = await run.until(Paused, 3)
        assert (held.before, held.reason, held.text) == ("reply", "made again", "better")
        run.source.send(Resume())
    assert run.answer == "better"
    assert [event.reply for event in run.of(SubCallFinished)] == ["ok", "better"]
    assert run.names(of="1.1.1").count("sub_call_started") == 1
    call = run.trajectory.call("1.1.1")
    assert (call.model, call.state, call.reply) == (f"scripted:{script}", "ok", "better")
    assert run.finished.usage.requests == 4
    assert run.trajectory.block("1.1").finished_ok == 1


async def test_a_call_goes_to_another_model_before_it_is_made(tmp_path):
    script = tmp_path / "other.json"
    script.write_text('{"root": ["x"], "sub_default": "other"}', encoding="utf-8")
    root = [repl("a = llm_query('q')"), "FINAL_VAR(a)"]
    run = await driven(tmp_path, [RunTo("1.1.1"), Retry(f"scripted:{script}"), Resume()], root=root)
    assert (run.answer, run.trajectory.call("1.1.1").model) == ("other", f"scripted:{script}")


@pytest.mark.parametrize("model", ["scripted:/no/such.json"])
async def test_a_model_that_is_none_fails_the_call_and_not_the_run(tmp_path, model):
    root = [repl("try: a = llm_query('q')\nexcept SubCallError as e: a = e.kind"), "FINAL_VAR(a)"]
    async with started(tmp_path, root=root, paused=True) as run:
        run.source.send(SetBreakpoints([Breakpoint(1, "after llm_query")]))
        await run.until(Paused)
        run.source.send(Resume())
        await run.until(Paused, 2)
        run.source.send(Retry(model))
        await run.until(Paused, 3)
        run.source.send(SetBreakpoints([]))
        run.source.send(Resume())
    assert run.answer == "unknown_model"


async def test_a_call_is_not_made_again_beyond_a_limit(tmp_path):
    root = [repl("try: a = llm_query('q')\nexcept SubCallError as e: a = e.kind"), "FINAL_VAR(a)"]
    async with started(tmp_path, root=root, paused=True, max_sub_calls=1) as run:
        run.source.send(SetBreakpoints([Breakpoint(1, "after llm_query")]))
        await run.until(Paused)
        run.source.send(Resume())
        await run.until(Paused, 2)
        run.source.send(Retry())
        await run.until(Paused, 3)
        run.source.send(SetBreakpoints([]))
        run.source.send(Resume())
    assert run.trajectory.call("1.1.1").result.error.kind == "limit"
    assert run.outcome == "forced"
