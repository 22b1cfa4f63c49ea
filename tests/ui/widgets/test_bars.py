from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from rlm_tui.ui.widgets.bars import StatusLine, Timeline, TitleBar
from tests.ui.conftest import until
from tests.ui.widgets.conftest import alone

FIGURES = ("it 3/20", "calls 2/50", "$0.083 of $1.00", "00:42")
HOSTILE = "\x1b[31m[bold]\u202e\n你"
SHOWN = "␛[31m[bold]\ufffd␊你"


def row(widget, y=0):
    """What is drawn in a row, without the padding."""
    return widget.render_line(y).text.removeprefix(" ").rstrip()


async def test_the_title_says_what_is_open_and_what_is_asked_and_something_short_at_the_right():
    bar = TitleBar()
    async with alone(bar, (50, 3)) as pilot:
        bar.show("ci.log", " 9.8 MB · which errors?", "run 3f2a")
        await pilot.pause()
        assert row(bar) == "ci.log 9.8 MB · which errors?           run 3f2a"


async def test_a_long_title_leaves_room_for_what_stands_at_the_right():
    bar = TitleBar()
    async with alone(bar, (30, 3)) as pilot:
        bar.show("ci.log", " 9.8 MB · which errors?", "[1 Doc]")
        await pilot.pause()
        assert row(bar) == "ci.log 9.8 MB · whi… [1 Doc]"
        bar.show("ci.log", " 9.8 MB · which errors?", "运行")
        await pilot.pause()
        assert row(bar) == "ci.log 9.8 MB · which … 运行"


async def test_the_title_shows_its_words_literally():
    bar = TitleBar()
    async with alone(bar, (70, 3)) as pilot:
        bar.show(HOSTILE, HOSTILE, HOSTILE)
        await pilot.pause()
        assert row(bar).startswith(SHOWN * 2)
        assert row(bar).endswith(f" {SHOWN}")


async def test_the_mode_is_a_word_and_its_reason_and_figures_follow():
    line = StatusLine()
    async with alone(line, (80, 3)) as pilot:
        assert row(line) == "IDLE"
        line.show("PAUSED", "held", "before llm_query", FIGURES)
        await pilot.pause()
        assert row(line) == (
            "PAUSED  before llm_query · it 3/20 · calls 2/50 · $0.083 of $1.00 · 00:42"
        )
        line.show("DONE", "done", "", FIGURES)
        await pilot.pause()
        assert row(line) == "DONE  it 3/20 · calls 2/50 · $0.083 of $1.00 · 00:42"


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (61, " PAUSED  why · it 3/20 · calls 2/50 · $0.083 of $1.00 · 00:42"),
        (60, " PAUSED  why · it 3/20 · calls 2/50 · $0.083 of $1.00"),
        (50, " PAUSED  why · it 3/20 · calls 2/50"),
        (24, " PAUSED  why · it 3/20"),
        (20, " PAUSED  why"),
        (10, " PAUSED  …"),
    ],
)
async def test_figures_that_do_not_fit_are_dropped_from_the_right(width, shown):
    line = StatusLine()
    async with alone(line, (width + 3, 3)) as pilot:
        line.styles.width = width
        line.show("PAUSED", "held", "why", FIGURES)
        await pilot.pause()
        assert line.render_line(0).text.rstrip() == shown


async def test_where_there_are_two_rows_the_figures_have_their_own():
    line = StatusLine()
    async with alone(line, (40, 4)) as pilot:
        line.styles.height = 2
        line.show("PAUSED", "held", "before " + "x" * 60, FIGURES)
        await pilot.pause()
        assert row(line).startswith("PAUSED  before xxx")
        assert row(line).endswith("x…")
        assert row(line, 1) == "it 3/20 · calls 2/50 · $0.083 of $1.00"


async def test_the_status_shows_its_words_literally():
    line = StatusLine()
    async with alone(line, (80, 3)) as pilot:
        line.show("FAILED", "failed", HOSTILE, (HOSTILE,))
        await pilot.pause()
        assert row(line) == f"FAILED  {SHOWN} · {SHOWN}"


async def test_whatever_the_status_says_takes_one_row_of_the_width():
    line = StatusLine()

    @settings(max_examples=60, deadline=None)
    @given(st.text(max_size=30), st.lists(st.text(max_size=12), max_size=5))
    def check(reason, figures):
        line.show("LIVE", "live", reason, figures)
        shown = line.render()
        assert cell_len(shown.plain) <= line.size.width
        assert all(character >= " " for character in shown.plain)

    async with alone(line, (40, 3)):
        check()


async def test_before_anything_happens_the_timeline_is_empty():
    line = Timeline()
    async with alone(line, (60, 3)) as pilot:
        pilot.app.set_focus(None)
        await pilot.pause()
        assert row(line) == "5"


@pytest.mark.parametrize(
    ("position", "marks", "drawn"),
    [
        (0, [], "║───────────────────"),
        (50, [], "━━━━━━━━━━║─────────"),
        (100, [], "━━━━━━━━━━━━━━━━━━━║"),
        (100, [(0, False), (50, False), (75, True)], "●━━━━━━━━━●━━━━✗━━━║"),
        (25, [(0, False), (50, False)], "●━━━━║────●─────────"),
        (100, [(50, True), (51, False)], "━━━━━━━━━━✗━━━━━━━━║"),
        (100, [(50, False), (51, True)], "━━━━━━━━━━✗━━━━━━━━║"),
        (50, [(50, False)], "━━━━━━━━━━║─────────"),
        (100, [(100, False), (900, True)], "━━━━━━━━━━━━━━━━━━━║"),
    ],
    ids=[
        "start",
        "middle",
        "end",
        "iterations",
        "ahead",
        "failure first",
        "failure second",
        "under the head",
        "beyond the end",
    ],
)
async def test_the_timeline_has_the_head_and_a_mark_for_each_iteration(position, marks, drawn):
    line = Timeline()
    words = f" event {position}/100"
    async with alone(line, (2 + 2 + 20 + len(words) + 1, 3)) as pilot:
        line.show(position, 100, marks, "")
        await pilot.pause()
        assert row(line) == f"5 {drawn}{words}"


async def test_the_place_is_told_in_words_and_where_there_is_no_room_for_a_line_in_words_only():
    line = Timeline()
    async with alone(line, (60, 3)) as pilot:
        line.show(1234, 56789, [(0, False)], " · it 3")
        await pilot.pause()
        assert row(line).endswith("─ event 1,234/56,789 · it 3")
        await pilot.resize_terminal(36, 3)
        await until(pilot, lambda: "─" not in row(line))
        assert row(line) == "5  event 1,234/56,789 · it 3"


async def test_the_number_of_the_timeline_is_in_reverse_while_it_has_the_focus():
    line = Timeline()

    def is_marked():
        return any(part.style.reverse for part in line.render_line(0) if part.text == "5")

    async with alone(line, (60, 3)) as pilot:
        pilot.app.set_focus(None)
        await until(pilot, lambda: not is_marked())
        line.focus()
        await until(pilot, is_marked)


async def test_a_timeline_of_any_run_has_one_head_and_the_width_of_the_bar():
    line = Timeline()

    @settings(max_examples=100, deadline=None)
    @given(st.integers(1, 10**6), st.data())
    def check(total, data):
        position = data.draw(st.integers(0, total))
        marks = data.draw(st.lists(st.tuples(st.integers(0, total), st.booleans()), max_size=9))
        line.show(position, total, marks, "")
        shown = line.render().plain
        assert cell_len(shown) in {line.size.width, line.size.width - 1}
        assert shown.count("║") == 1
        head = shown.index("║")
        assert "━" not in shown[head:]
        assert "─" not in shown[:head]

    async with alone(line, (60, 3)):
        check()
