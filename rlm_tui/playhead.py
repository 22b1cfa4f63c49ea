"""A place in a run's events, and the run's state there.

Going forward folds the events in between; going back folds again from the start, so there is no
undo code that could disagree with the fold.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from rlm_tui.events import (
    AnyEvent,
    BreakpointHit,
    CodeFinished,
    IterationStarted,
    LimitReached,
    ModelFailed,
    ModelRequested,
    Record,
    ReplyRejected,
    RunFinished,
    SubCallFinished,
)
from rlm_tui.trajectory import Trajectory


class Playhead:
    """Stands after the first `position` records of a run and knows the trajectory there."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.position = 0
        self.trajectory = Trajectory()
        self.follows = True
        """Whether it moves to the end when records come in."""
        self._stops: list[int] = []
        """For each iteration, the position before its model request."""
        self._pending_stop = False
        self._problems: list[int] = []
        """The positions behind what went wrong, was limited, or hit a breakpoint."""

    @property
    def is_at_end(self) -> bool:
        """Whether every record so far is folded in."""
        return self.position == len(self.records)

    @property
    def iteration_stops(self) -> Sequence[int]:
        """The positions that stand just before a root iteration's model request."""
        return self._stops

    def extend(self, records: Sequence[Record]) -> None:
        """Take in the next records; folds them in when it follows."""
        for offset, record in enumerate(records, len(self.records)):
            if "." not in record.node:
                event = record.event
                if isinstance(event, IterationStarted):
                    self._pending_stop = True
                elif isinstance(event, ModelRequested) and self._pending_stop:
                    self._stops.append(offset)
                    self._pending_stop = False
            if _is_problem(record.event):
                self._problems.append(offset + 1)
        self.records.extend(records)
        if self.follows:
            self.move_to(len(self.records))

    def move_to(self, position: int) -> None:
        """Stand after the first `position` records; values out of range mean the nearest end."""
        position = min(max(position, 0), len(self.records))
        if position < self.position:
            self.trajectory = Trajectory()
            self.position = 0
        self.trajectory.apply_all(self.records[self.position : position])
        self.position = position

    def next_problem(self) -> int:
        """The position behind the next problem; 0 when there is none."""
        index = bisect_right(self._problems, self.position)
        return self._problems[index] if index < len(self._problems) else 0

    def previous_problem(self) -> int:
        """The position behind the last problem before this place; 0 when there is none."""
        index = bisect_left(self._problems, self.position) - 1
        return self._problems[index] if index >= 0 else 0

    def next_iteration(self) -> int:
        """The position before the next iteration's request; the end when there is none."""
        index = bisect_left(self._stops, self.position + 1)
        return self._stops[index] if index < len(self._stops) else len(self.records)

    def previous_iteration(self) -> int:
        """The position before the request of the iteration begun last; 0 when there is none."""
        index = bisect_left(self._stops, self.position) - 1
        return self._stops[index] if index >= 0 else 0


def _is_problem(event: AnyEvent) -> bool:
    match event:
        case CodeFinished(outcome):
            return outcome not in {"ok", "skipped"}
        case SubCallFinished(error=error):
            return error is not None
        case RunFinished(outcome):
            return outcome in {"failed", "limited"}
        case ModelFailed() | ReplyRejected() | LimitReached() | BreakpointHit():
            return True
        case _:
            return False
