from __future__ import annotations

import ast
import json
import math
import random
import re
import textwrap
import time
from collections import Counter, defaultdict
from typing import Any

import pytest

from rlm_tui.repl.guest import pure
from rlm_tui.repl.guest.cell import compiled, run_codes
from rlm_tui.repl.guest.texttools import TextTools, fast_find

EVALUATED = [len, str, sorted, sum, json.dumps, re.sub, textwrap.dedent, math.floor, fast_find]
HARMLESS = [print, isinstance, time.time, time.sleep, random.choice, random.random, Counter]
OTHERS = [exec, eval, open, input, next, iter, map, setattr, getattr, type, globals, ast.parse]
OTHERS += [lambda: 0, re.compile("a").sub, [].append, object, None, 5, type("Own", (), {})]


@pytest.mark.parametrize("function", EVALUATED, ids=lambda f: f.__name__)
def test_what_gives_the_same_each_time_is_evaluated(function):
    assert pure.is_evaluated(function)


@pytest.mark.parametrize("function", HARMLESS, ids=lambda f: f.__name__)
def test_what_only_shows_or_gives_something_else_each_time_is_harmless(function):
    assert not pure.is_evaluated(function)
    assert pure.is_harmless(function)


@pytest.mark.parametrize("function", OTHERS, ids=lambda f: type(f).__name__)
def test_nothing_else_is_called(function):
    assert not pure.is_evaluated(function)
    assert not pure.is_harmless(function)


def test_what_a_cell_put_into_a_module_is_not_trusted(monkeypatch):
    function = eval(compile("lambda text: text", "<repl 1.1>", "eval"))
    function.__name__ = "loads"
    function.__module__ = "json"
    monkeypatch.setattr(json, "loads", function)
    assert not pure.is_evaluated(json.loads)
    assert not pure.is_harmless(json.loads)


def test_a_long_text_is_not_searched_ahead(monkeypatch):
    tools = TextTools(lambda: "text")
    assert pure.is_evaluated(tools.lines)
    assert pure.is_reading("text", "find")
    monkeypatch.setattr(pure, "LONGEST", 3)
    assert not pure.is_evaluated(tools.lines)
    assert pure.is_harmless(tools.lines)
    assert not pure.is_reading("text", "find")


READING = [("a", "strip"), ({}, "get"), (defaultdict(int), "items"), (Counter(), "most_common")]
READING += [([], "index"), ((), "count"), (re.search("a", "a"), "group"), (re.compile("a"), "sub")]
NOT_READING = [([], "append"), ({}, "pop"), (Counter(), "update"), (object(), "strip"), (5, "get")]


@pytest.mark.parametrize(("receiver", "method"), READING)
def test_methods_that_only_read(receiver, method):
    assert pure.is_reading(receiver, method)
    assert method not in pure.CHANGING


@pytest.mark.parametrize(("receiver", "method"), NOT_READING)
def test_other_methods(receiver, method):
    assert not pure.is_reading(receiver, method)


ENDLESS = ["'x' * 10 ** 9", "[1] * 10 ** 9", "10 ** 9 * 'x'", "(1 << 9_000) * 2"]


@pytest.mark.parametrize("expression", ENDLESS)
def test_operations_that_could_take_all_memory_are_left_out(expression):
    node = ast.parse(expression, mode="eval").body
    assert isinstance(node, ast.BinOp)
    left, right = (eval(ast.unparse(side)) for side in (node.left, node.right))
    assert pure.operation(node.op, left, right) is None


def test_other_operations_are_those_of_the_language():
    for operator, left, right in [
        (ast.Add(), "a", "b"), (ast.Mult(), "ab", 3), (ast.Mult(), 2.5, 4), (ast.Mod(), "%s", 5),
        (ast.Sub(), 7, 2), (ast.FloorDiv(), 7, 2), (ast.Div(), 7, 2),
    ]:  # fmt: skip
        function = pure.operation(operator, left, right)
        assert function is not None
        sign = ast.unparse(ast.BinOp(ast.Constant(left), operator, ast.Constant(right)))
        assert function(left, right) == eval(sign)
    assert pure.operation(ast.Pow(), 9, 9) is None


def test_long_ranges_are_not_gone_through():
    assert pure.is_large(range(10**12))
    assert pure.is_large(range(10**12, 0, -1))
    assert not pure.is_large(range(100))
    assert not pure.is_large([1])


@pytest.mark.parametrize(
    ("define", "is_found"),
    [
        ("def f(x): return x", True),
        ("async def f(x): return x", True),
        ("f = lambda x: x", True),
        ("f = [lambda x: x, lambda x: x + 1][0]", False),
        ("def outer(y):\n  def f(x): return y\n  return f\nf = outer(1)", False),
        ("import functools\n@functools.wraps(len)\ndef f(x): return x", False),
        ("f = eval('lambda x: x')", False),
    ],
)
def test_the_source_of_a_function_of_a_cell_is_found_when_it_is_certain(define, is_found):
    namespace: dict[str, Any] = {}
    run_codes(compiled(define, "<repl 7.1>"), namespace)
    assert (pure.definition_of(namespace["f"]) is not None) is is_found
