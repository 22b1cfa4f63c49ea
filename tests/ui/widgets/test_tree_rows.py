from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_tui.events import (
    AnswerProposed,
    CodeStarted,
    ErrorInfo,
    IterationStarted,
    Paused,
    SubCallFinished,
    SubCallStarted,
)
from rlm_tui.held import Held
from rlm_tui.trajectory import Iteration, SubCall, Trajectory
from rlm_tui.ui.widgets.tree_rows import (
    ANSWER,
    LAST,
    ROOT,
    SIBLINGS_SHOWN,
    TreeRows,
    key_of,
    node_of,
)
from tests import runs


def folded(records):
    trajectory = Trajectory()
    trajectory.apply_all(records)
    return trajectory


def rows_of(records):
    rows = TreeRows()
    rows.rebuild(folded(records))
    return rows


def drawn(rows, now=0.0):
    """The rows as a person would see them, without fold marks and figures."""
    return [
        f"{'  ' * rows.level(key)}{(said := rows.words(key, now)).label} {said.state}".rstrip()
        for key in rows.keys
    ]


def crowd(count, *, chance=None, failing=(), children=False):
    """A run whose only block makes many calls, side by side if there is `chance`."""

    def one(number):
        node = f"1.1.{number}"
        error = runs.TOO_MANY if number in failing else None
        if children:
            return runs.child(node, runs.turn(f"{node}.1", answer="5"), error=error)
        return runs.call(node, error=error)

    calls = [one(number) for number in range(1, count + 1)]
    both = runs.chained(*calls) if chance is None else runs.interleaved(calls, chance)
    return runs.whole(runs.turn("1", blocks=[runs.block("1.1", calls=both)], answer="715"))


nodes = st.lists(st.integers(1, 10**6), max_size=9).map(lambda parts: ".".join(map(str, parts)))


@given(nodes, nodes)
def test_keys_name_nodes_and_sort_as_the_tree_does(one, other):
    assert node_of(key_of(one)) == one
    inside = other == one or other.startswith(f"{one}.") or not one
    assert (key_of(other)[: len(key_of(one))] == key_of(one)) == inside


def test_the_rows_of_the_answer_and_of_hidden_calls_belong_to_a_node():
    assert node_of(ANSWER) == ""
    assert node_of((3, 1, LAST)) == "3.1"


def test_before_anything_happens_there_is_the_root():
    rows = TreeRows()
    assert drawn(rows) == ["root"]
    assert not rows.has_children(ROOT)


def test_a_run_is_drawn_as_iterations_calls_and_what_is_below_them():
    assert drawn(rows_of(runs.NAMED["nested"]())) == [
        "root openai/gpt-5",
        "  it 1 rlm_query('…') ok",
        "    #1 rlm 1.2k>80 ok",
        "      it 1 rlm_query('…') ok",
        "        #1 rlm 1.2k>80 ok",
        "          it 1 FINAL ok",
        "      it 2 FINAL ok",
        "    #2 rlm 1.2k>80 ERR",
        "      it 1 ERR",
        "    #3 llm 300>20 ok",
        "  = 715",
    ]


def test_each_state_has_a_word_of_its_own():
    waiting = runs.numbered(list(runs.call("1.1.3", retries=1))[:2])
    started = [
        ("1", IterationStarted(1)),
        ("1.1", CodeStarted("x = 1")),
        *runs.call("1.1.1"),
        *runs.call("1.1.2", error=runs.TOO_MANY),
        *((record.node, record.event) for record in waiting),
        *runs.call("1.1.4", error=ErrorInfo("cancelled", "the call was stopped")),
        ("1.1.5", SubCallStarted("llm_query", "m", "p", 1)),
    ]
    rows = rows_of(runs.numbered(started))
    said = [rows.words((1, 1, number), 9.0) for number in range(1, 6)]
    assert [words.state for words in said] == ["ok", "ERR", "WAIT", "STOP", "run"]
    assert [words.meaning for words in said] == ["ok", "error", "waiting", "waiting", "running"]


def test_what_runs_shows_the_time_so_far_and_what_ended_the_time_it_took():
    records = runs.numbered(
        [("1", IterationStarted(1)), ("1.1", CodeStarted("x")), *runs.call("1.1.1")], step=1.0
    )
    rows = rows_of(records[:-1])
    assert rows.words((1, 1, 1), 63.0).figure == "1:00"
    assert rows_of(records).words((1, 1, 1), 63.0).figure == "1.0"


@pytest.mark.parametrize(
    ("code", "label"),
    [
        ("print(1)\nprint(2)", "it 1 print(1)"),
        ("import re\nfrom os import path\nhits = 1", "it 1 hits = 1"),
        ("# Count them\nx", "it 1 Count them"),
        ("\n\n  x = 1", "it 1 x = 1"),
        ("import re", "it 1 import re"),
        ("#\n#", "it 1 I look at it."),
        ("", "it 1 I look at it."),
    ],
    ids=["code", "imports", "comment", "blank", "only imports", "empty comments", "no code"],
)
def test_an_iteration_is_called_by_the_first_line_of_its_code_that_says_something(code, label):
    blocks = [runs.block("1.1", code)] if code else []
    rows = rows_of(runs.numbered(runs.turn("1", blocks=blocks)))
    assert rows.words((1,), 0.0).label == label


@pytest.mark.parametrize(
    ("kind", "answer", "label"),
    [("direct", "715", "it 1 direct FINAL"), ("forced", None, "it 1 forced I look at it.")],
)
def test_an_iteration_that_is_not_one_of_the_loop_says_so(kind, answer, label):
    rows = rows_of(runs.numbered(runs.turn("1", kind=kind, answer=answer)))
    assert rows.words((1,), 0.0).label == label


@pytest.mark.parametrize(("answer", "label"), [("a\nb", "= a"), ("", "= (empty)")])
def test_the_answer_is_a_row_even_if_it_is_empty(answer, label):
    rows = rows_of(
        runs.numbered([("1", IterationStarted(1)), ("1", AnswerProposed(answer, "FINAL"))])
    )
    assert rows.keys[-1] == ANSWER
    assert rows.words(ANSWER, 0.0).label == label


def test_the_root_names_the_model_and_what_the_run_cost():
    said = rows_of(runs.NAMED["answered"]()).words(ROOT, 0.0)
    assert (said.label, said.figure) == ("root openai/gpt-5", "$0.750")


def test_blocks_have_rows_only_beside_others():
    two = runs.turn(
        "1", blocks=[runs.block("1.1", "a", calls=runs.call("1.1.1")), runs.block("1.2", "b")]
    )
    assert drawn(rows_of(runs.numbered(two))) == [
        "root openai/gpt-5",
        "  it 1 a ok",
        "    code 1 a ok",
        "      #1 llm 300>20 ok",
        "    code 2 b ok",
    ]


def test_calls_beyond_twenty_have_rows_only_while_there_is_something_to_say_about_them():
    rows = rows_of(crowd(30, failing={24, 27}))
    shown = [key[-1] for key in rows.keys if len(key) == 3]
    assert shown == [*range(1, SIBLINGS_SHOWN + 1), 24, 27, LAST]
    assert rows.words((1, 1, LAST), 0.0).label == "8 more ok"
    rows.unfold("1.1")
    rows.rebuild(folded(crowd(30)))
    assert [key[-1] for key in rows.keys if len(key) == 3] == list(range(1, 31))


def test_a_failure_among_the_first_twenty_is_not_counted_among_those_that_are_hidden():
    rows = rows_of(crowd(25, failing={3, 22}))
    assert rows.words((1, 1, LAST), 0.0).label == "4 more ok"


def test_what_is_below_a_row_can_be_hidden_and_shown_again():
    rows = rows_of(runs.NAMED["nested"]())
    whole = list(rows.keys)
    rows.set_collapsed((1, 1, 1), collapsed=True)
    assert rows.is_collapsed((1, 1, 1))
    assert rows.keys == [key for key in whole if key[:3] != (1, 1, 1) or len(key) == 3]
    rows.set_collapsed(ROOT, collapsed=True)
    assert rows.keys == [ROOT]
    rows.set_collapsed(ROOT, collapsed=False)
    rows.set_collapsed((1, 1, 1), collapsed=False)
    assert rows.keys == whole
    rows.collapse_all(collapsed=True)
    assert rows.keys == [ROOT, (1,), ANSWER]
    rows.collapse_all(collapsed=False)
    assert rows.keys == whole


@pytest.mark.parametrize("name", sorted(runs.NAMED))
def test_a_row_can_be_folded_exactly_if_something_is_below_it(name):
    trajectory = folded(runs.NAMED[name]())
    rows = TreeRows()
    rows.rebuild(trajectory)
    for key in rows.keys:
        below = [other for other in rows.keys if other[: len(key)] == key and other != key]
        assert rows.has_children(key) == bool(below)


def test_a_row_that_is_not_there_is_sought_where_it_would_be():
    rows = rows_of(crowd(30))
    assert rows.keys[rows.index((1, 1, 5))] == (1, 1, 5)
    assert rows.keys[rows.index((1, 1, 25))] == (1, 1, SIBLINGS_SHOWN)
    assert rows.index((0,)) == 0


def test_another_run_takes_the_place_of_the_first():
    rows = rows_of(runs.NAMED["nested"]())
    other = folded(runs.NAMED["answered"]())
    assert rows.update(other, ["1"])
    assert rows.keys == [ROOT, (1,), (2,), (3,), ANSWER]


def test_a_node_that_is_not_known_yet_gets_no_row():
    trajectory, rows = folded(runs.NAMED["held"]()), TreeRows()
    rows.rebuild(trajectory)
    assert not rows.update(trajectory, ["9", "1.1", "1.1.1"])
    assert rows.keys == [ROOT, (1,), (2,)]
    assert not rows.has_children((9,))


folds = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 40), st.booleans()), max_size=6)


def check_updates(records, chance, folds):
    """Rows that were brought up to date, step by step, are those of a tree made anew."""
    rows, trajectory = TreeRows(), Trajectory()
    rows.rebuild(trajectory)
    at = 0
    while at < len(records):
        some = records[at : at + chance.randrange(1, 6)]
        before = list(rows.keys)
        trajectory.apply_all(some)
        has_moved = rows.update(trajectory, {record.node for record in some})
        at += len(some)
        brought = list(rows.keys)
        assert has_moved or brought == before
        for when, which, collapsed in folds:
            if at - len(some) <= when < at and rows.keys:
                rows.set_collapsed(rows.keys[which % len(rows.keys)], collapsed=collapsed)
                brought = list(rows.keys)
        rows.rebuild(trajectory)
        assert brought == rows.keys
        assert rows.keys == sorted(set(rows.keys))
        assert all(rows.words(key, trajectory.at).label for key in rows.keys)


@settings(max_examples=100, deadline=None)
@given(runs.random_runs, st.randoms(use_true_random=False), folds)
def test_bringing_rows_up_to_date_gives_the_same_as_making_them_anew(records, chance, folds):
    check_updates(records, chance, folds)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1 << 32), st.integers(18, 26), st.booleans(), folds)
def test_so_it_does_with_many_calls_side_by_side(seed, count, children, folds):
    chance = Random(seed)
    failing = {number for number in range(1, count + 1) if chance.random() < 0.2}
    records = crowd(count, chance=chance, failing=failing, children=children)
    check_updates(records, chance, folds)


def test_what_is_below_a_call_goes_with_its_row():
    records = crowd(23, children=True)
    rows, trajectory = TreeRows(), Trajectory()
    for record in records:
        trajectory.apply(record)
        rows.update(trajectory, [record.node])
        hidden = [
            key
            for key in rows.keys
            if len(key) > 3
            and isinstance(trajectory.nodes.get(node_of(key)), Iteration)
            and key[:3] not in rows.keys
        ]
        assert hidden == []
        if isinstance(record.event, SubCallFinished) and record.node == "1.1.22":
            assert isinstance(trajectory.nodes["1.1.22"], SubCall)
            assert (1, 1, 22) not in rows.keys


def test_the_calls_of_an_only_block_stay_when_it_is_no_longer_what_comes_next():
    """A block that has not started has a row while it is next; the calls it makes have theirs."""
    trajectory = Trajectory()
    rows = TreeRows()
    rows.rebuild(trajectory)
    held = Held("1.1", Paused("code block", "step"))
    records = runs.numbered(
        [
            ("1", IterationStarted(1)),
            ("1.1", CodeStarted("x")),
            *runs.call("1.1.1"),
            *runs.call("1.1.2"),
        ]
    )
    trajectory.apply(records[0])
    rows.update(trajectory, ["1"])
    rows.hold(held)
    trajectory.apply_all(records[1:])
    rows.update(trajectory, ["1.1.1", "1.1.2", "1.1"])
    rows.hold(None)
    fresh = TreeRows()
    fresh.rebuild(trajectory)
    assert rows.keys == fresh.keys


def test_the_calls_of_a_batch_are_held_together_by_a_bracket():
    calls = [
        *runs.call("1.1.1"),
        *(happening for n in range(3) for happening in runs.call(f"1.1.{n + 2}", batch=n)),
        *(happening for n in range(2) for happening in runs.call(f"1.1.{n + 5}", batch=n)),
        *runs.call("1.1.7", batch=0),
    ]
    records = runs.numbered([("1", IterationStarted(1)), ("1.1", CodeStarted("x")), *calls])
    rows = rows_of(records)
    labels = [rows.words(key, 0.0).label.split()[0] for key in rows.keys if len(key) == 3]
    assert labels == ["#1", "┌#2", "│#3", "└#4", "┌#5", "└#6", "#7"]
