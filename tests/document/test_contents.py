from __future__ import annotations

import bz2
import gzip
import os
import time
from pathlib import Path

import pytest

from rlm_tui.document import contents as module
from rlm_tui.document import unpacked
from rlm_tui.document.contents import Contents, check_readable
from rlm_tui.document.encoding import decoded
from rlm_tui.errors import DocumentError, UsageError

TEXT = "".join(f"Zeile {n}: größer als 你好 🙂\r\n" for n in range(20_000))


def opened(path: Path, content: bytes, encoding: str = "") -> Contents:
    path.write_bytes(content)
    return Contents(path, encoding)


def text_of(contents: Contents) -> str:
    contents.unpack()
    content = contents.read(contents.size, contents.start)
    contents.close()
    return decoded(content, contents.codec)


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "a"


@pytest.mark.parametrize(
    "codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030"]
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress], ids=["plain", "gz", "bz2"])
def test_a_document_is_its_text_whatever_it_is_encoded_and_packed_in(path, codec, pack):
    contents = opened(path, pack(TEXT.encode(codec)), codec)
    assert text_of(contents) == TEXT
    assert contents.invalid == 0


def test_text_that_can_be_read_where_it_lies_is_not_copied(path):
    contents = opened(path, b"\xef\xbb\xbfcaf\xc3\xa9\n")
    assert contents.is_whole
    assert (contents.fd, contents.start, contents.size) == (contents.file_fd, 3, 9)
    contents.close()


def test_the_beginning_of_a_packed_file_is_there_at_once_and_its_end_later(path):
    contents = opened(path, gzip.compress(os.urandom(600_000).hex().encode()))
    assert contents.packing == "gzip"
    assert 0 < contents.size <= module.HEAD
    assert 0 < contents.unpacked_share < 1
    assert not contents.is_whole
    contents.unpack()
    assert (contents.size, contents.unpacked_share) == (1_200_000, 1.0)
    contents.close()


def test_what_is_no_text_in_a_converted_document_is_marked_and_counted(path):
    contents = opened(
        path, "a\n".encode("utf-16-le") + b"\x00\xd8" + "b\n".encode("utf-16-le") * 99
    )
    assert text_of(contents) == "a\n\ufffd\ufffd" + "b\n" * 99
    assert contents.invalid == 2


def test_a_packed_file_that_is_cut_ends_where_it_is_cut_and_says_so(path):
    packed = gzip.compress(os.urandom(300_000).hex().encode())
    contents = opened(path, packed[: len(packed) // 2])
    contents.unpack()
    assert contents.trouble == "the gzip data end too early"
    assert 100_000 < contents.size < 600_000
    contents.close()


@pytest.mark.parametrize(
    "content", [b"\x1f\x8b\x08nonsense", gzip.compress(b"text")[:5]], ids=["damaged", "cut"]
)
def test_a_packed_file_that_cannot_be_read_at_all_is_a_document_error(path, content):
    with pytest.raises(DocumentError, match="cannot be read: the gzip data"):
        opened(path, content)


def test_a_packed_file_that_holds_nothing_is_a_document_error(path):
    with pytest.raises(DocumentError, match="holds nothing"):
        opened(path, gzip.compress(b""))


def test_unpacking_stops_before_the_disk_is_full(path, monkeypatch):
    contents = opened(path, gzip.compress(b"0" * 4_000_000))
    monkeypatch.setattr(module, "_ROOM_KEPT", 1 << 62)
    contents.unpack()
    assert "too little room is left in" in contents.trouble
    assert contents.is_whole
    assert contents.size < 4_000_000
    contents.close()


def test_what_is_unpacked_has_no_name_on_the_disk(path, tmp_path, monkeypatch):
    folder = tmp_path / "spool"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    contents = opened(path, gzip.compress(TEXT.encode()))
    contents.unpack()
    assert list(folder.iterdir()) == []
    contents.close()


def test_an_encoding_that_does_not_exist_closes_the_file_again(path):
    before = list(Path("/proc/self/fd").iterdir())
    with pytest.raises(UsageError, match="nope"):
        opened(path, b"text", "nope")
    assert len(list(Path("/proc/self/fd").iterdir())) == len(before)


def test_bytes_far_behind_the_beginning_decide_as_well(path):
    contents = opened(
        path, b"plain line\n" * 20_000 + "la caf\u00e9 de la for\u00eat\n".encode("latin-1") * 9_000
    )
    assert contents.encoding.label == "latin-1"
    contents.close()


def test_a_document_that_can_be_read_is_described_as_the_system_does(path):
    path.write_text("a")
    assert check_readable(path).st_size == 1


@pytest.fixture
def keeping(monkeypatch):
    """Nothing is kept of what other tests have unpacked."""
    monkeypatch.setattr(unpacked, "_kept", type(unpacked._kept)())


def written_long_ago(path: Path, content: bytes, ago: int = 60) -> Path:
    path.write_bytes(content)
    os.utime(path, (time.time() - ago,) * 2)
    return path


@pytest.mark.parametrize(
    "content", [gzip.compress(TEXT.encode()), TEXT.encode("utf-16")], ids=["packed", "wide"]
)
def test_what_was_unpacked_is_there_at_once_when_it_is_opened_again(path, keeping, content):
    first = Contents(written_long_ago(path, content))
    assert not first.is_whole
    assert text_of(first) == TEXT
    again = Contents(path)
    assert again.is_whole
    assert (again.packing, again.encoding) == (first.packing, first.encoding)
    assert text_of(again) == TEXT


def test_what_is_wrong_with_a_packed_file_is_known_when_it_is_opened_again(path, keeping):
    packed = gzip.compress(os.urandom(300_000).hex().encode())
    first = Contents(written_long_ago(path, packed[:-5_000]))
    first.unpack()
    again = Contents(path)
    assert again.is_whole
    assert (again.trouble, again.size) == (first.trouble, first.size)
    assert "too early" in again.trouble
    first.close()
    again.close()


def test_another_file_of_that_name_is_unpacked_anew(path, keeping):
    text_of(Contents(written_long_ago(path, gzip.compress(b"a" * 300_000))))
    changed = Contents(written_long_ago(path, gzip.compress(b"b" * 300_000), ago=30))
    assert text_of(changed) == "b" * 300_000
    other = Contents(path, "latin-1")
    assert not other.is_whole
    other.close()


def test_a_file_that_may_still_be_written_is_not_kept(path, keeping):
    text_of(opened(path, gzip.compress(TEXT.encode())))
    assert not unpacked._kept
