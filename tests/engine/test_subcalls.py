import json

import pytest

from rlm_tui.engine import asking
from rlm_tui.engine.models.client import Ending
from rlm_tui.errors import ReplError
from rlm_tui.events import (
    CodeFinished,
    ErrorInfo,
    IterationStarted,
    LimitReached,
    RetryScheduled,
    SubCallFinished,
    SubCallStarted,
    Usage,
    depth_of,
)
from rlm_tui.repl.host import Sandbox
from tests.engine.harness import finished, repl


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(asking, "FIRST_WAIT", 0.0)


ECHO = [{"match": r"^echo (.*)", "reply": r"<\1>"}]
KINDS = "[getattr(r, 'kind', r) for r in {}]"


def in_flight(run) -> list[int]:
    """How many sub-calls were in flight after each event of one."""
    counts = [0]
    for event in run.events:
        change = isinstance(event, SubCallStarted) - isinstance(event, SubCallFinished)
        if change:
            counts.append(counts[-1] + change)
    return counts


async def test_replies_come_in_the_order_of_the_prompts_whatever_order_they_end_in(tmp_path):
    run = await finished(
        tmp_path,
        root=[repl("FINAL(llm_query_batched([f'wait {n} x{n}' for n in (3, 2, 1)]))")],
        sub=[{"match": f"wait {n} (.*)", "reply": r"\1", "delay": n / 50} for n in (1, 2, 3)],
    )
    assert run.answer == "['x3', 'x2', 'x1']"
    assert run.nodes_of(SubCallStarted) == ["1.1.1", "1.1.2", "1.1.3"]
    assert run.nodes_of(SubCallFinished) == ["1.1.3", "1.1.2", "1.1.1"]
    assert [event.batch for event in run.of(SubCallStarted)] == [0, 1, 2]


async def test_a_call_knows_the_line_that_made_it(tmp_path):
    run = await finished(
        tmp_path,
        root=[
            repl("def ask(x):\n    return llm_query(x)\n\nask('a')\nllm_query('b')"),
            repl("ask('c')\nFINAL(\n    llm_query('d')\n)"),
        ],
    )
    assert [(event.prompt, event.line) for event in run.of(SubCallStarted)] == [
        ("a", 2),
        ("b", 5),
        ("c", 0),
        ("d", 3),
    ]


async def test_one_failure_in_a_batch_is_that_calls_own(tmp_path):
    run = await finished(
        tmp_path,
        root=[
            repl(
                "r = llm_query_batched(['echo 1', 'boom', 'echo 3', 'hush'])\n"
                f"print({KINDS.format('r')})\nprint(r[1])"
            ),
            repl("llm_query('boom')\nprint('never')"),
            repl("llm_query_batched(['echo 1', 'hush'], raise_errors=True)"),
            "FINAL(x)",
        ],
        sub=[
            *ECHO,
            {"match": "boom", "error": "server_error"},
            {"match": "hush", "error": "empty"},
        ],
    )
    assert "['<1>', 'server_error', '<3>', 'empty']" in run.observations[0]
    assert "the model's server failed (scripted)" in run.observations[0]
    assert "SubCallError" in run.observations[1]
    assert "never" not in run.output
    assert "sent an empty reply" in run.observations[2]
    ends = {r.node: r.event for r in run.records if isinstance(r.event, SubCallFinished)}
    assert ends["1.1.1"].reply == "<1>"
    assert ends["1.1.2"].error == ErrorInfo("server_error", "the model's server failed (scripted)")
    assert ends["1.1.2"].retries == 3
    assert ends["1.1.2"].usage == Usage(4, cost_usd=0.0)
    assert ends["1.1.4"].error.kind == "empty"
    assert ends["1.1.4"].usage.requests == 1
    assert all((end.reply is None) is (end.error is not None) for end in ends.values())
    assert run.nodes_of(RetryScheduled) == ["1.1.2"] * 3 + ["2.1.1"] * 3


@pytest.mark.parametrize(
    ("finish", "kind", "said"),
    [
        ("length", "cut_off", "used up its output before any text"),
        ("content_filter", "refused", "withheld the reply"),
        ("stop", "empty", "sent an empty reply"),
    ],
)
async def test_a_reply_without_text_is_an_error_that_says_why(
    monkeypatch, tmp_path, finish, kind, said
):
    monkeypatch.setattr("rlm_tui.engine.models.scripted.Ending", lambda: Ending(finish))
    run = await finished(
        tmp_path,
        root=[repl("(e,) = llm_query_batched(['hush'])\nFINAL((e.kind, str(e)))")],
        sub_default="",
    )
    assert f"('{kind}', " in run.answer
    assert said in run.answer


async def test_code_can_choose_among_the_models_of_the_run_only(tmp_path):
    fast = tmp_path / "fast.json"
    fast.write_text(json.dumps({"root": ["r"], "sub_default": "quick"}))
    run = await finished(
        tmp_path,
        root=[
            repl(
                "print(llm_query('a', model='fast'), llm_query('b', model='sub'))\n"
                "llm_query('c', model='openai/gpt-5')"
            ),
            "FINAL(x)",
        ],
        fast_model=f"scripted:{fast}",
    )
    assert run.output == "quick ok\n"
    assert "model='openai/gpt-5' is not one of this run's models" in run.observations[0]
    assert run.prompts == ["a", "b"]


async def test_with_depth_0_there_are_no_sub_calls(tmp_path):
    run = await finished(
        tmp_path, root=[repl("llm_query('a')"), repl("rlm_query('b')"), "FINAL(x)"], max_depth=0
    )
    assert run.outcome == "answered"
    assert "sub-calls are off (--max-depth 0)" in run.observations[0]
    assert "sub-calls are off (--max-depth 0)" in run.observations[1]
    assert run.of(SubCallStarted) == []


async def test_a_batch_that_crosses_the_limit_is_served_up_to_it(tmp_path):
    run = await finished(
        tmp_path,
        root=[
            repl("llm_query('echo 0')"),
            repl(
                "r = llm_query_batched([f'echo {i}' for i in range(5)])\n"
                f"print({KINDS.format('r')})"
            ),
            "I saw three.",
        ],
        sub=ECHO,
        max_sub_calls=4,
    )
    assert run.output.endswith("['<0>', '<1>', '<2>', 'limit', 'limit']\n")
    assert len(run.of(SubCallStarted)) == 4
    assert run.of(LimitReached) == [LimitReached("sub-calls", 4, 4)]
    assert (run.outcome, run.answer, run.error) == ("forced", "I saw three.", "sub-calls")


async def test_an_answer_given_after_a_limit_stopped_its_calls_is_a_forced_one(tmp_path):
    run = await finished(
        tmp_path, root=[repl("llm_query_batched(['a', 'b'])\nFINAL('half')")], max_sub_calls=1
    )
    assert (run.outcome, run.answer, run.error) == ("forced", "half", "sub-calls")


async def test_no_more_calls_are_in_flight_than_allowed(tmp_path):
    run = await finished(
        tmp_path,
        root=[
            repl(
                "from concurrent.futures import ThreadPoolExecutor\n"
                "with ThreadPoolExecutor(3) as pool:\n"
                "    pool.map(llm_query_batched, [['a'] * 3] * 3)\n"
                "FINAL(x := 1)"
            )
        ],
        sub=[{"match": "", "reply": "ok", "delay": 0.005}],
        concurrency=2,
    )
    assert max(in_flight(run)) == 2
    assert len(run.of(SubCallFinished)) == 9
    assert all(end.reply == "ok" for end in run.of(SubCallFinished))


# rlm_query


async def test_a_child_has_a_repl_of_its_own_that_sees_its_context_only(tmp_path):
    look = repl("FINAL((context, query, 'secret' in globals()))")
    run = await finished(
        tmp_path,
        root=[
            repl(
                "secret = 1\n"
                "for r in (rlm_query('q1', 'some text'), rlm_query('q2', {'a': 'one', 'b': 2}),\n"
                "          rlm_query('q3', ['x', 5]), rlm_query('q4', ''), rlm_query('q5')):\n"
                "    print(r)\n"
                "FINAL('x')"
            )
        ],
        child=[[look]] * 5,
        text="the whole\n",
        max_depth=2,
    )
    assert run.output.splitlines() == [
        "('some text', 'q1', False)",
        "({'a': 'one', 'b': '2'}, 'q2', False)",
        "('x\\n5', 'q3', False)",
        "('', 'q4', False)",
        "('the whole\\n', 'q5', False)",
    ]
    calls = run.of(SubCallStarted)
    assert [call.kind for call in calls] == ["rlm_query"] * 5
    assert [call.context_chars for call in calls] == [9, 6, 3, 0, None]
    children = run.trajectory.root.iterations[0].blocks[0].calls
    system, first = children[1].loop.iterations[0].prompt
    assert "(a dict from path to text, 2 of them)" in system.content
    assert "dict, 5 characters, 2 lines" in first.content
    assert "- 'b': 1 characters" in first.content
    assert "(a str)" in children[0].loop.iterations[0].prompt[0].content


async def test_children_of_a_batch_take_their_scripts_in_the_order_of_creation(tmp_path):
    count = 12
    run = await finished(
        tmp_path,
        root=[repl(f"FINAL(rlm_query_batched([str(i) for i in range({count})]))")],
        child=[[repl(f"FINAL(query + '-{i}')")] for i in range(count)],
        max_depth=2,
    )
    assert run.answer == str([f"{i}-{i}" for i in range(count)])


async def test_what_a_child_used_is_told_by_its_end_and_counted_once(tmp_path):
    run = await finished(
        tmp_path,
        root=[repl("FINAL(rlm_query('q', 'text'))")],
        child=[[repl("a = llm_query('x')"), "FINAL_VAR(a)"]],
        max_depth=2,
    )
    assert run.answer == "ok"
    (plain, child) = run.of(SubCallFinished)
    assert child.usage.requests == 3
    assert child.usage.input_tokens > plain.usage.input_tokens
    assert run.finished.usage.requests == 4
    assert run.trajectory.call_count == 2


async def test_a_child_at_the_depth_limit_is_a_plain_call_over_its_text(tmp_path):
    run = await finished(
        tmp_path,
        root=[
            repl("print(rlm_query('q1', 'text'), rlm_query('q2', {'a': 'A', 'b': 'B'}))"),
            repl("print(rlm_query('q3'))\nFINAL('x')"),
        ],
        sub=[{"match": ".*", "reply": "[{prompt}]"}],
    )
    assert run.prompts == ["text\n\nq1", "A\n\nB\n\nq2", "q3"]
    assert {event.kind for event in run.of(SubCallStarted)} == {"llm_query"}


async def test_children_of_children_are_as_deep_as_the_limit_allows(tmp_path):
    down = repl("FINAL(query + rlm_query(query + '+', context))")
    run = await finished(
        tmp_path,
        root=[repl("FINAL(rlm_query('a', 'text'))")],
        child=[[down], [down]],
        sub_default="<{prompt}>",
        max_depth=3,
    )
    assert run.answer == "aa+<text\n\na++>"
    deepest = max(run.nodes_of(IterationStarted), key=depth_of)
    assert depth_of(deepest) == 2
    assert run.trajectory.deepest == 2


@pytest.mark.parametrize(
    ("child", "answer", "kind"),
    [
        (["look", "look", "It is 5."], "It is 5.", None),
        (["look", "look", ""], None, "limit"),
        ([{"error": "timeout"}] * 4, None, "timeout"),
    ],
    ids=["forced", "limited", "failed"],
)
async def test_a_child_that_does_not_finish_by_itself(tmp_path, child, answer, kind):
    run = await finished(
        tmp_path,
        root=[
            repl(f"r = rlm_query_batched(['q'], ['text'])\nprint({KINDS.format('r')})"),
            "FINAL(x)",
        ],
        child=[child],
        max_depth=2,
        max_iterations=2,
    )
    assert (run.outcome, run.answer) == ("answered", "x")
    assert run.output == f"{[answer or kind]}\n"
    (end,) = run.of(SubCallFinished)
    assert end.reply == answer
    assert (end.error and end.error.kind) == kind
    assert end.usage.requests == len(child)
    assert run.of(LimitReached) == []


async def test_a_child_that_gets_no_repl_has_failed_and_the_run_goes_on(monkeypatch, tmp_path):
    spawn = Sandbox.spawn

    async def only_for_the_root(self, query, context=None):
        if context is not None:
            raise ReplError("no more processes")
        return await spawn(self, query)

    monkeypatch.setattr(Sandbox, "spawn", only_for_the_root)
    run = await finished(
        tmp_path,
        root=[repl("(e,) = rlm_query_batched(['q'], ['text'])\nFINAL((e.kind, str(e)))")],
        max_depth=2,
    )
    assert run.answer == "('repl', 'no more processes')"
    assert run.of(SubCallFinished)[0].error == ErrorInfo("repl", "no more processes")


async def test_a_childs_last_request_does_not_lift_a_limit_of_the_whole_run(tmp_path):
    """One child asks for its last answer while another meets the limit on sub-calls."""
    run = await finished(
        tmp_path,
        root=[repl("r = rlm_query_batched(['q', 'q'], ['a', 'b'])\nFINAL(str(r))")],
        child=[
            ["look", {"reply": "late", "delay": 0.15}],
            [repl("llm_query_batched(['x'] * 9)")],
        ],
        max_depth=2,
        max_iterations=1,
        max_sub_calls=4,
    )
    assert [event.limit for event in run.of(LimitReached)] == ["sub-calls"]
    assert (run.outcome, run.error) == ("forced", "sub-calls")


async def test_a_call_that_a_thread_leaves_behind_ends_with_its_block(tmp_path):
    run = await finished(
        tmp_path,
        root=[
            repl(
                "import threading\n"
                "threading.Thread(target=llm_query, args=['slow'], daemon=True).start()\n"
                "llm_query('quick')"
            ),
            "FINAL(x)",
        ],
        sub=[{"match": "slow", "reply": "late", "delay": 60}],
    )
    ends = {record.node: record.event for record in run.records if record.node.startswith("1.1.")}
    assert sorted(end.error.kind if end.error else "ok" for end in ends.values()) == [
        "cancelled",
        "ok",
    ]
    assert run.names().index("code_finished") > max(
        i for i, name in enumerate(run.names()) if name == "sub_call_finished"
    )


async def test_a_fault_of_ours_in_a_call_ends_the_run_and_does_not_hang_it(monkeypatch, tmp_path):
    def broken(_self, prompt: str) -> None:
        raise ZeroDivisionError(prompt)

    monkeypatch.setattr("rlm_tui.engine.models.scripted.ScriptedModel._answer", broken)
    run = await finished(
        tmp_path,
        root=[
            repl("while True:\n    try: llm_query_batched(['a', 'b'])\n    except Exception: pass"),
            "FINAL(x)",
        ],
    )
    assert (run.outcome, run.error) == ("failed", "internal")
    assert "ZeroDivisionError: a" in run.finished.error.message
    assert all(end.error is not None for end in run.of(SubCallFinished))
    assert [event.outcome for event in run.of(CodeFinished)] == ["killed"]
