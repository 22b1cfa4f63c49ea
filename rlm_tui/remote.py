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

import msgspec

from rlm_tui.codec import decode_header, decode_records
from rlm_tui.errors import RlmTuiError
from rlm_tui.events import RunFinished
from rlm_tui.source import (
    AnyCommand,
    AnyNotice,
    Broken,
    Listener,
    LogLine,
    RunRequest,
    decode_notice,
    encode_message,
)

_RECEIVE = 1 << 18
_ENDING = 3.0
"""Seconds that the engine gets to end by itself."""


class EngineProcess:
    """A started engine that waits for its request."""

    def __init__(self, warm: str | None = None) -> None:
        """Start the process; returns at once.

        Args:
            warm: a model name whose client is loaded while the engine waits.
        """
        self.sock, theirs = socket.socketpair()
        with theirs:
            extra = [warm] if warm else []
            self.process = subprocess.Popen(
                [sys.executable, "-m", "rlm_tui.worker", str(theirs.fileno()), *extra],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )

    def end(self) -> None:
        """Let it go: without its socket it ends by itself."""
        self.sock.close()

    def bury(self) -> None:
        """Close what is left of one that ended before it was asked."""
        self.end()
        if self.process.stderr is not None:
            self.process.stderr.close()

    async def wait(self) -> int:
        """Wait until it has ended, with force when it takes too long; returns its status."""
        self.end()
        try:
            return await asyncio.to_thread(self.process.wait, _ENDING)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            return await asyncio.to_thread(self.process.wait)
        finally:
            if self.process.stderr is not None:
                self.process.stderr.close()


class RemoteRun:
    """A run in the engine process."""

    def __init__(self, request: RunRequest, engine: EngineProcess) -> None:
        """Take a request and the engine that is to run it."""
        self._request = request
        self._engine = engine
        self._writer: asyncio.StreamWriter | None = None
        self._has_begun = False
        self._closing: asyncio.Future[None] | None = None

    async def run(self, listener: Listener) -> None:
        """Follow the run to its last event, or the engine to its end.

        Raises:
            RlmTuiError: the run could not begin.
        """
        reader, self._writer = await asyncio.open_connection(sock=self._engine.sock)
        self._writer.write(encode_message(self._request))
        errors = asyncio.ensure_future(self._follow_errors(listener))
        has_finished = False
        rest = b""
        try:
            with contextlib.suppress(ConnectionError):  # the same as the end of the stream
                while not has_finished and (piece := await reader.read(_RECEIVE)):
                    whole, newline, rest = (rest + piece).rpartition(b"\n")
                    if newline:
                        has_finished = self._take(whole + newline, listener)
        finally:
            errors.cancel()
            await asyncio.wait([errors])
        if not has_finished and self._closing is None:
            status = await self._engine.wait()
            why = f"The engine's process ended (status {status})."
            if not self._has_begun:
                raise RlmTuiError(f"{why} Nothing was recorded.")
            listener.say(Broken(f"{why} Everything up to the last event is kept."))

    def _take(self, lines: bytes, listener: Listener) -> bool:
        """Hand over some lines; whether the run has finished."""
        has_finished = False
        start = 0
        while start < len(lines):
            if lines.startswith(b'{"seq":', start):
                # Records come in long rows; up to the next other line they are decoded together.
                other = lines.find(b'\n{"type":', start)
                end = len(lines) if other < 0 else other + 1
                records = decode_records(lines[start:end])
                has_finished = isinstance(records[-1].event, RunFinished)
                listener.take(records)
            else:
                end = lines.index(b"\n", start) + 1
                has_finished = self._take_other(lines[start:end], listener) or has_finished
            start = end
        return has_finished

    def _take_other(self, line: bytes, listener: Listener) -> bool:
        """Hand over a header or a notice; whether no more events will come."""
        try:
            notice: AnyNotice = decode_notice(line)
        except msgspec.DecodeError:
            self._has_begun = True
            listener.begin(decode_header(line))
            return False
        if isinstance(notice, Broken) and not self._has_begun:
            raise RlmTuiError(notice.text)
        listener.say(notice)
        return isinstance(notice, Broken)

    async def _follow_errors(self, listener: Listener) -> None:
        """Bring what the engine's libraries write to stderr to the log."""
        stream = self._engine.process.stderr
        assert stream is not None  # noqa: S101 - started with a pipe
        reader = asyncio.StreamReader()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), stream
        )
        try:
            while line := await reader.readline():
                listener.say(LogLine(line.decode("utf-8", "replace").rstrip()))
        finally:
            transport.close()

    def send(self, command: AnyCommand) -> None:
        """Send a command down; without effect when the engine is gone."""
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(encode_message(command))

    async def close(self) -> None:
        """Close the socket, which ends the engine, and wait for that."""
        if self._closing is None:
            self._closing = asyncio.ensure_future(self._close())
        # Whoever waits may be cancelled; the engine is waited for all the same.
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            with contextlib.suppress(ConnectionError):
                await self._writer.wait_closed()
        await self._engine.wait()
