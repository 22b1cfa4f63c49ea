"""What a look ahead at code knows of its values, and which containers it can no longer trust.

A value is known (then it stands for itself), or `Unknown` but made of built-in types, or `OPAQUE`:
anything, so that whatever touches it may run model code.
"""

from __future__ import annotations

import gc
import re
from collections import Counter, defaultdict, deque
from collections.abc import Hashable, Iterable, Mapping
from typing import Any, TypeAlias

from rlm_tui.repl.guest.awaitable import Replies, Reply

Value: TypeAlias = Any
"""A known value itself, an `Unknown`, or `OPAQUE`."""

_MOST = 20_000
"""Objects that are walked to see whether a value is plain."""
_MOST_ROOTS = 50


class Refused(Exception):  # noqa: N818 - an outcome, not an error
    """It cannot be told what the code would do, so nothing is asked ahead."""


class Ended(Exception):  # noqa: N818 - likewise
    """Nothing can be told beyond this place; what was told before it stands."""


class Unknown:
    """A value of built-in types that is, or may hold, anything within `roots`."""

    __slots__ = ("roots",)

    def __init__(self, roots: tuple[object, ...] = ()) -> None:
        self.roots = roots


class _Opaque:
    pass


OPAQUE = _Opaque()
ANY: Hashable = object()
"""Every key of a container."""


def ids(*values: object) -> frozenset[int]:
    """Classes and functions are told apart by identity: to hash one would ask a metaclass."""
    return frozenset(map(id, values))


def kind_of(value: object) -> int:
    """The identity of a value's class."""
    return id(type(value))


def is_exactly(value: object, kind: type) -> bool:
    """Whether a value is of a class, not of one derived from it."""
    return type(value) is kind


_SCALARS = ids(str, int, float, bool, complex, bytes, type(None), range, Reply)
_COMPARED = ids(str, int, bool)
_IMMUTABLE = _SCALARS | ids(re.Match, re.Pattern, slice, type(...))
_NOTHING: dict[int, int] = {}
_VIEWS = frozenset(map(kind_of, (_NOTHING.keys(), _NOTHING.values(), _NOTHING.items())))
_MAPPINGS = ids(dict, defaultdict, Counter)
_CONTAINERS = _MAPPINGS | _VIEWS | ids(list, tuple, set, frozenset, deque, Replies)
_CLOSED = ids(
    str, int, float, bool, complex, bytes, list, tuple, set, frozenset, dict, range, type(None),
    len, ord, chr, abs, min, max, sum, repr, round,
)  # fmt: skip
"""Classes and functions that may be given to others."""


def is_scalar(value: object) -> bool:
    """Whether it is a number, a text or the like, of exactly that type."""
    return kind_of(value) in _SCALARS


def is_mapping(value: object) -> bool:
    """Whether it is exactly a dict, defaultdict or Counter."""
    return kind_of(value) in _MAPPINGS


def _is_closed(value: object) -> bool:
    return kind_of(value) in _IMMUTABLE or id(value) in _CLOSED


def owner(value: object) -> object:
    """The dict that a view shows; else the value itself."""
    return gc.get_referents(value)[0] if kind_of(value) in _VIEWS else value


def _parts(value: Any) -> Iterable[object]:
    return [*value.keys(), *value.values()] if is_mapping(value) else value


class Heap:
    """The containers that the code would have changed by the place that the look ahead is at."""

    def __init__(self) -> None:
        self._changed: dict[int, set[Hashable]] = {}
        self._stored: dict[int, list[Value]] = {}
        """What was put into a container, so that what is taken out of it may be that."""
        self._alive: list[object] = []
        """Keeps the names of the dicts above from being given to other objects."""

    @property
    def extent(self) -> int:
        """How many places are known to change; it only ever grows."""
        return sum(map(len, self._changed.values()))

    def reach(self, *values: Value) -> list[object] | None:
        """All containers within these values; None when one of them is not plain."""
        left = list(values)
        seen: dict[int, object] = {}
        while left:
            value = left.pop()
            if type(value) is Unknown:
                left += value.roots
                continue
            if _is_closed(value) or id(value) in seen:
                continue
            if kind_of(value) not in _CONTAINERS:
                return None
            seen[id(value)] = value
            whole = owner(value)
            seen[id(whole)] = whole
            left += self._stored.get(id(whole), ())
            parts = _parts(whole)
            if not set(map(id, map(type, parts))) <= _IMMUTABLE:
                left += parts
            if len(left) + len(seen) > _MOST:
                return None
        return list(seen.values())

    def touched(self, *values: Value) -> Unknown:
        """What an operation on these makes of them, when it is not known. Raises Refused."""
        made = self.unknown(*values)
        if type(made) is not Unknown:
            raise Refused
        return made

    def unknown(self, *values: Value) -> Value:
        """A value that may be, or hold, any of these."""
        roots: dict[int, object] = {}
        for value in values:
            if type(value) is Unknown:
                if value.roots and self.reach(value) is None:
                    return OPAQUE
                roots |= {id(root): root for root in value.roots}
            elif not _is_closed(value):
                if self.reach(value) is None:
                    return OPAQUE
                roots[id(value)] = value
        return Unknown(tuple(roots.values())) if len(roots) <= _MOST_ROOTS else OPAQUE

    def is_known(self, value: Value) -> bool:
        """Whether a value is known through and through. Raises Refused when it is not plain."""
        if is_scalar(value):
            return True
        containers = self.reach(value)
        if containers is None:
            raise Refused
        return type(value) is not Unknown and not any(id(c) in self._changed for c in containers)

    def is_changed(self, container: object, key: Hashable = ANY) -> bool:
        """Whether what is read at this key may be another than now."""
        keys = self._changed.get(id(owner(container)))
        return keys is not None and (key is ANY or ANY in keys or key in keys)

    def changed_keys(self, container: object) -> set[Hashable]:
        """The keys at which a container would have been changed; `ANY` among them for all."""
        return self._changed.get(id(owner(container)), set())

    def change(self, container: Value, *stored: Value, key: Hashable = ANY) -> None:
        """Take note that a container, or anything within an unknown value, is changed.

        Raises Refused where it cannot be told what is.
        """
        if type(container) is Unknown:
            within = self.reach(container)
            if within is None or not all(_holds_nothing(value) for value in stored):
                raise Refused
        else:
            within = [owner(container)]
        for one in within:
            self._alive.append(one)
            self._changed.setdefault(id(one), set()).add(key)
            self._stored.setdefault(id(one), []).extend(
                value for value in stored if not _holds_nothing(value)
            )

    def joined(self, one: Value, other: Value) -> Value:
        """A value that is one of two."""
        if one is other or (
            kind_of(one) in _COMPARED and type(one) is type(other) and one == other
        ):
            return one
        return self.unknown(one, other)


def _holds_nothing(value: Value) -> bool:
    return not value.roots if type(value) is Unknown else _is_closed(value)


def are_same(one: Value, other: Value) -> bool:
    """Whether no more is known of one than of the other."""
    if type(one) is Unknown and type(other) is Unknown:
        return ids(*one.roots) == ids(*other.roots)
    return one is other


class Scope:
    """The names of a function, a comprehension or the module: as they are, and changed ahead."""

    __slots__ = ("actual", "is_comprehension", "names", "outer", "own")

    def __init__(
        self,
        actual: Mapping[str, Any],
        outer: Scope | None = None,
        own: frozenset[str] = frozenset(),
        *,
        is_comprehension: bool = False,
        names: dict[str, Value] | None = None,
    ) -> None:
        self.actual = actual
        self.outer = outer
        self.own = own
        """Names that are looked up nowhere else."""
        self.is_comprehension = is_comprehension
        self.names: dict[str, Value] = {} if names is None else names

    def find(self, name: str) -> Value:
        """The value of a name. Raises Ended when there is none."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            if name in scope.actual:
                return scope.actual[name]
            scope = None if name in scope.own else scope.outer
        raise Ended
