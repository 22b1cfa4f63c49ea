from __future__ import annotations

import asyncio

import pytest

from tests.repl.notebook import Box


def test_a_last_expression_shows_its_value_as_in_a_notebook(monty):
    assert monty.ok("x = 'a'\nx") == "'a'\n"
    assert monty.ok("x;") == ""
    assert monty.ok("None") == ""
    assert monty.ok("x = 2") == ""
    assert monty.ok("'x' * 30_000").endswith("… (30,000 characters)\n")


def test_what_was_assigned_before_an_exception_stays(monty):
    ran = monty.run("a = 1\nb = a / 0\nc = 3", name="5.2")
    assert ran.result.outcome == "error"
    assert ran.result.error == "ZeroDivisionError: division by zero"
    assert 'File "<repl 5.2>", line 2, in <module>' in ran.err
    assert monty.variables() == {"a": ("int", None, "1")}


def test_what_a_cell_changed_is_told(monty):
    first = monty.run("a = [1]\nb = 2\n_hidden = 3\nimport re").result.changes
    assert [item.name for item in first.new] == ["a", "b"]
    second = monty.run("a.append(2)\nb = 2").result.changes
    assert [item.name for item in second.changed] == ["a"]
    assert monty.run("pass").result.changes is None


def test_the_context_and_the_question_are_there(monty, box):
    assert monty.ok("len(context), query") == f"({box.sandbox.context_chars[0]}, 'what is it?')\n"


def test_several_documents_are_a_dict(tmp_path):
    paths = []
    for name in "ab":
        (tmp_path / name).write_text(f"text {name}", encoding="utf-8")
        paths.append(str(tmp_path / name))
    with Box(*paths, mode="monty") as box:
        assert (
            box.notebook().ok(
                f"list(context.values()), grep('text', text=context[query or {paths[0]!r}])"
            )
            == "(['text a', 'text b'], [(1, 'text a')])\n"
        )


def test_code_that_computes_is_ended_and_the_worker_with_it(monty):
    monty.ok("x = 1")
    ran = monty.run("print('begun')\nwhile True: pass", budget=0.2)
    assert ran.out == "begun\n"
    assert ran.result.outcome == "killed"
    assert ran.result.error == "the code block ran longer than 0.2 s"
    assert not monty.repl.is_alive


def test_code_that_waits_for_a_sub_call_is_interrupted_and_keeps_its_variables(monty_box, monty):
    async def never(_request):
        monty.repl.interrupt("the run was stopped")
        await asyncio.Event().wait()

    ran = monty.run("x = 1\nllm_query('a')\nx = 2", answer=never)
    assert (ran.result.outcome, ran.result.error) == ("interrupted", "the run was stopped")
    assert monty.ok("x") == "1\n"


def test_code_that_catches_the_interrupt_and_computes_on_is_ended(monty):
    async def never(_request):
        monty.repl.interrupt("the run was stopped")
        await asyncio.Event().wait()

    code = "try:\n    llm_query('a')\nexcept BaseException:\n    print('caught')\nwhile True: pass"
    ran = monty.run(code, answer=never)
    assert ran.result.outcome == "killed"
    assert not monty.repl.is_alive


def test_an_interpreter_that_ends_by_itself_is_said_to_have(monty):
    ran = monty.run("class A:\n    pass\na = A()\ngrep([A, a])")  # a panic in Monty 1.4
    if ran.result.outcome == "error":
        pytest.skip("this version of Monty does not end there")
    assert ran.result.outcome == "killed"
    assert ran.result.error.startswith("the interpreter has ended")


def test_a_value_cannot_be_looked_at_while_the_code_waits(monty_box, monty):
    async def looking(_request):
        shown.append(await monty.repl.evaluate("x"))
        return ["reply"]

    shown = []
    monty.ok("x = 1\nllm_query('a')", answer=looking)
    ((text, failed),) = shown
    assert failed
    assert text.startswith("Monty shows no values while its code waits")


def test_a_flood_of_output_ends_within_its_budget(monty):
    ran = monty.run("while True: print('x' * 1000)", budget=1.0)
    assert ran.result.outcome == "killed"
    assert ran.out.startswith("xxx")


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("x = 'x' * 10**10", "MemoryError"),
        ("x = [0] * 10**10", "MemoryError"),
        ("def f(n):\n    return f(n + 1)\nf(0)", "RecursionError"),
        ("x = 2 ** 10**12", "MemoryError"),
    ],
)
def test_what_takes_too_much_raises(monty, code, error):
    ran = monty.run(code)
    assert ran.result.outcome == "error"
    assert ran.result.error.startswith(error)
    assert monty.ok("1") == "1\n"


@pytest.mark.parametrize(
    "code", ["\ud800 = 1", "x = '\ud800'", "print('\ud800')", "\x00", "x = (", ""]
)
def test_strange_text_is_no_trouble(monty, code):
    monty.run(code)
    assert monty.ok("1 + 1") == "2\n"
