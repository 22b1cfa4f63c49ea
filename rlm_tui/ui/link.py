"""The only door from a source to the screen: gathers what it tells and hands it over in turns.

One Textual message for each event made a key press wait seconds under a flood. Here records wait
in a deque and one turn at a time takes as many as fit into a slice of time, so keys, timers and
drawing come in between; nothing is dropped.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice

from textual.message_pump import MessagePump
from textual.timer import Timer

from rlm_tui.events import Paused, Record
from rlm_tui.header import Header
from rlm_tui.source import AnyNotice

FRAME = 1 / 30
"""Seconds between two turns while events come one by one."""

SLICE = 0.008
"""Seconds a turn may take in records before it lets the screen go on."""

AT_ONCE = 250
"""Records between two looks at the clock; a turn takes four of these at most."""

_TURN = 4 * AT_ONCE


class Link:
    """Takes what a source tells, on the screen's event loop."""

    def __init__(
        self,
        pump: MessagePump,
        *,
        on_begin: Callable[[Header], None],
        on_records: Callable[[Sequence[Record]], None],
        on_turn: Callable[[bool], None],
        on_notice: Callable[[AnyNotice], None],
    ) -> None:
        """Connect a source to a screen.

        Args:
            pump: whose timers are used.
            on_begin: takes the header.
            on_records: takes records, several times a turn.
            on_turn: called at the end of a turn; told whether more records wait already.
            on_notice: takes what is no event, after the records that came before it.
        """
        self._pump = pump
        self._on_begin = on_begin
        self._on_records = on_records
        self._on_turn = on_turn
        self._on_notice = on_notice
        self._waiting: deque[Record] = deque()
        self._notices: deque[AnyNotice] = deque()
        self._is_due = False
        self._timer: Timer | None = None
        self._empty = asyncio.Event()

    def begin(self, header: Header) -> None:
        """The run exists."""
        self._on_begin(header)

    def take(self, records: Sequence[Record]) -> None:
        """Records to be shown in one of the next turns, a stop at once."""
        self._waiting.extend(records)
        if any(isinstance(record.event, Paused) for record in records):
            self._call_now()
        else:
            self._call_soon(FRAME)

    def say(self, notice: AnyNotice) -> None:
        """Something that is no event."""
        self._notices.append(notice)
        self._call_soon(FRAME)

    async def drained(self) -> None:
        """Wait until everything told has been handed over."""
        if self._waiting or self._notices:
            self._empty.clear()
            await self._empty.wait()

    def _call_soon(self, delay: float) -> None:
        if not self._is_due:
            self._is_due = True
            self._timer = self._pump.set_timer(delay, self._turn)

    def _call_now(self) -> None:
        """Whoever steps waits for this: not for the rest of a frame, 33 ms."""
        if self._is_due and self._timer is not None:
            self._timer.stop()
            self._is_due = False
        self._call_soon(0.001)

    def _turn(self) -> None:
        self._is_due = False
        until = time.perf_counter() + SLICE
        taken = 0
        while self._waiting and taken < _TURN and time.perf_counter() < until:
            piece = list(islice(self._waiting, AT_ONCE))
            for _ in piece:
                self._waiting.popleft()
            self._on_records(piece)
            taken += len(piece)
        if not self._waiting:
            while self._notices:
                self._on_notice(self._notices.popleft())
        self._on_turn(bool(self._waiting))
        if self._waiting:
            self._call_soon(0.001)
        else:
            self._empty.set()
