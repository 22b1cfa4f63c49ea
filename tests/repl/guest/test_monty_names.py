from __future__ import annotations

import pytest

from rlm_tui.repl.cells import CallError


def failing(request):
    return [
        CallError("timeout", "it took too long") if "bad" in prompt else f"<{prompt}>"
        for prompt in request.prompts
    ]


def test_a_sub_call_tells_its_prompt_its_cell_and_its_line(monty):
    ran = monty.run("x = 1\n\nprint(llm_query(f'é {x}'))", name="3.1")
    assert ran.out == "<é 1>\n"
    (request,) = ran.requests
    assert (request.kind, request.prompts, request.batch) == ("llm_query", ["é 1"], False)
    assert (request.cell, request.line) == ("3.1", 3)


def test_a_call_in_a_function_has_the_line_where_the_function_stands(monty):
    monty.ok("def ask(p):\n    return llm_query(p)", name="1.1")
    (request,) = monty.run("ask('a')", name="2.1").requests
    assert (request.cell, request.line) == ("1.1", 2)


def test_calls_of_a_comprehension_go_out_one_by_one(monty):
    ran = monty.run("[llm_query(c) for c in 'ab']")
    assert ran.out == "['<a>', '<b>']\n"
    assert [request.prompts for request in ran.requests] == [["a"], ["b"]]


@pytest.mark.parametrize("name", ["rlm_query", "recursive_lm", "recursive_llm"])
def test_a_recursive_call_takes_a_context(monty, name):
    ran = monty.run(f"{name}('q', 'some text', model='sub')")
    (request,) = ran.requests
    assert (request.kind, request.contexts, request.model) == ("rlm_query", ["some text"], "sub")


def test_batches_keep_their_order_and_hold_what_failed_in_its_place(monty):
    code = (
        "replies = llm_query_batched(['a', 'bad', 'c'])\n"
        "print(replies[0], isinstance(replies[1], SubCallError), replies[1], replies[2])"
    )
    assert monty.ok(code, answer=failing) == "<a> True timeout: it took too long <c>\n"


def test_a_recursive_batch_takes_a_context_for_each_query(monty):
    ran = monty.run("rlm_query_batched(['a', 'b'], [None, {'p': 'text'}])")
    (request,) = ran.requests
    assert request.contexts == [None, {"p": "text"}]
    ran = monty.run("rlm_query_batched(['a', 'b'], ['x'])")
    assert ran.result.error == "ValueError: 2 queries need as many contexts, not 1"


def test_an_empty_batch_asks_nobody(monty):
    ran = monty.run("llm_query_batched([])")
    assert (ran.out, ran.requests) == ("[]\n", [])


@pytest.mark.parametrize(
    "call", ["llm_query('bad')", "llm_query_batched(['bad'], raise_errors=True)"]
)
def test_a_call_that_fails_raises_what_code_can_catch(monty, call):
    code = f"try:\n    {call}\nexcept SubCallError as error:\n    print('caught', error)"
    assert monty.ok(code, answer=failing) == "caught timeout: it took too long\n"
    assert monty.run(call, answer=failing).result.error.startswith("RuntimeError: timeout")


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("llm_query(5)", "TypeError: llm_query() needs a str, not int"),
        ("llm_query('a', model=5)", "TypeError: llm_query(): model is a name, not int"),
        ("llm_query_batched(['a', 5])", "TypeError: llm_query_batched() needs strings, not int"),
        ("SUBMIT()", "TypeError: SUBMIT() takes one answer, or named fields"),
        ("input('?')", "RuntimeError: input('?'): nobody can type here; ask with llm_query()"),
        (
            "x = 1\nFINAL_VAR('nope')",
            "NameError: FINAL_VAR: there is no variable 'nope'. Variables: none yet",
        ),
    ],
)
def test_what_cannot_be_meant_is_told(monty, code, error):
    ran = monty.run(code)
    assert (ran.result.outcome, ran.result.error) == ("error", error)
    assert "python-input" not in ran.err
    assert ran.result.final is None


@pytest.mark.parametrize(
    ("code", "form", "text"),
    [
        ("FINAL(42)", "FINAL", "42"),
        ("FINAL('a')\nFINAL('b')", "FINAL", "a"),
        ("x = [1]\nFINAL_VAR('x')", "FINAL_VAR", "[1]"),
        ("FINAL_VAR(7)", "FINAL_VAR", "7"),
        ("SUBMIT('a')", "SUBMIT", "a"),
        ("SUBMIT(1, 2)", "SUBMIT", "(1, 2)"),
        ("SUBMIT(answer='a')", "SUBMIT", "a"),
        ("SUBMIT(a=1, b=2)", "SUBMIT", "{'a': 1, 'b': 2}"),
        ("answer['content'] = 0\nanswer['ready'] = True", "answer", "0"),
        ("answer = {'content': 'c', 'ready': True}", "answer", "c"),
        ("def f():\n    FINAL_VAR('y')\ny = 'late'\nf()", "FINAL_VAR", "late"),
        (
            "from collections import Counter\nFINAL(Counter('aab'))",
            "FINAL",
            "Counter({'a': 2, 'b': 1})",
        ),
        ("class P:\n    def __str__(self):\n        return 'mine'\nFINAL(P())", "FINAL", "mine"),
    ],
)
def test_there_are_four_ways_to_finish(monty, code, form, text):
    assert monty.run(code).answer == (form, text)


def test_the_answer_of_code_that_raised_is_withdrawn(monty):
    ran = monty.run("answer['content'] = 1\nanswer['ready'] = True\n1 / 0")
    assert ran.result.final is None
    assert monty.run("pass").result.final is None


def test_the_variables_are_shown_as_they_are_at_that_line(monty):
    monty.ok("a = 'text'")
    assert monty.ok("b = [1, 2]\nprint(SHOW_VARS())") == (
        "a: str[4] = 'text'\nb: list[2] = [1, 2]\n"
    )
    assert monty.ok("def f():\n    return SHOW_VARS()\nprint(f())").startswith("a: str[4]")
