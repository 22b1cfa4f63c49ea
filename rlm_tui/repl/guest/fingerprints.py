"""Tells which variables a cell has changed, without running a line of model code.

A fingerprint is taken of each variable before and after. It looks into containers and instances,
but only so far: a change in the middle of something huge can go unseen. What is called changed was
changed, or set anew.
"""

from __future__ import annotations

import gc
import itertools
import marshal
import types
from collections.abc import Collection, Iterable, Mapping
from typing import Any, cast

_VALUES = 500
"""Values of one variable that are looked at one by one."""
_ENDS = 40
"""Items looked at from either end of a container whose items are not all plain."""
_PLAIN_ITEMS = 20_000
"""Items of a container that are looked at all together, where each is a number or a text."""
_PLAIN_CHARS = 1 << 20
_DEPTH = 8
_WORD = 4_096
"""Characters up to which a text is told by itself. A longer one is told by its identity, its length
and its ends: it cannot be changed in place, only replaced."""


def _ids(*kinds: type) -> frozenset[int]:
    """Classes are told apart by identity: to hash one would ask a metaclass of model code."""
    return frozenset(map(id, kinds))


_FLOATS = _ids(float, complex)
_NUMBERS = _ids(int, bool, type(None)) | _FLOATS
_TEXTS = _ids(str, bytes)
_CONTAINERS = _ids(list, tuple, set, frozenset, dict)
_CLOSED = _ids(type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType)
"""Told by their identity alone."""


class Fingerprints:
    """The state of a namespace at one moment."""

    def __init__(self, namespace: Mapping[str, object]) -> None:
        self._of = {name: _seen(value) for name, value in namespace.items()}

    def has(self, name: str) -> bool:
        """Whether there was a variable of that name."""
        return name in self._of

    def changed_since(self, earlier: Fingerprints) -> set[str]:
        """The names that are new or whose value is not what it was."""
        before = earlier._of
        return {
            name for name, seen in self._of.items() if name not in before or before[name] != seen
        }

    def gone_since(self, earlier: Fingerprints) -> list[str]:
        """The names that are not there any more."""
        return [name for name in earlier._of if name not in self._of]


def _seen(value: object) -> object:
    try:
        return _Look().at(value, _DEPTH)
    except RuntimeError:  # a thread that the cell left behind is changing it this moment
        return object()


class _Look:
    """A look at one variable, which ends after so many values."""

    def __init__(self) -> None:
        self._left = _VALUES

    def at(self, value: object, depth: int) -> object:
        """What is compared: made of numbers, texts and tuples only."""
        kind = id(type(value))
        self._left -= 1
        if kind in _NUMBERS:
            return kind, repr(value) if kind in _FLOATS else value
        if kind in _TEXTS:
            return _told_text(cast("str | bytes", value))
        if kind == id(bytearray):
            content = cast("bytearray", value)
            return kind, len(content), hash(bytes(content[:_PLAIN_CHARS]))
        if kind in _CONTAINERS:
            return self._container(cast("Collection[object]", value), kind, depth)
        if self._left < 0 or not depth or kind in _CLOSED:
            return kind, id(value)
        parts = itertools.islice(gc.get_referents(value), _ENDS)
        return kind, id(value), *(self.at(part, depth - 1) for part in parts)

    def _container(self, items: Collection[object], kind: int, depth: int) -> object:
        size = len(items)
        if size <= _PLAIN_ITEMS and _are_plain(items):
            return kind, size, hash(marshal.dumps(items, 2))  # pyright: ignore[reportArgumentType]
        if self._left < 0 or not depth:
            return kind, size, id(items)
        looked_at: list[object] = []
        for part in _ends_of(items, size):
            if self._left < 0:
                break
            looked_at.append(self.at(part, depth - 1))
        return kind, size, *looked_at


def _told_text(text: str | bytes) -> object:
    if len(text) <= _WORD:
        return text
    return id(text), len(text), text[:64], text[-64:]


def _are_plain(items: Collection[object]) -> bool:
    """Whether every item (of a dict, every key and value) is a number or a text of sane length."""
    both: list[Iterable[object]] = [items]
    if type(items) is dict:
        both.append(cast("dict[object, object]", items).values())
    for side in both:
        kinds = set(map(id, map(type, side)))
        if not kinds <= _NUMBERS | _TEXTS:
            return False
        if kinds & _TEXTS:
            texts = (cast("str", item) for item in side if id(type(item)) in _TEXTS)
            if sum(map(len, texts)) > _PLAIN_CHARS:
                return False
    return True


def _ends_of(items: Collection[object], size: int) -> Iterable[Any]:
    """The first and the last items; of a dict, keys and values in turn."""
    if type(items) is dict:
        pairs = cast("dict[object, object]", items).items()
        first = itertools.islice(pairs, _ENDS)
        last = itertools.islice(reversed(pairs), min(max(size - _ENDS, 0), _ENDS))
        return itertools.chain.from_iterable([*first, *last])
    if isinstance(items, list | tuple) and size > 2 * _ENDS:
        ordered = cast("list[object]", items)
        return [*ordered[:_ENDS], *ordered[-_ENDS:]]
    return list(itertools.islice(items, 2 * _ENDS))
