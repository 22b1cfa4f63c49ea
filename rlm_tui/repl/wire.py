"""The messages between the engine and the processes that run model code, and their framing.

A frame is a 4-byte big-endian length and that many bytes of JSON, one object with an `op`. Standard
library only: the guest imports this. The engine treats every frame as hostile.

Engine to zygote: `spawn` (with a socket), `signal`, `settle`.
Zygote to engine: `ready`, `exited`, `settled`.
Engine to worker: `setup`, `run`, `result`, `variables`, `fork` (with a socket) or `keep`.
Worker to engine: `ready`, `output`, `call`, `done`, `variables`, `forked` or `kept`.
"""

from __future__ import annotations

import json
import select
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, NoReturn, TypeAlias

FRAME_LIMIT = 64 * 1024 * 1024
"""Bytes of JSON in one frame."""

OUTPUT_LIMIT = 16 * 1024 * 1024
"""Characters of output that are kept of one cell."""

STOPPED = "the code block was stopped"
"""The error of a call whose cell is being stopped."""

Frame: TypeAlias = dict[str, Any]

_LENGTH = struct.Struct(">I")
_RECEIVE = 256 * 1024


class WireError(Exception):
    """The other side sent something that is not a frame."""


class FrameTooLargeError(ValueError):
    """A message does not fit into a frame."""


def pack(message: Frame) -> bytes:
    """A message as a frame. Raises FrameTooLargeError."""
    payload = json.dumps(message, separators=(",", ":")).encode("ascii")
    if len(payload) > FRAME_LIMIT:
        raise FrameTooLargeError(
            f"a message of {len(payload):,} bytes is over the limit of {FRAME_LIMIT:,}"
        )
    return _LENGTH.pack(len(payload)) + payload


class FrameBuffer:
    """Cuts a stream of bytes into messages."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def feed(self, piece: bytes) -> None:
        """Take in what was received."""
        self._bytes += piece

    def messages(self) -> Iterator[Frame]:
        """The messages that are whole by now. Raises WireError."""
        while len(self._bytes) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._bytes)
            if length > FRAME_LIMIT:
                raise WireError(f"a frame of {length:,} bytes was announced")
            end = _LENGTH.size + length
            if len(self._bytes) < end:
                return
            payload = bytes(self._bytes[_LENGTH.size : end])
            del self._bytes[:end]
            try:
                message = json.loads(payload)
            except (ValueError, RecursionError) as error:
                raise WireError("a frame is not JSON") from error
            if not isinstance(message, dict) or not isinstance(message.get("op"), str):  # pyright: ignore[reportUnknownMemberType]
                raise WireError("a frame has no op")
            yield message


class Channel:
    """The guest's end: blocking, one reader at a time, any number of threads that send.

    When the engine is gone there is nothing left to do, and no exception that model code could
    catch: `on_gone` ends the process.
    """

    def __init__(self, sock: socket.socket, on_gone: Callable[[], NoReturn]) -> None:
        self.sock = sock
        self._on_gone = on_gone
        self.fds: list[int] = []
        """File descriptors that arrived with frames and were not taken yet."""
        self._buffer = FrameBuffer()
        self._ready: deque[Frame] = deque()
        self._sending = threading.Lock()

    def replace(self, sock: socket.socket) -> None:
        """Go on with another socket, as a forked child does."""
        self.sock.close()
        self.sock = sock
        self.fds.clear()
        self._ready.clear()
        self._buffer = FrameBuffer()
        self._sending = threading.Lock()

    def send(self, message: Frame) -> None:
        """Send a message. Raises FrameTooLargeError."""
        frame = pack(message)
        with self._sending:  # a frame larger than the socket's buffer goes out in parts
            try:
                self.sock.sendall(frame)
            except OSError:
                self._on_gone()

    @property
    def has_message(self) -> bool:
        """Whether `next_message` would return one without reading."""
        return bool(self._ready)

    def is_readable_within(self, seconds: float) -> bool:
        """Wait until there is something to read, or the engine is gone; takes nothing."""
        return bool(select.select([self.sock], [], [], seconds)[0])

    def next_message(self) -> Frame | None:
        """A message that is here; None when reading once more did not complete one."""
        if not self._ready:
            try:
                piece, fds, _, _ = socket.recv_fds(self.sock, _RECEIVE, 4)
            except OSError:
                self._on_gone()
            self.fds += fds
            if not piece:
                self._on_gone()
            self._buffer.feed(piece)
            self._ready.extend(self._buffer.messages())
        return self._ready.popleft() if self._ready else None

    def receive(self) -> Frame:
        """The next message, however long it takes."""
        while (message := self.next_message()) is None:
            pass
        return message
