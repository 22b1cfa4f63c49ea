"""Hypothesis strategies for msgspec structs, made from nothing but their field types."""

from __future__ import annotations

import types
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from hypothesis import strategies as st
from msgspec import Meta, Struct

_INT64 = st.integers(min_value=-(1 << 63), max_value=(1 << 63) - 1)


@cache
def instances(struct: type[Struct]) -> st.SearchStrategy[Any]:
    """Instances of a struct, with fields of any value that their types allow."""
    hints = get_type_hints(struct, include_extras=True)
    return st.builds(
        struct, **{name: values(hints[name]) for name in struct.__struct_fields__}
    ).map(_checked)


def _checked(instance: Struct) -> Struct:
    """The same; a field that its type does not allow is a fault of this module."""
    msgspec.convert(msgspec.to_builtins(instance), type(instance))
    return instance


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Values of a type as it is written in a struct."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _bounded(arguments[0], next(m for m in arguments[1:] if isinstance(m, Meta)))
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in {Union, types.UnionType}:
        return st.one_of(*map(values, arguments))
    if origin is list:
        return st.lists(values(arguments[0]), max_size=3)
    if origin is dict:
        return st.dictionaries(values(arguments[0]), values(arguments[1]), max_size=3)
    if origin is tuple:
        return st.tuples(*map(values, arguments))
    if isinstance(hint, type) and issubclass(hint, Struct):
        return instances(hint)
    return _PLAIN[hint]


def _bounded(kind: Any, meta: Meta) -> st.SearchStrategy[Any]:
    if kind is int:
        return st.integers(min_value=meta.ge, max_value=(1 << 63) - 1)
    return st.floats(
        min_value=meta.gt, max_value=meta.le, exclude_min=meta.gt is not None, allow_subnormal=False
    )


_PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(max_size=10),
    int: _INT64,
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    type(None): st.none(),
}
