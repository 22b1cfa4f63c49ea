"""What runs no model code: operators, functions and methods, and which of them change something."""

from __future__ import annotations

import ast
import functools
import linecache
import operator
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from rlm_tui.repl.guest.calls import CELL_PREFIX
from rlm_tui.repl.guest.unknowns import ids, is_scalar

LARGEST = 1 << 20
"""Items or characters that an operation may make out of nothing, as `"x" * n` does."""
_BITS = 4_096

EVALUATED = ids(
    len, str, int, float, bool, min, max, sum, sorted, abs, round, repr, ascii, ord, chr, range,
    list, tuple, dict, set, frozenset, any, all, divmod, format, hex, oct, bin, slice,
)  # fmt: skip
"""Builtins that give the same for the same arguments, and do nothing else."""

ONCE = ids(enumerate, zip, reversed)
"""Builtins whose result can be read once; known only where it is read on the spot."""

_HARMLESS = ids(print, isinstance, callable, bytes, bytearray, complex, type(None))
_HARMLESS_MODULES = frozenset(
    {
        "json", "json.decoder", "json.encoder", "re", "math", "cmath", "time", "statistics",
        "string", "textwrap", "difflib", "html", "unicodedata", "random", "collections",
        "datetime", "_datetime", "builtins", "hashlib", "_hashlib", "base64", "binascii", "csv",
        "_csv", "decimal", "_decimal", "fractions", "zlib", "uuid",
    }
)  # fmt: skip
_NOT_HARMLESS = frozenset(
    {"exec", "eval", "compile", "open", "input", "setattr", "delattr", "globals", "locals", "vars"}
    | {"iter", "next", "map", "filter", "super", "property", "breakpoint", "exit", "quit"}
    | {"__import__", "type", "object", "getattr", "hasattr", "classmethod", "staticmethod"}
    | {"enumerate", "zip", "reversed", "namedtuple", "memoryview", "aiter", "anext", "help"}
)
_OURS = str(Path(__file__).parent)

READING = {
    str: frozenset(
        "strip lstrip rstrip lower upper title capitalize replace split rsplit splitlines join "
        "format find rfind index rindex count startswith endswith partition rpartition "
        "removeprefix removesuffix casefold swapcase isdigit isalpha isspace isupper islower "
        "isalnum isnumeric isdecimal istitle isidentifier encode".split()
    ),
    bytes: frozenset({"decode", "strip", "split", "find", "count", "startswith", "endswith"}),
    dict: frozenset({"get", "keys", "values", "items", "copy", "most_common", "total"}),
    list: frozenset({"index", "count", "copy"}),
    set: frozenset({"union", "intersection", "difference", "issubset", "issuperset", "copy"}),
    float: frozenset({"is_integer"}),
    int: frozenset({"bit_length"}),
}
"""The methods of each type that only read; a defaultdict has those of a dict, and so on."""
_KIN = {
    "tuple": list, "deque": list, "frozenset": set, "defaultdict": dict, "Counter": dict,
    "Reply": str, "Replies": list,
}  # fmt: skip
_MATCH = frozenset({"group", "groups", "groupdict", "start", "end", "span", "expand"})
_PATTERN = frozenset({"search", "match", "fullmatch", "findall", "split", "sub", "subn"})

STORING = frozenset({"append", "appendleft", "insert"})
"""Methods that keep their argument and look at nothing."""

CHANGING = STORING | frozenset(
    "extend extendleft add discard update subtract clear pop popleft setdefault reverse rotate "
    "remove sort popitem".split()
)

_BINARY: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod,
}  # fmt: skip
_COMPARED: dict[type, Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le,
    ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Is: operator.is_, ast.IsNot: operator.is_not,
    ast.In: lambda item, whole: item in whole, ast.NotIn: lambda item, whole: item not in whole,
}  # fmt: skip


def operation(node: ast.operator, left: Any, right: Any) -> Callable[[Any, Any], Any] | None:
    """The function of a binary operator, for two known values; None for what could be endless."""
    if isinstance(node, ast.Mult) and not _is_small_product(left, right):
        return None
    if any(type(side) is int and side.bit_length() > _BITS for side in (left, right)):
        return None
    return _BINARY.get(type(node))


def _is_small_product(left: Any, right: Any) -> bool:
    if type(left) is int and type(right) is not int:
        left, right = right, left
    if type(right) is int and type(left) in {str, bytes, list, tuple}:
        return len(left) * right <= LARGEST
    return True


def comparison(node: ast.cmpop) -> Callable[[Any, Any], Any]:
    """The function of a comparison."""
    return _COMPARED[type(node)]


def is_large(value: object) -> bool:
    """Whether to go through it could be endless."""
    return type(value) is range and (value.stop - value.start) // value.step > LARGEST


def is_reading(receiver: object, method: str) -> bool:
    """Whether a known value's method only reads it, and gives the same each time."""
    kind = _KIN.get(type(receiver).__name__, type(receiver))
    return method in READING.get(kind, ())


def is_matching(receiver: object, method: str) -> bool:
    """Whether it is a method of a `re.Match`."""
    return type(receiver).__name__ == "Match" and method in _MATCH


def is_searching(receiver: object, method: str) -> bool:
    """Whether it is a method of a compiled regex."""
    return type(receiver).__name__ == "Pattern" and method in _PATTERN


def is_harmless(function: Any) -> bool:
    """Whether a call with plain arguments runs no model code and changes none of its variables."""
    kind = type(function)
    if id(function) in _HARMLESS:
        return True
    if kind is types.MethodType:
        function, kind = function.__func__, type(function.__func__)
        return kind is types.FunctionType and function.__code__.co_filename.startswith(_OURS)
    if kind is types.FunctionType and function.__code__.co_filename.startswith(_OURS):
        return True
    if kind is types.BuiltinFunctionType and function.__self__ is not None:
        module = function.__self__.__name__ if _is_module(function.__self__) else "random"
    elif kind is types.FunctionType or kind is types.BuiltinFunctionType or kind is type:
        module = function.__module__
    else:
        return kind is types.MethodType
    name = function.__name__
    if type(module) is not str or module not in _HARMLESS_MODULES or name in _NOT_HARMLESS:
        return False
    return vars(sys.modules.get(module, types)).get(name) is function


def _is_module(value: object) -> bool:
    return type(value) is types.ModuleType


Definition: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@functools.lru_cache(maxsize=64)
def _definitions(source: str) -> dict[tuple[str, int], list[Definition]]:
    found: dict[tuple[str, int], list[Definition]] = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Lambda):
            found.setdefault(("<lambda>", node.lineno), []).append(node)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.decorator_list:
            found.setdefault((node.name, node.lineno), []).append(node)
    return found


def definition_of(function: types.FunctionType) -> Definition | None:
    """The source of a function that a cell has defined, when it can be told which that is."""
    code = function.__code__
    if not code.co_filename.startswith(CELL_PREFIX) or code.co_freevars:
        return None
    entry = linecache.cache.get(code.co_filename)
    if entry is None or len(entry) == 1:
        return None
    same = _definitions("".join(entry[2])).get((code.co_name, code.co_firstlineno), [])
    return same[0] if len(same) == 1 else None


def _unused(value: object) -> bool:
    return is_scalar(value)
