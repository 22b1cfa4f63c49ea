from __future__ import annotations

import asyncio
import os
import sys

import pytest

from rlm_tui.debug_input import TypedLines, composed, stdin_descriptor
from rlm_tui.errors import UsageError


@pytest.fixture
def pipe():
    ends = os.pipe()
    yield ends
    for end in ends:
        try:
            os.close(end)
        except OSError:
            continue


@pytest.fixture
def editor(tmp_path, monkeypatch):
    """An editor that runs a line of shell over the file `$1`."""

    def be(line):
        path = tmp_path / "editor with a blank"
        path.write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
        path.chmod(0o755)
        monkeypatch.setenv("EDITOR", f"'{path}' --wait")

    return be


async def all_of(lines):
    found = []
    while (line := await lines.next()) is not None:
        found.append(line)
    return found


async def test_lines_come_from_a_pipe_as_they_are_typed(pipe):
    reader, writer = pipe
    lines = TypedLines(reader)
    first = asyncio.ensure_future(lines.next())
    await asyncio.sleep(0)
    assert not first.done()
    os.write(writer, b"step\r\n\nover")
    assert await first == "step"
    os.close(writer)
    assert await all_of(lines) == ["", "over"]
    assert await lines.next() is None


async def test_lines_come_from_a_file(tmp_path):
    path = tmp_path / "commands"
    path.write_bytes("s\nanswer grün\n".encode() + b"\xff\n")
    with path.open("rb") as file:
        assert await all_of(TypedLines(file.fileno())) == ["s", "answer grün", "\ufffd"]


async def test_a_stdin_that_is_closed_has_no_lines(monkeypatch):
    assert await all_of(TypedLines(None)) == []
    monkeypatch.setattr(sys, "stdin", None)
    assert stdin_descriptor() is None


async def test_a_line_nobody_waits_for_any_more_is_there_for_the_next(pipe):
    reader, writer = pipe
    lines = TypedLines(reader)
    waiting = asyncio.ensure_future(lines.next())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    os.write(writer, b"step\n")
    assert await lines.next() == "step"


async def test_several_lines_end_with_a_dot(pipe):
    reader, writer = pipe
    os.write(writer, b"a = 1\n .\n\n.\nc\nb")
    os.close(writer)
    lines = TypedLines(reader)
    assert await lines.up_to_dot() == "a = 1\n .\n"
    with pytest.raises(UsageError, match="nothing was changed"):
        await lines.up_to_dot()


async def test_a_text_is_written_in_the_editor(editor):
    editor('test "$1" = --wait && sed -i s/old/new/ "$2"')
    assert await composed("an old text", ".txt") == "an new text"
    assert await composed("an old text\n", ".txt") == "an new text\n"


async def test_the_editor_sees_what_kind_of_text_it_is(editor):
    editor('basename "$2" > "$2"')
    assert await composed("", ".py") == "text.py"


@pytest.mark.parametrize(
    ("line", "why"),
    [("exit 3", "ended with status 3; nothing was changed"), ('rm "$2"', "left no text")],
)
async def test_an_editor_that_fails_changes_nothing(editor, line, why):
    editor(line)
    with pytest.raises(UsageError, match=why):
        await composed("text", ".txt")


@pytest.mark.parametrize(
    ("editor", "why"), [("", "set EDITOR"), ("/no/such/editor", "cannot be started")]
)
async def test_an_editor_that_is_not_there_is_said(monkeypatch, editor, why):
    monkeypatch.setenv("EDITOR", editor)
    with pytest.raises(UsageError, match=why):
        await composed("text", ".txt")
