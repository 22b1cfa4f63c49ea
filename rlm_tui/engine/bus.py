"""Gives every event its number and time, and hands it to whoever is to know, the file first."""

from __future__ import annotations

import time
from collections.abc import Callable

from rlm_tui.events import AnyEvent, NodeId, Record

Sink = Callable[[Record], None]


class Bus:
    """The one place where records are made. Used by one event loop."""

    def __init__(self, *sinks: Sink) -> None:
        self.last_seq = 0
        self._sinks = sinks
        self._began = time.monotonic()

    def emit(self, node: NodeId, event: AnyEvent) -> Record:
        """Record that something happened at a node."""
        self.last_seq += 1
        at = round(time.monotonic() - self._began, 6)
        record = Record(self.last_seq, at, node, event)
        for sink in self._sinks:
            sink(record)
        return record
