"""A run in the engine's own process, as a `Source`: lines up, lines down, over a socket pair.

What comes up is the session file's lines, with notices between them; so a live run and a recording
reach the screen through the same decoder. When the engine dies, what it told so far stays.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from rlm_tui.codec import decode_header, decode_records
from rlm_tui.document.unpacked import send_all
from rlm_tui.errors import RlmTuiError
from rlm_tui.events import RunFinished
from rlm_tui.source import (
    AnyCommand,
    Broken,
    Listener,
    LogLine,
    Rested,
    RunRequest,
    decode_notice,
    encode_message,
)

_RECEIVE = 1 << 18
_ENDING = 3.0
"""Seconds that the engine gets to end by itself."""


class Streams(NamedTuple):
    """The ways between the screen and an engine."""

    up: asyncio.StreamReader
    down: asyncio.StreamWriter
    errors: asyncio.StreamReader
    """What its libraries write to stderr."""


class EngineProcess:
    """A started engine: waits for a request, runs it, waits for the next."""

    def __init__(self, warm: str | None = None) -> None:
        """Start the process; returns at once.

        Args:
            warm: a model name whose client is loaded while the engine waits.
        """
        self.is_resting = False
        """Whether it has run a request and waits for another."""
        self._sock, theirs = socket.socketpair()
        self._handing, taking = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._handed: set[str] = set()
        self._streams: Streams | None = None
        self._pipe: asyncio.BaseTransport | None = None
        with theirs, taking:
            fds = [theirs.fileno(), taking.fileno()]
            extra = [warm] if warm else []
            self.process = subprocess.Popen(
                [sys.executable, "-m", "rlm_tui.worker", *map(str, fds), *extra],
                pass_fds=fds,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked."""
        return self.process.poll() is None

    async def connect(self) -> Streams:
        """The two ways of the socket, and stderr; opened once."""
        if self._streams is None:
            reader, writer = await asyncio.open_connection(sock=self._sock)
            errors = asyncio.StreamReader()
            self._pipe, _ = await asyncio.get_running_loop().connect_read_pipe(
                lambda: asyncio.StreamReaderProtocol(errors), self.process.stderr
            )
            self._streams = Streams(reader, writer, errors)
        return self._streams

    def hand_over(self) -> None:
        """Let it read the documents that are unpacked here."""
        send_all(self._handing, self._handed)

    async def wait(self) -> int:
        """Close the socket, without which it ends by itself, and wait for that; its status.

        It is ended with force when it takes too long.
        """
        if self._streams is not None:
            self._streams.down.close()
            with contextlib.suppress(ConnectionError):
                await self._streams.down.wait_closed()
        self._sock.close()
        self._handing.close()
        try:
            return await asyncio.to_thread(self.process.wait, _ENDING)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            return await asyncio.to_thread(self.process.wait)
        finally:
            if self._pipe is not None:
                self._pipe.close()
            elif self.process.stderr is not None:
                self.process.stderr.close()


class RemoteRun:
    """A run in the engine process."""

    def __init__(
        self,
        request: RunRequest,
        engine: EngineProcess,
        release: Callable[[EngineProcess], object] | None = None,
    ) -> None:
        """Take a request and the engine that is to run it.

        Args:
            request: what to run.
            engine: where.
            release: takes the engine when the run is over and it waits for another; without it the
                engine ends then.
        """
        self._request = request
        self._engine = engine
        self._release = release
        self._writer: asyncio.StreamWriter | None = None
        self._has_begun = False
        self._has_ended = False
        self._has_released = False
        self._closing: asyncio.Future[int] | None = None

    async def run(self, listener: Listener) -> None:
        """Follow the run to its last event, or the engine to its end.

        Raises:
            RlmTuiError: the run could not begin.
        """
        streams = await self._engine.connect()
        self._writer = streams.down
        self._engine.is_resting = False
        self._engine.hand_over()
        self._writer.write(encode_message(self._request))
        errors = asyncio.ensure_future(_follow_errors(streams.errors, listener))
        rest = b""
        try:
            with contextlib.suppress(ConnectionError):  # the same as the end of the stream
                while not self._engine.is_resting and (piece := await streams.up.read(_RECEIVE)):
                    whole, newline, rest = (rest + piece).rpartition(b"\n")
                    if newline:
                        self._take(whole + newline, listener)
        finally:
            errors.cancel()
            await asyncio.wait([errors])
        if not self._has_ended and self._closing is None:
            status = await self._engine.wait()
            why = f"The engine's process ended (status {status})."
            if not self._has_begun:
                raise RlmTuiError(f"{why} Nothing was recorded.")
            listener.say(Broken(f"{why} Everything up to the last event is kept."))

    def _take(self, lines: bytes, listener: Listener) -> None:
        """Hand over some lines."""
        start = 0
        while start < len(lines):
            if lines.startswith(b'{"seq":', start):
                # Records come in long rows; up to the next other line they are decoded together.
                other = lines.find(b'\n{"type":', start)
                end = len(lines) if other < 0 else other + 1
                records = decode_records(lines[start:end])
                self._has_ended |= isinstance(records[-1].event, RunFinished)
                listener.take(records)
            else:
                end = lines.index(b"\n", start) + 1
                self._take_other(lines[start:end], listener)
            start = end

    def _take_other(self, line: bytes, listener: Listener) -> None:
        """Hand over a header or a notice."""
        try:
            notice = decode_notice(line)
        except msgspec.DecodeError:
            self._has_begun = True
            listener.begin(decode_header(line))
            return
        match notice:
            case Rested():
                self._engine.is_resting = True
            case Broken(text) if not self._has_begun:
                raise RlmTuiError(text)
            case _:
                self._has_ended |= isinstance(notice, Broken)
                listener.say(notice)

    def send(self, command: AnyCommand) -> None:
        """Send a command down; without effect when the engine is gone."""
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(encode_message(command))

    async def close(self) -> None:
        """Let the engine go on to another request when the run is over; else end it, and wait."""
        if self._has_released:
            return
        if self._engine.is_resting and self._release is not None:
            self._has_released, self._writer = True, None
            self._release(self._engine)
            return
        if self._closing is None:
            self._closing = asyncio.ensure_future(self._engine.wait())
        # Whoever waits may be cancelled; the engine is waited for all the same.
        await asyncio.shield(self._closing)


async def _follow_errors(errors: asyncio.StreamReader, listener: Listener) -> None:
    """Bring what the engine's libraries write to stderr to the log."""
    while line := await errors.readline():
        listener.say(LogLine(line.decode("utf-8", "replace").rstrip()))
