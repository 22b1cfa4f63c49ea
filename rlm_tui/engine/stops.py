"""Where a run can be held: always before something that runs or costs.

Everything that is about to run passes `before`. A pause takes effect at the next such place; what
is already in flight finishes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Literal

from rlm_tui.engine.limits import Clock
from rlm_tui.events import AnyEvent, NodeId, Paused, Resumed

Before = Literal["model request", "code block", "llm_query", "rlm_query", "answer"]


class Stops:
    """The hold of a run. Used by one event loop."""

    def __init__(self, emit: Callable[[NodeId, AnyEvent], object], clock: Clock) -> None:
        self._emit = emit
        self._clock = clock
        self._wanted: str | None = None
        self._go = asyncio.Event()
        self._go.set()
        self._held_at: NodeId | None = None

    @property
    def is_idle(self) -> bool:
        """Whether nothing is held, or about to be."""
        return self._wanted is None

    def pause(self, reason: str = "") -> None:
        """Hold the run before the next thing that runs or costs."""
        if self._wanted is None:
            self._wanted = reason
            self._go.clear()

    def resume(self) -> None:
        """Let it go on."""
        self._wanted = None
        self._go.set()
        held_at, self._held_at = self._held_at, None
        if held_at is not None:
            self._clock.resume()
            # Last, because who is told may pause again, as for a disk that is full.
            self._emit(held_at, Resumed())

    async def before(self, what: Before, node: NodeId) -> None:
        """Wait here while the run is held."""
        while self._wanted is not None:
            if self._held_at is None:
                self._held_at = node
                self._clock.pause()
                self._emit(node, Paused(what, self._wanted))
            await self._go.wait()
