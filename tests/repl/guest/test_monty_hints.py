from __future__ import annotations

import pytest

from rlm_tui.repl.guest.monty_hints import MODULES, hint_for


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("def f():\n    yield 1", "Build a list"),
        ("class A(Exception):\n    pass", "without bases"),
        ("class A:\n    @property\n    def x(self):\n        return 1", "plain methods"),
        ("x = 1\ndel x", "Set the variable to None"),
        ("type X = int", "Leave the alias out"),
        ("from math import *", "Name what you import"),
        ("import numpy", "The modules here"),
        ("import concurrent.futures", "llm_query_batched"),
        ("from collections import OrderedDict", "only a part"),
        ("list(map(llm_query, ['a']))", "in a for loop or in a comprehension"),
        ("import re\nre.sub('a', lambda m: 'b', 'a')", "re.finditer"),
        ("await llm_query('a')", "need no await"),
        ("open('/etc/passwd')", "There are no files"),
        ("x = 'x' * 10**10", "Work on pieces"),
        ("callable(1)", "This Python has no callable()"),
        ("'a'.nope()", "a subset of Python"),
        ("next(c for c in 'ab')", "next(iter("),
    ],
)
def test_what_is_missing_comes_with_a_way_around_it(monty, code, advice):
    ran = monty.run(code)
    assert ran.result.outcome == "error"
    assert advice in ran.err.splitlines()[-1], ran.err


@pytest.mark.parametrize(
    "line",
    [
        "ZeroDivisionError: division by zero",
        "NameError: name 'x' is not defined",
        "ValueError: this does not yet support yield expressions",
    ],
)
def test_what_python_says_too_needs_no_advice(line):
    assert not hint_for(line)


def test_the_modules_that_are_named_are_there(monty):
    for module in MODULES.split():
        assert monty.run(f"import {module}").result.outcome == "ok", module
