from __future__ import annotations

import os
import socket

import pytest

from rlm_tui.document import unpacked
from rlm_tui.document.unpacked import Unpacked, keep, kept, receive_all, send_all


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch):
    monkeypatch.setattr(unpacked, "_kept", type(unpacked._kept)())


def keep_text(key: str, text: bytes) -> None:
    fd = os.memfd_create(key)
    os.write(fd, text)
    keep(Unpacked(key, len(text), 0, ""), fd)
    os.close(fd)


def text_of(key: str) -> bytes | None:
    found = kept(key)
    if found is None:
        return None
    text, fd = found
    content = os.pread(fd, text.size, 0)
    os.close(fd)
    return content


def test_a_text_is_kept_though_its_owner_closes_it():
    keep_text("a", b"text")
    assert text_of("a") == b"text"
    assert text_of("b") is None


def test_only_the_latest_are_kept():
    for name in "abcd":
        keep_text(name, name.encode())
    text_of("a")
    keep_text("e", b"e")
    assert [name for name in "abcde" if text_of(name)] == ["a", "c", "d", "e"]


def test_another_process_is_handed_each_text_once(monkeypatch):
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    sent: set[str] = set()
    with ours, theirs:
        keep_text("a", b"first")
        send_all(ours, sent)
        keep_text("b", b"second")
        send_all(ours, sent)
        assert sent == {"a", "b"}
        here = unpacked._kept
        monkeypatch.setattr(unpacked, "_kept", type(here)())
        receive_all(theirs)
        assert (text_of("a"), text_of("b")) == (b"first", b"second")
        receive_all(theirs)


def test_a_process_that_is_gone_is_no_matter():
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    keep_text("a", b"text")
    theirs.close()
    with ours:
        send_all(ours, set())
        receive_all(ours)
