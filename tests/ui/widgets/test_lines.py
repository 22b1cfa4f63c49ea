from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style
from textual.geometry import Region

from rlm_tui.ui import keymap
from rlm_tui.ui.widgets.lines import LineView, cells, drawable
from tests.ui.conftest import until
from tests.ui.widgets.conftest import alone, rows_on_screen


class Numbers(LineView):
    """A hundred rows, each of which says its number and how wide it was asked to be."""

    BINDINGS = keymap.bindings(keymap.TEXT)

    def __init__(self, count=100, width=0):
        super().__init__()
        self.asked = []
        self.set_rows(count, width)

    def strip_at(self, row, width):
        self.asked.append(row)
        return cells(f"row {row} " + "0123456789" * 10, self.style())


def frame(pane):
    """The upper edge of a pane, with its title."""
    return pane.render_lines(Region(0, 0, pane.outer_size.width, 1))[0]


def reversed_text(pane):
    return "".join(part.text for part in frame(pane) if part.style and part.style.reverse)


def top_row(pane):
    return int(rows_on_screen(pane)[0].split()[1])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("a\tb", "a    b"),
        ("\x1b[31m", "␛[31m"),
        ("\x7f\x00", "␡␀"),
        ("\u202eevil", "\ufffdevil"),
        ("[bold]", "[bold]"),
        ("你好", "你好"),
        ("", ""),
    ],
)
def test_a_line_is_drawn_with_what_would_drive_the_terminal_as_symbols(text, shown):
    assert drawable(text) == shown


@given(st.text(st.characters()))
def test_what_is_drawable_holds_no_control_character_and_is_drawn_as_it_is(text):
    shown = drawable(text)
    assert all(character >= " " and not "\x7f" <= character < "\xa0" for character in shown)
    assert drawable(shown) == shown


@settings(max_examples=200)
@given(st.text(max_size=40).map(drawable))
def test_cells_know_their_width(text):
    assert cells(text, Style()).cell_length == cell_len(text)


async def test_only_the_rows_on_screen_are_ever_made():
    pane = Numbers(1_000_000)
    async with alone(pane, (30, 10)) as pilot:
        pane.scroll_to(y=500_000, animate=False, immediate=True)
        await pilot.pause()
        assert top_row(pane) == 500_000
        assert len(set(pane.asked)) <= 30


async def test_below_the_last_row_the_pane_is_blank():
    pane = Numbers(2)
    async with alone(pane, (30, 10)):
        width = pane.scrollable_content_region.width
        assert [row.split()[1] for row in rows_on_screen(pane)[:2]] == ["0", "1"]
        assert pane.render_line(2).text == " " * width
        assert set(rows_on_screen(pane)[2:]) == {""}


async def test_a_row_is_shown_from_the_column_that_is_scrolled_to():
    pane = Numbers(5, width=106)
    async with alone(pane, (30, 10)) as pilot:
        pane.scroll_to(x=6, animate=False, immediate=True)
        await pilot.pause()
        width = pane.scrollable_content_region.width
        assert pane.render_line(1).text == ("0123456789" * 10)[:width]


@pytest.mark.parametrize(
    ("keys", "top"),
    [
        (["down", "j", "down"], 3),
        (["down", "up", "k"], 0),
        (["pagedown"], 7),
        (["space", "space", "pageup"], 7),
        (["ctrl+d"], 4),
        (["ctrl+d", "ctrl+d", "ctrl+u"], 4),
        (["G"], 92),
        (["end", "g"], 0),
        (["end", "down"], 92),
    ],
    ids=str,
)
async def test_keys_move_through_the_rows(keys, top):
    pane = Numbers()
    async with alone(pane, (30, 10)) as pilot:
        pane.focus()
        await pilot.press(*keys)
        await until(pilot, lambda: top_row(pane) == top)


async def test_a_page_leaves_one_row_to_go_on_from_and_is_never_nothing():
    pane = Numbers()
    async with alone(pane, (30, 3)) as pilot:
        assert pane.scrollable_content_region.height == 1
        pane.action_page(1)
        await until(pilot, lambda: top_row(pane) == 1)
        pane.action_page(-0.5)
        await until(pilot, lambda: top_row(pane) == 0)


async def test_going_to_an_edge_stays_in_its_column():
    pane = Numbers(width=106)
    async with alone(pane, (30, 10)) as pilot:
        pane.action_column(8)
        await until(pilot, lambda: pane.scroll_offset.x == 8)
        pane.action_edge("bottom")
        await until(pilot, lambda: pane.scroll_offset == (8, 92))
        pane.action_edge("top")
        await until(pilot, lambda: pane.scroll_offset == (8, 0))


async def test_fewer_rows_bring_the_reader_back_to_what_is_there():
    pane = Numbers()
    async with alone(pane, (30, 10)) as pilot:
        pane.action_edge("bottom")
        await until(pilot, lambda: top_row(pane) == 92)
        pane.set_rows(3)
        assert pane.row_count == 3
        await until(pilot, lambda: pane.scroll_offset.y == 0)
        assert top_row(pane) == 0


async def test_the_number_of_a_pane_is_in_reverse_while_it_has_the_focus():
    pane = Numbers()
    async with alone(pane) as pilot:
        pilot.app.set_focus(None)
        pane.name_pane("7", "[Numbers]")
        await pilot.pause()
        assert " 7 [Numbers] " in frame(pane).text
        assert reversed_text(pane) == ""
        pane.focus()
        await until(pilot, lambda: reversed_text(pane) == "7")
        assert " 7 [Numbers] " in frame(pane).text
        pilot.app.set_focus(None)
        await until(pilot, lambda: reversed_text(pane) == "")


async def test_a_pane_without_a_name_has_no_title():
    pane = Numbers()
    async with alone(pane) as pilot:
        pane.focus()
        await pilot.pause()
        assert not pane.border_title
