from __future__ import annotations

import gzip
import hashlib
import os
import socket
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from rlm_tui.codec import encode_line
from rlm_tui.document import unpacked
from rlm_tui.document.background_reader import Told
from rlm_tui.document.contents import Contents
from rlm_tui.document.unpacked import Unpacked, send_all
from rlm_tui.events import Record, SubCallStarted
from rlm_tui.header import DocumentRef

TEXT = "".join(
    f"naïve line {number} of a text with {number * 7919} in it\n" for number in range(500)
)


@pytest.fixture
def path(tmp_path) -> Path:
    path = tmp_path / "a.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def told(path: Path, digest: str = "", *, lines: bytes = b"") -> list[Told]:
    content = path.read_bytes() if path.suffix == ".gz" else TEXT.encode()
    ref = DocumentRef(str(path), len(content), digest or hashlib.sha256(content).hexdigest())
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        send_all(ours, set())
        words = [str(theirs.fileno()), msgspec.json.encode([ref]).decode()]
        done = subprocess.run(
            [sys.executable, "-m", "rlm_tui.reader_process", *words],
            input=lines,
            capture_output=True,
            check=True,
            timeout=60,
            pass_fds=[theirs.fileno()],
        )
    return [msgspec.json.decode(line, type=Told) for line in done.stdout.splitlines()]


def test_it_tells_the_size_and_ends_with_its_input(path):
    (one,) = told(path)
    assert one.sizes == [len(TEXT)]


def test_places_are_characters_not_bytes(path):
    call = SubCallStarted("llm_query", "m", f"?\t{TEXT[5_000:6_000]}\t", 1)
    _, one = told(path, lines=encode_line(Record(7, 0.0, "1.1.1", call)))
    assert one.seq == 7
    assert one.readings[0].stretches == [(5_000, 6_000)]


def test_a_document_that_is_gone_is_told_as_trouble(tmp_path):
    (one,) = told(tmp_path / "missing.txt")
    assert "missing.txt" in one.trouble


def test_another_document_than_the_one_studied_is_told_as_trouble(path):
    (one,) = told(path, "0" * 64)
    assert "has changed" in one.trouble


def test_what_is_unpacked_already_is_not_unpacked_again(tmp_path, monkeypatch):
    monkeypatch.setattr(unpacked, "_kept", type(unpacked._kept)())
    path = tmp_path / "a.txt.gz"
    path.write_bytes(gzip.compress(TEXT.encode()))
    contents = Contents(path)
    other = os.memfd_create("other")  # shorter than what is packed, so that one can tell
    os.write(other, b"short")
    unpacked.keep(Unpacked(contents._key, 5, 0, ""), other)
    os.close(other)
    contents.close()
    (one,) = told(path)
    assert one.sizes == [5]
