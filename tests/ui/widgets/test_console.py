from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from rlm_tui.events import (
    AnswerProposed,
    CodeFinished,
    CodeStarted,
    ErrorInfo,
    IterationStarted,
    LimitReached,
    ModelDelta,
    ModelFailed,
    ModelResponded,
    Paused,
    Record,
    ReplOutput,
    ReplyRejected,
    RetryScheduled,
    RunFinished,
    SubCallStarted,
    Usage,
)
from rlm_tui.ui.widgets.console import KEPT_LINES, Console
from rlm_tui.ui.widgets.wrapping import LONGEST
from tests import runs
from tests.ui.widgets.conftest import all_rows, alone, rows_on_screen

BUSY = ErrorInfo("rate_limit", "too many requests")
PICTURES = (
    "a",
    "b c",
    "\n",
    "\n\n",
    "```\n",
    "你好",
    "🙂",
    "☺\ufe0f",
    "e\u0301",
    "[bold]",
    "\x1b[31m",
)


def records_of(*happenings):
    return runs.numbered(happenings)


def printed(text, stream="stdout", node="1.1"):
    return records_of((node, ReplOutput(stream, text)))


async def settled(pilot):
    await pilot.pause()
    await pilot.pause()


def shown(console, records):
    """All rows of a console that is told these records and no others."""
    console.clear()
    console.add(records)
    console.refresh_rows()
    return all_rows(console)


def cut_in_pieces(text, cuts):
    at = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    return [text[a:b] for a, b in itertools.pairwise(at)]


async def test_text_that_comes_in_other_pieces_gives_the_same_rows():
    console = Console()

    @settings(max_examples=150, deadline=None)
    @given(
        st.lists(st.sampled_from(PICTURES), min_size=1, max_size=30).map("".join),
        st.lists(st.integers(0, 1000), max_size=8),
        st.booleans(),
    )
    def check(text, cuts, is_model):
        def telling(pieces):
            make = ModelDelta if is_model else lambda piece: ReplOutput("stdout", piece)
            return records_of(*(("1", make(piece)) for piece in pieces))

        whole = shown(console, telling([text]))
        assert shown(console, telling(cut_in_pieces(text, cuts))) == whole
        assert shown(console, telling(text)) == whole

    async with alone(console):
        check()


async def test_no_row_is_wider_than_the_pane_and_none_of_its_text_is_lost():
    console = Console()

    @settings(max_examples=100, deadline=None)
    @given(st.text(st.sampled_from("ab你🙂e\u0301☺\ufe0f\u200d"), min_size=1, max_size=200))
    def check(text):
        console.clear()
        console.add(printed(text))
        console.refresh_rows()
        rows = [console.strip_at(row, 20).text for row in range(console.row_count)]
        assert all(cell_len(row) <= console.scrollable_content_region.width for row in rows)
        assert "".join(row[2:] for row in rows) == text

    async with alone(console, (20, 6)):
        check()


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("[bold]x[/] [/nothing] \\[", ["  [bold]x[/] [/nothing] \\["]),
        ("\x1b[31mred\x1b[0m\x07", ["  ␛[31mred␛[0m␇"]),
        ("50%\r100%\n", ["  50%␍100%"]),
        ("a\tb", ["  a    b"]),
        ("\u202eevil\x9b2J", ["  \ufffdevil\ufffd2J"]),
        ("one\n\ntwo\n", ["  one", "", "  two"]),
        ("\n", [""]),
        ("", []),
    ],
    ids=["markup", "ansi", "carriage return", "tab", "direction", "blank line", "newline", "empty"],
)
async def test_text_is_shown_literally(text, rows):
    console = Console()
    async with alone(console):
        assert shown(console, printed(text)) == rows


@pytest.mark.parametrize("name", sorted(runs.NAMED))
async def test_going_back_and_forward_shows_the_same(name):
    console, records = Console(), runs.NAMED[name]()
    async with alone(console, (60, 20)):
        whole = shown(console, records)
        for position in range(0, len(records), 3):
            shown(console, records[:position])
            console.add(records[position:])
            console.refresh_rows()
            assert all_rows(console) == whole


MARKED = [
    (ReplOutput("stdout", "x"), "  x"),
    (ReplOutput("stderr", "x"), "! x"),
    (ModelDelta("x"), "▏ x"),
    (ModelDelta("x", reasoning=True), "· x"),
    (ModelResponded("x", Usage(), 1.0, "stop"), "▏ x"),
    (CodeStarted("x"), "▶ code 1"),
    (CodeFinished("killed", 1.0, "memory"), "* killed: memory"),
    (ReplyRejected("no_code", "?"), "* reply no code; the model is told"),
    (RetryScheduled(2, 0.5, BUSY), "* 1: too many requests; attempt 2 in 0.5 s"),
    (ModelFailed(BUSY, Usage(), 1.0), "! too many requests"),
    (LimitReached("cost", 1, 1), "* limit reached: cost"),
    (Paused("model request"), "* paused before the model request of it 1"),
    (RunFinished("failed", 1.0, Usage(), error=BUSY), "* failed: too many requests"),
]


@pytest.mark.parametrize(
    ("event", "row"), MARKED, ids=[type(event).__name__ + row[0] for event, row in MARKED]
)
async def test_each_row_says_whose_text_it_is_without_colours(event, row):
    console = Console()
    async with alone(console, (60, 10)):
        assert shown(console, records_of(("1", event))) == [row]


@pytest.mark.parametrize(
    "happening",
    [
        ("1.1", CodeFinished("error", 1.0, "its traceback was printed")),
        ("1.1.1", ModelDelta("a sub-call's text has its place in the inspector")),
        ("1.1.1", SubCallStarted("llm_query", "m", "p", 1)),
        ("", RunFinished("answered", 1.0, Usage(), "x")),
    ],
    ids=lambda happening: type(happening[1]).__name__,
)
async def test_what_is_shown_elsewhere_takes_no_row(happening):
    console = Console()
    async with alone(console):
        assert shown(console, records_of(happening)) == []


async def test_titles_fill_the_width_and_name_depth_and_kind():
    console = Console()
    async with alone(console, (44, 10)):
        rows = shown(
            console,
            records_of(
                ("1", IterationStarted(1)),
                ("1.1.1.2", IterationStarted(2)),
                ("3", IterationStarted(3, "forced")),
                ("3", AnswerProposed("715", "FINAL_VAR")),
            ),
        )
        assert [row.strip("─ ") for row in rows] == [
            "it 1",
            "it 2 · depth 1 · 1.1.1.2",
            "it 3 · forced",
            "answer · FINAL_VAR",
            "715",
        ]
        assert {len(row) for row in rows[:-1]} == {console.scrollable_content_region.width}


async def test_a_reply_of_which_only_the_reasoning_was_streamed_is_shown():
    console = Console()
    async with alone(console):
        told = records_of(
            ("1", ModelDelta("hm", reasoning=True)),
            ("1", ModelResponded("the reply", Usage(), 1.0, "stop", "hm")),
        )
        assert shown(console, told) == ["· hm", "▏ the reply"]


async def test_a_reply_that_was_streamed_is_not_shown_again():
    console = Console()
    async with alone(console):
        told = records_of(
            ("1", ModelDelta("the re")),
            ("1", ModelDelta("ply")),
            ("1", ModelResponded("the reply", Usage(), 1.0, "stop")),
        )
        assert shown(console, told) == ["▏ the reply"]


async def test_code_in_a_reply_is_told_from_prose_also_after_a_retry_that_cut_a_fence():
    console = Console()
    async with alone(console, (60, 20)):
        told = records_of(
            ("1", ModelDelta("```repl\nhalf of")),
            ("1", RetryScheduled(2, 0.5, BUSY)),
            ("1", ModelDelta("prose\n```repl\ncode\n")),
            ("1", ModelDelta("```\nprose")),
        )
        rows = shown(console, told)
        looks = [console.strip_at(row, 60)._segments[1].style for row in range(len(rows))]
        prose, code = console.style("model"), console.style("code")
        assert rows[3:] == ["▏ prose", "▏ ```repl", "▏ code", "▏ ```", "▏ prose"]
        assert looks[3:] == [prose, prose, code, prose, prose]


async def test_the_end_is_followed_only_while_the_reader_stands_there():
    console = Console()
    async with alone(console) as pilot:
        console.add(printed("line\n" * 50))
        await settled(pilot)
        assert console.scroll_offset.y == console.max_scroll_y > 0
        console.action_row(-3)
        await settled(pilot)
        place = console.scroll_offset.y
        console.add(printed("more\n" * 50))
        await settled(pilot)
        assert console.scroll_offset.y == place
        console.action_edge("bottom")
        await settled(pilot)
        console.add(printed("last\n"))
        await settled(pilot)
        assert console.scroll_offset.y == console.max_scroll_y
        assert rows_on_screen(console)[-1] == "  last"


async def test_twenty_thousand_lines_are_kept_and_it_is_said_where_the_older_ones_are():
    console = Console()
    async with alone(console) as pilot:
        console.add(printed("".join(f"line {n}\n" for n in range(KEPT_LINES))))
        await settled(pilot)
        assert (console.row_count, all_rows(console)[0]) == (KEPT_LINES, "  line 0")
        console.add(printed("".join(f"more {n}\n" for n in range(KEPT_LINES // 2))))
        await settled(pilot)
        assert console.row_count == KEPT_LINES + 1
        assert console.strip_at(0, 40).text == "* older output is in the session file"
        assert console.strip_at(1, 40).text.strip() == f"line {KEPT_LINES // 2}"
        assert rows_on_screen(console)[-1].strip() == f"more {KEPT_LINES // 2 - 1}"


async def test_older_lines_that_go_do_not_move_what_the_reader_looks_at():
    console = Console()
    async with alone(console) as pilot:
        console.add(printed("".join(f"line {n}\n" for n in range(KEPT_LINES))))
        await settled(pilot)
        console.action_row(-100)
        await settled(pilot)
        seen = rows_on_screen(console)
        console.add(printed("more\n" * (KEPT_LINES // 2)))
        await settled(pilot)
        assert rows_on_screen(console) == seen


async def test_a_reader_of_lines_that_go_is_taken_to_the_oldest_that_are_kept():
    console = Console()
    async with alone(console) as pilot:
        console.add(printed("".join(f"line {n}\n" for n in range(KEPT_LINES))))
        await settled(pilot)
        console.action_edge("top")
        await settled(pilot)
        for _ in range(2):
            console.add(printed("more\n" * KEPT_LINES))
        await settled(pilot)
        assert rows_on_screen(console)[:2] == ["* older output is in the session file", "  more"]


async def test_another_width_keeps_the_line_that_the_reader_looks_at():
    console = Console()
    async with alone(console, (40, 10)) as pilot:
        console.add(printed("".join(f"{n} {'word ' * 20}\n" for n in range(100))))
        await settled(pilot)
        console.scroll_to(y=150, animate=False, immediate=True)
        await settled(pilot)
        top = rows_on_screen(console)[0]
        await pilot.resize_terminal(25, 10)
        await settled(pilot)
        assert rows_on_screen(console)[0].split()[0] == top.split()[0] == "50"


async def test_a_line_beyond_all_measure_says_how_much_of_it_is_not_shown():
    console = Console()
    async with alone(console) as pilot:
        console.add(printed("x" * (LONGEST + 1_234)))
        await settled(pilot)
        assert rows_on_screen(console)[-1].startswith("  … 1,234 more characters")


async def test_another_width_breaks_the_lines_anew_and_stays_at_the_end():
    console = Console()
    async with alone(console, (40, 10)) as pilot:
        console.add(printed("word " * 100 + "end"))
        await settled(pilot)
        await pilot.resize_terminal(20, 10)
        await settled(pilot)
        assert rows_on_screen(console)[-1].endswith("end")
        assert all(cell_len(row) <= 17 for row in all_rows(console))


async def test_an_empty_console_says_what_to_do():
    console = Console()
    async with alone(console, (60, 5)):
        assert rows_on_screen(console)[0] == " ctrl+n asks a question about the document."
        console.await_rows(is_live=True)
        assert rows_on_screen(console)[0] == " No reply yet."
        console.await_rows(is_live=False)
        assert rows_on_screen(console)[0] == " ctrl+n asks a question about the document."


async def test_a_row_knows_its_event():
    console = Console()
    async with alone(console):
        shown(
            console, [Record(7, 0.0, "1.1", ReplOutput("stdout", "a\nb")), *printed("", "stderr")]
        )
        assert [console.seq_at(row) for row in (0, 1, 2)] == [7, 7, None]
