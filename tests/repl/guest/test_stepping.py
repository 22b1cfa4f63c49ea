from __future__ import annotations

from collections.abc import Iterator

import pytest

from rlm_tui.repl.cells import CallReply, CallRequest
from tests.repl.notebook import Box, Notebook

CODE = "x = 1\ndef f(a):\n    b = a + 1\n    return b\ny = f(x)\nz = [f(n) for n in (5, 6)]\nw = 3"


def held(box: Box, notebook: Notebook, code: str, hows: list[str], **options) -> list[int]:
    """The lines at which a cell was held, when it goes on as it is told at each."""
    lines: list[int] = []
    left: Iterator[str] = iter(hows)

    async def on_call(request: CallRequest) -> list[CallReply]:
        assert request.kind == "line"
        lines.append(request.line)
        return [next(left, "go")]

    async def run():
        return await notebook.repl.run(
            "1.1", code, budget=60, on_output=lambda *_: None, on_call=on_call, **options
        )

    assert box.do(run()).outcome == "ok"
    return lines


def test_into_holds_at_every_line_also_of_functions(box: Box, notebook: Notebook):
    assert held(box, notebook, CODE, ["into"] * 5, step="into") == [1, 2, 5, 3, 4, 6]


def test_over_stays_at_the_level_where_it_was_asked(box: Box, notebook: Notebook):
    assert held(box, notebook, CODE, ["over"] * 9, step="into") == [1, 2, 5, 6, 7]


def test_out_ends_the_function(box: Box, notebook: Notebook):
    assert held(box, notebook, CODE, ["into", "into", "into", "out"], step="into") == [
        1,
        2,
        5,
        3,
        6,
    ]


def test_go_holds_at_named_lines_only_each_time_they_come(box: Box, notebook: Notebook):
    assert held(box, notebook, CODE, [], lines=[3, 7]) == [3, 3, 3, 7]


def test_what_is_not_stepped_is_not_traced(notebook: Notebook):
    assert notebook.ok("import sys\nsys.gettrace()") == ""
    assert notebook.ok("sys.gettrace() is None") == "True\n"


def test_the_trace_ends_with_its_cell_also_when_that_fails(box: Box, notebook: Notebook):
    async def on_call(_: CallRequest) -> list[CallReply]:
        return ["into"]

    async def run():
        return await notebook.repl.run(
            "1.1", "1 / 0", budget=60, on_output=lambda *_: None, on_call=on_call, step="into"
        )

    assert box.do(run()).outcome == "error"
    assert notebook.ok("import sys\nsys.gettrace() is None") == "True\n"


@pytest.mark.parametrize("step", ["into", ""])
def test_stepping_changes_no_result(box: Box, notebook: Notebook, step: str):
    held(box, notebook, CODE, ["into"] * 99, step=step)
    assert notebook.ok("x, y, z, w") == "(1, 2, [6, 7], 3)\n"
