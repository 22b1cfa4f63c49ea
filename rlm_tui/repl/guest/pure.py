"""What runs no model code: operators, functions and methods, and which of them change something."""

from __future__ import annotations

import ast
import functools
import linecache
import operator
import re
import sys
import types
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from rlm_tui.repl.guest.awaitable import Replies, Reply
from rlm_tui.repl.guest.calls import CELL_PREFIX
from rlm_tui.repl.guest.texttools import TextTools, fast_contains, fast_find, fast_find_all
from rlm_tui.repl.guest.unknowns import ids, kind_of

LARGEST = 1 << 20
"""Items or characters that an operation may make out of nothing, as `"x" * n` does."""
LONGEST = 10_000_000
"""Characters of a text that is searched ahead: it is searched twice then, 64 times in a row."""
_BITS = 4_096

EVALUATED = ids(
    len, str, int, float, bool, min, max, sum, sorted, abs, round, repr, ascii, ord, chr, range,
    list, tuple, dict, set, frozenset, any, all, divmod, format, hex, oct, bin, slice,
)  # fmt: skip
"""Builtins that give the same for the same arguments, and do nothing else."""

CONSUMING = ids(list, tuple, set, frozenset, dict, sorted, sum, min, max, any, all, Counter)
"""Functions that go through their argument at once."""

ONCE = ids(enumerate, zip, reversed)
"""Builtins whose result can be read once; known only where it is read on the spot."""

_PURE_MODULES = ("textwrap", "json", "re", "math", "html", "unicodedata", "string", "difflib")
_HARMLESS = ids(print, isinstance, callable, bytes, bytearray, complex, hash, id)
_HARMLESS_MODULES = (*_PURE_MODULES, "time", "statistics", "random", "collections", "datetime")
_NOT_HARMLESS = frozenset({"namedtuple", "Template", "Formatter"})
_OURS = str(Path(__file__).parent)
_FUNCTIONS = ids(types.FunctionType, types.BuiltinFunctionType, types.MethodType, type)

_READ_SEQUENCE = frozenset({"index", "count", "copy"})
_READ_SET = frozenset({"union", "intersection", "difference", "issubset", "issuperset", "copy"})
_READ_DICT = frozenset({"get", "keys", "values", "items", "copy", "most_common", "total"})
_READ_TEXT = frozenset(
    [
        "strip",
        "lstrip",
        "rstrip",
        "lower",
        "upper",
        "title",
        "capitalize",
        "replace",
        "split",
        "rsplit",
        "splitlines",
        "join",
        "format",
        "find",
        "rfind",
        "index",
        "rindex",
        "count",
        "startswith",
        "endswith",
        "partition",
        "rpartition",
        "removeprefix",
        "removesuffix",
        "casefold",
        "swapcase",
        "isdigit",
        "isalpha",
        "isspace",
        "isupper",
        "islower",
        "isalnum",
        "isnumeric",
        "isdecimal",
        "istitle",
        "isidentifier",
        "encode",
        "decode",
    ]
)
_READING: dict[int, frozenset[str]] = {
    **dict.fromkeys(ids(str, bytes, Reply), _READ_TEXT),
    **dict.fromkeys(ids(list, tuple, deque, Replies), _READ_SEQUENCE),
    **dict.fromkeys(ids(set, frozenset), _READ_SET),
    **dict.fromkeys(ids(dict, defaultdict, Counter), _READ_DICT),
    id(re.Match): frozenset({"group", "groups", "groupdict", "start", "end", "span", "expand"}),
    id(re.Pattern): frozenset({"search", "match", "fullmatch", "findall", "split", "sub", "subn"}),
    id(float): frozenset({"is_integer"}),
    id(int): frozenset({"bit_length"}),
}
"""The methods of each type that only read, and give the same each time."""

STORING = frozenset({"append", "appendleft", "insert"})
"""Methods that keep their argument and look at nothing."""

CHANGING = STORING | frozenset(
    [
        "extend",
        "extendleft",
        "add",
        "discard",
        "update",
        "subtract",
        "clear",
        "pop",
        "popleft",
        "setdefault",
        "reverse",
        "rotate",
        "remove",
        "sort",
        "popitem",
        "intersection_update",
        "difference_update",
        "symmetric_difference_update",
        "move_to_end",
    ]
)

_OPERATORS: Any = operator
CONSUMING_METHODS = frozenset({"join", "extend", "update", "union", "fromkeys"})

_BINARY: dict[type, Any] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: _OPERATORS.truediv, ast.FloorDiv: _OPERATORS.floordiv, ast.Mod: operator.mod,
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
    whole: Any = left
    is_of_numbers = type(right) is not int or isinstance(left, int | float | complex)
    return is_of_numbers or len(whole) * right <= LARGEST


def comparison(node: ast.cmpop) -> Callable[[Any, Any], Any]:
    """The function of a comparison."""
    return _COMPARED[type(node)]


def is_large(value: object) -> bool:
    """Whether to go through it could be endless."""
    return isinstance(value, range) and (value.stop - value.start) // value.step > LARGEST


def is_reading(receiver: object, method: str) -> bool:
    """Whether a known value's method only reads it, soon, and gives the same each time."""
    if type(receiver) is str and len(receiver) > LONGEST:
        return False
    return method in _READING.get(kind_of(receiver), ())


def is_only_reading(method: str) -> bool:
    """Whether no built-in type has a method of that name that changes something."""
    return method not in CHANGING


def is_evaluated(function: Any) -> bool:
    """Whether a call with plain arguments gives the same each time, soon, and does nothing else."""
    if id(function) in EVALUATED or _is_in(_PURE_MODULES, function):
        return True
    if type(function) is types.MethodType and type(function.__self__) is TextTools:
        return function.__self__.context_chars <= LONGEST
    return function in {fast_find, fast_contains, fast_find_all} if _is_ours(function) else False


def is_harmless(function: Any) -> bool:
    """Whether a call with plain arguments runs no model code and changes none of its variables."""
    return id(function) in _HARMLESS or _is_in(_HARMLESS_MODULES, function) or _is_ours(function)


def _is_in(modules: tuple[str, ...], function: Any) -> bool:
    """Whether one of these modules offers it under its name, and no cell has put it there."""
    if kind_of(function) not in _FUNCTIONS:
        return False
    inner = function.__func__ if type(function) is types.MethodType else function
    if type(inner) is types.FunctionType and inner.__code__.co_filename.startswith(CELL_PREFIX):
        return False
    name = inner.__name__
    return name not in _NOT_HARMLESS and any(
        module in sys.modules and vars(sys.modules[module]).get(name) is function
        for module in modules
    )


def _is_ours(function: Any) -> bool:
    inner = function.__func__ if type(function) is types.MethodType else function
    return type(inner) is types.FunctionType and inner.__code__.co_filename.startswith(_OURS)


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
