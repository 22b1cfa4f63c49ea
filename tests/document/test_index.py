from __future__ import annotations

import codecs
from bisect import bisect_right

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rlm_tui.document import file as module
from rlm_tui.document.encoding import decoded
from rlm_tui.document.file import DocumentFile, Place
from rlm_tui.document.index import LineIndex

QUIET = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
PIECES = ["\n", "\r\n", "a", "text ", "é", "€", "😀", "e\u0301", "\t", "\0"]
BROKEN = [b"\xff", b"\xe2\x82", b"\xf0\x9f\x98", b"\xed\xa0\x80", b"\x81", codecs.BOM_UTF8]
TEXTS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=60).map("".join)
CONTENTS = st.lists(
    st.sampled_from([piece.encode() for piece in PIECES] + BROKEN), min_size=1, max_size=60
).map(b"".join)


@pytest.fixture(params=[True, False], ids=["small blocks", "blocks"])
def blocks(request, monkeypatch):
    """Blocks so small that a short text has all their borders, and as they are."""
    if request.param:
        for name, size in (("BLOCK", 8), ("LINE_LIMIT", 16), ("_USUAL", 4), ("_BATCH", 2)):
            monkeypatch.setattr(module, name, size)


def naive_places(text: str, content: bytes, start: int, codec: str) -> list[Place]:
    """Every character's place, worked out the slow way."""
    places, offset, line, column = [], start, 0, 0
    for char, sign in enumerate(text):
        places.append(Place(offset, char, line, column))
        is_invalid = sign == "\ufffd" and content[offset : offset + 3] != "\ufffd".encode()
        offset += 1 if codec != "utf-8" or is_invalid else len(sign.encode())
        line, column = (line + 1, 0) if sign == "\n" else (line, column + 1)
    return places


def assert_places(path, content, codec):
    path.write_bytes(content)
    file = DocumentFile(path, codec)
    file.build_index(lambda: None)
    text_bytes = file.contents.read(file.size, file.contents.start)
    text = decoded(text_bytes, file.contents.codec)
    padded = b"\0" * file.contents.start + text_bytes
    expected = naive_places(text, padded, file.contents.start, file.contents.codec)
    for place in expected:
        assert file.place_at_char(place.char) == place
        assert file.place_at_offset(place.offset) == place
        assert file.place_at_line(place.line, place.column) == place
        assert file.number_at(place.offset) == (place.line, True)
    starts = [place.offset for place in expected if place.column == 0]
    for offset in range(file.contents.start, file.size):
        assert file.line_start(offset) == starts[bisect_right(starts, offset) - 1]
    assert file.place_at_char(len(text) + 1) is None
    file.close()
    return text


@QUIET
@given(CONTENTS)
def test_characters_bytes_lines_and_columns_agree_in_utf8_valid_or_not(tmp_path, blocks, content):
    text = assert_places(tmp_path / "a", content, "utf-8")
    assert text == decoded(content.removeprefix(codecs.BOM_UTF8))


@QUIET
@given(TEXTS, st.sampled_from(["utf-16", "utf-16-be", "utf-8-sig", "gb18030", "utf-32"]))
def test_characters_bytes_lines_and_columns_agree_in_every_encoding(tmp_path, blocks, text, codec):
    content = text.encode(codec)
    assert assert_places(tmp_path / "a", content, codec) == text


@QUIET
@given(st.binary(min_size=1, max_size=60), st.sampled_from(["cp1252", "latin-1", "koi8-r"]))
def test_characters_bytes_lines_and_columns_agree_where_a_byte_is_a_character(
    tmp_path, blocks, content, codec
):
    if not content.startswith((b"\x1f\x8b", b"BZh", b"\xfd7z", b"\x28\xb5", b"P", b"\x50")):
        assert assert_places(tmp_path / "a", content, codec) == decoded(content, codec)


@QUIET
@given(CONTENTS)
def test_lines_before_a_line_are_those_that_lead_to_it(tmp_path, blocks, content):
    path = tmp_path / "a"
    path.write_bytes(content)
    file = DocumentFile(path, "utf-8")
    for is_indexed in (False, True):
        lines = file.lines_from(file.contents.start, 999)
        for number, line in enumerate(lines):
            before = file.lines_before(line.start, 3)
            assert [found.start for found in before] == [
                found.start for found in lines[max(number - 3, 0) : number]
            ]
        if not is_indexed:
            file.build_index(lambda: None)
    file.close()


@QUIET
@given(CONTENTS, st.integers(1, 9))
def test_invalid_bytes_are_counted_once_wherever_blocks_are_cut(content, size):
    index = LineIndex("utf-8", 0)
    rest = content
    while rest:
        before = index.end
        index.add(rest[:size], is_last=len(rest) <= size)
        if index.end == before:  # a character is longer than a block
            index.add(rest[: size + 4], is_last=len(rest) <= size + 4)
        rest = content[index.end :]
    text = content.decode("utf-8", "surrogateescape")
    assert index.invalid == sum("\udc80" <= sign <= "\udcff" for sign in text)
    assert index.chars[-1] == len(text)
    assert index.newlines[-1] == content.count(b"\n")
