"""What a code block does to `context`, as far as its text says; it is parsed, never run.

A mention of `context`, or of a function that goes through it, counts as a scan of the whole, unless
it asks for the length or the type only or is a slice between fixed places. Of several documents,
`context[path]` is the one of that path; code that goes through all paths, values or items scans all
of them, and a path that is worked out otherwise tells nothing. What a function must have found is
told where it was surely called, for a fixed text.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
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

_OF_NAMES = frozenset({"list", "tuple", "sorted", "set", "enumerate"})
"""Of a dict, these take the keys alone."""

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
class DocumentScan:
    """What a code block does to one document."""

    is_whole: bool = False
    """Whether something may go through all of it."""
    slices: tuple[tuple[int | None, int | None], ...] = ()
    """Slices between fixed places."""
    wanted: tuple[Wanted, ...] = ()


@dataclass(frozen=True, slots=True)
class Scan:
    """What a code block does to `context`."""

    documents: tuple[DocumentScan, ...]
    """To each of them."""
    assigned: frozenset[str] = frozenset()
    """Names that mean something else from here on."""


def scan_of(
    code: str, assigned: frozenset[str] = frozenset(), paths: Sequence[str] = ("",)
) -> Scan:
    """What a code block does to `context`; nothing where it is not Python.

    Args:
        code: the block.
        assigned: names that earlier blocks have given another meaning.
        paths: of the documents, as `context` has them where there are several.
    """
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Scan((DocumentScan(),) * len(paths), assigned)
    nodes = list(ast.walk(tree))
    names = [node for node in nodes if isinstance(node, ast.Name)]
    stored = Counter(name.id for name in names if not isinstance(name.ctx, ast.Load))
    assigned |= stored.keys()
    assigned |= {
        node.name
        for node in nodes
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }
    assigned -= {"context"}  # it is back for the next block
    if len(paths) == 1:
        texts = {id(name): 0 for name in names if _is_context(name)}
        whole = {
            0
            for name in names
            if name.id in _OVER_CONTEXT - assigned and isinstance(name.ctx, ast.Load)
        }
    else:
        texts, whole = _texts_by_path(nodes, stored, paths)
    harmless: set[int] = set()
    slices: list[tuple[int, tuple[int | None, int | None]]] = []
    for node in nodes:
        match node:
            case ast.Call(func=ast.Name(id=name), args=arguments) if name in _WITHOUT_READING:
                harmless.update(map(id, arguments))
            case ast.Subscript(value=value, slice=ast.Slice() as part) if id(value) in texts:
                first, last = _fixed(part.lower), _fixed(part.upper)
                if part.step is None and first != "unknown" and last != "unknown":
                    harmless.add(id(value))
                    slices.append((texts[id(value)], (first, last)))
            case _:
                pass
    whole |= {number for node, number in texts.items() if node not in harmless}
    wanted = list(_wanted(tree, assigned, texts, has_one=len(paths) == 1))
    return Scan(
        tuple(
            DocumentScan(
                number in whole,
                tuple(part for of, part in slices if of == number),
                tuple(one for of, one in wanted if of == number),
            )
            for number in range(len(paths))
        ),
        assigned,
    )


def _is_context(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "context" and isinstance(node.ctx, ast.Load)


def _texts_by_path(
    nodes: Sequence[ast.AST], stored: Mapping[str, int], paths: Sequence[str]
) -> tuple[dict[int, int], set[int]]:
    """Which expressions are the text of which document; and which are gone through unnamed."""
    fixed = {
        node.targets[0].id: node.value
        for node in nodes
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and stored[node.targets[0].id] == 1
    }
    texts: dict[int, int] = {}
    explained: set[int] = set()
    one_name: set[int] = set()
    are_all_named = are_any_worked_out = False
    for node in nodes:
        match node:
            case (
                ast.Subscript(value=value, slice=key)
                | ast.Call(func=ast.Attribute(value=value, attr="get"), args=[key, *_])
            ) if _is_context(value):
                path = fixed.get(key.id, key) if isinstance(key, ast.Name) else key
                explained.add(id(value))
                if not isinstance(path, ast.Constant):
                    are_any_worked_out = True
                elif path.value in paths:
                    texts[id(node)] = paths.index(path.value)
            case ast.Subscript(value=ast.Call(args=[value])) if _is_context(value):
                one_name.add(id(value))
            case ast.Attribute(value=value, attr="keys") if _is_context(value):
                explained.add(id(value))
                are_all_named = True
            case ast.For(iter=value) | ast.AsyncFor(iter=value) | ast.comprehension(iter=value):
                if _is_context(value):
                    explained.add(id(value))
                    are_all_named = True
            case ast.Compare(comparators=others):
                explained.update(id(other) for other in others if _is_context(other))
            case ast.Call(func=ast.Name(id=name), args=[value, *_]) if _is_context(value):
                if name in _OF_NAMES | _WITHOUT_READING:
                    explained.add(id(value))
                are_all_named |= name in _OF_NAMES and id(value) not in one_name
            case _:
                pass
    is_free = any(
        isinstance(node, ast.Name) and _is_context(node) and id(node) not in explained
        for node in nodes
    )
    goes_through_all = is_free or (are_all_named and are_any_worked_out)
    return texts, set(range(len(paths))) if goes_through_all else set()


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


def _wanted(
    tree: ast.Module, assigned: frozenset[str], texts: Mapping[int, int], *, has_one: bool
) -> Iterator[tuple[int, Wanted]]:
    """What was surely looked for, each with the document."""
    for statement in tree.body:
        if isinstance(statement, ast.Expr | ast.Assign | ast.AnnAssign) and statement.value:
            for call in _sure_calls(statement.value):
                match call:
                    case ast.Call(
                        func=ast.Name(id="grep" | "find_lines" as name),
                        args=[ast.Constant(value=str(text))],
                        keywords=[] | [ast.keyword(arg="text")] as given,
                    ) if name not in assigned and _is_plain(text):
                        number = texts.get(id(given[0].value)) if given else 0 if has_one else None
                        if number is not None:
                            yield number, Wanted(text, is_line=True)
                    case ast.Call(
                        func=ast.Name(id="fast_find_all"),
                        args=[of, ast.Constant(value=str(text))],
                        keywords=[],
                    ) if text and id(of) in texts:
                        yield texts[id(of)], Wanted(text, is_line=False)
                    case ast.Call(
                        func=ast.Attribute(
                            value=ast.Name(id="re"), attr="findall" | "finditer" | "split" | "sub"
                        ),
                        args=[ast.Constant(value=str(text)), of],
                        keywords=[],
                    ) if "re" not in assigned and _is_plain(text) and id(of) in texts:
                        yield texts[id(of)], Wanted(text, is_line=False)
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
