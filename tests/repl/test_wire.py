from __future__ import annotations

import contextlib
import io
import itertools
import json
import socket
import struct
import threading
from collections.abc import Iterator
from typing import NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_tui.repl import wire
from rlm_tui.repl.wire import Channel, FrameBuffer, FrameTooLargeError, WireError, pack

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
values = scalars | st.lists(scalars, max_size=3)
messages = st.lists(
    st.builds(
        lambda op, more: {**more, "op": op},
        st.text(),
        st.dictionaries(st.text(), values, max_size=3),
    ),
    max_size=4,
)


@settings(max_examples=60, deadline=None)
@given(messages, st.lists(st.integers(1, 30), min_size=1))
def test_messages_come_out_as_they_went_in_however_the_bytes_are_cut(sent, sizes):
    stream = io.BytesIO(b"".join(map(pack, sent)))
    buffer, received = FrameBuffer(), []
    for size in itertools.cycle(sizes):
        piece = stream.read(size)
        buffer.feed(piece)
        received += buffer.messages()
        if not piece:
            break
    assert received == sent


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_messages_or_a_wire_error(piece):
    buffer = FrameBuffer()
    buffer.feed(piece)
    with contextlib.suppress(WireError):
        assert all(isinstance(message["op"], str) for message in buffer.messages())


@settings(max_examples=50, deadline=None)
@given(st.text(st.characters(categories=["Cs", "Cc", "So", "Ll"])))
def test_text_with_surrogates_and_control_characters_travels(text):
    buffer = FrameBuffer()
    buffer.feed(pack({"op": "x", "text": text}))
    (message,) = buffer.messages()
    # What is joined from two halves is the same text in UTF-16.
    assert message["text"].encode("utf-16", "surrogatepass") == text.encode(
        "utf-16", "surrogatepass"
    )


def framed(payload: bytes) -> bytes:
    return struct.pack(">I", len(payload)) + payload


@pytest.mark.parametrize(
    "frame",
    [
        framed(b""),
        framed(b"{"),
        framed(b"\xff\xfe\x00"),
        framed(b"[" * 100_000),
        framed(b'{"op": ' + b"9" * 5000 + b"}"),
        framed(b"[]"),
        framed(b'"op"'),
        framed(b"{}"),
        framed(b'{"op": 5}'),
        framed(b'{"op": null}'),
        struct.pack(">I", wire.FRAME_LIMIT + 1),
        b"\xff\xff\xff\xff",
    ],
    ids=[
        "empty",
        "cut off",
        "not text",
        "nested too deeply",
        "an endless number",
        "a list",
        "a string",
        "without op",
        "op is a number",
        "op is null",
        "one byte over the limit",
        "four gigabytes",
    ],
)
def test_what_is_no_frame_is_refused(frame):
    buffer = FrameBuffer()
    buffer.feed(frame)
    with pytest.raises(WireError):
        list(buffer.messages())


def test_what_came_whole_before_a_broken_frame_is_still_read():
    buffer = FrameBuffer()
    buffer.feed(pack({"op": "first"}) + framed(b"{"))
    received = buffer.messages()
    assert next(received) == {"op": "first"}
    with pytest.raises(WireError):
        next(received)


def test_a_frame_may_be_as_large_as_the_limit_and_no_larger(monkeypatch):
    monkeypatch.setattr(wire, "FRAME_LIMIT", 100)
    rest = 100 - len(json.dumps({"op": "x", "t": ""}, separators=(",", ":")))
    frame = pack({"op": "x", "t": "a" * rest})
    buffer = FrameBuffer()
    buffer.feed(frame)
    assert len(list(buffer.messages())) == 1
    with pytest.raises(FrameTooLargeError, match="101 bytes is over the limit of 100"):
        pack({"op": "x", "t": "a" * (rest + 1)})


class GoneError(Exception):
    """Stands for the end of the process."""


def gone() -> NoReturn:
    raise GoneError


@pytest.fixture
def ends() -> Iterator[tuple[Channel, socket.socket]]:
    ours, theirs = socket.socketpair()
    channel = Channel(theirs, gone)
    with ours:
        yield channel, ours
        channel.sock.close()


def test_a_channel_reads_messages_one_at_a_time(ends):
    channel, peer = ends
    peer.sendall(pack({"op": "a"}) + pack({"op": "b"}))
    assert channel.receive() == {"op": "a"}
    assert channel.has_message
    assert channel.receive() == {"op": "b"}
    assert not channel.has_message


def test_half_a_message_is_none_yet(ends):
    channel, peer = ends
    frame = pack({"op": "a"})
    peer.sendall(frame[:5])
    assert channel.is_readable_within(60)
    assert channel.next_message() is None
    assert not channel.is_readable_within(0)
    peer.sendall(frame[5:])
    assert channel.receive() == {"op": "a"}


def test_a_channel_takes_the_files_that_come_with_a_message(ends):
    channel, peer = ends
    one, other = socket.socketpair()
    with one, other:
        socket.send_fds(peer, [pack({"op": "spawn"})], [other.fileno()])
        assert channel.receive() == {"op": "spawn"}
        with socket.socket(fileno=channel.fds.pop()) as arrived:
            arrived.sendall(b"through")
        assert one.recv(10) == b"through"


@pytest.mark.parametrize("use", [Channel.receive, lambda channel: channel.send({"op": "x"})])
def test_when_the_engine_is_gone_the_channel_says_so(ends, use):
    channel, peer = ends
    peer.close()
    with pytest.raises(GoneError):
        use(channel)


def test_a_reset_by_the_engine_is_its_end(ends):
    channel, peer = ends
    channel.send({"op": "never read"})
    peer.close()
    with pytest.raises(GoneError):
        channel.receive()


def test_a_channel_goes_on_with_another_socket_and_forgets_the_first(ends):
    channel, peer = ends
    peer.sendall(pack({"op": "old"}) + pack({"op": "older"}) + b"\0\0")
    channel.receive()
    one, other = socket.socketpair()
    with one:
        channel.replace(other)
        assert peer.recv(1) == b""
        one.sendall(pack({"op": "new"}))
        assert channel.receive() == {"op": "new"}


def test_threads_that_send_at_once_do_not_mix_their_frames(ends):
    channel, peer = ends
    large = "x" * 1_000_000  # more than a socket takes at once
    threads = [
        threading.Thread(target=channel.send, args=({"op": str(n), "text": large},))
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    reader = Channel(peer, gone)
    received = [reader.receive() for _ in threads]
    for thread in threads:
        thread.join()
    assert sorted(message["op"] for message in received) == [str(n) for n in range(8)]
    assert all(message["text"] == large for message in received)
