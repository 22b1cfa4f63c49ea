"""Says what a value is without running a line of model code.

Only objects of the exact built-in types are looked into, to a bounded depth and length; everything
else is named by its class. So a hostile or endless `__repr__` is never called.
"""

from __future__ import annotations

import itertools
import types
from collections.abc import Callable, Iterable, Mapping
from operator import itemgetter
from typing import Any, cast

from rlm_tui.repl.guest.awaitable import Reply

SHOWN = 120
"""Characters of a short value."""

_NAME_OF_TYPE: Callable[[type], str] = type.__dict__["__name__"].__get__
_DICT_OF_MODULE: Callable[[object], dict[str, object]] = vars(types.ModuleType)["__dict__"].__get__
_SIZED = (str, bytes, bytearray, list, tuple, set, frozenset, dict)
_ITEMS = 6
_DEPTH = 3


def short(value: object, limit: int = SHOWN, depth: int = _DEPTH) -> str:
    """A value in at most about `limit` characters."""
    kind = type(value)
    if kind is str or kind is Reply:
        text = _short_str(str.__str__(value), limit)  # type: ignore[arg-type]
    elif kind is bytes:
        text = repr(value[:limit])  # type: ignore[index]
    elif kind is int:
        text = _short_int(cast("int", value), limit)
    elif kind is range:
        text = _short_range(cast("range", value), limit)
    elif _is_one_of(kind, float, bool, complex, types.NoneType):
        text = repr(value)
    elif _is_one_of(kind, list, tuple, set, frozenset):
        text = _short_items(value, kind, limit, depth)  # type: ignore[arg-type]
    elif kind is dict:
        text = _short_dict(value, limit, depth)  # type: ignore[arg-type]
    else:
        text = named(value)
    return text if len(text) <= limit + 8 else text[: limit - 1] + "…"


def named(value: object) -> str:
    """A value by its class, or a class, function or module by its name."""
    kind = type(value)
    if issubclass(kind, type):
        return f"<class {class_name(cast('type', value))}>"
    name: Any = None
    if kind is types.ModuleType:
        name = _DICT_OF_MODULE(value).get("__name__")
    elif _is_one_of(kind, types.FunctionType, types.BuiltinFunctionType):
        name = cast("types.FunctionType", value).__name__  # a slot, out of model code's reach
    else:
        return f"<{class_name(kind)} object>"
    return f"<{class_name(kind)} {name if type(name) is str else '?'}>"


def class_name(kind: type) -> str:
    """A class's name, past any metaclass that model code may have given it."""
    return str.__str__(_NAME_OF_TYPE(kind))


def size_of(value: object) -> int | None:
    """Characters, bytes or items of a built-in container; None for anything else."""
    kind = type(value)
    if _is_one_of(kind, *_SIZED):
        return len(value)  # type: ignore[arg-type]
    if kind is range:
        numbers = cast("range", value)
        try:
            return len(numbers)
        except OverflowError:
            return None
    return None


def _is_one_of(kind: type, *kinds: type) -> bool:
    """By identity: `in` would ask the metaclass for a hash."""
    return any(kind is other for other in kinds)


def variables(namespace: Mapping[str, object]) -> list[dict[str, Any]]:
    """Variables of a REPL: name, type, size and a short value, in the order of their names."""
    return [
        {
            "name": name,
            "type": class_name(type(value)),
            "size": size_of(value),
            "value": short(value),
        }
        for name, value in sorted(namespace.items(), key=itemgetter(0))
    ]


def _short_int(value: int, limit: int) -> str:
    bits = value.bit_length()
    return repr(value) if bits < 4 * limit else f"int of {bits:,} bits"


def _short_range(value: range, limit: int) -> str:
    ends = [_short_int(end, limit) for end in (value.start, value.stop)]
    if value.step != 1:
        ends.append(_short_int(value.step, limit))
    return f"range({', '.join(ends)})"


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
    # Taken at once, because a thread of the cell may still be changing it.
    for index, item in enumerate(list(itertools.islice(value, _ITEMS + 1))):
        if index == _ITEMS or sum(map(len, shown)) > limit:
            shown.append("…")
            break
        shown.append(short(item, max(limit // 2, 16), depth - 1))
    return opening + ", ".join(shown) + closing


def _short_dict(value: Mapping[Any, Any], limit: int, depth: int) -> str:
    if not depth:
        return "{…}" if value else "{}"
    shown: list[str] = []
    for index, (key, item) in enumerate(list(itertools.islice(value.items(), _ITEMS + 1))):
        if index == _ITEMS or sum(map(len, shown)) > limit:
            shown.append("…")
            break
        part = max(limit // 3, 12)
        shown.append(f"{short(key, part, depth - 1)}: {short(item, part, depth - 1)}")
    return "{" + ", ".join(shown) + "}"
