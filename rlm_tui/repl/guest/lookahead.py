"""Reads what an iterator is going to give without taking it.

Only iterators whose every part is the interpreter's own can be copied: copying them, and reading
the copy, runs no model code and changes nothing.
"""

from __future__ import annotations

import gc
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

_DICT: dict[int, int] = {}
_VIEWS = (_DICT.keys(), _DICT.values(), _DICT.items())
_CHANGING = (list, dict, set, defaultdict, Counter)
_CONTAINERS = (*_CHANGING, tuple, range, str, bytes, frozenset)
_ITERATORS = tuple(
    type(iterator)
    for empty in ([], (), range(0), range(2**100), "", "é", b"", set[int](), _DICT, *_VIEWS)
    for iterator in (iter(empty), reversed(empty) if hasattr(empty, "__reversed__") else iter(()))
) + (type(reversed(())),)
_COMBINED = (enumerate, zip)


def _is_one_of(kind: type, *kinds: type) -> bool:
    """Whether it is exactly one of these; a metaclass is not asked."""
    return any(kind is one for one in kinds)


def is_readable(iterable: object) -> bool:
    """Whether reading it, and copying its iterator, runs none but the interpreter's own code."""
    kind = type(iterable)
    if _is_one_of(kind, *_CONTAINERS, *map(type, _VIEWS), *_ITERATORS):
        return True
    if _is_one_of(kind, *_COMBINED):
        return all(map(is_readable, _parts(iterable)))
    return False


def _parts(combined: Any) -> tuple[Any, ...]:
    """The iterators that an `enumerate` or `zip` draws from."""
    inner = combined.__reduce__()[1]
    return inner[:1] if type(combined) is enumerate else inner


def copied(iterator: Any) -> Iterator[Any]:
    """An iterator that gives what this one would, of a readable iterable."""
    made, arguments, *state = iterator.__reduce__()
    if _is_one_of(type(iterator), *_COMBINED):
        count = len(_parts(iterator))
        arguments = (*map(copied, arguments[:count]), *arguments[count:])
    twin = made(*arguments)
    if state and state[0] is not None:
        twin.__setstate__(state[0])
    return twin


def sources(iterator: object) -> list[object]:
    """The lists, dicts and sets that an iterator reads as it goes, of a readable iterable."""
    if _is_one_of(type(iterator), *_COMBINED):
        return [source for part in _parts(iterator) for source in sources(part)]
    found: list[object] = []
    for part in gc.get_referents(iterator):
        if _is_one_of(type(part), *_CHANGING):
            found.append(part)
        elif _is_one_of(type(part), *_ITERATORS, *_COMBINED):
            found += sources(part)
    return found
