from __future__ import annotations

import contextlib
import io
import linecache
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_tui.repl.guest.cell import (
    ECHO_LIMIT,
    compiled,
    echo_to,
    is_cell,
    run_codes,
    told_error,
)
from tests.repl.notebook import Notebook


def ran(code: str, **names: object) -> tuple[dict[str, object], str]:
    """The namespace that a cell leaves and what it echoes, run in this process."""
    echoed: list[str] = []
    namespace: dict[str, object] = {"__name__": "__main__", **names}
    before, sys.displayhook = sys.displayhook, echo_to(echoed.append)
    try:
        run_codes(compiled(code, "<repl t>"), namespace)
    finally:
        sys.displayhook = before
    return namespace, "".join(echoed)


def raised_by(code: str, name: str = "<repl t>") -> BaseException:
    try:
        run_codes(compiled(code, name), {"__name__": "__main__"})
    except BaseException as error:  # noqa: BLE001 - whatever it is
        return error
    raise AssertionError("it did not fail")


PARTS = {
    "": 0,
    "# a comment": 0,
    "x = 1": 1,
    "x": 1,
    "x = 1\nx": 2,
    "x;": 1,
    "x = 1; x": 2,
    "def f(): ...": 1,
    '"""a text"""': 1,
}


@pytest.mark.parametrize(("code", "parts"), PARTS.items())
def test_a_last_expression_is_a_part_of_its_own(code: str, parts: int):
    assert len(compiled(code, "<repl t>")) == parts


TAILS = st.lists(st.sampled_from([" ", "\t", ";", "# c;", "\n", "\n# ;", "# '"]), max_size=5)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(["5", "'ü;'", "(5)", "[\n5,\n]", "f';{5}'", "x = 1; 5"]), TAILS)
def test_a_semicolon_outside_comments_silences_the_echo(expression: str, tail: list[str]):
    code = expression + "".join(tail)
    try:
        compile(code, "", "exec")
    except SyntaxError:
        return
    # Behind the expression there are only blanks, comments and semicolons.
    rest = [line.partition("#")[0] for line in code[len(expression) :].split("\n")]
    _, echoed = ran(code)
    assert bool(echoed) is not any(";" in line for line in rest)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_any_text_compiles_or_raises_what_compile_raises(code: str):
    with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):
        assert len(compiled(code, "<repl t>")) <= 2


def test_the_flags_of_our_own_modules_are_not_those_of_a_cell():
    namespace, _ = ran("def f(x: int): ...\nannotation = f.__annotations__['x']")
    assert namespace["annotation"] is int


def test_code_that_awaits_and_code_that_does_not_share_an_event_loop():
    code = """
import asyncio
first = asyncio.create_task(asyncio.sleep(0, "slept"))
await first
"""
    assert ran(code)[1] == "'slept'\n"


def test_the_source_of_a_cell_is_kept_for_tracebacks():
    compiled("first\nsecond", "<repl source>")
    assert linecache.getline("<repl source>", 2) == "second\n"
    linecache.checkcache("<repl source>")
    assert linecache.getline("<repl source>", 2) == "second\n"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\n'\u2028' # \x0c\x0b\x85\n"])
def test_line_numbers_point_at_the_line_whatever_ends_the_lines(end: str):
    code = f"x = 1{end}y = 1 / 0 # here\nz = 2"
    told, _ = told_error(raised_by(code))
    assert "y = 1 / 0 # here" in told


LAST_LINES = {
    "plain": (ValueError("v"), "ValueError: v"),
    "without a text": (ValueError(), "ValueError"),
    "several lines": (ValueError("a\n  b\n"), "ValueError: a   b"),
    "a key": (KeyError("k"), "KeyError: 'k'"),
    "system exit": (SystemExit(0), "SystemExit: 0"),
    "a group": (ExceptionGroup("g", [ValueError(1)]), "ExceptionGroup: g (1 sub-exception)"),
}


@pytest.mark.parametrize(("error", "line"), LAST_LINES.values(), ids=LAST_LINES)
def test_an_exception_in_one_line(error: BaseException, line: str):
    assert told_error(error)[1] == line
    error.add_note("a note")
    assert told_error(error)[1] == line


def test_a_syntax_error_in_one_line():
    assert told_error(raised_by("x = ("))[1] == "SyntaxError: '(' was never closed"


TRACEBACKS = {
    "an error in a loop that awaits": (
        "import asyncio\nawait asyncio.sleep(0)\nraise ValueError('v')",
        (
            "Traceback (most recent call last):\n"
            "  File \"<repl t>\", line 3, in <module>\n    raise ValueError('v')\nValueError: v\n"
        ),
    ),
    "an error in the last expression that awaits": (
        "async def f():\n    raise ValueError('v')\nawait f()",
        (
            "Traceback (most recent call last):\n"
            '  File "<repl t>", line 3, in <module>\n    await f()\n'
            "  File \"<repl t>\", line 2, in f\n    raise ValueError('v')\nValueError: v\n"
        ),
    ),
    "a cause": (
        "try:\n    raise KeyError('k')\nexcept KeyError as e:\n    raise ValueError('v') from e",
        (
            'Traceback (most recent call last):\n  File "<repl t>", line 2, in <module>\n'
            "    raise KeyError('k')\nKeyError: 'k'\n\n"
            "The above exception was the direct cause of the following exception:\n\n"
            'Traceback (most recent call last):\n  File "<repl t>", line 4, in <module>\n'
            "    raise ValueError('v') from e\nValueError: v\n"
        ),
    ),
}


@pytest.mark.parametrize(("code", "told"), TRACEBACKS.values(), ids=TRACEBACKS)
def test_a_traceback_shows_the_cell_and_nothing_of_this_program(code: str, told: str):
    assert told_error(raised_by(code))[0] == told


def test_a_syntax_error_is_shown_with_its_line(notebook: Notebook):
    assert notebook.run("a = 1\nb = = 2", name="4.1").err == (
        '  File "<repl 4.1>", line 2\n    b = = 2\n        ^\nSyntaxError: invalid syntax\n'
    )


@pytest.mark.parametrize(
    "code",
    [
        "import asyncio\nasync def f(): 1 / 0\nasyncio.run(f())",
        (
            "import asyncio\nasync def f(): 1 / 0\n"
            "async with asyncio.TaskGroup() as g: g.create_task(f())"
        ),
        "import json\njson.loads('{')",
    ],
    ids=["asyncio.run", "a task group", "the standard library"],
)
def test_a_traceback_begins_in_the_cell(code: str):
    told, _ = told_error(raised_by(code))
    files = [line for line in told.splitlines() if line.lstrip(" |+").startswith("File ")]
    assert '"<repl t>"' in files[0]
    assert "rlm_tui" not in told


def test_a_long_chain_of_causes_is_told_to_its_end():
    chain: BaseException | None = None
    for number in range(3000):
        later = ValueError(number)
        later.__cause__ = chain
        chain = later
    assert chain is not None
    assert told_error(chain)[0].endswith("ValueError: 2999\n")


ECHOES = {
    "None": (None, ""),
    "a text": ("a\n", "'a\\n'\n"),
    "the longest text": ("x" * (ECHO_LIMIT - 2), f"'{'x' * (ECHO_LIMIT - 2)}'\n"),
    "a longer text": ("x" * 30_001, f"'{'x' * ECHO_LIMIT}'… (30,001 characters)\n"),
    "a long list": ([0] * 10_000, f"[{'0, ' * 6666}0… (30,000 characters)\n"),
}


@pytest.mark.parametrize(("value", "text"), ECHOES.values(), ids=ECHOES)
def test_a_value_is_echoed_up_to_a_length(value: object, text: str):
    stream = io.StringIO()
    echo_to(stream.write)(value)
    assert stream.getvalue() == text


def test_code_may_put_another_display_hook_for_the_rest_of_its_cell(notebook: Notebook):
    code = "import sys\nsys.displayhook = lambda v: print('hooked', v)\n5"
    assert notebook.ok(code) == "hooked 5\n"
    assert notebook.ok("5") == "5\n"


def test_a_cell_is_known_by_its_file_name():
    assert is_cell("<repl 1.1>")
    assert not is_cell("/usr/lib/python3/json.py")
