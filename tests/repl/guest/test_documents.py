from __future__ import annotations

from pathlib import Path

import pytest

from rlm_tui.repl.guest import documents
from rlm_tui.repl.guest.documents import (
    SharedDocument,
    documents_of,
    read_context,
    read_document,
    words_of,
)


def test_one_document_is_its_text_and_several_are_a_dict_from_path_to_text(tmp_path: Path):
    one, two = tmp_path / "one.txt", tmp_path / "two.txt"
    one.write_text("first\n")
    two.write_text("zweites ü\n", encoding="utf-8")
    assert read_context([SharedDocument(str(one))]) == "first\n"
    both = [SharedDocument(str(one)), SharedDocument(str(two))]
    assert read_context(both) == {str(one): "first\n", str(two): "zweites ü\n"}


def test_an_invalid_byte_is_one_mark_and_a_byte_order_mark_is_no_text(tmp_path: Path):
    path = tmp_path / "document.txt"
    path.write_bytes(b"\xef\xbb\xbfa\xff\xfeb")
    assert read_document(SharedDocument(str(path))) == "a\ufffd\ufffdb"


@pytest.mark.parametrize("content", [b"plain ASCII\n" * 99, "ü and more\n".encode() * 99])
def test_a_large_document_reads_as_a_small_one_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
):
    path = tmp_path / "document.txt"
    path.write_bytes(content)
    as_small = read_document(SharedDocument(str(path)))
    monkeypatch.setattr(documents, "MAP_FROM", 1)
    assert read_document(SharedDocument(str(path))) == as_small == content.decode()


def test_a_document_is_read_from_an_open_file_where_there_is_one(tmp_path: Path):
    path = tmp_path / "document.txt"
    path.write_bytes(b"caf\xe9\n")
    with path.open("rb") as file:
        path.unlink()
        shared = SharedDocument("gone.gz", "cp1252", 0, file.fileno())
        assert [read_document(shared) for _ in range(2)] == ["café\n"] * 2


def test_the_mark_that_was_found_is_left_out_and_no_other(tmp_path: Path):
    path = tmp_path / "document.txt"
    path.write_bytes(b"\xef\xbb\xbf\xef\xbb\xbfa")
    assert read_document(SharedDocument(str(path), start=3)) == "\ufeffa"
    assert read_document(SharedDocument(str(path), start=0)) == "\ufeff\ufeffa"


def test_documents_pass_through_a_command_line():
    documents = [SharedDocument("/a b"), SharedDocument("/c\udcff", "cp1252", 3, 7)]
    assert documents_of(words_of(documents)) == documents
