"""A `Reader` in a process of its own, so that no pass over the documents holds up the screen.

Used by one event loop. What is found comes a batch at a time, in the order of the events.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from collections import deque
from collections.abc import Callable, Iterable, Sequence

import msgspec

from rlm_tui.codec import encode_line
from rlm_tui.document.readings import Reading
from rlm_tui.document.unpacked import send_all
from rlm_tui.events import (
    AnswerProposed,
    CodeFinished,
    CodeStarted,
    IterationStarted,
    ModelRequested,
    Record,
    SubCallStarted,
)
from rlm_tui.header import DocumentRef

_TELLING = (
    SubCallStarted,
    IterationStarted,
    ModelRequested,
    CodeStarted,
    CodeFinished,
    AnswerProposed,
)
"""The events that show what was seen."""

_AT_ONCE = 100
"""Events that are handed over between two looks at the screen."""


class Told(msgspec.Struct):
    """A message of the process."""

    readings: list[Reading] = []
    quotations: list[tuple[int, int, int, str, list[tuple[int, int]], bool, int]] = []
    """Of the root's answers: the event, the fields of a `Quotation`, the number of the document."""
    sizes: list[int] = []
    """The characters of each document, in the first message."""
    seq: int = 0
    """The last event that was looked at."""
    trouble: str = ""
    """Why nothing is told."""


_decoder = msgspec.json.Decoder(Told)


class BackgroundReader:
    """Reads the documents of a run along with it."""

    def __init__(self, documents: Sequence[DocumentRef], on_told: Callable[[Told], None]) -> None:
        """Prepare to read.

        Args:
            documents: what the run studied; nothing is told when one has changed.
            on_told: called with each thing that is found out.
        """
        self.trouble = ""
        """Why nothing more is found out."""
        self._documents = list(documents)
        self._on_told = on_told
        self._waiting: deque[Record] = deque()
        self._has_more = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None
        self._tasks: list[asyncio.Future[None]] = []

    async def begin(self, session: str | None = None) -> None:
        """Start the process; documents are looked for beside the session, too."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with ours, theirs:
            send_all(ours, set())
            documents = msgspec.json.encode(self._documents).decode()
            words = [str(theirs.fileno()), documents, *([session] if session else [])]
            self._process = await asyncio.create_subprocess_exec(
                *[sys.executable, "-m", "rlm_tui.reader_process", *words],
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                limit=1 << 28,
            )
        self._tasks = [
            asyncio.ensure_future(self._feed(self._process)),
            asyncio.ensure_future(self._listen(self._process)),
        ]

    def take(self, records: Iterable[Record]) -> None:
        """Follow some more events."""
        self._waiting.extend(record for record in records if isinstance(record.event, _TELLING))
        self._has_more.set()

    async def _feed(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None  # noqa: S101 - started with a pipe
        with contextlib.suppress(ConnectionError):
            while True:
                await self._has_more.wait()
                self._has_more.clear()
                while self._waiting:
                    count = min(len(self._waiting), _AT_ONCE)
                    batch = [self._waiting.popleft() for _ in range(count)]
                    process.stdin.write(b"".join(map(encode_line, batch)))
                    await process.stdin.drain()

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None  # noqa: S101 - started with a pipe
        while line := await process.stdout.readline():
            told = _decoder.decode(line)
            self.trouble = told.trouble
            self._on_told(told)
        if not self.trouble:
            self.trouble = "what the run read is not known any more: its reader has ended"
            self._on_told(Told(trouble=self.trouble))

    async def end(self) -> None:
        """Read no more."""
        process, self._process = self._process, None
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
