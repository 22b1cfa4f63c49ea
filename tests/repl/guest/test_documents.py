from __future__ import annotations

from pathlib import Path

import pytest

from rlm_tui.repl.guest import documents
from rlm_tui.repl.guest.documents import read_context, read_document


def test_one_document_is_its_text_and_several_are_a_dict_from_path_to_text(tmp_path: Path):
    one, two = tmp_path / "one.txt", tmp_path / "two.txt"
    one.write_text("first\n")
    two.write_text("zweites ü\n", encoding="utf-8")
    assert read_context([str(one)]) == "first\n"
    assert read_context([str(one), str(two)]) == {str(one): "first\n", str(two): "zweites ü\n"}


def test_an_invalid_byte_is_one_mark_and_a_byte_order_mark_is_no_text(tmp_path: Path):
    path = tmp_path / "document.txt"
    path.write_bytes(b"\xef\xbb\xbfa\xff\xfeb")
    assert read_document(str(path)) == "a\ufffd\ufffdb"


@pytest.mark.parametrize("content", [b"plain ASCII\n" * 99, "ü and more\n".encode() * 99])
def test_a_large_document_reads_as_a_small_one_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
):
    path = tmp_path / "document.txt"
    path.write_bytes(content)
    as_small = read_document(str(path))
    monkeypatch.setattr(documents, "MAP_FROM", 1)
    assert read_document(str(path)) == as_small == content.decode()
