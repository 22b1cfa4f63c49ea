"""Cells behave as in a notebook.

`language.txt` is the table: after a line `== name` come cells, parted by lines `--`, and after
`-- prints` what the last of them prints.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.repl.notebook import Notebook


def rows() -> dict[str, tuple[list[str], str]]:
    """Each row of the table: the cells, and what the last prints."""
    found: dict[str, tuple[list[str], str]] = {}
    table = Path(__file__).with_name("language.txt").read_text(encoding="utf-8")
    for row in table.removeprefix("== ").split("\n== "):
        name, _, body = row.partition("\n")
        code, _, printed = body.partition("\n-- prints\n")
        found[name] = (code.split("\n--\n"), printed.rstrip("\n") + "\n")
    return found


TABLE = rows()


@pytest.mark.parametrize(("cells", "printed"), TABLE.values(), ids=TABLE)
def test_code_behaves_as_in_a_notebook(notebook: Notebook, cells: list[str], printed: str):
    *earlier, last = cells
    for code in earlier:
        notebook.ok(code)
    assert notebook.ok(last) == printed


def test_tabs_and_other_ends_of_lines_are_taken(notebook: Notebook):
    assert notebook.ok("if True:\r\n\tx = 5\r\nx\r\n") == "5\n"


ECHO = {
    "the last expression": ("1\n2", "2\n"),
    "as its repr": ("'a\\n'", "'a\\n'\n"),
    "None is not shown": ("print('p')\nNone", "p\n"),
    "an assignment is not": ("x = 5", ""),
    "an expression before the last is not": ("5\nx = 6", ""),
    "a semicolon suppresses it": ("5;", ""),
    "also before a comment": ("5  ;  # five", ""),
    "also behind brackets and on a later line": ("(\n5\n)\\\n;", ""),
    "a semicolon in a comment does not": ("5  # five;", "5\n"),
    "nor one in a string": ("';'", "';'\n"),
    "nor one before it": ("x = 1; x", "1\n"),
    "only comments": ("# nothing", ""),
    "nothing": ("", ""),
    "a value under an if is not": ("if True:\n    5", ""),
    "an awaited value": ("async def f(): return 5\nawait f()", "5\n"),
}


@pytest.mark.parametrize(("code", "printed"), ECHO.values(), ids=ECHO)
def test_what_is_echoed(notebook: Notebook, code: str, printed: str):
    assert notebook.ok(code) == printed


def test_what_was_assigned_before_an_exception_stays(notebook: Notebook):
    assert notebook.run("a = 1\nb = 1 / 0\nc = 2").result.outcome == "error"
    assert notebook.ok("a, 'b' in globals(), 'c' in globals()") == "(1, False, False)\n"


def test_a_syntax_error_runs_nothing_of_its_cell(notebook: Notebook):
    ran = notebook.run("a = 1\nb = = 2", name="1.1")
    assert ran.result.outcome == "error"
    assert 'File "<repl 1.1>", line 2' in ran.err
    assert notebook.ok("'a' in globals()") == "False\n"
