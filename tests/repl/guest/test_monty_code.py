from __future__ import annotations

import pytest

from rlm_tui.repl.guest.monty_code import PROTECTED, giving_back, prepared


@pytest.mark.parametrize(
    ("code", "becomes"),
    [
        ("x = SHOW_VARS()", "x = SHOW_VARS(locals())"),
        ("print(SHOW_VARS(), SHOW_VARS( ));", "print(SHOW_VARS(locals()), SHOW_VARS( locals()));"),
        ("for x in y:\n    é = SHOW_VARS()", "for x in y:\n    é = SHOW_VARS(locals())"),
        ("'é'; x = SHOW_VARS(\n)", "'é'; x = SHOW_VARS(\nlocals())"),
    ],
)
def test_a_call_at_the_top_is_given_the_variables(code, becomes):
    assert prepared(code) == (becomes, False)


@pytest.mark.parametrize(
    ("code", "becomes"),
    [
        ("1", "_ = 1"),
        ("x = 1\nf(\n  x)", "x = 1\n_ = f(\n  x)"),
        ("'é'; SHOW_VARS()", "'é'; _ = SHOW_VARS(locals())"),
    ],
)
def test_the_value_of_a_last_expression_is_kept(code, becomes):
    assert prepared(code) == (becomes, True)


@pytest.mark.parametrize(
    "code",
    [
        "print(1);",
        "def f():\n    return SHOW_VARS()",
        "f = lambda: SHOW_VARS()",
        "x = SHOW_VARS(x)",
        "x = 'SHOW_VARS()'",
        "SHOW_VARS( (",
        "",
        "# nothing",
    ],
)
def test_other_code_is_left_as_it_is(code):
    assert prepared(code) == (code, False)


def test_a_traceback_shows_the_code_as_it_was_written(monty):
    ran = monty.run("x = 0\n1 / x", name="1.1")
    assert ran.err == (
        "Traceback (most recent call last):\n"
        '  File "<repl 1.1>", line 2, in <module>\n'
        "    1 / x\n"
        "    ~~~~~\n"
        "ZeroDivisionError: division by zero\n"
    )


def test_what_was_overwritten_is_taken_from_what_was_given():
    assert giving_back(["grep", "context"]) == (
        "grep = _rlm_given['grep']\ncontext = _rlm_given['context']"
    )


@pytest.mark.parametrize("name", PROTECTED)
def test_every_protected_name_comes_back(monty, name):
    ran = monty.run(f"{name} = 1")
    assert ran.err == f"Warning: this code overwrote {name}; it is back for the next code block.\n"
    assert monty.ok(f"{name} == 1") == "False\n"
    assert monty.variables() == {}


def test_a_plain_helper_gives_way_to_a_variable(monty):
    monty.ok("count = 5")
    assert monty.ok("count") == "5\n"
    assert monty.variables() == {"count": ("int", None, "5")}


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("'a' * 200", ("str", 200, "'" + "a" * 120 + "…'")),
        ("[1, [2, [3, [4]]]]", ("list", 2, "[1, [2, [3, […]]]]")),
        ("{'a': 1, 'b': [1, 2]}", ("dict", 2, "{'a': 1, 'b': [1, 2]}")),
        ("list(range(100))", ("list", 100, "[0, 1, 2, 3, 4, 5, …]")),
        ("set()", ("set", 0, "set()")),
        ("()", ("tuple", 0, "()")),
        ("10 ** 200", ("int", None, "a very long int")),
        ("-12", ("int", None, "-12")),
        ("lambda: 1", ("function", None, "<function object>")),
        ("None", ("NoneType", None, "None")),
        ("b'ab'", ("bytes", 2, "b'ab'")),
        ("range(3)", ("range", 3, "range(0, 3)")),
        ("Counter('aab')", ("Counter", 2, "Counter({'a': 2, 'b': 1})")),
        ("deque([1, 2])", ("deque", 2, "deque([1, 2])")),
        ("defaultdict(list, a=[1])", ("defaultdict", 1, "defaultdict({'a': [1]})")),
        ("Counter", ("type", None, "<class 'Counter'>")),
    ],
)
def test_variables_are_told_by_name_type_size_and_a_short_value(monty, value, told):
    monty.ok(f"from collections import Counter, defaultdict, deque\nx = {value}")
    assert monty.variables()["x"][: len(told)] == told


def test_built_in_names_can_be_variables(monty):
    monty.ok("max, list, str, type, len, id, repr, dict = 1, 2, 3, 4, 5, 6, 7, 8")
    assert monty.variables()["max"] == ("int", None, "1")
    assert monty.run("FINAL_VAR('list')").answer == ("FINAL_VAR", "2")


def test_a_class_that_only_looks_like_a_list_is_named_by_its_class(monty):
    monty.ok("class list:\n    def __len__(self):\n        return -1\nx = list()")
    assert monty.variables()["x"] == ("list", None, "<list object>")


def test_the_helpers_give_what_they_give_in_python(notebook, monty):
    code = (
        "print(fast_find(context, 'two'), fast_contains(context, '🎉'), fast_find('a', 'b'))\n"
        "print(fast_find_all(context, 'line'), fast_find_all(context, 'LINE', 2, True))\n"
        "print(grep('l.ne'), find_lines('line two', 'all'), lines(1, 2), count('line'))\n"
        "print(chunks(20, overlap=5), sections(), word_frequency())\n"
        "print(len(context), context[-4:], context.find('line', 40))"
    )
    assert monty.ok(code) == notebook.ok(code)
