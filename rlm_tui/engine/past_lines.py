"""The stops at lines on the way to the one at which a branch is to be held.

A recording tells which lines a run was held before, and what its code had asked for by then, but
not how often each line ran. So the stops are met again in their order, each behind as many
sub-calls and printed lines as then; in a loop that neither asks nor prints, a line that was held
only in a later pass is met in the first.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from rlm_tui.breakpoints import Moment
from rlm_tui.events import (
    AnyEvent,
    CodeFinished,
    NodeId,
    Paused,
    Record,
    ReplOutput,
    Resumed,
    SubCallStarted,
    parent_of,
)


class _Stop(NamedTuple):
    line: int
    text: str
    """Empty for a line of another block's function."""
    calls: int
    """How many sub-calls the block had begun by then."""
    printed: int
    """How many lines it had printed; what they say may be the time."""


class _Told:
    """What code blocks have done so far."""

    def __init__(self) -> None:
        self._calls: Counter[NodeId] = Counter()
        self._printed: Counter[NodeId] = Counter()

    def take(self, node: NodeId, event: AnyEvent) -> None:
        if isinstance(event, SubCallStarted):
            self._calls[parent_of(node)] += 1
        elif isinstance(event, ReplOutput):
            self._printed[node] += event.text.count("\n")

    def stop(self, node: NodeId, line: int, text: str) -> _Stop:
        return _Stop(line, text, self._calls[node], self._printed[node])


class PastLines:
    """The stops of one code block that had not ended. Used by one event loop."""

    def __init__(self) -> None:
        self._block: NodeId = ""
        self._stops: list[_Stop] = []
        self._is_held = False
        """Whether the run was, at the latest of them."""
        self._then = _Told()
        self._now = _Told()

    def learn(self, node: NodeId, event: AnyEvent) -> None:
        """Take in what happened then."""
        self._then.take(node, event)
        match event:
            case Paused(before) if before != "line":
                self._is_held = False
            case Paused():
                self._is_held = True
                if node != self._block:
                    self._block, self._stops = node, []
                self._stops.append(self._then.stop(node, event.line, event.text))
            case Resumed():
                self._is_held = False
            case CodeFinished() if node == self._block:
                self._stops = []
            case _:
                pass

    def end(self, next_one: Record | None) -> None:
        """All is learned but what came next."""
        if next_one is not None and isinstance(next_one.event, Paused):
            self.learn(next_one.node, next_one.event)
        if not self._is_held:
            self._stops = []

    def hear(self, node: NodeId, event: AnyEvent) -> None:
        """Follow what happens again."""
        self._now.take(node, event)

    def lines_of(self, block: NodeId) -> list[int]:
        """The lines of a block that are waited for."""
        return [stop.line for stop in self._stops if stop.text] if block == self._block else []

    @property
    def step(self) -> str:
        """How code goes on to the next of them: a `StepKind`, or `go`; empty where none is left."""
        if not self._stops:
            return ""
        return "go" if self._stops[0].text else "into"

    def is_last(self, moment: Moment) -> bool:
        """Whether this line is where the branch is to be held; notes those before."""
        if not self._stops or moment.node != self._block:
            return False
        if self._stops[0] != self._now.stop(moment.node, moment.line, moment.code):
            return False
        self._stops.pop(0)
        return not self._stops
