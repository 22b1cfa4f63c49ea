"""The streams that model code prints to: sent to the engine soon, but not letter by letter."""

from __future__ import annotations

import io
import itertools
import threading
import time
from collections.abc import Callable
from typing import Literal

from rlm_tui.repl.guest.interrupts import Interrupts
from rlm_tui.repl.wire import OUTPUT_LIMIT, Channel

_QUIET = 0.02
_FLUSH_AFTER = 0.03
_PIECE = 256 * 1024


class Output:
    """Collects what both streams print, in order, and sends it.

    A line after a pause of 20 ms goes out at once; what follows closely is sent together, at the
    latest 30 ms later, by a thread that lives as long as its cell.
    """

    def __init__(self, channel: Channel, shield: Interrupts) -> None:
        self.stdout = Stream(self, "stdout")
        self.stderr = Stream(self, "stderr")
        self.dropped = 0
        """Characters of this cell that went over the limit."""
        self._channel = channel
        self._shield = shield
        self._lock = threading.RLock()
        self._pending: list[tuple[str, str]] = []
        self._pending_size = 0
        self._kept = 0
        self._last_sent = 0.0
        self._flusher: _Flusher | None = None

    def begin_cell(self) -> None:
        """Start counting anew."""
        self._kept = self.dropped = 0

    def write(self, stream: str, text: str) -> None:
        """Take in some text of a stream."""
        room = OUTPUT_LIMIT - self._kept
        if len(text) > room:
            self.dropped += len(text) - room
            text = text[:room]
        if not text:
            return
        with self._shield, self._lock:
            self._kept += len(text)
            self._pending.append((stream, text))
            self._pending_size += len(text)
            is_quiet = time.monotonic() - self._last_sent > _QUIET
            if (
                self._pending_size >= _PIECE
                or (is_quiet and "\n" in text)
                or not self._flush_later()
            ):
                self.flush()

    def flush(self) -> None:
        """Send what is pending, in order."""
        with self._shield, self._lock:
            pending, self._pending, self._pending_size = self._pending, [], 0
            for stream, group in itertools.groupby(pending, key=lambda item: item[0]):
                text = "".join(piece for _, piece in group)
                for at in range(0, len(text), _PIECE):
                    piece = text[at : at + _PIECE]
                    self._channel.send({"op": "output", "stream": stream, "text": piece})
            self._last_sent = time.monotonic()

    def end_cell(self) -> None:
        """Send the rest and end the thread, so that the process can be forked."""
        self.flush()
        flusher, self._flusher = self._flusher, None
        if flusher is not None:
            flusher.end()

    def _flush_later(self) -> bool:
        """Have the pending text sent soon; False when no thread can be had."""
        if self._flusher is None:
            try:
                self._flusher = _Flusher(self.flush)
            except RuntimeError:  # no more threads allowed
                return False
        self._flusher.due.set()
        return True


class _Flusher:
    """A thread that flushes 30 ms after it was asked to."""

    def __init__(self, flush: Callable[[], None]) -> None:
        self.due = threading.Event()
        self._flush = flush
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def _work(self) -> None:
        while not self._ended.is_set():
            self.due.wait()
            self.due.clear()
            if not self._ended.wait(_FLUSH_AFTER):
                self._flush()

    def end(self) -> None:
        """End the thread and wait until it has."""
        self._ended.set()
        self.due.set()
        self._thread.join()


class Stream(io.TextIOBase):
    """What model code sees as `sys.stdout` or `sys.stderr`."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, output: Output, name: Literal["stdout", "stderr"]) -> None:
        super().__init__()
        self._output = output
        self._name = name

    @property
    def name(self) -> str:
        """As the standard streams have it."""
        return f"<{self._name}>"

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, text: str) -> int:
        """Print some text."""
        if not isinstance(text, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._output.write(self._name, text)
        return len(text)

    def flush(self) -> None:
        """Send what was printed so far."""
        self._output.flush()

    def close(self) -> None:
        """Model code cannot close its output."""
