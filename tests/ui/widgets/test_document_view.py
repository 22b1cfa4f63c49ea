from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.content import Content

from rlm_tui.document.file import LINE_LIMIT, DocumentFile
from rlm_tui.ui.widgets.document_view import DocumentView
from tests.ui.conftest import until
from tests.ui.widgets.conftest import alone, rows_on_screen

GUTTER = 6
"""Cells of the line numbers of a document of less than 10,000 lines."""


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "a.log"


def written(path: Path, content: str | bytes) -> DocumentFile:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return DocumentFile(path)


def place(view) -> str:
    """What stands in the frame."""
    return Content.from_markup(view.border_subtitle).plain


async def indexed(pilot, view):
    """Wait until all lines are counted and the pane knows."""
    await until(pilot, lambda: view.file.is_indexed and view.row_count == view.file.line_count)
    await until(pilot, lambda: "…" not in place(view))
    await pilot.pause()


@contextlib.asynccontextmanager
async def viewing(file: DocumentFile, size=(40, 10)):
    view = DocumentView()
    async with alone(view, size) as pilot:
        view.open(file)
        await indexed(pilot, view)
        yield view, pilot


def is_closed(file: DocumentFile) -> bool:
    try:
        file.lines(0, 1)
    except OSError:
        return True
    return False


async def test_without_a_document_it_is_said_how_to_open_one():
    view = DocumentView()
    async with alone(view):
        assert rows_on_screen(view)[0] == "No document. ctrl+o opens one."


async def test_why_there_is_no_document_is_shown_literally():
    view = DocumentView()
    async with alone(view) as pilot:
        view.fail("/tmp/[bold]\x1b[31m does not exist.")
        await pilot.pause()
        assert rows_on_screen(view)[0] == "/tmp/[bold]␛[31m does not exist."


async def test_a_document_that_cannot_be_read_takes_the_place_of_the_one_before(path):
    file = written(path, "one\ntwo\n")
    async with viewing(file) as (view, pilot):
        view.fail("/b.log does not exist.")
        await pilot.pause()
        assert rows_on_screen(view)[0] == "/b.log does not exist."
        assert (view.file, view.row_count, place(view)) == (None, 0, "")
        assert is_closed(file)


async def test_lines_have_their_numbers_and_the_frame_says_where_one_is(path):
    content = "".join(f"line {n}\n" for n in range(1, 1235))
    async with viewing(written(path, content), (40, 6)) as (view, pilot):
        assert rows_on_screen(view)[:2] == ["    1  line 1", "    2  line 2"]
        assert place(view) == "1/1,234"
        await pilot.press("G")
        await until(pilot, lambda: view.scroll_offset.y == view.max_scroll_y)
        assert rows_on_screen(view)[-1] == "1,234  line 1234"
        assert place(view) == f"{view.max_scroll_y + 1:,}/1,234"
        await pilot.press("g")
        await until(pilot, lambda: view.scroll_offset.y == 0)
        assert rows_on_screen(view)[0] == "    1  line 1"


async def test_the_first_lines_are_there_before_any_are_counted(path, monkeypatch):
    monkeypatch.setattr(DocumentFile, "build_index", lambda *_: None)
    file = written(path, "line\n" * 10_000)
    view = DocumentView()
    async with alone(view) as pilot:
        view.open(file)
        await pilot.pause()
        assert rows_on_screen(view)[:2] == ["   1  line", "   2  line"]
        assert place(view).endswith("…")


async def test_more_lines_than_one_reading_holds_can_be_scrolled_through(path):
    content = "".join(f"line {n}\n" for n in range(1, 6001))
    async with viewing(written(path, content), (40, 30)) as (view, pilot):
        for top in range(0, 6000 - 30, 60):
            view.scroll_to(y=top, animate=False, immediate=True)
            assert rows_on_screen(view)[0].split() == [f"{top + 1:,}", "line", f"{top + 1}"]
        view.scroll_end(animate=False, immediate=True)
        await pilot.pause()
        assert rows_on_screen(view)[-1].split() == ["6,000", "line", "6000"]


async def test_every_row_is_exactly_as_wide_as_the_pane(path, monkeypatch):
    monkeypatch.setattr(DocumentFile, "build_index", lambda *_: None)
    view = DocumentView()

    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.text(max_size=40), min_size=1, max_size=6).map("\n".join).filter(len))
    def check(text):
        view.open(written(path, text.encode(errors="surrogatepass")))
        width = view.scrollable_content_region.width
        strips = [view.render_line(y) for y in range(8)]
        assert {cell_len(strip.text) for strip in strips} == {width}
        assert all(strip.cell_length == width for strip in strips)
        assert all(character >= " " for strip in strips for character in strip.text)

    async with alone(view, (30, 10)):
        check()


@pytest.mark.parametrize(
    ("line", "row"),
    [
        ("[bold]x[/] [/nothing]", "[bold]x[/] [/nothing]"),
        ("\x1b[31mred\x1b[0m\x07", "␛[31mred␛[0m␇"),
        ("a\tb", "a    b"),
        ("end\r", "end␍"),
        ("\u202eevil\x9b2J", "\ufffdevil\ufffd2J"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        ("你好🙂", "你好🙂"),
        ("", ""),
    ],
    ids=["markup", "ansi", "tab", "carriage return", "direction", "no UTF-8", "wide", "empty"],
)
async def test_a_line_is_shown_literally(path, line, row):
    content = line if isinstance(line, bytes) else line.encode()
    async with viewing(written(path, content + b"\n")) as (view, _):
        assert rows_on_screen(view)[0] == f"   1  {row}".rstrip()


@pytest.mark.parametrize(
    "line",
    ["x" * 100 + "END", "你好" * 40 + "END", "\tx" * 20 + "END", "é\t" * 30 + "END"],
    ids=["plain", "wide", "tabs", "both"],
)
async def test_the_end_of_a_long_line_can_be_reached_sideways_and_its_number_stays(path, line):
    async with viewing(written(path, f"{line}\nshort\n")) as (view, pilot):
        await until(pilot, lambda: view.max_scroll_x > 0)
        view.scroll_to(x=view.max_scroll_x, animate=False, immediate=True)
        rows = rows_on_screen(view)
        assert rows[0].startswith("   1  ")
        assert rows[0].endswith("END")
        assert rows[1] == "   2"


async def test_keys_move_sideways(path):
    async with viewing(written(path, "abcdefghijkl" * 10)) as (view, pilot):
        view.focus()
        await until(pilot, lambda: view.max_scroll_x > 0)
        await pilot.press("right")
        await until(pilot, lambda: view.scroll_offset.x == 8)
        assert rows_on_screen(view)[0].startswith("   1  ijklabc")
        await pilot.press("h")
        await until(pilot, lambda: view.scroll_offset.x == 0)


async def test_a_line_that_is_not_shown_whole_is_said_in_the_frame(path):
    async with viewing(written(path, "x" * (LINE_LIMIT + 1) + "\nnext\n"), (60, 10)) as (view, _):
        rows_on_screen(view)
        assert rows_on_screen(view)[1] == "   2  next"
        assert place(view) == "1/2 · long lines are cut"


@pytest.mark.parametrize(
    ("content", "remarks"),
    [
        (b"text\n", "1/1"),
        (b"\xef\xbb\xbftext\n", "1/1 · BOM"),
        (b"te\0xt\n", "1/1 · binary"),
        (b"\xef\xbb\xbf\0", "1/1 · BOM · binary"),
    ],
    ids=["plain", "bom", "binary", "both"],
)
async def test_what_is_odd_about_a_file_is_said_in_the_frame(path, content, remarks):
    async with viewing(written(path, content)) as (view, _):
        assert place(view) == remarks
        assert "\ufeff" not in rows_on_screen(view)[0]


async def test_a_file_that_is_cut_short_while_it_is_shown_is_said_and_harms_nothing(path):
    content = "".join(f"line {n}\n" for n in range(1, 3001))
    async with viewing(written(path, content)) as (view, pilot):
        os.truncate(path, 100)
        view.scroll_to(y=2_000, animate=False, immediate=True)
        await until(pilot, lambda: "cut short on disk" in place(view))
        assert rows_on_screen(view)[0] == "2,001"
        assert rows_on_screen(view)[0] == "2,001"


async def test_a_file_that_cannot_be_read_any_more_is_said_literally(path, monkeypatch):
    def refused(*_):
        raise OSError(5, "Input/output error [/bold]")

    async with viewing(written(path, "line\n" * 3000), (70, 10)) as (view, pilot):
        monkeypatch.setattr(DocumentFile, "lines", refused)
        view.scroll_to(y=2_000, animate=False, immediate=True)
        await until(pilot, lambda: "cannot be read" in place(view))
        assert "[Errno 5] Input/output error [/bold]" in place(view)


async def test_another_document_starts_at_its_beginning_and_the_first_is_closed(path, tmp_path):
    first = written(path, "x" * 500 + "\n" + "one\n" * 500)
    async with viewing(first) as (view, pilot):
        view.scroll_to(y=300, x=5, animate=False, immediate=True)
        second = written(tmp_path / "b.log", "two\ntwo\n")
        view.open(second)
        await indexed(pilot, view)
        await until(pilot, lambda: view.scroll_offset == (0, 0))
        assert rows_on_screen(view)[:3] == ["   1  two", "   2  two", ""]
        assert place(view) == "1/2"
        assert is_closed(first)
    assert is_closed(second)


async def test_the_numbers_of_many_lines_take_as_much_room_as_they_need(path):
    async with viewing(written(path, "\n" * 12_345), (40, 5)) as (view, _):
        assert view.number_width == len("12,345") + 2
        view.scroll_end(animate=False, immediate=True)
        assert rows_on_screen(view)[-1] == "12,345"
