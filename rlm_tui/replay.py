"""A recording, as a `Source`: tells everything at once and never calls a model."""

from __future__ import annotations

import asyncio
from pathlib import Path

from rlm_tui.session.reader import read_session
from rlm_tui.source import AnyCommand, Listener, Remark, Saved


class RecordedRun:
    """A saved run. Nothing can be sent to it; going back and forth is the reader's business."""

    def __init__(self, path: Path) -> None:
        """Name the session; it is read by `run`."""
        self._path = path

    async def run(self, listener: Listener) -> None:
        """Tell the whole recording. Raises SessionError when it cannot be opened."""
        recording = await asyncio.to_thread(read_session, self._path)
        listener.begin(recording.header)
        listener.say(Saved(str(self._path)))
        for remark in recording.remarks:
            listener.say(Remark(remark, "warning"))
        listener.take(recording.records)

    def send(self, command: AnyCommand) -> None:
        """A recording cannot be told anything."""

    async def close(self) -> None:
        """Nothing is open."""
