from __future__ import annotations

import pytest

from rlm_tui import debug_views
from rlm_tui.breakpoint import Breakpoint
from rlm_tui.events import (
    CodeFinished,
    CodeStarted,
    Intervened,
    Message,
    Paused,
    SubCallStarted,
    Variable,
    VariablesChanged,
)
from rlm_tui.trajectory import Trajectory
from tests.runs import NAMED, block, call, chained, child, numbered, turn

CODE = "found = []\nfor piece in chunks(100):\n    found.append(llm_query(piece))\nprint(found)"


def folded(*happenings) -> Trajectory:
    trajectory = Trajectory()
    trajectory.apply_all(numbered(chained(*happenings)))
    return trajectory


def running(code: str = CODE, node: str = "1.1"):
    """A code block that goes on."""
    return [("1", event) for _, event in list(turn("1"))[:-1]] + [(node, CodeStarted(code))]


@pytest.mark.parametrize(
    ("before", "node", "words"),
    [
        ("model request", "2", "before the model request of iteration 2"),
        ("code block", "2.1", "before code block 2.1"),
        ("line", "2.1", "before line 3 of code block 2.1"),
        ("llm_query", "2.1.4", "before llm_query 2.1.4"),
        ("reply", "2.1.4", "before the code gets the reply of 2.1.4"),
        ("answer", "3", "before the answer of iteration 3 is taken"),
        ("what follows the code block", "2.1", "after code block 2.1"),
    ],
)
def test_a_stop_says_where_it_is(before, node, words):
    assert debug_views.place_of(Paused(before, line=3), node) == words


@pytest.mark.parametrize(
    ("held", "words"),
    [
        (Paused("code block"), "nothing is sent"),
        (Paused("llm_query", model="offline", input_tokens=2148), "2,148 tokens to offline"),
        (Paused("llm_query", model="scripted:/a/s.json", cost_usd=0.0), "scripted:s.json, free"),
        (Paused("llm_query", model="openai/gpt-5"), "price not known"),
        (Paused("llm_query", model="openai/gpt-5", cost_usd=0.00061), "about $0.0006"),
    ],
)
def test_a_stop_says_what_comes_next_and_its_price(held, words):
    assert words in debug_views.price_of(held)


def test_a_stop_at_a_line_marks_it_in_the_whole_block():
    held = Paused("line", "step", text="    found.append(llm_query(piece))", line=3)
    rows = debug_views.stop(folded(running()), held, "1.1")
    assert rows[0] == "stopped before line 3 of code block 1.1 · step"
    assert "->    3      found.append(llm_query(piece))" in rows
    assert rows[-1] == "      4  print(found)"


def test_a_stop_before_a_call_shows_the_line_that_makes_it_and_the_prompt():
    held = Paused("llm_query", "step", text="Which errors?", line=3)
    rows = debug_views.stop(folded(running()), held, "1.1.1")
    assert "in code block 1.1, line 3:" in rows
    assert "->    3      found.append(llm_query(piece))" in rows
    assert rows[-1] == "  | Which errors?"


def test_where_a_call_in_a_child_is_goes_up_to_the_root():
    started = SubCallStarted("rlm_query", "m", "Count them.", 3, context_chars=10)
    inner = list(turn("1.1.1.1"))[:-1]
    trajectory = folded(running(), [("1.1.1", started)], inner, [("1.1.1.1.1", CodeStarted("x"))])
    held = Paused("llm_query", text="the prompt", line=1)
    labels = [frame.label for frame in debug_views.frames(trajectory, held, "1.1.1.1.1.1")]
    assert labels == [
        "before llm_query 1.1.1.1.1.1",
        "in code block 1.1.1.1.1, line 1",
        "in iteration 1.1.1.1 of openai/gpt-5",
        "in rlm_query 1.1.1",
        "in code block 1.1, line 3",
        "in iteration 1 of openai/gpt-5",
    ]


def test_long_code_is_shown_around_its_line_or_from_its_beginning():
    code = "\n".join(f"x{n} = {n}" for n in range(1, 101))
    around = debug_views.code_rows(code, 50)
    assert any(row.startswith("->   50  x50") for row in around)
    assert 15 <= len(around) <= 25
    first = debug_views.code_rows(code)
    assert first[-1] == "        … 80 more lines; `l` shows them"


def test_a_long_prompt_and_a_long_line_say_how_much_is_left_out():
    rows = debug_views.text_rows("\n".join(["x" * 300] + ["y"] * 20))
    assert rows[0].endswith("… (140 more characters)")
    assert rows[-1] == "  … 13 more lines; `l` shows them"


def test_variables_say_what_is_new_changed_and_gone():
    first = VariablesChanged(
        [Variable("hits", "list", 3, "[1, 2, 3]"), Variable("n", "int", None, "1")]
    )
    second = VariablesChanged(
        [Variable("m", "int", None, "2")], [Variable("hits", "list", 0, "[]")], ["n"]
    )
    trajectory = folded(
        turn("1", blocks=[block("1.1", changes=first), block("1.2", changes=second)])
    )
    rows = debug_views.variables(trajectory, "1.2.7")
    assert [row[:8].rstrip() for row in rows] == ["~ hits", "+ m", "- n"]
    assert "list[0]" in rows[0]
    assert debug_views.set_at(trajectory, "1.2", "hits").startswith(
        "hits was set last by code block 1.2"
    )
    assert debug_views.set_at(trajectory, "1.2", "n") == "no code block has set n so far"


def test_variables_of_a_block_that_runs_are_said_to_be_those_before_it():
    rows = debug_views.variables(folded(running()), "1.1.1")
    assert rows[0] == "code block 1.1 still runs; `p` sees what it has set"


def test_breakpoints_are_told_with_their_hits_and_what_is_odd_about_them():
    items = [
        Breakpoint(1, "llm_query"),
        Breakpoint(2, "error", enabled=False, once=True, ignore=3, action="log"),
    ]
    assert debug_views.breakpoints(items, {1: 4}) == [
        "on    1  llm_query  hits 4",
        "off   2  error  hits 0, ignores the first 3, once, then log",
    ]
    assert "no breakpoints" in debug_views.breakpoints([], {})[0]


def test_limits_are_told_as_they_are_now():
    change = Intervened("raised_limit", "cost none", "cost 2")
    trajectory = folded(turn("1", blocks=[block("1.1", calls=call("1.1.1"))]), [("", change)])
    rows = debug_views.limits(trajectory, {"max_iterations": 20, "sandbox": "off"})
    assert [" ".join(row.split()) for row in rows] == [
        "iterations 1 of 20",
        "sub-calls 1 of 200",
        "tokens 1,600 of no limit",
        "cost $0.3750 of $2.0000",
        f"time {trajectory.at:,.1f} s of no limit",
    ]


def test_a_prompt_is_told_whole():
    rows = debug_views.prompt([Message("system", "a\nb"), Message("user", "c" * 500)])
    assert rows == [
        "[system, 3 characters]",
        "  | a",
        "  | b",
        "[user, 500 characters]",
        f"  | {'c' * 500}",
    ]


def test_a_pattern_is_found_in_code_prompts_output_and_replies():
    trajectory = Trajectory()
    trajectory.apply_all(NAMED["nested"]())
    assert any(
        row.startswith("1.1.3    answer   yes") for row in debug_views.found(trajectory, "^yes", "")
    )
    rows = debug_views.found(trajectory, "print|rlm_query", "code")
    assert [row.split()[:2] for row in rows] == [["1.1", "code"], ["1.1.1.1.1", "code"]]
    assert debug_views.found(trajectory, "nowhere at all", "") == [
        "/nowhere at all/ is nowhere in the run so far"
    ]


def test_of_many_places_the_first_are_told_and_the_others_counted():
    calls = chained(*(call(f"1.1.{n}", "needle") for n in range(1, 71)))
    rows = debug_views.found(folded(turn("1", blocks=[block("1.1", calls=calls)])), "needle", "")
    assert len(rows) == 51
    assert rows[-1] == "… and 20 more"


def test_a_moment_says_whether_it_is_past():
    trajectory = folded(turn("1", blocks=[block("1.1", calls=child("1.1.1", []))]))
    assert debug_views.moment(trajectory, "1.1.1.1", trajectory.seq).startswith(
        f"event {trajectory.seq} of {trajectory.seq} · it 1 · depth 1 · "
    )
    assert " (past) " in debug_views.moment(trajectory, "", 999)


def test_a_stop_behind_a_code_block_shows_the_block():
    code = "x = 1\ny = 1 / 0"
    held = Paused("what follows the code block", "step")
    raised = CodeFinished("error", 0.1, "ZeroDivisionError: division by zero")
    rows = debug_views.stop(folded(running(code), [("1.1", raised)]), held, "1.1")
    assert rows[-2:] == ["      1  x = 1", "      2  y = 1 / 0"]
