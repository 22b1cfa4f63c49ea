"""What a code block does to `context`, as far as its text says; it is parsed, never run.

A mention of `context`, or of a function that goes through it, counts as a scan of the whole, unless
it asks for the length or the type only or is a slice between fixed places. What a function must
have found is told where it was surely called, for a fixed text.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

_OVER_CONTEXT = frozenset(
    {
        "grep",
        "find_lines",
        "count",
        "chunks",
        "sections",
        "word_frequency",
        "group_count",
        "numeric_stats",
    }
)
"""The functions of the REPL that go through `context` unless they are given another text."""

_WITHOUT_READING = frozenset({"len", "type", "isinstance", "id"})
_SPECIAL = frozenset(".^$*+?{}[]\\|()")
_PERHAPS = (
    ast.Lambda,
    ast.IfExp,
    ast.BoolOp,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
)
"""Expressions whose parts may not be evaluated, or not as they stand."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A fixed text that was looked for everywhere."""

    text: str
    is_line: bool
    """Whether the lines that hold it were taken out, not it alone."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What a code block does to `context`."""

    is_whole: bool = False
    """Whether something may go through all of it."""
    slices: tuple[tuple[int | None, int | None], ...] = ()
    """Slices between fixed places."""
    wanted: tuple[Wanted, ...] = ()
    assigned: frozenset[str] = frozenset()
    """Names that mean something else from here on."""


def scan_of(code: str, assigned: frozenset[str] = frozenset()) -> Scan:
    """What a code block does to `context`; nothing where it is not Python.

    Args:
        code: the block.
        assigned: names that earlier blocks have given another meaning.
    """
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Scan()
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    assigned |= {name.id for name in names if not isinstance(name.ctx, ast.Load)}
    assigned |= {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }
    assigned -= {"context"}  # it is back for the next block
    harmless: set[int] = set()
    slices: list[tuple[int | None, int | None]] = []
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name), args=arguments) if name in _WITHOUT_READING:
                harmless.update(map(id, arguments))
            case ast.Subscript(value=ast.Name(id="context") as value, slice=ast.Slice() as part):
                first, last = _fixed(part.lower), _fixed(part.upper)
                if part.step is None and first != "unknown" and last != "unknown":
                    harmless.add(id(value))
                    slices.append((first, last))
            case _:
                pass
    is_whole = any(
        name.id == "context" or (name.id in _OVER_CONTEXT and name.id not in assigned)
        for name in names
        if isinstance(name.ctx, ast.Load) and id(name) not in harmless
    )
    wanted = tuple(_wanted(tree, assigned))
    return Scan(is_whole, tuple(slices), wanted, assigned)


def _fixed(part: ast.expr | None) -> int | Literal["unknown"] | None:
    match part:
        case None:
            return None
        case ast.Constant(value=int(value)):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(value))):
            return -value
        case _:
            return "unknown"


def _wanted(tree: ast.Module, assigned: frozenset[str]) -> Iterator[Wanted]:
    for statement in tree.body:
        if isinstance(statement, ast.Expr | ast.Assign | ast.AnnAssign) and statement.value:
            for call in _sure_calls(statement.value):
                match call:
                    case ast.Call(
                        func=ast.Name(id="grep" | "find_lines" as name),
                        args=[ast.Constant(value=str(text))],
                        keywords=[],
                    ) if name not in assigned and _is_plain(text):
                        yield Wanted(text, is_line=True)
                    case ast.Call(
                        func=ast.Name(id="fast_find_all"),
                        args=[ast.Name(id="context"), ast.Constant(value=str(text))],
                        keywords=[],
                    ) if text:
                        yield Wanted(text, is_line=False)
                    case ast.Call(
                        func=ast.Attribute(
                            value=ast.Name(id="re"), attr="findall" | "finditer" | "split" | "sub"
                        ),
                        args=[ast.Constant(value=str(text)), ast.Name(id="context")],
                        keywords=[],
                    ) if "re" not in assigned and _is_plain(text):
                        yield Wanted(text, is_line=False)
                    case _:
                        pass


def _is_plain(text: str) -> bool:
    """Whether a pattern means the text that it is."""
    return bool(text) and _SPECIAL.isdisjoint(text)


def _sure_calls(expression: ast.expr) -> Iterator[ast.Call]:
    """The calls of an expression that are made when it is evaluated."""
    if isinstance(expression, _PERHAPS):
        return
    if isinstance(expression, ast.Call):
        yield expression
    for child in ast.iter_child_nodes(expression):
        if isinstance(child, ast.expr):
            yield from _sure_calls(child)
        elif isinstance(child, ast.keyword):
            yield from _sure_calls(child.value)
