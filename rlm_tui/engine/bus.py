"""Gives every event its number and time, and hands it to whoever is to know, the file first."""

from __future__ import annotations

import time
from collections.abc import Callable

from rlm_tui.engine.past import Past
from rlm_tui.events import AnyEvent, NodeId, Record

Sink = Callable[[Record], None]


class Bus:
    """The one place where records are made. Used by one event loop."""

    def __init__(self, *sinks: Sink, past: Past | None = None) -> None:
        """Make a bus; one of a branch goes on behind the events it shares with its parent."""
        shared = past.records if past is not None else ()
        self.last_seq = shared[-1].seq if shared else 0
        self._sinks = sinks
        self._past = past
        self._began = time.monotonic() - (shared[-1].at if shared else 0.0)

    def emit(self, node: NodeId, event: AnyEvent) -> Record | None:
        """Record that something happened at a node; None when a branch's parent has it already."""
        if self._past is not None:
            news = self._past.heard_anew(node, event)
            if news is None:
                return None
            event = news
        self.last_seq += 1
        at = round(time.monotonic() - self._began, 6)
        record = Record(self.last_seq, at, node, event)
        for sink in self._sinks:
            sink(record)
        return record
