"""The engine's process: a run behind a socket. Started by `remote`, as `python -m rlm_tui.worker`.

It ends when its run has ended and the screen is gone, or when the screen goes first; then the run
is stopped as if by the user, so its session file is whole.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import traceback
from collections.abc import Sequence

import msgspec

from rlm_tui import assemble, secrecy
from rlm_tui.codec import encode_line
from rlm_tui.errors import RlmTuiError
from rlm_tui.events import Record
from rlm_tui.header import Header
from rlm_tui.source import (
    AnyNotice,
    Broken,
    Cancel,
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

    def say(self, notice: AnyNotice) -> None:
        self._write(encode_message(notice))

    def _write(self, content: bytes) -> None:
        if not self._writer.is_closing():
            self._writer.write(content)


async def serve(sock: socket.socket, warm: str | None) -> None:
    """Wait for a request on the socket and run it, taking commands meanwhile."""
    reader, writer = await asyncio.open_connection(sock=sock, limit=1 << 26)
    try:
        await _serve(reader, writer, warm)
    finally:
        writer.close()


async def _serve(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, warm: str | None
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
    source = assemble.live(request)
    upward = _Upward(writer)
    running = asyncio.ensure_future(_run(source, upward))
    commands = asyncio.ensure_future(_take_commands(reader, source))
    await asyncio.wait([running, commands], return_when=asyncio.FIRST_COMPLETED)
    if not running.done():
        source.send(Cancel())
        await running
    # The screen may still be reading what the run told last; it closes the socket when it is done.
    await asyncio.wait([commands])
    await source.close()


async def _run(source: Source, upward: _Upward) -> None:
    try:
        await source.run(upward)
    except RlmTuiError as error:
        upward.say(Broken(str(error)))
    except Exception as error:  # noqa: BLE001 - the border: a fault of ours ends the run, told
        traceback.print_exc()
        upward.say(Broken(f"rlm-tui itself failed: {type(error).__name__}: {error}"))


async def _take_commands(reader: asyncio.StreamReader, source: Source) -> None:
    try:
        while line := await reader.readline():
            command = decode_command(line)
            if not isinstance(command, RunRequest):
                source.send(command)
    except (ConnectionError, msgspec.DecodeError):
        return  # the screen is gone, or not itself any more


def main() -> None:
    """Serve the socket that was handed down."""
    secrecy.keep_memory_private()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sock = socket.socket(fileno=int(sys.argv[1]))
    warm = sys.argv[2] if len(sys.argv) > 2 else None  # noqa: PLR2004 - an optional second word
    asyncio.run(serve(sock, warm))


if __name__ == "__main__":
    main()
