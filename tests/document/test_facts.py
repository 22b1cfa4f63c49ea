from __future__ import annotations

import codecs
import gzip
import hashlib
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rlm_tui.document import facts as module
from rlm_tui.document.contents import Contents
from rlm_tui.document.facts import HEAD_CHARS, facts_of_text, identity
from rlm_tui.document.file import DocumentFile
from rlm_tui.errors import DocumentError
from rlm_tui.header import DocumentRef
from rlm_tui.repl.guest.documents import SharedDocument, read_document


def examine(path, encoding="utf-8"):
    contents = Contents(path, encoding)
    try:
        return module.examine(contents)
    finally:
        contents.close()


QUIET = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
PIECES = [
    b"\n",
    b"\r\n",
    b"a",
    "é".encode(),
    "😀".encode(),
    b"\xff",
    b"\xe2\x82",
    b"\0",
    b"long " * 60,
]
CONTENTS = st.builds(
    lambda mark, pieces: mark + b"".join(pieces),
    st.sampled_from([b"", codecs.BOM_UTF8]),
    st.lists(st.sampled_from(PIECES) | st.binary(min_size=1, max_size=4), min_size=1),
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.txt"


@QUIET
@given(CONTENTS)
def test_facts_are_those_of_the_whole_file(path, content):
    path.write_bytes(content)
    facts = examine(path)
    assert facts.ref.path == str(path)
    assert facts.ref.bytes == len(content)
    assert facts.ref.sha256 == hashlib.sha256(content).hexdigest()
    assert facts.has_nul == (b"\0" in content)
    assert facts.head == read_document(SharedDocument(str(path)))[:HEAD_CHARS]


@QUIET
@given(CONTENTS)
def test_the_model_and_the_pane_count_the_same_lines(path, content):
    path.write_bytes(content)
    file = DocumentFile(path, "utf-8")
    file.build_index(lambda: None)
    assert examine(path).lines == file.line_count
    file.close()


@QUIET
@given(st.text(max_size=60).filter(bool))
def test_a_text_in_memory_and_in_a_file_have_the_same_facts(path, text):
    path.write_bytes(text.encode())
    content = path.read_bytes()
    if content.startswith(codecs.BOM_UTF8):
        text = text[1:]
    facts, told = examine(path), facts_of_text(text)
    assert told.kind == "str"
    assert (told.chars, told.head) == (len(text), facts.head)
    if text:
        assert told.lines == facts.lines


def test_the_size_is_that_of_the_bytes_that_were_hashed(path):
    """A log may grow between the look at its size and the reading."""
    path.write_bytes(b"first\n")
    contents = Contents(path)
    with path.open("ab") as out:
        out.write(b"second\n")
    ref = module.examine(contents).ref
    contents.close()
    content = path.read_bytes()
    assert (ref.bytes, ref.sha256) == (len(content), hashlib.sha256(content).hexdigest())


def test_facts_of_a_file_of_many_blocks(path):
    content = b"".join(b"line %d\n" % number for number in range(100_000))
    path.write_bytes(content)
    facts = examine(path)
    assert facts.lines == 100_000
    assert facts.ref.bytes == len(content)
    assert facts.head == content[:HEAD_CHARS].decode()


def test_the_sample_of_a_short_file_is_all_of_it(path):
    path.write_bytes(b"short\n" * 100)
    assert examine(path).sample == "short\n" * 100


def test_the_sample_of_a_long_file_comes_from_all_over_it(path):
    path.write_bytes(b"".join(b"%07d\n" % number for number in range(200_000)))
    sample = examine(path).sample
    assert len(sample) < 200_000
    numbers = [int(word) for word in sample.split("\n") if len(word) == 7]
    assert numbers == sorted(numbers)
    assert min(numbers) == 0
    assert max(numbers) > 190_000
    assert all(any(at <= n < at + 20_000 for n in numbers) for at in range(0, 200_000, 20_000))


def test_a_sample_may_cut_characters_but_shows_no_halves(path):
    path.write_bytes("€".encode() * 200_000)
    assert set(examine(path).sample) == {"€"}


def test_a_file_whose_name_is_no_utf8_can_be_a_document(tmp_path):
    path = tmp_path / os.fsdecode(b"caf\xe9.txt")
    path.write_text("a\n")
    assert examine(path).ref.path == str(tmp_path / "caf\ufffd.txt")


def test_a_file_that_cannot_be_read_is_a_document_error(tmp_path):
    with pytest.raises(DocumentError, match="is a directory"):
        examine(tmp_path)


def test_a_disk_that_fails_while_it_is_read_is_a_document_error(path, monkeypatch):
    def failing(*_):
        raise OSError(5, "Input/output error")

    path.write_text("a\n")
    contents = Contents(path)
    monkeypatch.setattr(module.os, "pread", failing)
    with pytest.raises(DocumentError, match="cannot be read: Input/output error"):
        module.examine(contents)
    contents.close()


def test_what_is_said_of_a_packed_document_is_its_file_and_its_text(tmp_path):
    """Size and hash find the file again; lines and head are what the model is told of the text."""
    path = tmp_path / "a.log.gz"
    path.write_bytes(gzip.compress("caf\xe9 au lait\nzwei\n".encode("cp1252")))
    facts = examine(path, "")
    assert facts.ref == DocumentRef(
        str(path), path.stat().st_size, identity(path)[1], "iso8859-1", "gzip"
    )
    assert (facts.lines, facts.head) == (2, "café au lait\nzwei\n")


def test_the_bytes_that_are_no_text_are_counted(path):
    path.write_bytes(b"a\xffb\n" * 70_000)
    assert examine(path).ref.invalid == 70_000


@pytest.mark.parametrize(
    ("text", "lines", "tokens"),
    [("", 0, 0), ("a", 1, 1), ("a\n", 1, 1), ("a\nb", 2, 1), ("\n\n", 2, 1), ("abcde", 1, 2)],
)
def test_a_text_in_memory_is_counted_as_a_file_is(text, lines, tokens):
    facts = facts_of_text(text)
    assert (facts.chars, facts.lines, facts.tokens) == (len(text), lines, tokens)
    assert facts.parts == []
