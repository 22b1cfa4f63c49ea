from __future__ import annotations

import contextlib
import gzip
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.content import Content
from textual.events import MouseScrollDown

from rlm_tui.document.file import LINE_LIMIT, DocumentFile
from rlm_tui.ui.widgets.document_marks import Mark
from rlm_tui.ui.widgets.document_view import DocumentView
from tests.ui.conftest import until
from tests.ui.widgets.conftest import alone

GUTTER = 6
"""Cells of the line numbers of a document of less than 10,000 lines."""


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "a.log"


def written(path: Path, content: str | bytes) -> DocumentFile:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return DocumentFile(path)


def rows_on_screen(view) -> list[str]:
    """What the pane draws, without the map and the spaces before it."""
    rows = [view.render_line(y) for y in range(view.size.height)]
    return [(row.text[:-1] if view.file else row.text).rstrip() for row in rows]


def place(view) -> str:
    """What stands in the frame."""
    return Content.from_markup(view.border_subtitle).plain


async def indexed(pilot, view):
    """Wait until all lines are counted and the pane knows."""
    await until(pilot, lambda: view.file.is_indexed)
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
        assert (view.file, view.visible_rows(), place(view)) == (None, [], "")
        assert is_closed(file)


async def test_lines_have_their_numbers_and_the_frame_says_where_one_is(path):
    content = "".join(f"line {n}\n" for n in range(1, 1235))
    async with viewing(written(path, content), (40, 6)) as (view, pilot):
        assert rows_on_screen(view)[:2] == ["    1  line 1", "    2  line 2"]
        assert place(view) == "1/1,234"
        await pilot.press("G")
        await until(pilot, lambda: view.top.start > 0)
        assert rows_on_screen(view)[-1] == "1,234  line 1234"
        assert place(view) == "1,231/1,234"
        await pilot.press("g")
        await until(pilot, lambda: view.top.start == 0)
        assert rows_on_screen(view)[0] == "    1  line 1"


async def test_the_first_lines_are_there_before_any_are_counted(path, monkeypatch):
    monkeypatch.setattr(DocumentFile, "build_index", lambda *_: None)
    file = written(path, "line\n" * 10_000)
    view = DocumentView()
    async with alone(view) as pilot:
        view.open(file)
        await pilot.pause()
        assert rows_on_screen(view)[0].split() == ["1", "line"]
        assert rows_on_screen(view)[1].split() == ["2", "line"]
        assert place(view) == "1/~10,000… · 0% counted"


async def test_more_lines_than_one_reading_holds_can_be_scrolled_through(path):
    content = "".join(f"line {n}\n" for n in range(1, 6001))
    async with viewing(written(path, content), (40, 30)) as (view, _):
        height = view.size.height
        for top in range(0, 6000 - height, height - 1):
            assert rows_on_screen(view)[0].split() == [f"{top + 1:,}", "line", f"{top + 1}"]
            view.action_page(1)
        assert rows_on_screen(view)[-1].split() == ["6,000", "line", "6000"]
        for _ in range(6000):
            view.action_row(-1)
        assert rows_on_screen(view)[0].split() == ["1", "line", "1"]


async def test_every_row_is_exactly_as_wide_as_the_pane(path, monkeypatch):
    monkeypatch.setattr(DocumentFile, "build_index", lambda *_: None)
    view = DocumentView()

    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.text(max_size=40), min_size=1, max_size=6).map("\n".join).filter(len))
    def check(text):
        view.open(written(path, text.encode(errors="surrogatepass")))
        width = view.size.width
        view._wraps = len(text) % 2 == 0
        view.redraw()
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
        ("a\tb", "a→   b"),
        ("end\r", "end␍"),
        ("\u202eevil\x9b2J", "\ufffdevil\ufffd2J"),
        (b"a\xff\xfe", "a\ufffd\ufffd"),
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


async def test_the_end_of_a_very_long_line_can_be_reached_sideways(path):
    text = "x" * LINE_LIMIT + "END\nnext\n"
    async with viewing(written(path, text), (60, 10)) as (view, pilot):
        await until(pilot, lambda: view.max_scroll_x > LINE_LIMIT - 60)
        assert rows_on_screen(view)[1] == "   2  next"
        view.scroll_to(x=LINE_LIMIT - 9, animate=False, immediate=True)
        assert rows_on_screen(view)[0].endswith("xEND")


@pytest.mark.parametrize(
    ("content", "remarks"),
    [
        (b"text\n", "1/1"),
        (b"\xef\xbb\xbftext\n", "1/1 · UTF-8 with BOM"),
        (b"te\0xt\n", "1/1 · binary"),
        (b"caf\xe9\n", "1/1 · latin-1"),
        (b"a\xff\n", "1/1 · 1 invalid byte"),
        (gzip.compress(b"a\nb\n"), "1/2 · gzip"),
        ("a\nb\n".encode("utf-16"), "1/2 · UTF-16 LE with BOM"),
        (b"\xef\xbb\xbf\0", "1/1 · UTF-8 with BOM · binary"),
    ],
    ids=["plain", "bom", "binary", "latin", "invalid", "packed", "wide", "both"],
)
async def test_what_is_odd_about_a_file_is_said_in_the_frame(path, content, remarks):
    async with viewing(written(path, content)) as (view, _):
        assert place(view) == remarks
        assert "\ufeff" not in rows_on_screen(view)[0]


async def test_a_file_that_is_cut_short_while_it_is_shown_is_said_and_harms_nothing(path):
    content = "".join(f"line {n}\n" for n in range(1, 3001))
    async with viewing(written(path, content)) as (view, pilot):
        os.truncate(path, 100)
        view.go_to_line(2_001)
        await until(pilot, lambda: "cut short on disk" in place(view))
        view.action_edge("top")
        assert rows_on_screen(view)[0] == "    1  line 1"


async def test_a_file_that_cannot_be_read_any_more_is_said_literally(path, monkeypatch):
    def refused(*_):
        raise OSError(5, "Input/output error [/bold]")

    async with viewing(written(path, "line\n" * 3000), (70, 10)) as (view, pilot):
        monkeypatch.setattr(DocumentFile, "lines_from", refused)
        view.go_to_line(2_000)
        await until(pilot, lambda: "cannot be read" in place(view))
        assert "[Errno 5] Input/output error [/bold]" in place(view)


async def test_another_document_starts_at_its_beginning_and_the_first_is_closed(path, tmp_path):
    first = written(path, "x" * 500 + "\n" + "one\n" * 500)
    async with viewing(first) as (view, pilot):
        view.go_to_line(300)
        view.scroll_to(x=5, animate=False, immediate=True)
        second = written(tmp_path / "b.log", "two\ntwo\n")
        view.open(second)
        await indexed(pilot, view)
        await until(pilot, lambda: view.scroll_offset.x == 0)
        assert rows_on_screen(view)[:3] == ["   1  two", "   2  two", ""]
        assert place(view) == "1/2"
        assert is_closed(first)
    assert is_closed(second)


async def test_the_numbers_of_many_lines_take_as_much_room_as_they_need(path):
    async with viewing(written(path, "\n" * 12_345), (40, 5)) as (view, _):
        assert view.front_width == len("12,345") + 2
        view.action_edge("bottom")
        assert rows_on_screen(view)[-1] == "12,345"


# Views of the text


async def test_long_lines_can_be_wrapped_and_one_number_stands_before_their_rows(path):
    async with viewing(written(path, "word " * 20 + "\nnext\n"), (40, 10)) as (view, pilot):
        view.focus()
        await pilot.press("backslash")
        rows = rows_on_screen(view)
        assert rows[0].startswith("   1  word word")
        assert rows[1].startswith("      word")
        assert "   2  next" in rows
        await pilot.press("backslash")
        assert rows_on_screen(view)[1] == "   2  next"


async def test_a_line_of_megabytes_is_paged_through_when_it_is_wrapped(path):
    text = "".join(f"{n:07} " for n in range(300_000))
    async with viewing(written(path, text + "\nlast"), (40, 10)) as (view, _):
        view.action_wrap()
        assert rows_on_screen(view)[0].startswith("   1  0000000 0000001")
        view.action_edge("bottom")
        assert rows_on_screen(view)[-1] == "   2  last"
        assert "0299999" in "".join(rows_on_screen(view))
        view.go_to_share(0.5)
        there = "".join(row[6:] for row in rows_on_screen(view))
        assert "015" in there
        before = view.top
        view.action_page(-1)
        view.action_page(1)
        assert view.top == before


async def test_json_is_unfolded_on_demand(path):
    async with viewing(written(path, '{"a": [1, 2]}\n{"b": 1.50}\n'), (40, 14)) as (view, pilot):
        view.focus()
        await pilot.press("P")
        assert [row[6:] for row in rows_on_screen(view)[:6]] == [
            *("{", '  "a": [', "    1,", "    2", "  ]", "}")
        ]
        await pilot.press("P")
        assert rows_on_screen(view)[:2] == ['   1  {"a": [1, 2]}', '   2  {"b": 1.50}']


async def test_text_that_was_decoded_twice_is_said_and_shown_repaired_on_demand(path):
    twice = "café, déjà, naïve, größer\n".encode().decode("latin-1").encode()
    async with viewing(written(path, twice), (60, 8)) as (view, pilot):
        assert "decoded twice? M repairs" in place(view)
        assert "cafÃ©" in rows_on_screen(view)[0]
        view.focus()
        await pilot.press("M")
        assert rows_on_screen(view)[0] == "   1  café, déjà, naïve, größer"
        assert "repaired view" in place(view)


async def test_a_file_that_changes_while_it_is_open_is_said_in_the_frame(path):
    async with viewing(written(path, "line\n" * 9), (60, 8)) as (view, pilot):
        path.unlink()
        await until(pilot, lambda: "was deleted" in place(view))
        assert rows_on_screen(view)[0] == "   1  line"


# Marks


class EveryThird:
    """Marks every third line of five bytes, and the middle of the map."""

    def of_line(self, start, after):
        return Mark("▒", "waiting") if start // 5 % 3 == 0 else None

    def of_file(self, rows):
        return [Mark("░", "dim") if row == rows // 2 else None for row in range(rows)]


async def test_lines_and_the_map_show_the_marks_of_others(path):
    async with viewing(written(path, "line\n" * 90), (30, 11)) as (view, _):
        view.marks.append(EveryThird())
        view.redraw()
        assert rows_on_screen(view)[:3] == ["   1 ▒  line", "   2    line", "   3    line"]
        assert [view.render_line(y).text[-1] for y in range(view.size.height)][4] == "░"


async def test_a_click_on_the_map_goes_there(path):
    async with viewing(written(path, "line\n" * 900), (30, 12)) as (view, pilot):
        await pilot.click(view, offset=(view.region.width - 2, view.size.height // 2 + 1))
        assert 300 < int(rows_on_screen(view)[0].split()[0]) < 700


async def test_the_wheel_moves_by_rows(path):
    async with viewing(written(path, "line\n" * 900), (30, 12)) as (view, pilot):
        keys = dict.fromkeys(("shift", "meta", "ctrl"), False)
        view.post_message(MouseScrollDown(view, 5, 5, 0, 1, 0, **keys))
        await until(pilot, lambda: view.top.start > 0)
        assert rows_on_screen(view)[0].split()[0] == "4"
