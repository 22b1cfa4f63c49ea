from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from contextlib import ExitStack
from pathlib import Path

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from rlm_tui import cli, preview
from tests.runs import HEADER, encode_line

ENTERED, LEFT = "\x1b[?1049h", "\x1b[?1049l"
CODE = "import sys; from rlm_tui import preview; preview.show(sys.argv[1:])"


def told(arguments, folder, code=CODE, **environ):
    """What a process of its own writes to its terminal of 80 by 24."""
    with ExitStack() as stack:
        ours, theirs = pty.openpty()
        stack.callback(os.close, ours)
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 24, 80, 0, 0))
        process = subprocess.Popen(
            [sys.executable, "-c", code, *map(str, arguments)],
            stdin=theirs,
            stdout=theirs,
            stderr=subprocess.PIPE,
            cwd=folder,
            env={**os.environ, "TERM": "xterm", **environ},
        )
        os.close(theirs)
        written = b""
        while piece := _read(ours):
            written += piece
        errors = process.communicate()[1]
        assert (process.returncode, errors) == (0, b"")
        return written.decode("utf-8", "replace")


def _read(terminal):
    try:
        return os.read(terminal, 1 << 16)
    except OSError:  # Linux says so when the other side is closed
        return b""


@pytest.fixture
def document(tmp_path):
    path = tmp_path / "server.log"
    path.write_text("first line\nsecond\tline\n")
    return path


@pytest.fixture(scope="module", autouse=True)
def importable():
    """The processes stand in folders of their own and still find the package."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
        yield


def screen_of(codes, width=80, height=24):
    screen = pyte.Screen(width, height)
    pyte.Stream(screen).feed(codes)
    return [line.rstrip() for line in screen.display]


# The page


def test_the_first_lines_stand_numbered_to_the_right_of_the_tree():
    rows = screen_of(preview.page(b"first line\nsecond\tline\n", 80, 24))
    assert rows[2:5] == [" " * 31 + "   1  first line", " " * 31 + "   2  second    line", ""]
    assert "".join(rows[:2] + rows[4:]) == ""


@pytest.mark.parametrize(("width", "left"), [(40, 0), (59, 0), (60, 30), (100, 42), (160, 50)])
def test_the_tree_takes_more_of_a_wider_terminal(width, left):
    rows = screen_of(preview.page(b"x", width, 24), width)
    assert rows[2] == " " * (left + 1) + "   1  x"


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (b"\xef\xbb\xbfa\r\nb", ["a", "b"]),
        (b"a\n\n", ["a", ""]),
        (b"\x1b[31mred\x07", [" [31mred"]),
        ("a\u202eb\x9bc".encode(), ["a b c"]),
        (b"\xff", ["\ufffd"]),
    ],
    ids=["mark and CRLF", "empty line", "escape", "direction", "no UTF-8"],
)
def test_a_line_is_shown_without_what_drives_a_terminal(content, shown):
    rows = screen_of(preview.page(content, 80, 24))
    assert [row[37:] for row in rows[2 : 2 + len(shown)]] == shown
    assert rows[2 + len(shown) :] == [""] * (22 - len(shown))


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.text(max_size=120) | st.text("日本 é", max_size=120), max_size=40),
    st.integers(1, 130),
    st.integers(1, 40),
)
def test_a_page_fits_the_terminal_whatever_the_text(lines, width, height):
    codes = preview.page("\n".join(lines).encode(), width, height)
    rows = re.findall(r"\x1b\[(\d+);(\d+)H\x1b\[2m *\d+\x1b\[22m  ([^\x1b]*)", codes)
    assert len(rows) == codes.count("H") - "".join(text for *_, text in rows).count("H")
    assert len(rows) <= max(height - 6, 0)
    for row, column, text in rows:
        assert int(row) <= height
        assert text.isprintable()
        assert not text or int(column) - 1 + 6 + cell_len(text) <= width


# When it is shown


def test_the_document_that_is_about_to_be_opened_is_painted(document):
    codes = told([document, "-q", "what?"], document.parent)
    assert codes.startswith(ENTERED)
    assert screen_of(codes)[2].endswith("   1  first line")


@pytest.mark.parametrize("command", sorted(preview._COMMANDS))
def test_a_command_never_means_a_file_of_that_name(tmp_path, command):
    (tmp_path / command).write_text("a file\n")
    assert told([command], tmp_path) == ""
    assert told([f"./{command}"], tmp_path).startswith(ENTERED)


def test_every_command_is_known_to_be_one():
    assert set(cli.HELP) - {""} <= preview._COMMANDS


NOTHING_TO_SHOW = {
    "no argument": [],
    "an option": ["--version"],
    "help": ["server.log", "--help"],
    "short help": ["server.log", "-q", "what?", "-h"],
    "no such file": ["none.log"],
    "a folder": ["."],
    "a binary": ["binary"],
    "a session": ["a.rlm.jsonl"],
    "a spaced session": ["b.rlm.jsonl"],
}


@pytest.mark.parametrize("arguments", NOTHING_TO_SHOW.values(), ids=NOTHING_TO_SHOW)
def test_where_no_document_is_opened_nothing_is_painted(document, arguments):
    folder = document.parent
    (folder / "binary").write_bytes(b"a\0b")
    (folder / "a.rlm.jsonl").write_bytes(encode_line(HEADER))
    (folder / "b.rlm.jsonl").write_bytes(encode_line(HEADER).replace(b":", b": "))
    assert told(arguments, folder) == ""


@pytest.mark.parametrize("term", ["dumb", "unknown", ""])
def test_a_terminal_that_knows_no_codes_gets_none(document, term):
    assert told([document], document.parent, TERM=term) == ""


@pytest.mark.parametrize("closed", ["", "; import os; os.close(0)"], ids=["pipes", "no stdin"])
def test_without_a_terminal_nothing_is_written(document, closed):
    code = CODE.replace("; preview.show", f"{closed}; preview.show")
    command = [sys.executable, "-c", code, str(document)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_of_another_encoding_gets_marks_for_what_it_lacks(document, encoding):
    document.write_text("größe 日本\n", encoding="utf-8")
    codes = told([document], document.parent, PYTHONIOENCODING=encoding)
    assert codes.startswith(ENTERED)
    assert "??" in screen_of(codes)[2]


def test_the_terminal_is_given_back_if_it_was_taken(document):
    code = f"{CODE}; preview.leave(); preview.leave()"
    assert told([document], document.parent, code).endswith(f"{LEFT}\x1b[?25h" * 2)
    assert told(["none.log"], document.parent, code) == ""


def test_nothing_that_takes_long_to_import_is_needed():
    code = "import __future__, sys; before = set(sys.modules); from rlm_tui import preview"
    code += "; print(sorted(m for m in set(sys.modules) - before if not m.startswith('rlm_tui')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
