"""Calls in a look ahead: those of the sub-models are kept, those of what is known are made."""

from __future__ import annotations

import ast
import inspect
import types
from collections import deque
from typing import Any, NamedTuple

from rlm_tui.repl.guest import pure
from rlm_tui.repl.guest.calls import Calls, context_of
from rlm_tui.repl.guest.shadow_values import ShadowValues
from rlm_tui.repl.guest.unknowns import (
    Ended,
    Refused,
    Scope,
    Value,
    ids,
    is_exactly,
    is_mapping,
    kind_of,
)

_PARAMETERS = {"llm_query": ("prompt", "model"), "rlm_query": ("query", "context", "model")}
_KEEPERS = ids(list, deque)
_BOUND_OTHERWISE = (
    inspect.CO_VARARGS | inspect.CO_VARKEYWORDS | inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR
)
"""Flags of functions whose calls are not followed."""

Place = tuple[str, int, int, int, int]
"""File name, line, last line, column and last column of a call."""


class Query(NamedTuple):
    """A sub-call that the code is going to make."""

    place: Place
    kind: str
    prompt: str
    model: str | None
    context: Any


class ShadowCalls(ShadowValues):
    """The calls of expressions, at one place of the look ahead."""

    def __init__(self, scope: Scope, filename: str, calls: Calls) -> None:
        super().__init__(scope)
        self.filename = filename
        """Of the code that the look ahead is in."""
        self.queries: list[Query] = []
        """The calls of the iteration that the look ahead is in."""
        self._calls = calls

    def call(self, node: ast.Call, *, is_awaited: bool = False) -> Value:
        """A call of a sub-model, of a function that is known, or of a cell's own."""
        if isinstance(node.func, ast.Lambda):
            raise Refused
        if isinstance(node.func, ast.Attribute):
            receiver = self.value(node.func.value)
            if not is_exactly(receiver, types.ModuleType):
                return self._method(receiver, node.func.attr, node)
        function: Any = self.value(node.func)
        kind = self._calls.kind_of(function)
        if kind is not None:
            return self._query(node, kind)
        if is_awaited and not (
            type(function) is types.FunctionType or self._calls.is_batch(function)
        ):
            raise Refused
        goes_through = id(function) in pure.CONSUMING
        if pure.is_evaluated(function):
            return self._apply(function, node, goes_through=goes_through)
        if pure.is_harmless(function):
            positional, named, _ = self._arguments(node, goes_through=goes_through)
            return self._touched(*positional, *named.values())
        if type(function) is types.FunctionType:
            positional, named, is_exact = self._arguments(node, goes_through=False)
            if not is_exact:
                raise Refused
            return self.followed(
                function, bound(function, positional, named), is_awaited=is_awaited
            )
        raise Refused

    def _arguments(
        self, node: ast.Call, *, goes_through: bool
    ) -> tuple[list[Value], dict[str, Value], bool]:
        """The arguments, and whether each is where it belongs.

        Args:
            node: the call.
            goes_through: whether what can be read only once is read by the function, on the spot.
        """
        positional: list[Value] = []
        named: dict[str, Value] = {}
        is_exact = True
        for argument in node.args:
            if isinstance(argument, ast.Starred):
                is_exact = False
                positional.append(self.items(argument.value))
            else:
                value = self.on_the_spot if goes_through else self.value
                positional.append(value(argument))
        for keyword in node.keywords:
            value = self.value(keyword.value)
            is_exact &= keyword.arg is not None
            named[keyword.arg or ""] = value
        return positional, named, is_exact

    def _apply(self, function: Any, node: ast.Call, *, goes_through: bool) -> Value:
        positional, named, is_exact = self._arguments(node, goes_through=goes_through)
        values = [*positional, *named.values()]
        if (
            is_exact
            and all(map(self.heap.is_known, values))
            and not any(map(pure.is_large, values))
        ):
            return function(*positional, **named)
        return self._touched(*values)

    def _method(self, receiver: Value, name: str, node: ast.Call) -> Value:
        goes_through = name in pure.CONSUMING_METHODS
        positional, named, is_exact = self._arguments(node, goes_through=goes_through)
        values = [*positional, *named.values()]
        if name.startswith("__") or (is_exactly(receiver, type) and name in pure.CHANGING):
            raise Refused
        if name in pure.STORING:
            if kind_of(receiver) not in _KEEPERS:
                self._touched(receiver)
            self.heap.change(receiver, *values)
            return None
        self.heap.touched(*values)
        if name in pure.CHANGING:
            got = self._touched(receiver, *values)
            self.heap.change(receiver, *values)
            return got
        if is_exactly(receiver, type):
            if not (pure.is_harmless(receiver) or pure.is_evaluated(receiver)):
                raise Refused
            return self._touched(*values)
        is_told = is_exact and pure.is_reading(receiver, name)
        if is_told and name == "get" and is_mapping(receiver):
            key, *default = positional
            if self.heap.is_known(key) and not self.heap.is_changed(receiver, key):
                return receiver.get(key, *default)
        if is_told and all(map(self.heap.is_known, [receiver, *values])):
            return getattr(receiver, name)(*positional, **named)
        return self._touched(receiver, *values)

    def _query(self, node: ast.Call, kind: str) -> Value:
        positional, named, is_exact = self._arguments(node, goes_through=False)
        parameters = _PARAMETERS[kind]
        given = dict(zip(parameters, positional, strict=False)) | named
        self.heap.touched(*given.values())
        if not is_exact:
            return self._touched()
        if len(positional) + len(named) != len(given) or not given.keys() <= set(parameters):
            raise Ended
        prompt: Any = given.get(parameters[0])
        model, context = given.get("model"), given.get("context")
        known = all(map(self.heap.is_known, [prompt, model, context]))
        if known and not (type(prompt) is str and (model is None or type(model) is str)):
            raise Ended
        if known and self.is_certain:
            place = (
                self.filename,
                node.lineno,
                node.end_lineno or node.lineno,
                node.col_offset,
                node.end_col_offset or node.col_offset,
            )
            told = None if context is None else context_of(context)
            self.queries.append(Query(place, kind, prompt, model, told))
        return self._touched()

    def followed(
        self, function: types.FunctionType, parameters: dict[str, Value], *, is_awaited: bool
    ) -> Value:
        """What a function gives that a cell has defined; see `Shadow`."""
        raise NotImplementedError


def bound(
    function: types.FunctionType, positional: list[Value], named: dict[str, Value]
) -> dict[str, Value]:
    """A function's parameters and what they are given.

    Raises Ended where the call would fail, and Refused where it would do anything else than run.
    """
    code = function.__code__
    if code.co_flags & _BOUND_OTHERWISE:
        raise Refused
    count = code.co_argcount
    names = code.co_varnames[: count + code.co_kwonlyargcount]
    defaults = function.__defaults__ or ()
    given = dict(zip(names, positional, strict=False))
    if len(positional) > count or given.keys() & named.keys() or not named.keys() <= set(names):
        raise Ended
    left_out = dict(zip(names[count - len(defaults) : count], defaults, strict=True))
    values = left_out | (function.__kwdefaults__ or {}) | given | named
    if len(values) != len(names):
        raise Ended
    return values
