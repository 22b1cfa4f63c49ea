from itertools import pairwise

import pytest

from rlm_tui.engine import asking
from rlm_tui.events import (
    AnswerProposed,
    CodeFinished,
    CodeStarted,
    IterationFinished,
    IterationStarted,
    ModelRequested,
    ModelResponded,
    ReplyRejected,
    RetryScheduled,
)
from tests.engine.harness import finished, repl, tape

ANSWERS = {
    "FINAL": (repl("FINAL(700 + 15)"), ("715", "FINAL", None, "int")),
    "FINAL_VAR": (repl("x = [1, 2]\nFINAL_VAR('x')"), ("[1, 2]", "FINAL_VAR", "x", "list")),
    "SUBMIT": (repl("SUBMIT('yes')"), ("yes", "SUBMIT", None, "str")),
    "SUBMIT, named": (repl("SUBMIT(total=3)"), ("3", "SUBMIT", None, "int")),
    "SUBMIT, several": (repl("SUBMIT(1, 2)"), ("(1, 2)", "SUBMIT", None, "tuple")),
    "answer set": (
        repl("answer['content'] = 'a'\nanswer['ready'] = True"),
        ("a", "answer", "answer", "str"),
    ),
    "answer bound anew": (
        repl("answer = {'content': 2.5, 'ready': True}"),
        ("2.5", "answer", "answer", "float"),
    ),
    "in prose": ("So:\nFINAL(f(a, b) is 3)", ("f(a, b) is 3", "FINAL", None, "str")),
    "in prose beside code": (repl("x = 1") + "\nFINAL(2)", ("2", "FINAL", None, "str")),
    "a variable in prose": (
        repl("total = 6 * 7") + "\nFINAL_VAR(total)",
        ("42", "FINAL_VAR", "total", "int"),
    ),
    "zero": (repl("FINAL(0)"), ("0", "FINAL", None, "int")),
    "False": (repl("FINAL(False)"), ("False", "FINAL", None, "bool")),
    "the empty string": (repl("FINAL('')"), ("", "FINAL", None, "str")),
    "None": (repl("FINAL(None)"), ("None", "FINAL", None, "NoneType")),
    "zero in prose": ("FINAL(0)", ("0", "FINAL", None, "str")),
    "the empty string in prose": ('FINAL("")', ("", "FINAL", None, "str")),
    "an empty variable in prose": (
        repl("none = ''") + "\nFINAL_VAR(none)",
        ("", "FINAL_VAR", "none", "str"),
    ),
    "two in code": (repl("FINAL(1)\nFINAL(2)"), ("1", "FINAL", None, "int")),
    "two blocks": (repl("FINAL(1)", "FINAL(2)"), ("1", "FINAL", None, "int")),
    "two in prose": ("FINAL(1)\nFINAL(2)", ("1", "FINAL", None, "str")),
    "code behind": ("FINAL(1)\n" + repl("FINAL(2)"), ("2", "FINAL", None, "int")),
    "tildes": ("~~~python\nFINAL('t')\n~~~", ("t", "FINAL", None, "str")),
    "bare and unclosed": ("```\nFINAL('u')", ("u", "FINAL", None, "str")),
    "indented": ("- so\n  ```py\n  if 1:\n      FINAL(3)\n  ```", ("3", "FINAL", None, "int")),
    "a fence in a string": (repl("FINAL('''\n```\n''')"), ("\n```\n", "FINAL", None, "str")),
}


async def test_an_answer_can_be_given_in_all_these_ways(tmp_path):
    """One run, in which each way is that of a child."""
    run = await finished(
        tmp_path,
        root=[repl(f"FINAL(rlm_query_batched(['{'?'}'] * {len(ANSWERS)}))")],
        child=[[reply] for reply, _ in ANSWERS.values()],
        max_depth=2,
    )
    calls = run.trajectory.root.iterations[0].blocks[0].calls
    given = {name: call.loop.answer for name, call in zip(ANSWERS, calls, strict=True)}
    assert {
        name: (answer.answer, answer.form, answer.variable, answer.value_type)
        for name, answer in given.items()
    } == {name: expected for name, (_, expected) in ANSWERS.items()}
    assert run.answer == str([answer for _, (answer, *_) in ANSWERS.values()])
    for name, (reply, _) in ANSWERS.items():
        span = given[name].span
        assert (span is not None) is ("prose" in name)
        if span is not None:
            assert reply[slice(*span)].startswith("FINAL")
            assert reply[slice(*span)].endswith(")")


REPLIES = {
    "": "empty",
    "<think>hm</think>": "empty",
    "I think about it.": "no_code",
    "```json\n{}\n```": "other_language",
    "FINAL(not closed": "final_unclosed",
    repl("1 + 1") + "\nFINAL(not closed": "final_unclosed",
    "FINAL_VAR(total)": "unknown_variable",
    repl("1 / 0") + "\nFINAL(too early)": "code_raised",
    repl("1 / 0") + "\nFINAL_VAR(query)": "code_raised",
    repl("class Bad:\n    def __str__(self): 1 / 0\nbad = Bad()")
    + "\nFINAL_VAR(bad)": "code_raised",
    repl("FINAL(1)", "1 / 0"): "code_raised",
    repl("FINAL(1)\n1 / 0"): "code_raised",
    repl("x = 1"): None,
    repl("1 / 0"): None,
}


async def test_the_run_goes_on_from_every_reply_that_cannot_be_used(tmp_path):
    run = await finished(tmp_path, root=[*REPLIES, "FINAL(at last)"], max_errors=20)
    assert (run.outcome, run.answer) == ("answered", "at last")
    iterations = run.trajectory.root.iterations
    assert [i.faults[0].fault if i.faults else None for i in iterations[:-1]] == [*REPLIES.values()]
    assert len(run.of(ReplyRejected)) == sum(fault is not None for fault in REPLIES.values())
    for iteration in iterations[:-1]:
        told = iteration.observation
        assert all(fault.observation in told for fault in iteration.faults)
        assert f"[turn {iteration.number} of 30 is over" in told
    assert len(run.of(AnswerProposed)) == 1
    unknown = run.observations[[*REPLIES.values()].index("unknown_variable")]
    assert "FINAL_VAR(total) was not taken" in unknown
    assert "Variables: none yet." in unknown


async def test_an_unknown_variable_is_told_with_those_that_there_are(tmp_path):
    run = await finished(
        tmp_path, root=[repl("beta, alpha = 1, 2") + "\nFINAL_VAR(gamma)", "FINAL_VAR(alpha)"]
    )
    assert "Variables: alpha, beta." in run.observations[0]
    assert run.answer == "2"


async def test_a_reply_that_was_broken_off_or_withheld_is_told_and_gone_on_from(tmp_path):
    model = tape(
        tmp_path,
        ("```repl\nx = 1\n```\n```repl\nx = ", "length"),
        ("", "content_filter"),
        ("```repl\nx += 1\n```\n```repl\nx = ", "refusal"),
        ("<think>" + "hm" * 9, "length"),
        ("FINAL_VAR(x)", "length"),
    )
    run = await finished(tmp_path, model=model)
    assert run.answer == "2"
    assert [event.fault for event in run.of(ReplyRejected)] == [
        "cut_off",
        "refused",
        "refused",
        "cut_off",
    ]
    assert [event.code for event in run.of(CodeStarted)] == ["x = 1", "x += 1"]


async def test_blocks_run_in_order_and_one_that_fails_stops_the_rest(tmp_path):
    run = await finished(
        tmp_path,
        root=[
            repl("print('one')", "print('two')\nnope", "print('three')", "print('four')")
            + "\n```repl\nprint('five')",
            repl("print(1)", "x = 1 +", "print(3)"),
            "FINAL(done)",
        ],
    )
    assert run.nodes_of(CodeStarted) == ["1.1", "1.2", "2.1", "2.2"]
    assert [event.outcome for event in run.of(CodeFinished)] == ["ok", "error"] * 2
    assert run.of(CodeFinished)[1].error.startswith("NameError: name 'nope' is not defined")
    first, second, _ = run.observations
    assert first.index("code block 1 of 5:\none") < first.index("code block 2 of 5:\ntwo")
    assert 'File "<repl 1.2>", line 2' in first
    assert "Code blocks 3 to 5 did not run" in first
    assert "Code block 3 did not run" in second
    assert "SyntaxError" in second


async def test_the_model_sees_cut_output_and_the_session_keeps_all_of_it(tmp_path):
    run = await finished(
        tmp_path, root=[repl("print('a' * 50_000 + 'z' * 50_000)", "'q' * 10"), "FINAL(x)"]
    )
    told = run.observations[0]
    assert "… [80,001 characters left out] …" in told
    assert told.count("a") - told.count("z") > 5_000
    assert "'qqqqqqqqqq'" in told
    assert len(told) < 21_000
    assert run.output == "a" * 50_000 + "z" * 50_000 + "\n'qqqqqqqqqq'\n"


async def test_every_request_begins_with_the_whole_of_the_one_before(tmp_path):
    run = await finished(
        tmp_path, root=[repl("print(len(context))"), "", repl("1/0"), "prose", "FINAL(x)"]
    )
    prompts = [iteration.prompt for iteration in run.trajectory.root.iterations]
    for earlier, later in pairwise(prompts):
        assert later[: len(earlier)] == earlier
        assert [message.role for message in later[len(earlier) :]] == ["assistant", "user"]
    assert [event.kept for event in run.of(ModelRequested)] == [0, 2, 4, 6, 8]
    assert prompts[-1][4].content == "(empty reply)"
    assert [message.content for message in prompts[-1][3::2]] == run.observations[:-1]
    assert "Question: what?" in prompts[0][1].content


async def test_variables_stay_and_protected_names_come_back(tmp_path):
    run = await finished(
        tmp_path,
        root=[repl("context = 'gone'\nkept = 1"), repl("FINAL((len(context), kept, query))")],
        text="twelve chars",
    )
    assert "this code overwrote context" in run.observations[0]
    assert run.answer == "(12, 1, 'what?')"


async def test_a_small_document_is_put_into_the_prompt_of_a_language_model(monkeypatch, tmp_path):
    monkeypatch.setattr("rlm_tui.engine.models.scripted.ScriptedModel.is_language_model", True)
    run = await finished(tmp_path, root=["It is <think> fine."], text="the whole text")
    (iteration,) = run.trajectory.root.iterations
    assert iteration.kind == "direct"
    assert "the whole text" in iteration.prompt[1].content
    assert (run.answer, iteration.answer.form) == ("It is <think> fine.", "text")
    assert run.finished.usage.cost_usd is None

    forced = await finished(tmp_path, root=["FINAL(x)"], force_rlm=True)
    assert [event.kind for event in forced.of(IterationStarted)] == ["loop"]

    code_first = await finished(tmp_path, root=[repl("x = len(context)"), "words", "FINAL_VAR(x)"])
    assert [event.kind for event in code_first.of(IterationStarted)] == ["direct", "loop", "loop"]
    assert code_first.answer == "61"


async def test_a_root_request_is_tried_again_in_sight(monkeypatch, tmp_path):
    monkeypatch.setattr(asking, "FIRST_WAIT", 0.0)
    run = await finished(
        tmp_path, root=[{"error": "rate_limit"}, {"error": "timeout"}, "FINAL(fine)"]
    )
    assert run.answer == "fine"
    assert run.names(of="1")[1:5] == [
        "model_requested",
        "retry_scheduled",
        "retry_scheduled",
        "model_delta",
    ]
    assert [retry.attempt for retry in run.of(RetryScheduled)] == [2, 3]
    assert run.of(ModelResponded)[0].usage.requests == 3
    assert run.finished.usage.requests == 3


@pytest.mark.parametrize("reply", ["FINAL(x)", repl("FINAL(1)")], ids=["prose", "code"])
async def test_the_turn_that_answers_ends_with_nothing_to_tell(tmp_path, reply):
    run = await finished(tmp_path, root=[reply])
    assert run.names()[-3:] == ["answer_proposed", "iteration_finished", "run_finished"]
    assert run.of(IterationFinished) == [IterationFinished("")]
