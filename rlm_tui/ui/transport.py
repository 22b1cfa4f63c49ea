"""Moves the playhead: step by step, to a place, or at the pace at which the run happened."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from textual.message_pump import MessagePump
from textual.timer import Timer

from rlm_tui.errors import UsageError
from rlm_tui.events import Record
from rlm_tui.playhead import Playhead

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
LONGEST_IDLE = 1.0
"""Seconds between two events that playing waits at most at first, before the speed is applied."""

_TICK = 1 / 30


class Transport:
    """A playhead that can play."""

    def __init__(
        self, pump: MessagePump, on_moved: Callable[[Sequence[Record] | None], None]
    ) -> None:
        """Prepare to move.

        Args:
            pump: whose timers are used.
            on_moved: told the records that came into view, or None after going back.
        """
        self.playhead = Playhead()
        self.longest_idle = LONGEST_IDLE
        """Seconds between two events that playing waits at most; infinite for as long as it was."""
        self._pump = pump
        self._on_moved = on_moved
        self.speed = 1.0
        """How many times faster than the run it plays."""
        self._timer: Timer | None = None
        self._ticked = 0.0
        self._owed = 0.0
        """Seconds of the run that are still to be played."""

    @property
    def is_playing(self) -> bool:
        """Whether it moves by itself."""
        return self._timer is not None

    def change_speed(self, step: int) -> None:
        """Play faster or slower by steps."""
        further = [speed for speed in SPEEDS if (speed - self.speed) * step > 0]
        if further:
            further.sort(reverse=step < 0)
            self.speed = further[min(abs(step), len(further)) - 1]

    def set_speed(self, speed: float) -> None:
        """Play so many times faster than the run. Raises UsageError."""
        if not SPEEDS[0] <= speed <= SPEEDS[-1]:
            raise UsageError(f"Speeds are {SPEEDS[0]:g} to {SPEEDS[-1]:g}, not {speed:g}.")
        self.speed = speed

    def extend(self, records: Sequence[Record]) -> None:
        """Take in new records; they come into view when it follows."""
        follows = self.playhead.follows
        self.playhead.extend(records)
        if follows:
            self._on_moved(records)

    def step(self, count: int) -> None:
        """Move by events."""
        self.go_to(self.playhead.position + count)

    def iteration(self, step: int) -> None:
        """Stand before the next or the previous iteration's request."""
        head = self.playhead
        self.go_to(head.next_iteration() if step > 0 else head.previous_iteration())

    def go_to(self, position: int) -> None:
        """Stand after that many events; at the end it follows again."""
        self.pause()
        self._move(position)

    def _move(self, position: int) -> None:
        head = self.playhead
        before = head.position
        head.move_to(position)
        head.follows = head.is_at_end
        if head.position > before:
            self._on_moved(head.records[before : head.position])
        elif head.position < before:
            self._on_moved(None)

    def play(self) -> None:
        """Play on from here; from the start when it stands at the end."""
        if self._timer is not None or not self.playhead.records:
            return
        if self.playhead.is_at_end:
            self._move(0)
        self.playhead.follows = False
        self._ticked, self._owed = time.monotonic(), 0.0
        self._timer = self._pump.set_interval(_TICK, self._tick)

    def pause(self) -> None:
        """Stop playing."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _tick(self) -> None:
        now = time.monotonic()
        self._owed += (now - self._ticked) * self.speed
        self._ticked = now
        head = self.playhead
        position = head.position
        while position < len(head.records):
            wait = self._wait_before(position)
            if wait > self._owed:
                break
            self._owed -= wait
            position += 1
        if position >= len(head.records):
            self.pause()
        if position != head.position:
            self._move(position)

    def _wait_before(self, position: int) -> float:
        records = self.playhead.records
        earlier = records[position - 1].at if position else 0.0
        return min(max(records[position].at - earlier, 0.0), self.longest_idle)
