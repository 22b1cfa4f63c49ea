"""One socket to a guest process, on the engine's event loop.

Frames from a guest are hostile: what is not of the protocol closes the socket, nothing else.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

import msgspec

from rlm_tui.repl.wire import Frame, FrameBuffer, WireError, pack


class GuestLink(asyncio.Protocol):
    """The engine's end."""

    def __init__(self, sock: socket.socket, on_message: Callable[[Frame], None]) -> None:
        self.closed: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        """Done, with the reason, when nothing more will come."""
        self._sock = sock
        self._on_message = on_message
        self._buffer = FrameBuffer()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note the transport."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - tells the type checker
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Hand over what is whole."""
        self._buffer.feed(data)
        try:
            for message in self._buffer.messages():
                self._on_message(message)
        except (WireError, msgspec.ValidationError, KeyError, TypeError) as error:
            self.close(f"it sent a message that is not of the protocol ({error})")

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that nothing more will come."""
        self.close(str(exc) if exc else "its process ended")

    def send(self, message: Frame) -> None:
        """Send a message; without effect when the other side is gone."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(pack(message))

    def send_with_socket(self, message: Frame, sock: socket.socket) -> None:
        """Send a message with a socket of which the other side gets a copy.

        Raises:
            OSError: it cannot be sent now.
        """
        if self._transport is None or self._transport.is_closing():
            raise BrokenPipeError("the process is gone")
        if self._transport.get_write_buffer_size():
            raise BlockingIOError("earlier messages have not been taken yet")
        socket.send_fds(self._sock, [pack(message)], [sock.fileno()])

    def close(self, reason: str) -> None:
        """Close the socket; the first reason counts."""
        if not self.closed.done():
            self.closed.set_result(reason)
        if self._transport is not None:
            self._transport.abort()


async def connect(sock: socket.socket, on_message: Callable[[Frame], None]) -> GuestLink:
    """Take over our end of a socket pair."""
    loop = asyncio.get_running_loop()
    _, wire = await loop.create_unix_connection(lambda: GuestLink(sock, on_message), sock=sock)
    return wire
