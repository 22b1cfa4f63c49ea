from __future__ import annotations

import pytest
from hypothesis import given, settings
from rich.cells import cell_len

from rlm_tui.events import (
    AnswerProposed,
    CodeFinished,
    CodeStarted,
    ErrorInfo,
    IterationStarted,
    Message,
    ModelDelta,
    ModelFailed,
    ModelRequested,
    ModelResponded,
    ReplOutput,
    RunFinished,
    SubCallFinished,
    SubCallStarted,
    Usage,
)
from rlm_tui.trajectory import Trajectory
from rlm_tui.ui.widgets.inspector import Inspector
from rlm_tui.ui.widgets.wrapping import LONGEST
from tests import runs
from tests.ui.conftest import until
from tests.ui.widgets.conftest import all_rows, alone, rows_on_screen

TABS = ("code", "prompt", "answer")
BUSY = ErrorInfo("rate_limit", "too many requests")


def folded(records):
    trajectory = Trajectory()
    trajectory.apply_all(records)
    return trajectory


def happened(*happenings):
    return folded(runs.numbered(happenings))


def rows_of(inspector, trajectory, node, tab="code", *, is_answer=False):
    """Everything the inspector shows of a node, without the lines that fill the width."""
    inspector.choose(tab)
    inspector.show(trajectory, node, is_answer=is_answer)
    return [row.rstrip("─ ") for row in all_rows(inspector)]


def block_of(*outputs, code="x = 1", finished=None):
    told = [("1.1", output) for output in outputs]
    end = [("1.1", finished)] if finished else []
    return happened(("1", IterationStarted(1)), ("1.1", CodeStarted(code)), *told, *end)


async def test_without_a_run_it_is_said_what_to_do():
    async with alone(inspector := Inspector(), (80, 5)):
        assert rows_on_screen(inspector)[0].startswith("Select a node of the run")


async def test_a_node_that_comes_later_says_so():
    async with alone(inspector := Inspector(), (80, 5)):
        assert rows_of(inspector, happened(("1", IterationStarted(1))), "1.1.1") == [
            "This node comes later in the run."
        ]


async def test_an_iteration_is_shown_as_code_prompt_and_answer():
    trajectory = folded(runs.NAMED["answered"]())
    async with alone(inspector := Inspector(), (60, 30)):
        assert rows_of(inspector, trajectory, "1") == [
            " 1  print(len(context))",
            "── output",
            "440820",
        ]
        told = "|system|…||user|Go on 1||assistant|…||user|Go on 2"
        assert rows_of(inspector, trajectory, "2", "prompt") == [
            "to openai/gpt-5 · 1,200 tokens",
            *told.split("|"),
        ]
        assert rows_of(inspector, trajectory, "1", "answer") == [
            "Let me think.",
            "",
            "I look at it.",
        ]


async def test_a_sub_call_is_shown_as_the_line_that_made_it_its_prompt_and_its_reply():
    code = "for c in chunks:\n    llm_query(c)\nprint(1)"
    calls = [
        ("1.1.1", SubCallStarted("llm_query", "m", "Is this\nan error?", 2, input_tokens=300)),
        (
            "1.1.1",
            SubCallFinished(Usage(1, 310, 2_048), 1.25, "yes\nit is", retries=2, cached=True),
        ),
    ]
    trajectory = happened(("1", IterationStarted(1)), ("1.1", CodeStarted(code)), *calls)
    async with alone(inspector := Inspector(), (60, 20)):
        assert rows_of(inspector, trajectory, "1.1.1") == [
            " 1  for c in chunks:",
            " 2►     llm_query(c)",
            " 3  print(1)",
        ]
        assert rows_of(inspector, trajectory, "1.1.1", "prompt") == [
            "to m · 310 tokens",
            "Is this",
            "an error?",
        ]
        assert rows_of(inspector, trajectory, "1.1.1", "answer") == [
            "2.0k tokens · 1.2 s · 2 retries · from the cache",
            "yes",
            "it is",
        ]


async def test_several_blocks_of_an_iteration_are_shown_below_their_names():
    two = runs.turn("1", blocks=[runs.block("1.1", "a"), runs.block("1.2", "b")])
    async with alone(inspector := Inspector(), (60, 20)):
        trajectory = folded(runs.numbered(two))
        rows = rows_of(inspector, trajectory, "1")
        assert [row for row in rows if row.startswith(("──", " 1"))] == [
            "── code 1.1",
            " 1  a",
            "── output",
            "── code 1.2",
            " 1  b",
            "── output",
        ]
        assert rows_of(inspector, trajectory, "1.2")[0] == " 1  b"


async def test_output_that_came_in_pieces_is_put_together():
    pieces = (ReplOutput("stdout", piece) for piece in ("a", "b\n", "\n", "c", "d\n"))
    async with alone(inspector := Inspector(), (60, 20)):
        assert rows_of(inspector, block_of(*pieces), "1.1")[2:] == ["ab", "", "cd"]


async def test_errors_are_shown_where_they_came_between_other_output():
    said = [ReplOutput("stdout", "one\n"), ReplOutput("stderr", "two\n"), ReplOutput("stdout", "3")]
    async with alone(inspector := Inspector(), (60, 20)):
        assert rows_of(inspector, block_of(*said), "1.1")[2:] == ["one", "two", "3"]
        styles = [inspector.strip_at(row, 50)._segments[0].style for row in (2, 3, 4)]
        assert styles == [inspector.style(), inspector.style("error"), inspector.style()]


@pytest.mark.parametrize(
    ("finished", "last"),
    [
        (CodeFinished("killed", 1.0, "memory"), "killed: memory"),
        (CodeFinished("interrupted", 1.0, "limit"), "interrupted: limit"),
        (CodeFinished("ok", 1.0, dropped_chars=12_345), "12,345 more characters were not kept"),
        (CodeFinished("ok", 1.0), "── output"),
    ],
    ids=["killed", "interrupted", "dropped", "ok"],
)
async def test_how_a_block_ended_is_said_below_its_output(finished, last):
    async with alone(inspector := Inspector(), (60, 20)):
        assert rows_of(inspector, block_of(finished=finished), "1.1")[-1] == last


ASKED = ("1", ModelRequested("m", 0, [Message("user", "Go")], 1_200))
COUNTED = ("1", ModelResponded("no", Usage(1, 9, 1, counted=True), 1.0, "stop"))
REPLIED = ("1", ModelResponded("no code", Usage(), 1.0, "stop"))
FAILED = ("1", ModelFailed(BUSY, Usage(), 1.0))
PIECES = [("1", ModelDelta("so f")), ("1", ModelDelta("ar"))]
SO_FAR = {
    "nothing": ([], "code", ["Streaming …", ""]),
    "reply": (PIECES, "code", ["Streaming …", "so far"]),
    "reply as answer": (PIECES, "answer", ["so far"]),
    "reasoning": ([("1", ModelDelta("hm", reasoning=True))], "answer", ["hm", "", "Nothing yet."]),
    "no answer": ([], "answer", ["Nothing yet."]),
    "estimated": ([ASKED], "prompt", ["to m · about 1,200 tokens", "", "user", "Go"]),
    "counted": ([ASKED, COUNTED], "prompt", ["to m · 9 (counted here) tokens", "", "user", "Go"]),
    "no code": ([REPLIED], "code", ["No code in this iteration.", "no code"]),
    "failed": ([FAILED], "answer", ["too many requests", "Nothing yet."]),
}


@pytest.mark.parametrize("name", SO_FAR)
async def test_what_there_is_so_far_is_shown(name):
    happenings, tab, rows = SO_FAR[name]
    async with alone(inspector := Inspector(), (60, 20)):
        trajectory = happened(("1", IterationStarted(1)), *happenings)
        assert rows_of(inspector, trajectory, "1", tab) == rows


async def test_why_a_reply_could_not_be_used_is_shown_as_the_model_was_told():
    async with alone(inspector := Inspector(), (60, 20)):
        rows = rows_of(inspector, folded(runs.NAMED["troubled"]()), "2")
        assert rows == [
            "No code in this iteration.",
            "I think it is 715.",
            "── told to the model: no code",
            "That cannot be used.",
        ]


@pytest.mark.parametrize(
    ("event", "rows"),
    [
        (
            SubCallFinished(Usage(), 0.5, None, BUSY),
            ["0 tokens · 0.5 s", "rate_limit: too many requests", ""],
        ),
        (SubCallFinished(Usage(), 0.5, ""), ["0 tokens · 0.5 s", ""]),
        (ModelDelta("ye"), ["ye"]),
        (None, ["Nothing yet."]),
    ],
    ids=["failed", "empty", "streaming", "nothing"],
)
async def test_a_failed_call_is_told_from_one_that_answered_nothing(event, rows):
    happenings = [
        ("1", IterationStarted(1)),
        ("1.1", CodeStarted("x")),
        ("1.1.1", SubCallStarted("llm_query", "m", "p", 1)),
        *([("1.1.1", event)] if event else []),
    ]
    async with alone(inspector := Inspector(), (60, 20)):
        assert rows_of(inspector, happened(*happenings), "1.1.1", "answer") == rows


async def test_a_call_that_waits_says_for_what():
    records = runs.numbered(
        [
            ("1", IterationStarted(1)),
            ("1.1", CodeStarted("x")),
            *list(runs.call("1.1.1", retries=1))[:2],
        ]
    )
    async with alone(inspector := Inspector(), (60, 20)):
        assert rows_of(inspector, folded(records), "1.1.1", "answer")[0] == (
            "waits for attempt 2: no sign for 120 s"
        )


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("answered", ["── answer · FINAL", "715"]),
        ("held", ["No answer yet."]),
        ("cancelled", ["No answer: cancelled."]),
        (
            "limited",
            [
                "No answer: 200 of 200 sub-calls are used.",
                "For higher limits go to an earlier iteration, then W.",
                "── variables that may hold a part of it",
                "total = 412",
            ],
        ),
        (
            "forced",
            [
                "── answer · FINAL",
                "about 700",
                "",
                "Forced: 200 of 200 sub-calls are used.",
                "For higher limits go to an earlier iteration, then W.",
            ],
        ),
    ],
)
async def test_the_run_is_shown_by_its_answer_or_why_there_is_none(name, rows):
    trajectory = folded(runs.NAMED[name]())
    async with alone(inspector := Inspector(), (60, 20)):
        for tab in TABS:
            assert rows_of(inspector, trajectory, "", tab, is_answer=True) == rows
            assert rows_of(inspector, trajectory, "", tab) == rows


@pytest.mark.parametrize(
    ("answer", "variable", "rows"),
    [("", None, ["── answer · FINAL", "(empty)"]), ("7", "n", ["── answer · FINAL from n", "7"])],
)
async def test_an_answer_says_where_it_is_from(answer, variable, rows):
    trajectory = happened(
        ("1", IterationStarted(1)),
        ("1", AnswerProposed(answer, "FINAL", variable)),
        ("", RunFinished("answered", 1.0, Usage(), answer)),
    )
    async with alone(inspector := Inspector(), (60, 20)):
        assert rows_of(inspector, trajectory, "") == rows


async def test_long_lines_are_broken_and_keep_their_colours_and_their_gutter():
    code = "x = 1; " * 6 + "'the end of it'  # really"
    async with alone(inspector := Inspector(), (30, 20)):
        rows_of(inspector, block_of(code=code), "1.1")
        rows = [inspector.strip_at(row, 30) for row in range(inspector.row_count)]
        assert all(row.cell_length <= inspector.scrollable_content_region.width for row in rows)
        assert [row.text[:4] for row in rows] == [" 1  ", *["    "] * (len(rows) - 1)]
        assert "".join(row.text[4:] for row in rows).replace(" ", "") == code.replace(" ", "")
        strings = [p.text for row in rows for p in row if p.style == inspector.style("string")]
        assert "".join(strings).replace(" ", "") == "'theendofit'"


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("[bold]x[/] [/nothing]", "[bold]x[/] [/nothing]"),
        ("\x1b[31mred\r", "␛[31mred␍"),
        ("a\tb", "a    b"),
        ("\u202eevil", "\ufffdevil"),
    ],
    ids=["markup", "ansi", "tab", "direction"],
)
async def test_text_is_shown_literally(text, row):
    async with alone(inspector := Inspector(), (60, 20)):
        trajectory = block_of(ReplOutput("stdout", text), code=text)
        assert rows_of(inspector, trajectory, "1.1") == [f" 1  {row}", "── output", row]


async def test_text_beyond_all_measure_is_cut_and_it_is_said():
    async with alone(inspector := Inspector(), (60, 20)):
        many = ReplOutput("stdout", "line\n" * 20_000)
        assert rows_of(inspector, block_of(many), "1.1")[-1] == "… the rest is in the session file"
        long = ReplOutput("stdout", "x" * (LONGEST + 1_234))
        assert rows_of(inspector, block_of(long), "1.1")[-1] == "… 1,234 more characters"


async def test_the_tabs_are_named_and_the_chosen_one_is_in_brackets():
    heard = []

    def hear(message):
        if isinstance(message, Inspector.TabChosen) and message not in heard:
            heard.append(message)

    async with alone(inspector := Inspector(), (60, 20), hear) as pilot:
        assert inspector.title.startswith("[Code]  i Prompt  r Answer")
        inspector.choose("prompt")
        inspector.choose("prompt")
        assert inspector.title.startswith("Code  [i Prompt]  r Answer")
        await until(pilot, lambda: [message.tab for message in heard] == ["prompt"])


async def test_another_node_or_tab_is_shown_from_its_beginning_and_the_same_one_where_it_was():
    output = ReplOutput("stdout", "line\n" * 100)
    trajectory = block_of(output)
    async with alone(inspector := Inspector(), (60, 10)) as pilot:
        inspector.show(trajectory, "1.1")
        await pilot.pause()
        inspector.scroll_to(y=50, animate=False, immediate=True)
        inspector.show(trajectory, "1.1")
        await pilot.pause()
        assert inspector.scroll_offset.y == 50
        inspector.show(trajectory, "1")
        assert inspector.scroll_offset.y == 0
        await pilot.pause()
        inspector.scroll_to(y=50, animate=False, immediate=True)
        inspector.choose("answer")
        assert inspector.scroll_offset.y == 0


async def test_what_concerns_the_node_is_drawn_anew_when_the_run_goes_on():
    records = runs.numbered(
        [
            ("1", IterationStarted(1)),
            ("1.1", CodeStarted("x = 1")),
            ("1.1", ReplOutput("stdout", "one\n")),
            ("2", IterationStarted(2)),
        ]
    )
    trajectory = folded(records[:2])
    async with alone(inspector := Inspector(), (60, 10)):
        assert rows_of(inspector, trajectory, "1") == [" 1  x = 1"]
        trajectory.apply(records[2])
        inspector.update(trajectory, ["1.1"])
        assert rows_on_screen(inspector)[2] == "one"
        trajectory.apply(records[3])
        inspector.update(trajectory, ["2"])
        assert rows_on_screen(inspector)[2] == "one"


async def test_another_width_breaks_the_lines_anew():
    async with alone(inspector := Inspector(), (60, 10)) as pilot:
        before = len(rows_of(inspector, block_of(ReplOutput("stdout", "word " * 20)), "1.1"))
        await pilot.resize_terminal(30, 10)
        await until(pilot, lambda: inspector.row_count > before)


async def test_every_node_of_any_run_can_be_shown_on_every_tab_within_the_width():
    inspector = Inspector()

    @settings(max_examples=25, deadline=None)
    @given(runs.random_runs)
    def check(records):
        trajectory = folded(records)
        width = inspector.scrollable_content_region.width
        for tab in TABS:
            for node in ["", *trajectory.nodes]:
                rows = rows_of(inspector, trajectory, node, tab)
                assert rows
                assert all(cell_len(row) <= width for row in rows)

    async with alone(inspector, (34, 10)):
        check()
