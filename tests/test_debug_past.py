from __future__ import annotations

import contextlib

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_tui.debug_past import Past
from rlm_tui.debug_word import GoTo
from rlm_tui.errors import UsageError
from rlm_tui.events import CodeStarted, IterationStarted, Paused, Resumed
from rlm_tui.header import DocumentRef
from rlm_tui.source import Resume, Step
from tests.runs import HEADER, NAMED, block, call, chained, numbered, random_runs, turn

STEP = Step("into")


def at(*happenings) -> Past:
    past = Past()
    past.extend(numbered(chained(*happenings)))
    return past


def stopped(node: str, before: str, *, number: int | None = None):
    return [(node, Paused(before, "step", number, "x = 1\ny = 2")), (node, Resumed())]


def three_stops() -> Past:
    """Held before a request, a block (by a breakpoint) and the next request, where it still is."""
    return at(
        stopped("1", "model request"),
        list(turn("1"))[:-1],
        stopped("1.1", "code block", number=1),
        block("1.1", calls=chained(call("1.1.1"), call("1.1.2"))),
        [("2", IterationStarted(2)), ("2", Paused("model request", "step", text="Go on"))],
    )


def test_the_present_is_where_the_run_is_held():
    past = three_stops()
    assert not past.is_past
    assert past.stop()[0] == "stopped before the model request of iteration 2 · step"


def test_steps_go_back_from_stop_to_stop_and_forward_again():
    past = three_stops()
    assert "before code block 1.1" in past.back("step")[1]
    assert past.is_past
    assert "(past)" in past.stop()[0]
    assert "request of iteration 1" in past.back("step")[1]
    with pytest.raises(UsageError, match="no earlier"):
        past.back("step")
    assert "before code block 1.1" in past.forward(STEP)[1]
    assert "request of iteration 2" in past.forward(STEP)[0]
    assert not past.is_past


def test_back_at_this_depth_leaves_out_what_lies_below():
    assert "request of iteration 1" in three_stops().back("next")[1]


def test_back_to_the_breakpoint_that_was_hit():
    assert "before code block 1.1" in three_stops().back("continue")[1]


def test_over_and_out_go_forward_past_what_lies_below():
    past = three_stops()
    past.go_to(GoTo("event", 1), HEADER)
    assert "request of iteration 2" in past.forward(Step("over"))[0]


def test_continuing_in_the_past_goes_to_the_present():
    past = three_stops()
    past.back("step")
    past.back("step")
    past.forward(Resume())
    assert not past.is_past


def test_what_comes_while_one_looks_back_moves_nobody():
    past = three_stops()
    past.back("step")
    before = past.stop()[1:]
    past.extend(
        [
            msgspec.structs.replace(record, seq=record.seq + 1000)
            for record in numbered([("2", Resumed())])
        ]
    )
    assert past.stop()[1:] == before
    past.follow()
    assert past.trajectory.paused is None


@pytest.mark.parametrize(
    ("place", "number", "seq"),
    [("event", 5, 5), ("percent", 50, 10), ("percent", 0, 0), ("iteration", 1, 3), ("call", 2, 15)],
)
def test_a_place_is_gone_to(place, number, seq):
    past = three_stops()
    past.back("step")
    past.go_to(GoTo(place, number), HEADER)
    assert past.trajectory.seq == seq
    if place == "call":
        assert past.stop()[1].startswith("in llm_query 1.1.2")


@pytest.mark.parametrize(
    ("place", "number", "why"),
    [
        ("event", 999, "There are "),
        ("iteration", 9, "no iteration 9"),
        ("call", 9, "no call #9"),
        ("line", 1, "does not exist"),
    ],
)
def test_a_place_that_is_not_there_is_said(place, number, why):
    with pytest.raises(UsageError, match=why):
        three_stops().go_to(GoTo(place, number), HEADER)


def test_a_line_of_the_document_is_shown_between_its_neighbours(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("".join(f"line {n}\n" for n in range(1, 101)), encoding="utf-8")
    header = msgspec.structs.replace(HEADER, document=DocumentRef(str(path), 0, ""))
    rows = three_stops().go_to(GoTo("line", 50), header)
    assert rows[4] == "->      50  line 50"
    assert len(rows) == 9
    assert three_stops().go_to(GoTo("line", 100), header)[-1] == "->     100  line 100"
    with pytest.raises(UsageError, match="The document has 100 lines"):
        three_stops().go_to(GoTo("line", 101), header)


def test_one_looks_at_the_callers_and_back():
    past = at(list(turn("1"))[:-1], [("1.1", CodeStarted("a\nb")), ("1.1.1", Paused("llm_query"))])
    assert past.look_at_frame(-1)[0] == "in code block 1.1"
    assert past.listing(0, 0) == ["      1  a", "      2  b"]
    assert past.where()[-2].startswith("-> in code block 1.1")
    assert "in iteration 1" in past.look_at_frame(-1)[0]
    with pytest.raises(UsageError, match="Nobody called"):
        past.look_at_frame(-1)
    past.look_at_frame(1)
    past.look_at_frame(1)
    with pytest.raises(UsageError, match="called nothing"):
        past.look_at_frame(1)


def test_lines_are_listed_from_one_to_another():
    past = three_stops()
    past.back("step")
    assert past.listing(2, 2) == ["      2  y = 2"]
    assert past.listing(1, 99) == ["      1  x = 1", "      2  y = 2"]
    with pytest.raises(UsageError, match="There are 2 lines"):
        past.listing(3, 3)


def test_the_prompt_is_that_of_what_is_held_or_of_the_latest_request():
    assert three_stops().prompt()[-1] == "  | Go on"
    past = at(turn("1", blocks=[block("1.1")]))
    assert past.prompt()[-1] == "  | Go on 1"
    held = at(list(turn("1"))[:-1], [("1.1.1", Paused("llm_query", text="Which?"))])
    assert held.prompt() == ["[user, 6 characters]", "  | Which?"]


def test_an_event_is_noted_and_gone_back_to():
    past = three_stops()
    past.back("step")
    seq = past.trajectory.seq
    assert past.note_checkpoint("here") == f"checkpoint 1 at event {seq}"
    past.follow()
    past.restart(1)
    assert past.trajectory.seq == seq
    assert past.checkpoint_rows() == [f"  1  event {seq}  here"]
    with pytest.raises(UsageError, match="no checkpoint 2"):
        past.restart(2)


def test_a_branch_shares_what_came_before_where_one_stands():
    past = three_stops()
    assert past.branch_event == past.trajectory.seq
    past.go_to(GoTo("event", 5), HEADER)
    assert past.branch_event == 5


def test_where_a_variable_was_set_is_told():
    past = Past()
    past.extend(NAMED["troubled"]())
    assert past.when("hits") == "hits was set last by code block 1.1: 3"


@settings(max_examples=60, deadline=None)
@given(random_runs, st.data())
def test_every_place_of_every_run_can_be_looked_at(records, data):
    past = Past()
    past.extend(records)
    for _ in range(4):
        position = data.draw(st.integers(0, 100))
        past.go_to(GoTo("percent", position), HEADER)
        assert all(isinstance(row, str) for row in past.stop() + past.where() + past.variables())
        assert past.prompt()
        with contextlib.suppress(UsageError):
            past.back(data.draw(st.sampled_from(["step", "next", "continue"])))
        with contextlib.suppress(UsageError):
            past.look_at_frame(-1)
        past.listing(0, 0)
        past.forward(Step(data.draw(st.sampled_from(["into", "over", "out"]))))
