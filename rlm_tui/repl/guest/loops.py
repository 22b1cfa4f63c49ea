"""Finds the loops of a cell that make sub-calls, and marks what they go over.

Only `x` in `for item in x` changes: it becomes a call that takes x and gives it back. Positions
are kept, so that tracebacks and line numbers are those of the code as written.
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Collection, Iterable
from typing import NamedTuple, TypeVar

HOOK = "<together>"
"""The name of the function; no code can mean it by accident."""

_QUERIES = frozenset({"llm_query", "rlm_query", "recursive_lm", "recursive_llm"})
_BATCHES = frozenset({"llm_query_batched", "rlm_query_batched"})
_AT_ONCE = frozenset({"list", "tuple", "set", "dict", "frozenset", "sorted", "sum", "max", "min"})
"""Functions that go through a generator expression to its end before anything else happens."""
_TAKE_COROUTINES = frozenset(
    {"gather", "create_task", "ensure_future", "wait_for", "shield", "wait", "as_completed"}
)
_ITEM = "<item>"
_WORD = re.compile(r"\w+")
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_C = TypeVar("_C", bound=_Comprehension)
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_LOOPS = (ast.For, ast.AsyncFor, ast.While, *_COMPREHENSIONS)


class LoopCode(NamedTuple):
    """What a loop does with each item."""

    filename: str
    target: ast.expr
    body: list[ast.stmt]
    is_comprehension: bool = False
    builtin_names: tuple[str, ...] = ()
    """Names that must mean the builtins, or the loop is another one."""


class Marked:
    """The loops of all cells of a REPL, and the calls whose replies are awaited."""

    def __init__(self) -> None:
        self.loops: dict[tuple[str, int], LoopCode] = {}
        self.awaited: dict[str, frozenset[tuple[int, int, int, int]]] = {}
        """By file name: line, last line, column and last column of calls."""
        self._asking = set(_QUERIES)
        """Names of functions that make sub-calls, those that cells have defined among them."""

    def mark(self, tree: ast.Module, code: str, filename: str) -> None:
        """Mark the loops in the syntax tree of a cell. Raises RecursionError."""
        if (self._asking | _BATCHES).isdisjoint(_WORD.findall(code)):
            return
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and self.asks(node.body):
                self._asking.add(node.name)
            elif isinstance(node, ast.Assign) and self._gives_asking(node.value):
                self._asking.update(t.id for t in node.targets if isinstance(t, ast.Name))
        alone, concurrent = _awaited_calls(tree)
        self.awaited[filename] = frozenset(map(_position, alone | concurrent))
        _Marker(self, filename, concurrent).visit(tree)

    def _gives_asking(self, value: ast.expr) -> bool:
        """Whether a name that is set to this makes sub-calls when it is called."""
        return self.is_asking(value) or (isinstance(value, ast.Lambda) and self.asks([value.body]))

    def asks(self, nodes: Iterable[ast.AST], but: Collection[ast.Call] = ()) -> bool:
        """Whether code makes sub-calls itself, not only in a loop or function within it."""
        left = list(nodes)
        while left:
            node = left.pop()
            if isinstance(node, _SCOPES + _LOOPS):
                left += _gone_through(node)
                continue
            if isinstance(node, ast.Call) and node not in but and self.is_asking(node.func):
                return True
            left += ast.iter_child_nodes(node)
        return False

    def is_asking(self, node: ast.expr) -> bool:
        """Whether it is the name of a function that makes sub-calls."""
        return isinstance(node, ast.Name) and node.id in self._asking


class _Marker(ast.NodeTransformer):
    """Marks the loops of one cell."""

    def __init__(self, marked: Marked, filename: str, concurrent: set[ast.Call]) -> None:
        self._marked = marked
        self._filename = filename
        self._concurrent = concurrent
        self._at_once: set[ast.GeneratorExp] = set()

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        """Loops among the statements of a class are left alone; those in its methods are not."""
        for statement in node.body:
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                self.generic_visit(statement)
        return node

    def visit_For(self, node: ast.For) -> ast.For:
        body = node.body
        if self._marked.asks(body, but=self._concurrent):
            loop = LoopCode(self._filename, copy.deepcopy(node.target), copy.deepcopy(body))
            self.generic_visit(node)
            node.iter = self._hooked(node.iter, loop)
        else:
            self.generic_visit(node)
        return node

    def visit_Call(self, node: ast.Call) -> ast.Call:
        only = node.args[0] if len(node.args) == 1 else None
        names: tuple[str, ...] | None = None
        if isinstance(node.func, ast.Name) and node.func.id in _AT_ONCE:
            names = (node.func.id,)
        elif isinstance(node.func, ast.Attribute) and node.func.attr == "join":
            names = ()
        if names is not None and isinstance(only, ast.GeneratorExp):
            self._mark_comprehension(only, names)
        elif names is not None and isinstance(only, ast.Call):
            self._mark_map(node, only, names)
        self.generic_visit(node)
        return node

    def visit_Starred(self, node: ast.Starred) -> ast.Starred:
        if isinstance(node.value, ast.GeneratorExp) and isinstance(node.ctx, ast.Load):
            self._mark_comprehension(node.value, ())
        self.generic_visit(node)
        return node

    def _mark_map(self, node: ast.Call, mapping: ast.Call, names: tuple[str, ...]) -> None:
        """`list(map(llm_query, prompts))`, whose calls are made by the `list`."""
        if not (isinstance(mapping.func, ast.Name) and mapping.func.id == "map"):
            return
        if len(mapping.args) != 2 or not self._marked.is_asking(mapping.args[0]):  # noqa: PLR2004
            return
        call = ast.Call(mapping.args[0], [ast.Name(_ITEM, ast.Load())], [])
        body: list[ast.stmt] = [ast.Expr(ast.copy_location(call, node))]
        loop = LoopCode(self._filename, ast.Name(_ITEM, ast.Store()), body, True, (*names, "map"))  # noqa: FBT003
        mapping.args[1] = self._hooked(mapping.args[1], loop)

    def _visit_comprehension(self, node: _C) -> _C:
        self._mark_comprehension(node, ())
        self.generic_visit(node)
        return node

    visit_ListComp = visit_SetComp = visit_DictComp = _visit_comprehension  # noqa: N815

    def _mark_comprehension(self, node: _Comprehension, names: tuple[str, ...]) -> None:
        """Mark what the innermost loop of a comprehension goes over."""
        last = node.generators[-1]
        made = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        if last.is_async or not self._marked.asks([*made, *last.ifs], but=self._concurrent):
            return
        body: list[ast.stmt] = [ast.Expr(copy.deepcopy(part)) for part in made]
        for test in reversed(last.ifs):
            body = [ast.If(copy.deepcopy(test), body, [])]
        loop = LoopCode(self._filename, copy.deepcopy(last.target), body, True, names)  # noqa: FBT003
        last.iter = self._hooked(last.iter, loop)

    def _hooked(self, iterable: ast.expr, loop: LoopCode) -> ast.expr:
        number = len(self._marked.loops)
        self._marked.loops[self._filename, number] = loop
        arguments = [ast.Constant(self._filename), ast.Constant(number), iterable]
        hooked = ast.Call(ast.Name(HOOK, ast.Load()), arguments, [])
        for node in (hooked, hooked.func, *arguments[:2]):
            ast.copy_location(node, iterable)
        return hooked


def _gone_through(node: ast.AST) -> list[ast.expr]:
    """What a loop goes over, which is evaluated once, outside of it."""
    match node:
        case ast.For(iter=iterable):
            return [iterable]
        case (
            ast.ListComp(generators=[first, *_])
            | ast.SetComp(generators=[first, *_])
            | ast.DictComp(generators=[first, *_])
        ):
            return [first.iter]
        case _:
            return []


def _awaited_calls(tree: ast.Module) -> tuple[set[ast.Call], set[ast.Call]]:
    """The calls that are awaited where they stand, and those given to what awaits coroutines."""
    alone: set[ast.Call] = set()
    concurrent: set[ast.Call] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Await):
            alone.update(_calls_in(node.value))
        elif isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else None
            if isinstance(node.func, ast.Name):
                name = node.func.id
            if name in _TAKE_COROUTINES:
                for argument in node.args:
                    concurrent.update(_calls_in(argument))
    return alone, concurrent


def _calls_in(node: ast.expr) -> Iterable[ast.Call]:
    """The sub-calls that are this value, or its items."""
    match node:
        case ast.Call(func=ast.Name(id=name)) if name in _QUERIES | _BATCHES:
            yield node
        case ast.Starred(value=value) | ast.ListComp(elt=value) | ast.GeneratorExp(elt=value):
            yield from _calls_in(value)
        case ast.List(elts=values) | ast.Tuple(elts=values) | ast.Set(elts=values):
            for value in values:
                yield from _calls_in(value)
        case _:
            pass


def _position(node: ast.Call) -> tuple[int, int, int, int]:
    return (
        node.lineno,
        node.end_lineno or node.lineno,
        node.col_offset,
        node.end_col_offset or node.col_offset,
    )
