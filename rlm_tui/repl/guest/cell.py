"""Runs one cell as a notebook does, and tells of an exception in the cell's own line numbers."""

from __future__ import annotations

import ast
import inspect
import linecache
import os
import re
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import CodeType
from typing import Any

from rlm_tui.repl.guest.calls import CELL_PREFIX
from rlm_tui.repl.guest.loops import Marked

ECHO_LIMIT = 20_000
"""Characters of the value of a last expression that are shown."""

_OURS = f"{Path(__file__).parents[2]}{os.sep}"
_FLAGS = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
_COMMENT = re.compile(r"#.*")


def compiled(code: str, name: str, marked: Marked | None = None) -> list[CodeType]:
    """A cell as code objects to run in order; a last expression is one of its own that echoes.

    Args:
        code: the text of the cell.
        name: what tracebacks call it, such as `<repl 3.1>`.
        marked: takes the loops whose sub-calls may be asked for together; None leaves them alone.

    Raises:
        SyntaxError: also ValueError and RecursionError, as `compile` does.
    """
    lines = code.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    linecache.cache[name] = (len(code), None, [f"{line}\n" for line in lines], name)
    tree = _parsed(code, name)
    if marked is not None:
        try:
            marked.mark(tree, code, name)
        except RecursionError:  # an expression nested deeper than Python code can follow
            tree = _parsed(code, name)
    parts: list[ast.Module | ast.Interactive] = [tree]
    last = tree.body[-1] if tree.body else None
    if isinstance(last, ast.Expr) and not _is_silenced(lines, last):
        tree.body.pop()
        parts.append(ast.Interactive([last]))
    return [
        compile(
            part,
            name,
            "single" if isinstance(part, ast.Interactive) else "exec",
            _FLAGS,
            dont_inherit=True,
        )
        for part in parts
        if part.body
    ]


def _parsed(code: str, name: str) -> ast.Module:
    return compile(code, name, "exec", _FLAGS | ast.PyCF_ONLY_AST, dont_inherit=True)


def is_echo_wanted(tree: ast.Module, code: str) -> bool:
    """Whether a cell ends in an expression whose value is to be shown."""
    last = tree.body[-1] if tree.body else None
    return isinstance(last, ast.Expr) and not _is_silenced(code.split("\n"), last)


def _is_silenced(lines: list[str], last: ast.Expr) -> bool:
    """Whether a semicolon follows the last expression; behind it there can be no string."""
    assert last.end_lineno is not None  # noqa: S101 - of a node that was parsed
    line = lines[last.end_lineno - 1].encode("utf-8", "surrogatepass")
    rest = [line[last.end_col_offset :].decode(), *lines[last.end_lineno :]]
    return any(";" in _COMMENT.sub("", line) for line in rest)


def run_codes(parts: list[CodeType], namespace: dict[str, Any]) -> None:
    """Run code objects in order; when one awaits, all share an event loop for their time."""
    if any(part.co_flags & inspect.CO_COROUTINE for part in parts):
        import asyncio  # noqa: PLC0415 - 30 ms that most cells do not need

        asyncio.run(_run_awaiting(parts, namespace))
        return
    for part in parts:
        exec(part, namespace)  # noqa: S102 - running model code is the purpose


async def _run_awaiting(parts: list[CodeType], namespace: dict[str, Any]) -> None:
    for part in parts:
        result = eval(part, namespace)  # noqa: S307 - likewise
        if part.co_flags & inspect.CO_COROUTINE:
            await result


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


def told_error(error: BaseException) -> tuple[str, str]:
    """The traceback as the cell's author should see it, and the exception alone in one line.

    The traceback is without the frames of this program, the line without notes and the source of
    a syntax error. The text of the exception, which may be endless, is asked for once.
    """
    told = traceback.TracebackException.from_exception(error, compact=True)
    _leave_out_our_frames(told)
    alone = (line for line in told.format_exception_only() if not line.startswith(" "))
    return "".join(told.format()), " ".join(next(alone).split("\n")).strip()


def _leave_out_our_frames(told: traceback.TracebackException) -> None:
    """Drop what comes before a cell's first frame, and our functions that it called."""
    left = [told]
    while left:
        one = left.pop()
        frames = list(one.stack)
        first = next((at for at, frame in enumerate(frames) if is_cell(frame.filename)), 0)
        one.stack = traceback.StackSummary.from_list(
            [frame for frame in frames[first:] if not frame.filename.startswith(_OURS)]
        )
        related = [one.__cause__, one.__context__, *(one.exceptions or ())]
        left += [other for other in related if other is not None]


def is_cell(filename: str) -> bool:
    """Whether a code object's file name is that of a cell."""
    return filename.startswith(CELL_PREFIX)


def install_echo(write: Callable[[str], object]) -> None:
    """Make the value of a cell's last expression print itself."""
    sys.displayhook = echo_to(write)
