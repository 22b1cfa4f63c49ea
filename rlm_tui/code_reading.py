"""What the text of code tells: which names it reads, and how many sub-calls it will make."""

from __future__ import annotations

import ast
import builtins
import re
import warnings
from collections.abc import Iterator
from functools import lru_cache

_ANY_NAME = re.compile(r"[^\W\d]\w*")
_SEES_ALL = frozenset({"globals", "locals", "vars", "eval", "exec", "SHOW_VARS", "dir"})
"""With these code may read any name."""

_SINGLE = frozenset({"llm_query", "rlm_query", "recursive_lm", "recursive_llm"})
_BATCHED = frozenset({"llm_query_batched", "rlm_query_batched"})
_CALLS = _SINGLE | _BATCHED
_AS_LONG = frozenset({"enumerate", "list", "tuple", "reversed", "sorted", "iter"})
"""Functions whose result has as many items as their first argument."""

_OF_THE_REPL = _CALLS | {
    *("context", "query", "SHOW_VARS", "FINAL", "FINAL_VAR", "SUBMIT", "SubCallError"),
    *("fast_find", "fast_contains", "fast_find_all", "grep", "find_lines", "lines", "count"),
    *("chunks", "sections", "word_frequency", "group_count", "numeric_stats"),
}

_ADDING = frozenset({"add", "append", "appendleft", "extend", "insert", "setdefault", "update"})
_CHANGING = _ADDING | {"clear", "discard", "pop", "popitem", "popleft", "remove"}
"""Methods that change how many items something has."""

_PLAIN = (ast.Name, ast.Constant, ast.Subscript, ast.Slice, ast.BinOp, ast.UnaryOp, ast.Call)


@lru_cache(maxsize=512)
def names_read(code: str) -> frozenset[str]:
    """The names that code reads; more than it does, where that cannot be told.

    What is only added to (`x += 1`) is not read by that.
    """
    tree = _parsed(code)
    if tree is None:
        return frozenset(_ANY_NAME.findall(code))
    read: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            read.add(node.id)
        elif isinstance(node, ast.Call) and _name_of(node.func) == "FINAL_VAR" and node.args:
            named = node.args[0]
            if isinstance(named, ast.Constant) and isinstance(named.value, str):
                read.add(named.value)
    return frozenset(_ANY_NAME.findall(code)) if read & _SEES_ALL else frozenset(read)


@lru_cache(maxsize=64)
def names_used(code: str) -> list[str]:
    """The variables that code sets, then those that it reads, each in the order of the text.

    Without what it imports or defines, and without what Python and the REPL have of themselves.
    """
    tree = _parsed(code)
    if tree is None:
        return []
    made: set[str] = set()
    stored: dict[str, tuple[int, int]] = {}
    loaded: dict[str, tuple[int, int]] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                stored.setdefault(name, (node.lineno, node.col_offset))
            case ast.Name(id=name):
                loaded.setdefault(name, (node.lineno, node.col_offset))
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                made |= {(item.asname or item.name).partition(".")[0] for item in names}
            case (
                ast.FunctionDef(name=name)
                | ast.AsyncFunctionDef(name=name)
                | ast.ClassDef(name=name)
            ):
                made.add(name)
            case _:
                pass
    places = {**loaded, **stored}
    order = sorted(places, key=lambda name: (name not in stored, places[name]))
    known = {*dir(builtins), *_OF_THE_REPL} - stored.keys()
    return [name for name in order if name not in known | made]


def is_helper(name: str, shown: str) -> bool:
    """Whether a name that code sets still stands for what the REPL has of that name."""
    return name in _OF_THE_REPL and shown.startswith("<bound method ")


def calls_made(code: str) -> str | None:
    """How many sub-calls code will make, as an expression over the variables it begins with.

    The expression takes lengths of variables and nothing else. None when the text does not tell:
    a call in a branch, in a loop without an end, over something that is yet to be made.
    """
    tree = _parsed(code)
    if tree is None:
        return None
    try:
        terms = _Counter().terms_of(tree.body)
    except (_UnknownError, RecursionError):
        return None
    return " + ".join(terms) or "0"


def _parsed(code: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
            tree = compile(code, "<code>", "exec", flags)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return tree if isinstance(tree, ast.Module) else None


def _name_of(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


class _UnknownError(Exception):
    """The text does not tell."""


class _Counter:
    """Adds up the calls of a code block; knows the lengths of what the block itself makes."""

    def __init__(self) -> None:
        self._lengths: dict[str, str | None] = {}
        """Of the names that the block has set so far; None when it is not known."""

    def terms_of(self, body: list[ast.stmt]) -> list[str]:
        """What to add up for some statements. Raises _UnknownError."""
        terms: list[str] = []
        for statement in body:
            terms += self._of(statement)
            self._note(statement)
        return terms

    def _of(self, node: ast.AST) -> list[str]:
        if not _mentions_calls(node):
            return []
        match node:
            case ast.For(iter=items, body=body, orelse=[]) if not _leaves_early(body):
                inner, length = self._of(items), self._length(items)
                self._forget(node)
                return [*inner, *_times(length, self.terms_of(body))]
            case ast.ListComp(elt, generators) | ast.SetComp(elt, generators):
                return self._of_comprehension(elt, generators)
            case ast.GeneratorExp(elt, generators):
                return self._of_comprehension(elt, generators)
            case ast.DictComp(key, value, generators):
                pair = ast.Tuple([key, value], ast.Load())
                return self._of_comprehension(pair, generators)
            case ast.Call():
                return self._of_call(node)
            case ast.Name():
                raise _UnknownError
            case ast.Expr() | ast.Assign() | ast.AugAssign() | ast.AnnAssign() | ast.Await():
                return self._of_children(node)
            case ast.With(body=body) | ast.Try(body=body, handlers=[], orelse=[], finalbody=[]):
                return self.terms_of(body)
            case ast.stmt() | ast.IfExp() | ast.BoolOp() | ast.Lambda() | ast.Compare():
                raise _UnknownError
            case _:
                return self._of_children(node)

    def _of_children(self, node: ast.AST) -> list[str]:
        return [term for child in ast.iter_child_nodes(node) for term in self._of(child)]

    def _of_comprehension(self, elt: ast.expr, generators: list[ast.comprehension]) -> list[str]:
        terms = self._of(elt)
        for generator in reversed(generators):
            if generator.ifs:
                raise _UnknownError
            terms = [*self._of(generator.iter), *_times(self._length(generator.iter), terms)]
        return terms

    def _of_call(self, call: ast.Call) -> list[str]:
        arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
        name = _name_of(call.func)
        is_map = name == "map" or (isinstance(call.func, ast.Attribute) and call.func.attr == "map")
        if is_map and len(call.args) > 1 and _name_of(call.args[0]) in _SINGLE:
            return [self._length(call.args[1])]
        inner = [term for argument in arguments for term in self._of(argument)]
        if name in _SINGLE:
            return [*inner, "1"]
        if name in _BATCHED and call.args:
            return [*inner, self._length(call.args[0])]
        return [*self._of(call.func), *inner]

    # Lengths

    def _length(self, node: ast.expr) -> str:
        """How many items something has, as an expression. Raises _UnknownError."""
        match node:
            case ast.Name(name):
                known = self._lengths.get(name, f"len({name})")
                if known is None:
                    raise _UnknownError
                return known
            case ast.List(items) | ast.Tuple(items) | ast.Set(items):
                if any(isinstance(item, ast.Starred) for item in items):
                    raise _UnknownError
                return str(len(items))
            case ast.ListComp(generators=[ast.comprehension(iter=items, ifs=[])]):
                return self._length(items)
            case ast.GeneratorExp(generators=[ast.comprehension(iter=items, ifs=[])]):
                return self._length(items)
            case ast.Subscript(value=ast.Name(), slice=ast.Slice()) if self._is_plain(node):
                return f"len({ast.unparse(node)})"
            case ast.Call(func=ast.Attribute(value, "items" | "keys" | "values"), args=[]):
                return self._length(value)
            case ast.Call(func=ast.Name("zip"), args=[_, *_] as zipped, keywords=[]):
                return f"min([{', '.join(map(self._length, zipped))}])"
            case ast.Call(func=ast.Name("range"), keywords=[]) if self._is_plain(node):
                return f"len({ast.unparse(node)})"
            case ast.Call(func=ast.Name("chunks"), args=[n], keywords=[]) if self._is_plain(n):
                return f"-(-len(context) // ({ast.unparse(n)}))"
            case ast.Call(func=ast.Name(name), args=[items, *_]) if name in _AS_LONG:
                return self._length(items)
            case _:
                raise _UnknownError

    def _is_plain(self, node: ast.AST) -> bool:
        """Whether something is made of numbers and variables that the block has not set."""
        for part in ast.walk(node):
            match part:
                case ast.Name(name) if name in self._lengths:
                    return False
                case ast.Call(func) if _name_of(func) not in {"range", "len"}:
                    return False
                case ast.expr() if not isinstance(part, _PLAIN):
                    return False
                case _:
                    pass
        return True

    def _note(self, statement: ast.stmt) -> None:
        """Learn what the statement leaves in its names."""
        match statement:
            case ast.Assign(targets=[ast.Name(name)], value=value):
                try:
                    length = self._length(value)
                except _UnknownError:
                    length = None
                self._lengths[name] = length
            case _:
                self._forget(statement)

    def _forget(self, node: ast.AST) -> None:
        for name in _names_set(node):
            self._lengths[name] = None


def _names_set(node: ast.AST) -> Iterator[str]:
    """Names that are set, or whose value gets more or fewer items."""
    for part in ast.walk(node):
        match part:
            case ast.Name(name, ast.Store() | ast.Del()):
                yield name
            case ast.Subscript(ast.Name(name), _, ast.Store() | ast.Del()):
                yield name
            case ast.Attribute(ast.Name(name), method) if method in _CHANGING:
                yield name
            case _:
                pass


def _mentions_calls(node: ast.AST) -> bool:
    return any(_name_of(part) in _CALLS for part in ast.walk(node) if isinstance(part, ast.Name))


def _leaves_early(body: list[ast.stmt]) -> bool:
    left = (ast.Break, ast.Continue, ast.Return, ast.Raise)
    return any(isinstance(part, left) for statement in body for part in ast.walk(statement))


def _times(length: str, terms: list[str]) -> list[str]:
    return [f"({length}) * ({' + '.join(terms)})"] if terms else []
