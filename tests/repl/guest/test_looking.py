from __future__ import annotations

import pytest

from rlm_tui.errors import ReplError
from rlm_tui.repl.cells import CallReply, CallRequest
from tests.repl.notebook import Box, Notebook

INSIDE = "def f(a):\n    b = a + 1\n    return llm_query(str(b))\nr = f(41)\nr"


def looked(notebook: Notebook, *codes: str, cell: str = INSIDE) -> list[tuple[str, bool]]:
    """What is shown, one after the other, while a cell waits for its sub-call."""
    shown: list[tuple[str, bool]] = []

    async def answer(request: CallRequest) -> list[CallReply]:
        if not shown:
            shown.extend([await notebook.repl.evaluate(code) for code in codes])
        return ["replied"] * len(request.prompts)

    assert notebook.ok(cell, answer=answer) == "'replied'\n"
    return shown


def test_the_variables_of_the_function_that_waits_are_seen(notebook: Notebook):
    assert looked(notebook, "a, b", "a * 2") == [("(41, 42)", False), ("82", False)]


def test_so_are_the_cells_own(notebook: Notebook):
    notebook.ok("kept = ['x']")
    assert looked(notebook, "kept, query") == [("(['x'], '')", False)]


def test_at_the_cells_own_level_a_statement_changes_what_follows(notebook: Notebook):
    code = "n = 1\nr = llm_query('q')\nm = n\nr"
    assert looked(notebook, "n = 5", cell=code) == [("", False)]
    assert notebook.ok("m") == "5\n"


def test_what_is_printed_is_shown_and_is_no_output_of_the_cell(notebook: Notebook):
    assert looked(notebook, "print('said')\n7") == [("said\n7", False)]


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("nothing", "NameError: name 'nothing' is not defined"),
        ("x = = 1", "SyntaxError: invalid syntax"),
        ("llm_query('sly')", "no sub-call is made to look at a value"),
        ("raise SystemExit(3)", "SystemExit: 3"),
    ],
)
def test_code_that_fails_is_told_and_harms_nothing(notebook: Notebook, code: str, told: str):
    ((text, failed),) = looked(notebook, code)
    assert failed
    assert told in text


def test_a_long_value_is_cut(notebook: Notebook):
    ((text, failed),) = looked(notebook, "print('x' * 100_000)")
    assert not failed
    assert len(text) < 21_000
    assert text.endswith("(100,000 characters)")


def test_nothing_can_be_looked_at_so_where_no_cell_runs(box: Box, notebook: Notebook):
    with pytest.raises(ReplError, match="no code block is running"):
        box.do(notebook.repl.evaluate("1"))
