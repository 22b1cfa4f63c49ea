"""Turns SIGINT into KeyboardInterrupt, but only inside a cell and never inside a frame.

A frame cut in half by an exception would put the two sides out of step, so reading and writing
happen behind a shield; a signal that comes meanwhile is raised when the shield is lifted.

CPython runs a signal handler where a function begins or has returned, and where a loop jumps back,
but not between two plain statements: what must not be missed is an assignment, not a call.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType


class Interrupts:
    """The state of SIGINT in a worker. Signals reach the main thread only, so only it counts."""

    def __init__(self) -> None:
        self.is_armed = False
        """Whether a cell is running; set to False, without a call, when it is over."""
        self.taken = 0
        """How many signals have become an interrupt, or are about to."""
        self._main = threading.get_ident()
        self._shields = 0
        self._is_pending = False

    def install(self) -> None:
        """Take SIGINT over; in a forked child, again, because threads have other names there."""
        self._main = threading.get_ident()
        self._shields, self._is_pending, self.is_armed = 0, False, False
        signal.signal(signal.SIGINT, self._on_signal)

    def _on_signal(self, _signum: int, _frame: FrameType | None) -> None:
        if not self.is_armed:
            return
        self.taken += 1
        if self._shields:
            self._is_pending = True
        else:
            raise KeyboardInterrupt

    def arm(self) -> None:
        """A cell begins; a signal that came before it was for nobody."""
        self._is_pending = False
        self.is_armed = True

    @property
    def is_due(self) -> bool:
        """Whether the calling thread will be interrupted when the shield is lifted."""
        return self._is_pending and self.is_armed and threading.get_ident() == self._main

    @contextmanager
    def lowered(self) -> Generator[None]:
        """Let interrupts through although a shield is up; one that comes goes on to the cell."""
        if threading.get_ident() != self._main:
            yield
            return
        kept, self._shields = self._shields, 0
        try:
            yield
        except KeyboardInterrupt:
            self._is_pending = True
            raise
        finally:
            self._shields = kept

    def __enter__(self) -> None:
        """Hold interrupts back."""
        if threading.get_ident() == self._main:
            self._shields += 1

    def __exit__(self, *_: object) -> None:
        """Let them through again."""
        if threading.get_ident() == self._main:
            self._shields -= 1
            if self._is_pending and not self._shields:
                self._is_pending = False
                if self.is_armed:
                    raise KeyboardInterrupt
