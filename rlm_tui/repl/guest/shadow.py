"""Goes through the body of a loop ahead of time, to see which sub-calls it is going to make.

Replies are unknown there; so is what is made of them. What cannot be told for sure is refused.
"""

from __future__ import annotations

import ast
import types
from collections import Counter, defaultdict, deque
from collections.abc import Iterable
from typing import Any, ClassVar

from rlm_tui.repl.guest import pure
from rlm_tui.repl.guest.calls import Calls
from rlm_tui.repl.guest.shadow_calls import ShadowCalls
from rlm_tui.repl.guest.unknowns import (
    OPAQUE,
    Ended,
    Refused,
    Scope,
    Unknown,
    Value,
    are_same,
    ids,
    kind_of,
)

_DEEPEST = 4
"""Calls of functions within one another that are followed."""
_MOST_ROUNDS = 2_000
"""Times that an inner loop's body is gone through."""
_GROWN_IN_PLACE = ids(list, set, dict, deque, defaultdict, Counter)


class LoopOver(Exception):  # noqa: N818 - an outcome, not an error
    """The loop is left here."""


class Shadow(ShadowCalls):
    """One look ahead, over any number of iterations."""

    def __init__(self, scope: Scope, module: Scope, filename: str, calls: Calls) -> None:
        super().__init__(scope, filename, calls)
        self._module = module
        self._exits: list[tuple[str, dict[str, Value], Value]] = []
        """Where paths have left the innermost body: how, with which names, and a returned value."""
        self._ways_out: frozenset[str] = frozenset({"continue"})
        """How paths may leave it."""
        self._inner_loops = 0
        self._depth = 0

    @property
    def is_certain(self) -> bool:
        """Whether the code surely comes by here once in this iteration, if nothing raises."""
        return super().is_certain and not self._inner_loops

    def iteration(self, target: ast.expr, item: Value, body: list[ast.stmt]) -> None:
        """Go through one iteration; its calls are in `queries` then.

        Raises:
            Refused: nothing can be told of this loop.
            Ended: nothing can be told behind the calls in `queries`.
            LoopOver: the loop ends behind the calls in `queries`.
        """
        self.queries = []
        self.assign(target, item)
        self._has_left = False
        if not self.block(body):
            self._exits.append(("continue", self.scope.names, None))
        self._merge(self._exits)

    # Statements

    def block(self, body: list[ast.stmt]) -> bool:
        """Go through statements; whether no path comes out at their end."""
        for statement in body:
            go_through = self._statements.get(type(statement))
            if go_through is None:
                raise Refused
            if go_through(self, statement):
                return True
        return False

    def _merge(self, paths: list[tuple[str, dict[str, Value], Value]]) -> None:
        """Go on with the names of several paths at once."""
        names, *others = [names for _, names, _ in paths]
        for other in others:
            names = self._joined(names, other)
        paths.clear()
        self.scope.names = names

    def _joined(self, one: dict[str, Value], other: dict[str, Value]) -> dict[str, Value]:
        return {
            name: self.heap.joined(self._in(one, name), self._in(other, name))
            for name in {**one, **other}
        }

    def _in(self, names: dict[str, Value], name: str) -> Value:
        return names[name] if name in names else self.scope.actual.get(name, OPAQUE)

    def _expression(self, node: ast.Expr) -> None:
        self.value(node.value)

    def _assignment(self, node: ast.Assign) -> None:
        value = self.value(node.value)
        for target in node.targets:
            self.assign(target, value)

    def _annotated(self, node: ast.AnnAssign) -> None:
        if node.value is None or not node.simple:
            raise Refused
        self.value(node.annotation)
        self.assign(node.target, self.value(node.value))

    def _augmented(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self.assign(node.target, self._grown(node, self.scope.find(node.target.id)))
        elif isinstance(node.target, ast.Subscript):
            whole, key = self.value(node.target.value), self.value(node.target.slice)
            self.store(whole, key, self._grown(node, self.part(whole, key)))
        else:
            raise Refused

    def _grown(self, node: ast.AugAssign, value: Value) -> Value:
        more = self.value(node.value)
        if type(value) is not Unknown and kind_of(value) not in _GROWN_IN_PLACE:
            return self.binary(node.op, value, more)
        self._touched(value, more)
        self.heap.change(value, more)
        return value

    def _choice(self, node: ast.If) -> bool:
        truth = self.truth(self.value(node.test))
        if truth is not None:
            return self.block(node.body if truth else node.orelse)
        with self._doubt():
            return self._alternatives(
                [(dict(self.scope.names), node.body), (self.scope.names, node.orelse)]
            )

    def _alternatives(self, paths: Iterable[tuple[dict[str, Value], list[ast.stmt]]]) -> bool:
        """Go through each of several bodies as if it alone was run."""
        through: list[tuple[str, dict[str, Value], Value]] = []
        for names, body in paths:
            self.scope.names = names
            if self.block(body):
                self._has_left = True
            else:
                through.append(("", self.scope.names, None))
        if not through:
            return True
        self._merge(through)
        return False

    def _leave(self, how: str, value: Value = None) -> bool:
        if how not in self._ways_out:
            if how == "raise" and self.is_certain:
                raise Ended
            if self._depth == 0 and self.is_certain:
                raise LoopOver
            raise Refused
        self._exits.append((how, self.scope.names, value))
        return True

    def _nothing(self, _node: ast.Pass) -> None:
        pass

    def _jump(self, node: ast.Continue | ast.Break | ast.Raise) -> bool:
        return self._leave(type(node).__name__.lower())

    def _return(self, node: ast.Return) -> bool:
        return self._leave("return", None if node.value is None else self.value(node.value))

    def _attempt(self, node: ast.Try) -> bool:
        shaken, self._is_shaken = self._is_shaken, False
        names_before = dict(self.scope.names)
        exits = len(self._exits)
        self._tries += 1
        is_over = self.block(node.body)
        self._tries -= 1
        names_after = self.scope.names
        can_raise = self._is_shaken
        paths = [] if is_over else [(names_after, node.orelse)]
        if can_raise:
            raised = self._joined(names_before, names_after) | dict.fromkeys(
                _set_twice(node.body), OPAQUE
            )
            paths += [(self._caught(raised, handler), handler.body) for handler in node.handlers]
            if is_over:
                self._has_left = True
            with self._doubt():
                is_over = self._alternatives(paths)
        elif paths:
            is_over = self.block(node.orelse)
        self._is_shaken = shaken or (can_raise and self._tries > 0)
        if node.finalbody:
            if len(self._exits) > exits or is_over:
                raise Refused
            return self.block(node.finalbody)
        return is_over

    def _caught(self, names: dict[str, Value], handler: ast.ExceptHandler) -> dict[str, Value]:
        kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        if not all(kind is None or isinstance(kind, ast.Name | ast.Attribute) for kind in kinds):
            raise Refused
        return names | ({} if handler.name is None else {handler.name: Unknown()})

    def _inner_loop(self, node: ast.For) -> None:
        if node.orelse:
            raise Refused
        whole = self.on_the_spot(node.iter)
        items = self.gone_through(whole)
        ways_out, exits, has_left = self._ways_out, self._exits, self._has_left
        self._ways_out, self._exits = frozenset({"continue", "break"}), []
        self._inner_loops += 1
        try:
            if type(items) is Unknown or len(items) > _MOST_ROUNDS:
                self._any_rounds(node, self._touched(items))
            else:
                self._known_rounds(node, items)
        finally:
            self._inner_loops -= 1
            self._ways_out, self._exits, self._has_left = ways_out, exits, has_left
        if type(whole) is not Unknown and self.heap.is_changed(whole):
            raise Refused

    def _known_rounds(self, node: ast.For, items: list[Value]) -> None:
        for item in items:
            self.assign(node.target, item)
            if not self.block(node.body):
                self._exits.append(("continue", self.scope.names, None))
            ways = {how for how, _, _ in self._exits}
            self._merge(self._exits)
            if ways == {"break"}:
                return
            if "break" in ways:
                raise Refused

    def _any_rounds(self, node: ast.For, item: Value) -> None:
        """Go through a body until another time would change nothing."""
        for _ in range(4):
            before, extent = dict(self.scope.names), self.heap.extent
            with self._doubt():
                self.assign(node.target, item)
                if not self.block(node.body):
                    self._exits.append(("continue", self.scope.names, None))
            self._exits.append(("", dict(before), None))
            self._merge(self._exits)
            after = self.scope.names
            if extent == self.heap.extent and all(
                are_same(self._in(before, name), value) for name, value in after.items()
            ):
                return
        raise Refused

    _statements: ClassVar[dict[type[ast.stmt], Any]] = {
        ast.Expr: _expression,
        ast.Assign: _assignment,
        ast.AnnAssign: _annotated,
        ast.AugAssign: _augmented,
        ast.If: _choice,
        ast.For: _inner_loop,
        ast.Try: _attempt,
        ast.Pass: _nothing,
        ast.Continue: _jump,
        ast.Break: _jump,
        ast.Return: _return,
        ast.Raise: _jump,
    }

    def followed(
        self, function: types.FunctionType, parameters: dict[str, Value], *, is_awaited: bool
    ) -> Value:
        """What a function gives that a cell has defined: its body is gone through, too."""
        definition = pure.definition_of(function)
        if (
            definition is None
            or self._depth == _DEEPEST
            or isinstance(definition, ast.AsyncFunctionDef) is not is_awaited
            or function.__globals__ is not self._module.actual
        ):
            raise Refused
        code = function.__code__
        own = frozenset(code.co_varnames + code.co_cellvars)
        scope = Scope({}, self._module, own, names=parameters)
        outside = self.scope, self.filename, self._ways_out, self._exits, self._has_left
        self.scope, self.filename = scope, code.co_filename
        self._ways_out, self._exits = frozenset({"return"}), []
        self._depth += 1
        try:
            return self._returned(definition)
        finally:
            self._depth -= 1
            self.scope, self.filename, self._ways_out, self._exits, self._has_left = outside

    def _returned(self, definition: pure.Definition) -> Value:
        if isinstance(definition, ast.Lambda):
            return self.value(definition.body)
        if not self.block(definition.body):
            self._leave("return")
        first, *others = [value for _, _, value in self._exits]
        for other in others:
            first = self.heap.joined(first, other)
        return first


def _set_twice(body: list[ast.stmt]) -> list[str]:
    """The names that a body sets more than once, so that their values in between are not known."""
    names = [
        node.id
        for statement in body
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]
    return [name for name in names if names.count(name) > 1]
