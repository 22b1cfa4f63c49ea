from __future__ import annotations

import ast

import pytest

from rlm_tui.repl.guest.cell import compiled
from rlm_tui.repl.guest.loops import HOOK, Marked
from tests.repl.guest.looping import both_ways, ran


def marks(code: str, *earlier: str) -> list[str]:
    """What is gone through by the loops of a cell that were marked."""
    marked = Marked()
    for number, cell in enumerate((*earlier, code)):
        tree = ast.parse(cell)
        marked.mark(tree, cell, f"<repl {number}>")
    hooks = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and named(n.func) == HOOK]
    return [ast.unparse(hook.args[2]) for hook in hooks]


def named(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


MARKED = {
    "a loop": ("for c in a: llm_query(c)", ["a"]),
    "inside other statements": ("if x:\n  with y:\n    for c in a: x = llm_query(c)", ["a"]),
    "in a function": ("def f():\n  for c in a: llm_query(c)", ["a"]),
    "in a method": ("class A:\n  def f(self):\n    for c in a: llm_query(c)", ["a"]),
    "a list": ("[llm_query(c) for c in a]", ["a"]),
    "a condition": ("[c for c in a if llm_query(c)]", ["a"]),
    "a dict": ("{c: rlm_query(c) for c in a}", ["a"]),
    "the innermost of several": ("[llm_query(c) for b in a for c in b]", ["b"]),
    "nested lists": ("[[llm_query(c) for c in b] for b in a]", ["b"]),
    "a generator read at once": ("list(llm_query(c) for c in a)", ["a"]),
    "a generator joined": ("', '.join(llm_query(c) for c in a)", ["a"]),
    "a generator unpacked": ("print(*(llm_query(c) for c in a))", ["a"]),
    "a map": ("list(map(llm_query, a))", ["a"]),
    "an alias": ("for c in a: recursive_llm(c)", ["a"]),
    "nested loops": ("for b in a:\n  for c in b: llm_query(c)", ["b"]),
    "both of nested loops": ("for b in a:\n  llm_query(b)\n  for c in b: llm_query(c)", ["a", "b"]),
}


@pytest.mark.parametrize(("code", "iterables"), MARKED.values(), ids=MARKED)
def test_a_loop_that_makes_sub_calls_is_marked(code: str, iterables: list[str]):
    assert sorted(marks(code)) == iterables


UNMARKED = {
    "no calls": "for c in a: print(c)",
    "a batch": "for c in a: llm_query_batched(c)",
    "a lazy generator": "g = (llm_query(c) for c in a)",
    "any": "any(llm_query(c) for c in a)",
    "next": "next(llm_query(c) for c in a)",
    "a lazy map": "m = map(llm_query, a)",
    "while": "while a: llm_query(a.pop())",
    "an async loop": "async def f():\n  async for c in a: llm_query(c)",
    "a function within": "for c in a:\n  def f(): llm_query(c)",
    "statements of a class": "class A:\n  for c in a: llm_query(c)",
    "behind the loop": "for c in a: pass\nelse: llm_query('x')",
    "what it goes over": "for c in llm_query('x'): print(c)",
    "an attribute": "for c in a: c.llm_query(c)",
    "gathered": "async def f(): await asyncio.gather(*[llm_query(c) for c in a])",
}


@pytest.mark.parametrize("code", UNMARKED.values(), ids=UNMARKED)
def test_other_loops_are_left_alone(code: str):
    assert marks(code) == []


@pytest.mark.parametrize("code", ["for c in a: print(c)\nc", "x = [c for c in 'llm']", ""])
def test_code_without_such_a_loop_is_compiled_as_ever(code: str):
    assert compiled(code, "<repl 1>", Marked()) == compiled(code, "<repl 1>")


def test_a_function_that_makes_a_call_makes_loops_over_it_such_loops():
    assert marks("[ask(c) for c in a]") == []
    assert marks("[ask(c) for c in a]", "def ask(c): return llm_query(c)") == ["a"]
    assert marks("[ask(c) for c in a]", "ask = lambda c: llm_query(c)") == ["a"]
    twice = ("def ask(c): return llm_query(c)", "def ask_on(c): return ask(c)")
    assert marks("for c in a: ask_on(c)", *twice) == ["a"]


POSITIONS = """
x = [
    llm_query(
        c)
    for c in 5
]
"""


@pytest.mark.parametrize(
    "code",
    [
        POSITIONS,
        "for c in 5: llm_query(c)",
        "for c in [1, 2]:\n    llm_query(c)",
        "for c in 'ab':\n    x = llm_query(c) + 1",
        "for c in 'ab':\n    x = llm_query(c)\n    y = (1 /\n        0)",
        "for c in 'ab':\n    x = llm_query(c)\n    assert not x, 'ü' + x",
        "def f(c):\n    return llm_query(c) + nope\n[f(c) for c in 'ab']",
        "for c in {}[1]: llm_query(c)",
        "for a, b in 'ab': llm_query(a)",
    ],
)
def test_tracebacks_show_lines_and_columns_of_the_code_as_written(code: str):
    together, _ = both_ways(code)
    assert "Traceback" in together.error


def test_code_nested_deeper_than_can_be_followed_runs_unmarked():
    code = "for c in 'ab': llm_query(c)\nx = " + " + ".join(["1"] * 700)
    outcome = ran(code)
    assert outcome.error == ""
    assert outcome.variables["x"] == "700"
    assert outcome.calls.sizes == [1, 1]


def test_the_calls_that_are_awaited_are_known():
    code = "async def f():\n  await llm_query(1)\n  t = gather(llm_query(2), [llm_query(3)], f())"
    marked = Marked()
    marked.mark(ast.parse(code), code, "n")
    assert sorted(position[:3] for position in marked.awaited["n"]) == [
        (2, 2, 8),
        (3, 3, 13),
        (3, 3, 28),
    ]
