from __future__ import annotations

import asyncio
import contextlib
import socket

import msgspec
import pytest

from rlm_tui.repl.link import GuestLink, connect
from rlm_tui.repl.wire import Frame, WireError, pack


class Guest:
    """The other end of a link, played by the test."""

    def __init__(self, on_message=None) -> None:
        self.received: list[Frame] = []
        self.ours, self.sock = socket.socketpair()
        self._on_message = on_message or self.received.append

    async def link(self) -> GuestLink:
        return await connect(self.ours, self._on_message)


@pytest.fixture
async def guest():
    played = Guest()
    yield played
    played.sock.close()


async def test_messages_are_handed_over_in_order(guest):
    link = await guest.link()
    guest.sock.sendall(pack({"op": "a"}) + pack({"op": "b", "n": 1}))
    guest.sock.close()
    assert await link.closed == "its process ended"
    assert guest.received == [{"op": "a"}, {"op": "b", "n": 1}]


async def test_what_is_sent_arrives(guest):
    link = await guest.link()
    link.send({"op": "run"})
    assert await asyncio.to_thread(guest.sock.recv, 100) == pack({"op": "run"})
    link.close("done")
    assert await link.closed == "done"


async def test_the_first_reason_counts_and_sending_afterwards_has_no_effect(guest):
    link = await guest.link()
    link.close("first")
    link.close("second")
    link.send({"op": "run"})
    assert await link.closed == "first"
    assert await asyncio.to_thread(guest.sock.recv, 100) == b""


@pytest.mark.parametrize(
    "piece",
    [b"\xff\xff\xff\xffrest", b"\0\0\0\1{", b"\0\0\0\2{}", b'\0\0\0\x08{"op":1}'],
    ids=["length", "not JSON", "no op", "op is no text"],
)
async def test_what_is_not_of_the_protocol_closes_the_socket(guest, piece):
    link = await guest.link()
    guest.sock.sendall(pack({"op": "good"}) + piece + pack({"op": "too late"}))
    assert (await link.closed).startswith("it sent a message that is not of the protocol")
    assert guest.received == [{"op": "good"}]
    with contextlib.suppress(ConnectionResetError):  # the same, when it had not read everything
        assert await asyncio.to_thread(guest.sock.recv, 1) == b""


@pytest.mark.parametrize(
    "error", [WireError("w"), msgspec.ValidationError("v"), KeyError("k"), TypeError("t")]
)
async def test_a_message_that_its_reader_refuses_closes_the_socket(error):
    def refuse(_message: Frame) -> None:
        raise error

    played = Guest(refuse)
    with played.sock:
        link = await played.link()
        played.sock.sendall(pack({"op": "x"}))
        assert "not of the protocol" in await link.closed
