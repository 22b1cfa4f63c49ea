"""The lines that pass a filter, as far as they are known: a window that moves with the reader."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_INFINITE = float("inf")

AT_ONCE = 200
"""Lines asked for at once."""

_KEPT = 8
"""Stretches of the file that are remembered."""


@dataclass(slots=True)
class _Stretch:
    """Between two offsets, both included, every line that passes is known."""

    first: float
    end: float
    starts: list[int]


class FilteredLines:
    """Which lines are shown, around where the reader is and was."""

    def __init__(self, ask: Callable[[int, int], None]) -> None:
        """Know nothing yet.

        Args:
            ask: wants the lines from an offset on (1) or before it (-1); `take` brings them.
        """
        self.is_waiting = False
        """Whether something was asked for that was not known."""
        self._ask = ask
        self._stretches: list[_Stretch] = []
        self._asked: set[tuple[int, int]] = set()

    def following(self, start: int) -> int | None:
        """The first line that passes from an offset on; None when there is none, or not yet."""
        known = self._holding(start, 1)
        while known is not None:
            at = bisect_left(known.starts, start)
            if at < len(known.starts):
                return known.starts[at]
            if known.end == _INFINITE:
                return None
            start = int(known.end)
            known = self._holding(start, 1)
        return self._want(start, 1)

    def preceding(self, start: int) -> int | None:
        """The last line that passes before an offset; None when there is none, or not yet."""
        known = self._holding(start, -1)
        while known is not None:
            at = bisect_left(known.starts, start) - 1
            if at >= 0:
                return known.starts[at]
            if known.first <= 0:
                return None
            start = int(known.first)
            known = self._holding(start, -1)
        return None if start <= 0 else self._want(start, -1)

    def _holding(self, start: int, step: int) -> _Stretch | None:
        """What is known from an offset on, or before it."""
        for known in self._stretches:
            if step > 0 and known.first <= start and (start < known.end or known.end == _INFINITE):
                return known
            if step < 0 and known.first < start <= known.end:
                return known
        return None

    def _want(self, at: int, step: int) -> None:
        self.is_waiting = True
        if (at, step) not in self._asked:
            self._asked.add((at, step))
            self._ask(at, step)

    def take(self, at: int, step: int, found: Sequence[int]) -> None:
        """Take in lines that were asked for, nearest first."""
        self._asked.discard((at, step))
        is_all = len(found) < AT_ONCE
        if step > 0:
            new = _Stretch(at, _INFINITE if is_all else found[-1] + 1, [*found])
        else:
            new = _Stretch(0 if is_all else found[-1], at, [*found[::-1]])
        self._stretches = [new, *self._stretches][:_KEPT]
