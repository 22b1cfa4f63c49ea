from __future__ import annotations

from collections.abc import Iterator

import pytest

from rlm_tui.repl.cells import CallRequest, Served
from tests.repl.notebook import Box, Notebook

CODE = "x = 1\ndef f(a):\n    b = a + 1\n    return b\ny = f(x)\nz = [f(n) for n in (5, 6)]\nw = 3"


def held(box: Box, notebook: Notebook, code: str, hows: list[str], **options) -> list[int]:
    """The lines at which a cell was held, when it goes on as it is told at each."""
    lines: list[int] = []
    left: Iterator[str] = iter(hows)

    async def on_call(request: CallRequest) -> Served:
        assert request.kind == "line"
        lines.append(request.line)
        return Served([next(left, "go")], lines=options.get("lines", ()))

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


def test_over_passes_a_line_once_also_where_it_is_a_loop(box: Box, notebook: Notebook):
    code = "x = 0\nfor n in range(3): x += n\nfor n in range(2):\n    x += 1\ny = x"
    assert held(box, notebook, code, ["over"] * 99, step="into") == [1, 2, 3, 4, 3, 4, 3, 5]


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


CALLING = """a = llm_query('x')
def f():
    b = llm_query('y')
    return b
c = f()
d = 4"""


def held_behind(box: Box, notebook: Notebook, code: str, prompt: str, how: str) -> list[int]:
    """The lines at which a cell is held that is stepped through from one of its calls on."""
    lines: list[int] = []

    async def on_call(request: CallRequest) -> Served:
        if request.kind == "line":
            lines.append(request.line)
            return Served([how])
        return Served(list(request.prompts), how if prompt in request.prompts else "")

    async def run():
        return await notebook.repl.run(
            "1.1", code, budget=60, on_output=lambda *_: None, on_call=on_call
        )

    assert box.do(run()).outcome == "ok"
    return lines


@pytest.mark.parametrize(
    ("prompt", "how", "lines"),
    [
        ("x", "into", [2, 5, 3, 4, 6]),
        ("x", "over", [2, 5, 6]),
        ("y", "over", [4, 6]),
        ("y", "into", [4, 6]),
        ("y", "out", [6]),
        ("x", "out", []),
    ],
)
def test_a_step_from_a_call_ends_at_the_next_line_of_code_that_nobody_stepped_through(
    box: Box, notebook: Notebook, prompt: str, how: str, lines: list[int]
):
    assert held_behind(box, notebook, CALLING, prompt, how) == lines
    assert notebook.ok("import sys\nsys.gettrace() is None, c, d") == "(True, 'y', 4)\n"


def test_lines_are_held_at_that_are_named_while_a_cell_waits(box: Box, notebook: Notebook):
    """For a call, and at another line."""
    code = "a = llm_query('x')\nb = 2\nc = 3\nd = 4\ne = 5"
    lines: list[int] = []

    async def on_call(request: CallRequest) -> Served:
        if request.kind == "line":
            lines.append(request.line)
            return Served(["go"], lines=[5])
        return Served(list(request.prompts), lines=[3])

    async def run():
        return await notebook.repl.run(
            "1.1", code, budget=60, on_output=lambda *_: None, on_call=on_call
        )

    assert box.do(run()).outcome == "ok"
    assert lines == [3, 5]


def test_a_step_from_a_call_of_a_task_ends_at_the_next_line_of_it(box: Box, notebook: Notebook):
    code = "async def f():\n    a = await llm_query('x')\n    return a\nb = await f()\nc = 2"
    assert held_behind(box, notebook, code, "x", "over") == [3, 5]


def test_a_step_from_a_call_of_another_thread_holds_no_line(box: Box, notebook: Notebook):
    code = (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(2) as pool:\n"
        "    a = list(pool.map(llm_query, ['x', 'y']))\n"
        "b = 2"
    )
    assert held_behind(box, notebook, code, "x", "into") == []
    assert notebook.ok("a") == "['x', 'y']\n"


def test_what_is_not_stepped_is_not_traced(notebook: Notebook):
    assert notebook.ok("import sys\nsys.gettrace()") == ""
    assert notebook.ok("sys.gettrace() is None") == "True\n"


def test_the_trace_ends_with_its_cell_also_when_that_fails(box: Box, notebook: Notebook):
    async def on_call(_: CallRequest) -> Served:
        return Served(["into"])

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
