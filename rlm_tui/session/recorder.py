"""Where the records of a run go: to its session file, then to who listens."""

from __future__ import annotations

from collections.abc import Callable

from rlm_tui.codec import encode_line
from rlm_tui.events import IterationFinished, Record, RunFinished
from rlm_tui.session.writer import SessionWriter
from rlm_tui.source import Listener


class Recorder:
    """Brings each record to the file, then to the listener."""

    def __init__(
        self,
        writer: SessionWriter | None,
        listener: Listener,
        on_trouble: Callable[[Listener, str], None],
    ) -> None:
        """Bring them to both; `on_trouble` is told once whenever the file takes no more."""
        self._writer = writer
        self._listener = listener
        self._on_trouble = on_trouble
        self._is_troubled = False

    def __call__(self, record: Record) -> None:
        """One more."""
        writer = self._writer
        if writer is not None:
            writer.write(encode_line(record))
            if isinstance(record.event, IterationFinished | RunFinished):
                writer.sync()
        self._listener.take([record])
        if writer is not None and bool(writer.trouble) != self._is_troubled:
            self._is_troubled = bool(writer.trouble)
            if writer.trouble:
                self._on_trouble(self._listener, writer.trouble)
