"""Evaluates expressions ahead of time where that runs no model code and changes nothing."""

from __future__ import annotations

import ast
import re
import types
from collections import Counter, defaultdict
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, ClassVar

from rlm_tui.repl.guest import pure
from rlm_tui.repl.guest.unknowns import (
    ANY,
    OPAQUE,
    Ended,
    Heap,
    Refused,
    Scope,
    Unknown,
    Value,
    ids,
    is_exactly,
    is_mapping,
    is_scalar,
    kind_of,
)

_MOST_ITEMS = 2_000
"""Items of a comprehension that are gone through."""
_FACTORIES = ids(list, dict, set, int, float, str)
_INDEXED = ids(list, tuple, str, bytes, range)
_TRUE = ids(types.FunctionType, types.BuiltinFunctionType, types.ModuleType, types.MethodType)


class ShadowValues:
    """The values of expressions, at one place of the look ahead."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.heap = Heap()
        self._doubts = 0
        """How many constructs around this place may be skipped, or are gone through only once."""
        self._tries = 0
        self._is_shaken = False
        """Whether an exception may have left the `try` around this place."""
        self._has_left: bool = False
        """Whether the code may have gone on elsewhere, as `continue` does."""

    @property
    def is_certain(self) -> bool:
        """Whether the code surely comes by here once, if nothing before it raises."""
        return not (self._doubts or self._is_shaken or self._has_left)

    @contextmanager
    def _doubt(self) -> Generator[None]:
        self._doubts += 1
        try:
            yield
        finally:
            self._doubts -= 1

    def _touched(self, *values: Value) -> Unknown:
        """The unknown result of an operation that may raise."""
        if self._tries:
            self._is_shaken = True
        return self.heap.touched(*values)

    def value(self, node: ast.expr) -> Value:
        """What an expression gives. Raises Refused or Ended."""
        evaluate = self._forms.get(type(node))
        if evaluate is None:
            raise Refused
        return evaluate(self, node)

    def _values(self, nodes: list[ast.expr]) -> list[Value]:
        return [self.value(node) for node in nodes]

    def truth(self, value: Value) -> bool | None:
        """Whether a value counts as true; None when that is not known."""
        if is_scalar(value) or kind_of(value) in _TRUE:
            return bool(value)
        self.heap.touched(value)
        if type(value) is Unknown or self.heap.is_changed(value):
            return None
        return bool(value)

    # Names and texts

    def _name(self, node: ast.Name) -> Value:
        if node.id.startswith("__"):
            raise Refused
        return self.scope.find(node.id)

    def _constant(self, node: ast.Constant) -> Value:
        return node.value

    def _joined_text(self, node: ast.JoinedStr) -> Value:
        return self._text_of(self._values(node.values))

    def _text_of(self, pieces: list[Value]) -> Value:
        if all(type(piece) is str for piece in pieces):
            return "".join(pieces)
        return self._touched(*pieces)

    def _formatted(self, node: ast.FormattedValue) -> Value:
        value = self.value(node.value)
        spec = "" if node.format_spec is None else self.value(node.format_spec)
        if not self.heap.is_known(value) or type(spec) is not str:
            return self._touched(value, spec)
        convert = {-1: None, 115: str, 114: repr, 97: ascii}[node.conversion]
        return format(value if convert is None else convert(value), spec)

    # Operators

    def _binary(self, node: ast.BinOp) -> Value:
        return self.binary(node.op, self.value(node.left), self.value(node.right))

    def binary(self, operator: ast.operator, left: Value, right: Value) -> Value:
        """What an operator makes of two values, neither of which is changed."""
        if self.heap.is_known(left) and self.heap.is_known(right):
            operation = pure.operation(operator, left, right)
            if operation is not None:
                return operation(left, right)
        return self._touched(left, right)

    def _unary(self, node: ast.UnaryOp) -> Value:
        value = self.value(node.operand)
        if isinstance(node.op, ast.Not):
            truth = self.truth(value)
            return self._touched() if truth is None else not truth
        if isinstance(node.op, ast.USub) and type(value) in {int, float}:
            return -value
        return self._touched(value)

    def _boolean(self, node: ast.BoolOp) -> Value:
        decisive = isinstance(node.op, ast.Or)
        value = self.value(node.values[0])
        for later in node.values[1:]:
            truth = self.truth(value)
            if truth is decisive:
                return value
            if truth is not None:
                value = self.value(later)
                continue
            with self._doubt():
                value = self.heap.joined(value, self.value(later))
        return value

    def _comparison(self, node: ast.Compare) -> Value:
        left = self.value(node.left)
        results: list[Value] = []
        for comparison, right_node in zip(node.ops, node.comparators, strict=True):
            right = self.value(right_node)
            results.append(self._compared(comparison, left, right))
            if results[-1] is False:
                return False
            if len(node.ops) > 1 and results[-1] is not True:
                raise Refused
            left = right
        return results[-1]

    def _compared(self, comparison: ast.cmpop, left: Value, right: Value) -> Value:
        if isinstance(comparison, ast.Is | ast.IsNot):
            if type(left) is Unknown or type(right) is Unknown or OPAQUE in (left, right):
                return Unknown()
        elif not (self.heap.is_known(left) and self.heap.is_known(right)):
            self._touched(left, right)
            return Unknown()
        elif type(right) is str and len(right) > pure.LONGEST:
            return self._touched(left)
        return pure.comparison(comparison)(left, right)

    def _conditional(self, node: ast.IfExp) -> Value:
        truth = self.truth(self.value(node.test))
        if truth is not None:
            return self.value(node.body if truth else node.orelse)
        with self._doubt():
            return self.heap.joined(self.value(node.body), self.value(node.orelse))

    # Parts

    def _part(self, node: ast.Subscript) -> Value:
        return self.part(self.value(node.value), self.value(node.slice))

    def part(self, whole: Value, key: Value) -> Value:
        """`whole[key]`."""
        if type(key) is Unknown or not (is_scalar(key) or self.heap.is_known(key)):
            return self._unknown_part(whole, key)
        if kind_of(whole) in _INDEXED:
            if is_exactly(whole, list) and self.heap.is_changed(whole):
                return self._unknown_part(whole, key)
            return whole[key]
        if is_exactly(whole, re.Match):
            return whole[key]
        if not is_mapping(whole) or self.heap.is_changed(whole, key):
            return self._unknown_part(whole, key)
        if key in whole or is_exactly(whole, dict):
            return whole[key]
        return 0 if is_exactly(whole, Counter) else self._unknown_part(whole, key)

    def _unknown_part(self, whole: Value, key: Value) -> Unknown:
        if is_exactly(whole, defaultdict):
            factory: Any = whole.default_factory
            if factory is not None and id(factory) not in _FACTORIES:
                raise Refused
            self.heap.change(whole)
        self._touched(key)
        return self._touched(whole)

    def _slice(self, node: ast.Slice) -> Value:
        ends = [
            None if end is None else self.value(end) for end in (node.lower, node.upper, node.step)
        ]
        if all(end is None or type(end) is int for end in ends):
            return slice(*ends)
        return self._touched(*ends)

    def _attribute(self, node: ast.Attribute) -> Value:
        whole = self.value(node.value)
        if node.attr.startswith("__"):
            raise Refused
        if type(whole) is types.ModuleType:
            return vars(whole).get(node.attr, OPAQUE)
        return self._touched(whole)

    # Displays and comprehensions

    def _tuple(self, node: ast.Tuple | ast.List | ast.Set) -> Value:
        made: Any = {ast.Tuple: tuple, ast.List: list, ast.Set: set}[type(node)]
        items = self._values(node.elts)
        if isinstance(node, ast.Set):
            self.heap.touched(*items)
        if any(type(item) is Unknown or item is OPAQUE for item in items):
            return self.heap.unknown(*items)
        return made(items)

    def _dict(self, node: ast.Dict) -> Value:
        if None in node.keys:
            raise Refused
        keys, values = self._values([k for k in node.keys if k]), self._values(node.values)
        self.heap.touched(*keys)
        if any(type(item) is Unknown or item is OPAQUE for item in (*keys, *values)):
            return self.heap.unknown(*keys, *values)
        return dict(zip(keys, values, strict=True))

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
    ) -> Value:
        """A comprehension inside a loop: its own calls are looked ahead at where it runs."""
        outside = self.scope
        self.scope = Scope({}, outside, is_comprehension=True)
        try:
            with self._doubt():
                made: list[Value] = []
                extent = self.heap.extent
                is_whole = self._generate(node, list(node.generators), made)
                if not is_whole and extent != self.heap.extent:
                    raise Refused
        finally:
            self.scope = outside
        flat = [part for item in made for part in item]
        if not is_whole or any(type(part) is Unknown or part is OPAQUE for part in flat):
            self._touched()
            return self.heap.unknown(*flat)
        if isinstance(node, ast.DictComp):
            self.heap.touched(*(key for key, _ in made))
            return dict(made)
        if isinstance(node, ast.SetComp):
            self.heap.touched(*flat)
            return set(flat)
        return flat

    def _generate(self, node: Any, generators: list[ast.comprehension], made: list[Value]) -> bool:
        """Add what the rest of a comprehension gives; whether all of that is known."""
        if not generators:
            nodes = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
            made.append(tuple(self._values(nodes)))
            if len(made) > _MOST_ITEMS:
                raise Refused
            return True
        first, *rest = generators
        if first.is_async:
            raise Refused
        items = self.items(first.iter)
        is_whole = type(items) is not Unknown
        for item in items if is_whole else [items]:
            self.assign(first.target, item)
            truths = [self.truth(self.value(test)) for test in first.ifs]
            if False not in truths:
                is_whole &= self._generate(node, rest, made) and None not in truths
        return is_whole

    def on_the_spot(self, node: ast.expr) -> Value:
        """The value of what is gone through at once, and never again."""
        if isinstance(node, ast.GeneratorExp):
            return self._comprehension(node)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
            function: Any = self._name(node.func)
            if id(function) in pure.ONCE:
                wholes = [self.items(argument) for argument in node.args]
                if any(type(whole) is Unknown for whole in wholes):
                    return self._touched(*wholes)
                return list(function(*wholes))
        return self.value(node)

    def items(self, node: ast.expr) -> Any:
        """What an expression gives when it is gone through on the spot: a list, or an Unknown."""
        return self.gone_through(self.on_the_spot(node))

    def gone_through(self, whole: Value) -> Any:
        """The items of a value."""
        unknown = self._touched(whole)
        if type(whole) is Unknown or pure.is_large(whole) or self.heap.is_changed(whole):
            return unknown
        if isinstance(whole, int | float) or whole is None or len(whole) > pure.LARGEST:
            raise Ended
        return list(whole)

    def assign(self, target: ast.expr, value: Value) -> None:
        """Give a target a value."""
        if isinstance(target, ast.Name):
            self.scope.names[target.id] = value
        elif isinstance(target, ast.Tuple | ast.List):
            parts = self.gone_through(value)
            if type(parts) is Unknown:
                parts = [parts] * len(target.elts)
            if any(isinstance(element, ast.Starred) for element in target.elts):
                raise Refused
            for element, part in zip(target.elts, parts, strict=True):
                self.assign(element, part)
        elif isinstance(target, ast.Subscript):
            whole, key = self.value(target.value), self.value(target.slice)
            self.store(whole, key, value)
        else:
            raise Refused

    def store(self, whole: Value, key: Value, value: Value) -> None:
        """`whole[key] = value`."""
        self._touched(key)
        self._touched(whole)
        is_told = is_mapping(whole) and is_scalar(key)
        self.heap.change(whole, value, key=key if is_told else ANY)

    def _named(self, node: ast.NamedExpr) -> Value:
        if self.scope.is_comprehension:
            raise Refused
        value = self.value(node.value)
        self.assign(node.target, value)
        return value

    def call(self, node: ast.Call, *, is_awaited: bool = False) -> Value:
        """A call; see `ShadowCalls`."""
        raise NotImplementedError

    def _call(self, node: ast.Call) -> Value:
        return self.call(node)

    def _await(self, node: ast.Await) -> Value:
        if not isinstance(node.value, ast.Call):
            raise Refused
        return self.call(node.value, is_awaited=True)

    _forms: ClassVar[dict[type[ast.expr], Any]] = {
        ast.Name: _name,
        ast.Constant: _constant,
        ast.JoinedStr: _joined_text,
        ast.FormattedValue: _formatted,
        ast.BinOp: _binary,
        ast.UnaryOp: _unary,
        ast.BoolOp: _boolean,
        ast.Compare: _comparison,
        ast.IfExp: _conditional,
        ast.Subscript: _part,
        ast.Slice: _slice,
        ast.Attribute: _attribute,
        ast.Tuple: _tuple,
        ast.List: _tuple,
        ast.Set: _tuple,
        ast.Dict: _dict,
        ast.ListComp: _comprehension,
        ast.SetComp: _comprehension,
        ast.DictComp: _comprehension,
        ast.Call: _call,
        ast.Await: _await,
        ast.NamedExpr: _named,
    }
