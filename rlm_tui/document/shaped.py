"""A line in another form, and where each of its characters went."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeAlias

Steps: TypeAlias = Sequence[tuple[int, int]]
"""Where a piece begins in the line and where in its other form, in order. A piece is moved as it is
or gets shorter; what stands between two pieces of the other form belongs to the first."""


class Shaped(NamedTuple):
    """What is shown of a line."""

    text: str
    """Perhaps several lines."""
    moves: tuple[Steps, ...] = ()
    """What has become of the line, one change after another; none for the line itself."""

    def column(self, at: int) -> int:
        """Which character of the other form shows a character of the line."""
        for steps in self.moves:
            at = _moved(steps, at)
        return at

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Which characters of the other form show some characters of the line."""
        return self.column(start), self.column(end - 1) + 1


Shape: TypeAlias = Callable[[str], Shaped]


def in_turn(line: str, shapes: Iterable[Shape]) -> Shaped:
    """A line in the form that some changes, one after another, give it."""
    text, moves = line, ()
    for shape in shapes:
        text, more = shape(text)
        moves += more
    return Shaped(text, moves)


def _moved(steps: Steps, at: int) -> int:
    index = bisect_right(steps, (at, 1 << 62)) - 1
    if index < 0:
        return at
    source, shown = steps[index]
    shown += at - source
    return shown if index + 1 == len(steps) else min(shown, steps[index + 1][1] - 1)
