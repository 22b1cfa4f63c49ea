from __future__ import annotations

import pytest
from hypothesis import given, settings

from rlm_tui.events import AnswerProposed, IterationStarted, Paused, Variable, VariablesChanged
from rlm_tui.held import Held, held_at
from rlm_tui.trajectory import Trajectory
from rlm_tui.ui.widgets import node_rows
from rlm_tui.ui.widgets.node_rows import Inspected
from tests.runs import NAMED, block, call, numbered, random_runs, turn

QUIET = settings(max_examples=25, deadline=None)
CODE = "for c in chunks:\n    r = llm_query(c)\n    print(r)"


def seen(happenings, node, held=None, **known):
    trajectory = Trajectory()
    trajectory.apply_all(numbered(happenings))
    return Inspected(trajectory, node, held=held, width=60, **known)


def texts(rows):
    return [row.number + row.text for row in rows]


def running_block():
    """A block that has made a call and printed, and runs."""
    [*events] = turn("1", blocks=[block("1.1", CODE, output=["ok\n"], calls=call("1.1.1"))])
    end = next(i for i, (_, e) in enumerate(events) if type(e).__name__ == "CodeFinished")
    return events[:end]


def paused(before, node, **more):
    return Held(node, Paused(before, "step", **more))


CALL = paused(
    "llm_query",
    "1.1.2",
    text="\n".join(f"line {n}" for n in range(20)),
    model="openai/gpt-5-mini",
    input_tokens=2148,
    cost_usd=0.0006,
    line=2,
)


@pytest.mark.parametrize("node", ["1.1.2", "1"])
def test_a_call_that_is_next_is_shown_in_the_code_that_makes_it(node):
    rows = texts(node_rows.code_rows(seen(running_block(), node, CALL)))
    assert rows[:3] == [" 1  for c in chunks:", " 2►     r = llm_query(c)", " 3      print(r)"]
    about = rows.index(next(row for row in rows if "about to send" in row))
    assert rows[about + 1] == "to openai/gpt-5-mini · about 2,148 tokens · ~$0.0006"
    assert rows[about + 2] == "line 0"
    assert "… 12 more lines" in rows
    assert rows[-2:] == [next(r for r in rows if "output so far" in r), "ok"]


def test_its_prompt_is_shown_whole():
    rows = texts(node_rows.prompt_rows(seen(running_block(), "1.1.2", CALL)))
    assert rows[1:] == [f"line {n}" for n in range(20)]
    assert texts(node_rows.reply_rows(seen(running_block(), "1.1.2", CALL))) == ["Nothing yet."]


def test_code_that_is_next_is_shown_with_its_breakpoints():
    held = paused("code block", "1.1", text=CODE)
    stops = {"": {3}, "1.1": {1}, "2.1": {2}}
    for node in ("1", "1.1"):
        rows = texts(node_rows.code_rows(seen(turn("1"), node, held, stops=stops)))
        assert any("about to run" in row for row in rows)
        assert rows[-3:] == ["●1  for c in chunks:", " 2      r = llm_query(c)", "●3      print(r)"]


def test_the_line_that_is_next_is_marked_in_code_that_runs():
    held = paused("line", "1.1", text=CODE, line=3)
    rows = texts(node_rows.code_rows(seen(running_block(), "1.1", held)))
    assert rows[2] == " 3►     print(r)"
    assert rows[-1] == "ok"


def test_a_request_that_is_next_says_what_is_added_to_the_conversation():
    held = paused("model request", "2", text="[block 1 of 1]", model="m", input_tokens=7)
    happenings = [*turn("1", reply="I look at it."), *list(turn("2"))[:1]]
    inspected = seen(happenings, "2", held)
    rows = texts(node_rows.code_rows(inspected))
    assert rows[1:] == ["to m · about 7 tokens · price unknown", "[block 1 of 1]"]
    prompt = texts(node_rows.prompt_rows(inspected))
    assert prompt[-2:] == ["user", "[block 1 of 1]"]
    assert "I look at it." in prompt


@pytest.mark.parametrize(
    ("before", "node", "words"),
    [("answer", "1", "before it is taken"), ("reply", "1.1.1", "before the code gets it")],
)
def test_what_was_given_is_shown_before_it_counts(before, node, words):
    rows = texts(node_rows.code_rows(seen(running_block(), node, paused(before, node, text="715"))))
    assert any(words in row for row in rows)
    assert "715" in rows


def test_what_is_recorded_has_no_price():
    held = Held("1.1.2", CALL.next, is_recorded=True)
    rows = texts(node_rows.code_rows(seen(running_block(), "1.1.2", held)))
    assert "to openai/gpt-5-mini · about 2,148 tokens" in rows
    assert any("sent next" in row for row in rows)


def test_a_node_that_comes_later_says_so():
    inspected = seen(turn("1"), "7.1.2")
    for rows in (node_rows.code_rows, node_rows.prompt_rows, node_rows.reply_rows):
        assert texts(rows(inspected)) == ["This node comes later in the run."]


@QUIET
@given(random_runs)
def test_every_node_of_any_run_can_be_looked_at_wherever_one_stands(records):
    trajectory = Trajectory()
    for position, record in enumerate(records):
        held = held_at(trajectory, records, position)
        nodes = {*list(trajectory.nodes)[-2:], held.node if held else "", ""}
        for node in nodes:
            inspected = Inspected(trajectory, node, held=held, width=40)
            for rows in (node_rows.code_rows, node_rows.prompt_rows, node_rows.reply_rows):
                if node:
                    assert list(rows(inspected))
        trajectory.apply(record)


def test_the_run_itself_has_its_answer_or_why_there_is_none():
    def rows(name):
        trajectory = Trajectory()
        trajectory.apply_all(NAMED[name]())
        return texts(node_rows.run_rows(Inspected(trajectory, width=30)))

    assert rows("answered")[1] == "715"
    assert rows("limited")[0].startswith("No answer")
    assert "total = 412" in rows("limited")
    assert rows("not begun") == ["No answer yet."]
    assert any("Forced" in row for row in rows("forced"))


def steps_of(name, *values):
    changes = [VariablesChanged(new=[Variable(name, "str", len(v), repr(v))]) for v in values]
    for number, change in enumerate(changes, 1):
        yield from turn(str(number), blocks=[block(f"{number}.1", changes=change)])


def test_the_answer_is_shown_as_it_came_to_be():
    run = [
        *steps_of("best", "first", "second"),
        ("3", IterationStarted(3)),
        ("3", AnswerProposed("second", "FINAL_VAR", "best")),
    ]
    rows = texts(node_rows.run_rows(seen(run, "")))
    at = next(index for index, row in enumerate(rows) if "how best came to be" in row)
    assert rows[at + 1 :] == ["code 1.1    str[5] 'first'", "code 2.1    str[6] 'second'"]


def test_without_an_answer_what_may_become_one_is_shown():
    rows = texts(node_rows.run_rows(seen(steps_of("final_answer", "a"), "")))
    assert rows[0] == "No answer yet."
    assert "final_answer so far" in rows[1]
