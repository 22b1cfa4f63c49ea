"""The cell that a REPL is running: its calls in flight, and the time it has run itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from rlm_tui.repl.cells import OnCall, OnOutput, Served

_Done = TypeVar("_Done")

ENDED = "its process ended"
"""What is said of a worker as long as no more is known."""

_LOOKS = 50


@dataclass(slots=True)
class RunningCell(Generic[_Done]):
    """Used by one event loop."""

    name: str
    on_output: OnOutput
    on_call: OnCall
    done: asyncio.Future[_Done]
    """What the worker says when the cell has ended."""
    kept: int = 0
    """Characters of its output that were passed on."""
    dropped: int = 0
    numbers: set[int] = field(default_factory=set[int])
    """The calls it has made so far."""
    calls: dict[int, asyncio.Future[Served]] = field(
        default_factory=dict[int, "asyncio.Future[Served]"]
    )
    """Those in flight."""
    own_time: float = 0.0
    """Seconds it has run itself, up to when the clock last stopped."""
    interrupted: str | None = None
    """Why it is being stopped."""
    fault: BaseException | None = None
    """What `on_call` raised."""
    _running_since: float | None = None
    _out_of_time: asyncio.TimerHandle | None = None

    def start_clock(self, budget: float, on_late: Callable[[], None]) -> None:
        """It runs itself, and may until `budget` seconds are used up."""
        if self._running_since is None and not self.done.done():
            self._running_since = time.monotonic()
            left = max(budget - self.own_time, 0.0)
            self._out_of_time = asyncio.get_running_loop().call_later(left, on_late)

    def stop_clock(self) -> None:
        """It waits for a call, or has ended."""
        if self._running_since is not None:
            self.own_time += time.monotonic() - self._running_since
            self._running_since = None
        if self._out_of_time is not None:
            self._out_of_time.cancel()
            self._out_of_time = None

    def cancel_calls(self) -> list[asyncio.Future[Served]]:
        """Stop the calls in flight."""
        calls = list(self.calls.values())
        for call in calls:
            call.cancel()
        return calls

    async def end_calls(self) -> None:
        """Stop the calls that it no longer waits for, and wait until they have stopped."""
        if calls := self.cancel_calls():
            await asyncio.wait(calls)


async def learnt(end: Callable[[], str], settled: Callable[[], Awaitable[None]]) -> str:
    """How a worker ended; its socket may close some moments before that is known."""
    for _ in range(_LOOKS):
        if (told := end()) != ENDED:
            return told
        await settled()
    return ENDED
