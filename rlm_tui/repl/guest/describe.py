"""Says what a value is without running a line of model code.

Only objects of the exact built-in types are looked into, to a bounded depth and length; everything
else is named by its class. So a hostile or endless `__repr__` is never called.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

SHOWN = 120
"""Characters of a short value."""

_NAME_OF_TYPE: Callable[[type], str] = type.__dict__["__name__"].__get__
_ITEMS = 6
_DEPTH = 3


def short(value: object, limit: int = SHOWN, depth: int = _DEPTH) -> str:
    """A value in at most about `limit` characters."""
    kind = type(value)
    if kind is str:
        text = _short_str(str.__str__(value), limit)  # type: ignore[arg-type]
    elif kind is bytes:
        text = repr(value[:limit])  # type: ignore[index]
    elif kind is int:
        bits = int.bit_length(value)  # type: ignore[arg-type]
        text = repr(value) if bits < 4 * limit else f"int of {bits:,} bits"
    elif kind in {float, bool, complex, types.NoneType, range}:
        text = repr(value)
    elif kind in {list, tuple, set, frozenset}:
        text = _short_items(value, kind, limit, depth)  # type: ignore[arg-type]
    elif kind is dict:
        text = _short_dict(value, limit, depth)  # type: ignore[arg-type]
    else:
        text = named(value)
    return text if len(text) <= limit + 8 else text[: limit - 1] + "…"


def named(value: object) -> str:
    """A value by its class, or a class, function or module by its name."""
    kind = type(value)
    if kind in {types.FunctionType, types.BuiltinFunctionType, types.ModuleType}:
        return f"<{class_name(kind)} {getattr(value, '__name__', '?')}>"
    if issubclass(kind, type):
        return f"<class {_NAME_OF_TYPE(cast('type', value))}>"
    return f"<{class_name(kind)} object>"


def class_name(kind: type) -> str:
    """A class's name, past any metaclass that model code may have given it."""
    return _NAME_OF_TYPE(kind)


def size_of(value: object) -> int | None:
    """Characters, bytes or items of a built-in container; None for anything else."""
    if type(value) in {str, bytes, bytearray, list, tuple, set, frozenset, dict, range}:
        return len(value)  # type: ignore[arg-type]
    return None


def variables(namespace: Mapping[str, object], hidden: Iterable[str]) -> list[dict[str, Any]]:
    """The variables of a REPL: name, type, size and a short value, in the order of their names."""
    left_out = set(hidden)
    return [
        {
            "name": name,
            "type": class_name(type(value)),
            "size": size_of(value),
            "value": short(value),
        }
        for name, value in sorted(namespace.items())
        if name not in left_out and not name.startswith("_") and type(value) is not types.ModuleType
    ]


def _short_str(text: str, limit: int) -> str:
    return repr(text if len(text) <= limit else text[:limit] + "…")


def _short_items(value: Iterable[Any], kind: type, limit: int, depth: int) -> str:
    opening, closing = {list: "[]", tuple: "()", set: "{}", frozenset: "{}"}[kind]
    size = len(value)  # type: ignore[arg-type]
    if not size:
        return f"{kind.__name__}()" if kind in {set, frozenset} else opening + closing
    if not depth:
        return f"{opening}…{closing}"
    shown: list[str] = []
    for index, item in enumerate(value):
        if index == _ITEMS or sum(map(len, shown)) > limit:
            shown.append("…")
            break
        shown.append(short(item, max(limit // 2, 16), depth - 1))
    return opening + ", ".join(shown) + closing


def _short_dict(value: Mapping[Any, Any], limit: int, depth: int) -> str:
    if not depth:
        return "{…}" if value else "{}"
    shown: list[str] = []
    for index, (key, item) in enumerate(value.items()):
        if index == _ITEMS or sum(map(len, shown)) > limit:
            shown.append("…")
            break
        part = max(limit // 3, 12)
        shown.append(f"{short(key, part, depth - 1)}: {short(item, part, depth - 1)}")
    return "{" + ", ".join(shown) + "}"
