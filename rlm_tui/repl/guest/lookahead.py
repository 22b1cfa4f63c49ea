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
_EMPTY: tuple[Any, ...] = (
    [],
    (),
    range(0),
    range(2**100),
    "",
    "é",
    b"",
    set[int](),
    _DICT,
    *_VIEWS,
)


def _kind_of_iterator(iterable: Any) -> type:
    iterator: object = iter(iterable)
    return type(iterator)


_ITERATORS: tuple[type, ...] = (
    *map(_kind_of_iterator, _EMPTY),
    *(_kind_of_iterator(reversed(empty)) for empty in _EMPTY if type(empty) is not set),
)
_COMBINED = (enumerate, zip)


def _is_one_of(value: object, *kinds: type) -> bool:
    """Whether it is of exactly one of these classes; a metaclass is not asked."""
    return any(type(value) is kind for kind in kinds)


def is_readable(iterable: object) -> bool:
    """Whether reading it, and copying its iterator, runs none but the interpreter's own code."""
    if _is_one_of(iterable, *_CONTAINERS, *map(type, _VIEWS), *_ITERATORS):
        return True
    if _is_one_of(iterable, *_COMBINED):
        return all(map(is_readable, _parts(iterable)))
    return False


def _parts(combined: Any) -> tuple[Any, ...]:
    """The iterators that an `enumerate` or `zip` draws from."""
    inner = combined.__reduce__()[1]
    return inner[:1] if type(combined) is enumerate else inner


def copied(iterator: Any) -> Iterator[Any]:
    """An iterator that gives what this one would, of a readable iterable."""
    made, arguments, *state = iterator.__reduce__()
    if _is_one_of(iterator, *_COMBINED):
        count = len(_parts(iterator))
        arguments = (*map(copied, arguments[:count]), *arguments[count:])
    twin = made(*arguments)
    if state and state[0] is not None:
        twin.__setstate__(state[0])
    return twin


def sources(iterator: object) -> list[object]:
    """The lists, dicts and sets that an iterator reads as it goes, of a readable iterable."""
    if _is_one_of(iterator, *_COMBINED):
        return [source for part in _parts(iterator) for source in sources(part)]
    found: list[object] = []
    for part in gc.get_referents(iterator):
        if _is_one_of(part, *_CHANGING):
            found.append(part)
        elif _is_one_of(part, *_ITERATORS, *_COMBINED):
            found += sources(part)
    return found
