"""Texts that were unpacked or converted, kept so that nobody does it again.

Each is an open file without a name. Whoever opens the same document again in this process reads
from there; another process of ours is handed the files through a socket and does so, too. Any
thread.
"""

from __future__ import annotations

import os
import socket
import threading
from collections import OrderedDict

import msgspec

_MOST = 4
"""Texts that are kept; they take room on a disk."""

_PIECE = 1 << 12


class Unpacked(msgspec.Struct, frozen=True):
    """A text that is all there."""

    key: str
    size: int
    invalid: int
    """Bytes of the document that were no text."""
    trouble: str
    """Why its end is missing; empty when it is not."""


_kept: OrderedDict[str, tuple[Unpacked, int]] = OrderedDict()
_lock = threading.Lock()


def key_of(status: os.stat_result, *form: str) -> str:
    """Names a file as it is now, and what is made of it."""
    numbers = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
    return "/".join([*map(str, numbers), *form])


def keep(text: Unpacked, fd: int) -> None:
    """Keep a text. The file stays its owner's; it is kept through a descriptor of its own."""
    with _lock:
        if text.key not in _kept:
            _kept[text.key] = (text, os.dup(fd))
        while len(_kept) > _MOST:
            _, (_, oldest) = _kept.popitem(last=False)
            os.close(oldest)


def kept(key: str) -> tuple[Unpacked, int] | None:
    """A text with a descriptor that is the caller's to close; None when it is not kept."""
    with _lock:
        if key not in _kept:
            return None
        _kept.move_to_end(key)
        text, fd = _kept[key]
        return text, os.dup(fd)


def send_all(sock: socket.socket, sent: set[str]) -> None:
    """Hand what is kept to another process, without what was sent before.

    Args:
        sock: a SOCK_SEQPACKET socket; what does not fit into it is not sent.
        sent: what was; it grows.
    """
    sock.settimeout(0)
    with _lock:
        for key, (text, fd) in _kept.items():
            if key not in sent:
                try:
                    socket.send_fds(sock, [msgspec.json.encode(text)], [fd])
                except OSError:  # it is full or its reader is gone; they can do without
                    return
                sent.add(key)


def receive_all(sock: socket.socket) -> None:
    """Keep what another process has handed over by now."""
    sock.settimeout(0)  # these functions do not heed a flag for that
    while True:
        try:
            told, fds, _, _ = socket.recv_fds(sock, _PIECE, 1)
        except OSError:  # nothing more
            return
        if not told:
            return
        for fd in fds:
            keep(msgspec.json.decode(told, type=Unpacked), fd)
            os.close(fd)
