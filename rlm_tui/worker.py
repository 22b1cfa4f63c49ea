"""The engine's process: runs behind a socket. Started by `remote`, as `python -m rlm_tui.worker`.

It runs one request after another, and ends when the screen is gone; a run that goes on then is
stopped as if by the user, so its session file is whole.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import sys
import traceback
from collections.abc import Sequence

import msgspec

from rlm_tui import assemble, secrecy
from rlm_tui.codec import encode_line
from rlm_tui.document.unpacked import receive_all
from rlm_tui.errors import RlmTuiError
from rlm_tui.events import Record
from rlm_tui.header import Header
from rlm_tui.source import (
    AnyNotice,
    Broken,
    Cancel,
    Rested,
    RunRequest,
    Source,
    decode_command,
    encode_message,
)


class _Upward:
    """Writes what the run tells to the screen's socket."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    def begin(self, header: Header) -> None:
        self._write(encode_line(header))

    def take(self, records: Sequence[Record]) -> None:
        self._write(b"".join(map(encode_line, records)))

    def say(self, notice: AnyNotice | Rested) -> None:
        self._write(encode_message(notice))

    def _write(self, content: bytes) -> None:
        if not self._writer.is_closing():
            self._writer.write(content)


async def serve(sock: socket.socket, warm: str | None, taking: socket.socket) -> None:
    """Run what is requested on the socket, taking commands meanwhile.

    Args:
        sock: requests and commands down, what runs tell up.
        warm: a model name whose client is loaded while nothing is requested.
        taking: what the screen has unpacked.
    """
    reader, writer = await asyncio.open_connection(sock=sock, limit=1 << 26)
    try:
        await _serve(reader, writer, warm, taking)
    finally:
        writer.close()


async def _serve(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    warm: str | None,
    taking: socket.socket,
) -> None:
    warming = asyncio.ensure_future(assemble.warm(warm)) if warm else None
    first = await reader.readline()
    if warming is not None:
        await asyncio.wait([warming])
    if not first:
        return
    request = decode_command(first)
    if not isinstance(request, RunRequest):
        raise RlmTuiError("the engine was sent a command before a request")
    runs = assemble.Runs()
    try:
        while request is not None:
            receive_all(taking)
            request = await _serve_one(runs.begin(request), reader, _Upward(writer))
    finally:
        await runs.close()


async def _serve_one(
    source: Source, reader: asyncio.StreamReader, upward: _Upward
) -> RunRequest | None:
    """Run a source to its end; the next request, or None when the screen is gone."""
    running = asyncio.ensure_future(_run(source, upward))
    commands = asyncio.ensure_future(_take_commands(reader, source, running))
    await asyncio.wait([running, commands], return_when=asyncio.FIRST_COMPLETED)
    if not running.done():
        source.send(Cancel())
        await running
    await source.close()
    upward.say(Rested())
    # The screen may still be reading what the run told last; it closes the socket when it is done.
    return await commands


async def _run(source: Source, upward: _Upward) -> None:
    try:
        await source.run(upward)
    except RlmTuiError as error:
        upward.say(Broken(str(error)))
    except Exception as error:  # noqa: BLE001 - the border: a fault of ours ends the run, told
        traceback.print_exc()
        upward.say(Broken(f"rlm-tui itself failed: {type(error).__name__}: {error}"))


async def _take_commands(
    reader: asyncio.StreamReader, source: Source, running: asyncio.Future[None]
) -> RunRequest | None:
    """Hand commands on until another request comes, or None when the screen is gone."""
    with contextlib.suppress(ConnectionError, msgspec.DecodeError):  # or not itself any more
        while line := await reader.readline():
            command = decode_command(line)
            if not isinstance(command, RunRequest):
                source.send(command)
            elif running.done():
                return command
    return None


def main() -> None:
    """Serve the socket that was handed down."""
    secrecy.keep_memory_private()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sock, taking = (socket.socket(fileno=int(word)) for word in sys.argv[1:3])
    warm = sys.argv[3] if len(sys.argv) > 3 else None  # noqa: PLR2004 - an optional third word
    asyncio.run(serve(sock, warm, taking))


if __name__ == "__main__":
    main()
