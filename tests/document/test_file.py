from __future__ import annotations

import codecs
import os
import re
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rlm_tui.document import contents as contents_module
from rlm_tui.document import file as module
from rlm_tui.document.contents import Contents
from rlm_tui.document.encoding import decoded
from rlm_tui.document.file import BLOCK, LINE_LIMIT, DocumentFile, Line
from rlm_tui.errors import DocumentError
from rlm_tui.repl.guest.documents import SharedDocument, read_document

QUIET = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
PIECES = [b"\n", b"\r\n", b"\r", b"a", b"text ", "é".encode(), "€".encode(), "😀".encode()]
BROKEN = [b"\0", b"\xff", b"\xe2\x82", b"\xc3", b"\xf0\x9f\x98", b"\xed\xa0\x80", codecs.BOM_UTF8]
CONTENTS = st.lists(
    st.sampled_from(PIECES + BROKEN) | st.binary(min_size=1, max_size=3), min_size=1, max_size=60
).map(b"".join)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.txt"


@pytest.fixture
def small_blocks(monkeypatch):
    """Blocks and limits so small that a short text has all their borders."""
    for name, size in (("BLOCK", 8), ("LINE_LIMIT", 16), ("_USUAL", 4), ("_BATCH", 2)):
        monkeypatch.setattr(module, name, size)


def opened(path, content, *, index=True):
    path.write_bytes(content)
    file = DocumentFile(path, "utf-8")
    if index:
        file.build_index(lambda: None)
    return file


def lines_in(content):
    """What the lines are: only a line feed ends one, and the last may do without."""
    lines = content.split(b"\n")
    return lines if lines[-1] else lines[:-1]


def assert_shows(found, content, first, count):
    """Each line is the decoded bytes, or as many of them as are shown of a long one."""
    expected = lines_in(content)[first : first + count]
    assert len(found) == len(expected)
    for number, (line, raw) in enumerate(zip(found, expected, strict=True), first):
        if number == 0:
            raw = raw.removeprefix(codecs.BOM_UTF8)  # noqa: PLW2901 - it is no part of the line
        text, limit = line.text, module.LINE_LIMIT
        if line.is_cut:
            assert len(raw) > limit
            assert text in {decoded(raw[:size]) for size in range(limit - 3, limit + 1)}
        else:
            assert len(raw) <= limit
            assert text == decoded(raw)


# Any bytes


@QUIET
@given(CONTENTS, st.integers(0, 70), st.integers(0, 70))
def test_lines_are_those_of_the_whole_file(path, small_blocks, content, first, count):
    file = opened(path, content)
    assert file.line_count == len(lines_in(content))
    assert_shows(file.lines(first, count), content, first, count)
    assert_shows(file.lines(0, 999), content, 0, 999)
    file.close()


@QUIET
@given(CONTENTS)
def test_the_pane_and_the_context_are_the_same_text(path, content):
    file = opened(path, content)
    lines = file.lines(0, file.line_count)
    end = "\n" * content.endswith(b"\n")
    assert "\n".join(line.text for line in lines) + end == read_document(SharedDocument(str(path)))
    file.close()


@QUIET
@given(CONTENTS, st.integers(0, 70), st.integers(1, 70))
def test_before_and_while_it_is_indexed_lines_are_right_or_not_known(
    path, small_blocks, content, first, count
):
    file = opened(path, content, index=False)
    states = []

    def look():
        states.append((file.line_count, file.indexed_share))
        found = file.lines(first, count)
        if found or first == 0:
            assert_shows(found, content, first, count)
        if first < file.line_count:
            assert found

    look()
    file.build_index(look)
    assert states[0] == (0, 0.0)
    assert states == sorted(states)
    assert states[-1] == (len(lines_in(content)), 1.0)
    file.close()


@given(st.binary(max_size=12) | st.lists(st.sampled_from(PIECES + BROKEN)).map(b"".join))
@settings(max_examples=200, deadline=None)
def test_every_byte_that_is_no_utf8_is_one_mark(content):
    text = decoded(content)
    marks = text.count("\ufffd") - content.count("\ufffd".encode())
    assert len(text.encode()) == len(content) + 2 * marks
    assert decoded(text.encode()) == text


# Real sizes

BORDERS = {
    "newline ends a block": b"x" * (BLOCK - 1) + b"\n" + b"y",
    "newline begins a block": b"x" * BLOCK + b"\ny\nz",
    "newlines around a border": b"x" * (BLOCK - 1) + b"\n\n\ny\n",
    "only newlines": b"\n" * (3 * BLOCK + 7),
    "blocks without newline": b"a\n" + b"x" * (5 * BLOCK) + b"\nb\nc",
    "one long line": b"x" * (20 * BLOCK),
    "line at the limit": b"x" * LINE_LIMIT + b"\nnext\n",
    "line one over the limit": b"x" * (LINE_LIMIT + 1) + b"\nnext\n",
    "last line at the limit": b"a\n" + b"x" * LINE_LIMIT,
    "last line one over the limit": b"a\n" + b"x" * (LINE_LIMIT + 1),
    "character across the limit": b"x" * (LINE_LIMIT - 1) + "€".encode() + b"y\nnext",
    "broken character at the limit": b"x" * (LINE_LIMIT - 1) + b"\xe2xx\nnext",
    "character across a block": b"a\n" + b"x" * (BLOCK - 3) + "€\né\n".encode(),
    "line of the usual size": b"x" * 4096 + b"\n" + b"y" * 4095 + b"\nz",
    "CRLF across a block": b"x" * (BLOCK - 1) + b"\r\ny\r\n",
    "more than a batch of blocks": b"line of text\n" * (17 * BLOCK // 13 + 5),
    "mark and long line": codecs.BOM_UTF8 + b"x" * (LINE_LIMIT + 9) + b"\nb",
}


@pytest.mark.parametrize("content", BORDERS.values(), ids=BORDERS)
def test_borders_of_blocks_and_lines_are_invisible(path, content):
    file = opened(path, content)
    count = len(lines_in(content))
    assert file.line_count == count
    for first in {0, 1, 2, count // 2, count - 1, count}:
        assert_shows(file.lines(first, 3), content, first, 3)
    assert file.has_bom == content.startswith(codecs.BOM_UTF8)
    file.close()


def test_a_long_line_is_cut_where_a_character_ends(path):
    file = opened(path, b"x" * (LINE_LIMIT - 1) + "€".encode() + b"y\nnext\n")
    assert file.lines(0, 2) == [Line("x" * (LINE_LIMIT - 1), is_cut=True), Line("next")]
    file.close()


def test_a_line_of_just_the_limit_is_whole(path):
    file = opened(path, b"x" * LINE_LIMIT + b"\nnext\n")
    assert [line.is_cut for line in file.lines(0, 2)] == [False, False]
    file.close()


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"a", ["a"]),
        (b"a\n", ["a"]),
        (b"\n", [""]),
        (b"a\n\n", ["a", ""]),
        (b"a\r\nb\rc\x0b\x0c\x85\n", ["a\r", "b\rc\x0b\x0c\ufffd"]),
        ("a\u2028b\n".encode(), ["a\u2028b"]),
        (codecs.BOM_UTF8 + b"a\n" + codecs.BOM_UTF8, ["a", "\ufeff"]),
        (codecs.BOM_UTF8, [""]),
        (b"\xe2\x82\xff", ["\ufffd\ufffd\ufffd"]),
        (b"\xe2\x82\n\xac", ["\ufffd\ufffd", "\ufffd"]),
    ],
)
def test_only_a_line_feed_ends_a_line(path, content, lines):
    file = opened(path, content)
    assert [line.text for line in file.lines(0, 9)] == lines
    assert file.line_count == len(lines)
    file.close()


def test_a_nul_byte_makes_a_file_binary(path):
    for content, is_binary in ((b"a\0b", True), (b"abc", False)):
        file = opened(path, content)
        assert file.is_binary == is_binary
        file.close()


# The index in its thread


def test_lines_can_be_read_while_another_thread_counts_them(path):
    content = b"".join(b"line %d\n" % number for number in range(300_000))
    file = opened(path, content, index=False)
    thread = threading.Thread(target=file.build_index, args=(lambda: None,))
    thread.start()
    while not file.is_indexed:
        last = file.line_count - 1
        if last >= 0:
            assert file.lines(last, 1) == [Line(f"line {last}")]
    thread.join()
    assert file.line_count == 300_000
    assert file.lines(299_999, 5) == [Line("line 299999")]
    file.close()


def test_closing_ends_an_index_under_way(path):
    file = opened(path, b"x\n" * (40 * BLOCK), index=False)
    file.build_index(file.close)
    assert not file.is_indexed
    assert 0 < file.line_count < 40 * BLOCK


def test_a_file_can_be_closed_twice_and_shows_no_other_file_after_it(path):
    file = opened(path, b"mine\n")
    file.close()
    other = DocumentFile(path, "utf-8")  # takes the number that the system gave back
    file.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        file.lines(0, 1)
    assert other.lines(0, 1) == [Line("mine")]
    other.close()


# Another program writes


@QUIET
@given(CONTENTS, st.integers(0, 300), st.booleans())
def test_a_file_cut_short_under_it_gives_fewer_lines(path, small_blocks, content, size, is_indexed):
    file = opened(path, content, index=is_indexed)
    os.truncate(path, min(size, len(content)))
    assert_shows(file.lines(0, 999), content[:size], 0, 999)
    for first in range(1, content.count(b"\n") + 2):
        found = file.lines(first, 99)
        if found:
            assert_shows(found, content[:size], first, 99)
    file.build_index(lambda: None)
    assert file.is_indexed
    file.close()


@QUIET
@given(CONTENTS, CONTENTS)
def test_what_a_file_grows_by_is_no_part_of_the_document(path, small_blocks, content, more):
    file = opened(path, content, index=False)
    with path.open("ab") as out:
        out.write(more)
    file.build_index(lambda: None)
    assert file.line_count == len(lines_in(content))
    for first in (0, file.line_count - 1):
        assert_shows(file.lines(first, 999), content, first, 999)
    file.close()


def test_a_deleted_file_can_be_read_to_its_end(path):
    file = opened(path, b"a\nb\n", index=False)
    path.unlink()
    file.build_index(lambda: None)
    assert file.lines(0, 9) == [Line("a"), Line("b")]
    file.close()


# Files that are no documents


def test_what_cannot_be_a_document_is_said_in_a_sentence(tmp_path):
    (tmp_path / "empty").write_bytes(b"")
    os.mkfifo(tmp_path / "pipe")
    cases = {
        tmp_path / "none": "does not exist.",
        tmp_path: "is a directory; name a file in it.",
        tmp_path / "empty": "is empty: there is nothing to ask about.",
        tmp_path / "pipe": "is not a regular file; send it through a pipe: rlm-tui ask - <",
        tmp_path / "empty" / "below": "cannot be read: Not a directory.",
        tmp_path / ("x" * 300): "cannot be read: File name too long.",
    }
    for path, sentence in cases.items():
        for refused in (Contents, DocumentFile):
            with pytest.raises(DocumentError, match=f"^{re.escape(f'{path} {sentence}')}"):
                refused(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_of_somebody_else_is_said_to_be_unreadable(path):
    path.write_text("secret")
    path.chmod(0)
    with pytest.raises(DocumentError, match="cannot be read: Permission denied"):
        DocumentFile(path, "utf-8")


def test_a_file_that_goes_between_the_look_and_the_opening_is_a_document_error(path, monkeypatch):
    path.write_text("a")
    monkeypatch.setattr(
        contents_module, "check_readable", lambda path: (path.stat(), path.unlink())[0]
    )
    with pytest.raises(DocumentError, match="cannot be read: No such file"):
        DocumentFile(path, "utf-8")


def test_an_open_document_is_not_inherited_by_child_processes(path):
    file = opened(path, b"a")
    assert not os.get_inheritable(file.contents.fd)
    file.close()
