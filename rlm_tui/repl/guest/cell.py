"""Runs one cell as a notebook does, and tells of an exception in the cell's own line numbers."""

from __future__ import annotations

import ast
import inspect
import linecache
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import CodeType
from typing import Any

from rlm_tui.repl.guest.calls import CELL_PREFIX

ECHO_LIMIT = 20_000
"""Characters of the value of a last expression that are shown."""

_OURS = str(Path(__file__).parent)
_FLAGS = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT


def compiled(code: str, name: str) -> list[CodeType]:
    """A cell as code objects to run in order; a last expression is one of its own that echoes.

    Args:
        code: the text of the cell.
        name: what tracebacks call it, such as `<repl 3.1>`.

    Raises:
        SyntaxError: also ValueError and RecursionError, as `compile` does.
    """
    linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
    tree = compile(code, name, "exec", _FLAGS | ast.PyCF_ONLY_AST)
    parts: list[ast.Module | ast.Interactive] = [tree]
    if tree.body and isinstance(tree.body[-1], ast.Expr) and not code.rstrip().endswith(";"):
        parts.append(ast.Interactive([tree.body.pop()]))
    return [
        compile(part, name, "single" if isinstance(part, ast.Interactive) else "exec", _FLAGS)
        for part in parts
        if part.body
    ]


def run_code(code: CodeType, namespace: dict[str, Any]) -> None:
    """Run a code object in the namespace; one that awaits gets an event loop for its time."""
    if code.co_flags & inspect.CO_COROUTINE:
        import asyncio  # noqa: PLC0415 - 30 ms that most cells do not need

        asyncio.run(eval(code, namespace))  # noqa: S307 - running model code is the purpose
    else:
        exec(code, namespace)  # noqa: S102 - likewise


def echo_to(write: Callable[[str], object]) -> Callable[[object], None]:
    """A `sys.displayhook` that prints what a notebook would, up to a length."""

    def echo(value: object) -> None:
        if value is None:
            return
        if type(value) is str and len(value) > ECHO_LIMIT:
            text = f"{value[:ECHO_LIMIT]!r}… ({len(value):,} characters)"
        else:
            text = repr(value)
            if len(text) > ECHO_LIMIT:
                text = f"{text[:ECHO_LIMIT]}… ({len(text):,} characters)"
        write(text + "\n")

    return echo


def traceback_of(error: BaseException) -> str:
    """The traceback as the cell's author should see it: without the frames of this program."""
    told = traceback.TracebackException.from_exception(error, compact=True)
    _leave_out_our_frames(told)
    return "".join(told.format())


def last_line_of(error: BaseException) -> str:
    """The exception alone, in one line."""
    lines = traceback.format_exception_only(error)
    return lines[-1].strip() if lines else type(error).__name__


def _leave_out_our_frames(told: traceback.TracebackException) -> None:
    told.stack = traceback.StackSummary.from_list(
        [frame for frame in told.stack if not frame.filename.startswith(_OURS)]
    )
    for related in (told.__cause__, told.__context__):
        if related is not None:
            _leave_out_our_frames(related)


def is_cell(filename: str) -> bool:
    """Whether a code object's file name is that of a cell."""
    return filename.startswith(CELL_PREFIX)


def install_echo(write: Callable[[str], object]) -> None:
    """Make the value of a cell's last expression print itself."""
    sys.displayhook = echo_to(write)
