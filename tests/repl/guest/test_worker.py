from __future__ import annotations

import pytest

from tests.repl.notebook import Box, Notebook, unmarked

OUTCOMES = {
    "an exception": ("1/0", "error", "ZeroDivisionError: division by zero"),
    "exit": ("import sys\nsys.exit(3)", "error", "SystemExit: 3"),
    "an interrupt of its own": ("raise KeyboardInterrupt", "interrupted", "interrupted"),
    "GeneratorExit": ("raise GeneratorExit('g')", "error", "GeneratorExit: g"),
    "a failed assertion": ("assert 1 == 2, 'no'", "error", "AssertionError: no"),
    "endless recursion": (
        "def f(): f()\nf()",
        "error",
        "RecursionError: maximum recursion depth exceeded",
    ),
    "too much memory": ("'x' * 2**62", "error", "MemoryError"),
    "an exception with notes": (
        "e = ValueError('v')\ne.add_note('hint')\nraise e",
        "error",
        "ValueError: v",
    ),
    "a group": (
        "raise ExceptionGroup('g', [ValueError(1)])",
        "error",
        "ExceptionGroup: g (1 sub-exception)",
    ),
    "a syntax error": ("x = (", "error", "SyntaxError: '(' was never closed"),
    "a wrong indent": (" x = 1", "error", "IndentationError: unexpected indent"),
    "a return": ("return 5", "error", "SyntaxError: 'return' outside function"),
    "a NUL": ("x = '\0'", "error", "source code string cannot contain null bytes"),
    "too many brackets": ("(" * 500, "error", "SyntaxError: too many nested parentheses"),
    "a failed import": (
        "import not_there",
        "error",
        "ModuleNotFoundError: No module named 'not_there'",
    ),
    "nobody types": ("input('name? ')", "error", "EOFError: input('name? '): nobody can"),
}


@pytest.mark.parametrize(("code", "outcome", "error"), OUTCOMES.values(), ids=OUTCOMES)
def test_a_cell_that_fails_leaves_the_repl_alive(notebook: Notebook, code, outcome, error):
    notebook.ok("kept = 1")
    result = notebook.run(code).result
    assert result.outcome == outcome
    assert error in result.error
    assert notebook.ok("kept") == "1\n"


def test_a_lone_surrogate_in_the_code_is_an_error_of_the_cell(notebook: Notebook):
    result = notebook.run("x = '\ud800'").result
    assert (result.outcome, result.error.partition(":")[0]) == ("error", "UnicodeEncodeError")


HOSTILE_ERRORS = {
    "its text raises": "class E(Exception):\n    def __str__(self): raise E\nraise E",
    "its text ends the program": (
        "class E(Exception):\n    def __str__(self): raise SystemExit\nraise E"
    ),
    "its text is no text": "class E(Exception):\n    def __str__(self): return 5\nraise E",
    "its class lies": (
        "class E(Exception):\n    __class__ = property(lambda self: KeyboardInterrupt)\nraise E"
    ),
    "its class raises": (
        "class E(Exception):\n    @property\n    def __class__(self): raise SystemExit\nraise E"
    ),
    "its cause raises": (
        "class E(Exception):\n    __cause__ = property(lambda self: 1 // 0)\nraise E"
    ),
    "its metaclass raises": (
        "class M(type):\n    def __getattribute__(c, n): raise SystemExit\n"
        "    __hash__ = __eq__ = __repr__ = lambda *a: 1 // 0\n"
        "class E(Exception, metaclass=M): pass\nraise E"
    ),
    "a cycle of contexts": (
        "a, b = ValueError('a'), ValueError('b')\na.__context__, b.__context__ = b, a\nraise a"
    ),
    "a long chain of causes": (
        "e = None\nfor i in range(2000):\n    try: raise ValueError(i) from e\n"
        "    except ValueError as x: e = x\nraise e"
    ),
    "a deep group": (
        "e = ValueError(1)\nfor i in range(100): e = ExceptionGroup('g', [e])\nraise e"
    ),
}


@pytest.mark.parametrize("code", HOSTILE_ERRORS.values(), ids=HOSTILE_ERRORS)
def test_an_exception_that_lies_about_itself_is_an_error(notebook: Notebook, code: str):
    result = notebook.run(code).result
    assert result.outcome == "error"
    assert result.error
    assert "\n" not in result.error
    assert notebook.ok("1") == "1\n"


def test_a_long_error_is_cut(notebook: Notebook):
    assert len(notebook.run("raise ValueError('x' * 100_000)").result.error) == 2000


def test_surrogates_in_an_error_are_marked(notebook: Notebook):
    assert notebook.run("raise ValueError('\\ud800')").result.error == "ValueError: \ufffd"


DEATHS = {
    "exit": "import os\nos._exit(0)",
    "SIGKILL": "import os\nos.kill(os.getpid(), 9)",
    "abort": "import os\nos.abort()",
    "its socket closed": "import os\nos.closerange(3, 64)",
    "its builtins gone": "import builtins\nbuiltins.__dict__.clear()",
}


@pytest.mark.parametrize("code", DEATHS.values(), ids=DEATHS)
def test_a_worker_that_dies_takes_its_cell_with_it_and_no_other(box: Box, code: str):
    neighbour, opened = box.notebook(), box.notebook()
    neighbour.ok("kept = 1")
    result = opened.run(code).result
    assert result.outcome == "killed"
    assert result.error
    assert not opened.repl.is_alive
    assert neighbour.ok("kept") == "1\n"
    assert box.notebook().ok("'kept' in globals()") == "False\n"


RECORDED = """
import random, uuid
print({"a", "b", "c", "d", "ümläut"})
print(hash("text"), hash((1, "a")), hash(b"x"))
print(random.random(), random.sample(range(100), 5))
print(sorted({"x": 1}.items()), list(set(context.split())))
"""


def test_the_same_cells_print_the_same_in_another_sandbox(box: Box, tmp_path):
    path = tmp_path / "document.txt"
    path.write_text("some words of a text", encoding="utf-8")

    def printed() -> list[str]:
        with Box(str(path)) as fresh:
            opened = fresh.notebook()
            return [opened.ok(RECORDED), opened.ok(RECORDED)]

    first, second = printed(), printed()
    assert first == second
    assert first[0] != first[1]  # random goes on from where it was


def test_a_repl_begins_with_the_same_random_numbers_whatever_others_did(box: Box):
    code = "import random\nrandom.random()"
    first = box.notebook()
    numbers = [first.ok(code), first.ok(code)]
    second = box.notebook()
    assert [second.ok(code), second.ok(code)] == numbers


def test_what_the_names_of_the_cell_say_is_in_the_traceback(notebook: Notebook):
    notebook.ok("def f(x):\n    return g(x)\n", name="1.1")
    notebook.ok("def g(x):\n    # a comment\n    return 1 / x\n", name="2.1")
    ran = notebook.run("\n\nf(0)", name="3.2")
    assert unmarked(ran.err) == (
        "Traceback (most recent call last):\n"
        '  File "<repl 3.2>", line 3, in <module>\n    f(0)\n'
        '  File "<repl 1.1>", line 2, in f\n    return g(x)\n'
        '  File "<repl 2.1>", line 3, in g\n    return 1 / x\n'
        "ZeroDivisionError: division by zero\n"
    )
