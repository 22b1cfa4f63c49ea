from __future__ import annotations

from rlm_tui.events import (
    AnswerProposed,
    CodeFinished,
    CodeStarted,
    IterationStarted,
    Record,
    ReplReplaced,
    SubCallStarted,
    Variable,
    VariablesChanged,
)
from rlm_tui.trajectory import Trajectory
from rlm_tui.variables import Variables, candidates, history_of, unread_at, variables_at
from tests import runs


def integer(name: str, value: int) -> Variable:
    return Variable(name, "int", None, str(value))


def shown(variables: Variables) -> dict[str, str]:
    """Mark and value by name."""
    marks = {"new": "+", "changed": "~", "": ""}
    return {
        name: marks[variables.change_of(name)] + held.variable.value
        for name, held in variables.held.items()
    }


def trajectory(*happenings) -> Trajectory:
    made = Trajectory()
    made.apply_all(runs.numbered(happenings))
    return made


def block(node: str, changes: VariablesChanged | None = None):
    return runs.block(node, changes=changes)


def three_blocks() -> Trajectory:
    return trajectory(
        ("1", IterationStarted(1)),
        *block("1.1", VariablesChanged(new=[integer("a", 1), integer("b", 1)])),
        *block("1.2"),
        ("2", IterationStarted(2)),
        *block("2.1", VariablesChanged(changed=[integer("b", 2)], gone=["a"])),
        ("2.2", CodeStarted("x")),
        ("2.2.1", SubCallStarted("llm_query", "m", "p", 1)),
    )


def test_each_block_has_the_variables_of_all_before_it_and_its_own_changes():
    run = three_blocks()
    assert shown(variables_at(run, run.nodes["1.1"])) == {"a": "+1", "b": "+1"}
    assert shown(variables_at(run, run.nodes["1.2"])) == {"a": "1", "b": "1"}
    after = variables_at(run, run.nodes["2.1"])
    assert (shown(after), after.gone, after.after) == ({"b": "~2"}, ["a"], "2.1")
    assert after.held["b"].set_at == "2.1"


def test_an_iteration_stands_for_its_last_block_and_a_call_for_the_block_it_runs_in():
    run = three_blocks()
    assert shown(variables_at(run, run.nodes["1"])) == {"a": "1", "b": "1"}
    assert shown(variables_at(run, run.nodes["2.2.1"])) == {"b": "~2"}
    assert shown(variables_at(run, None)) == {"b": "~2"}


def test_while_a_block_runs_its_variables_are_those_before_it():
    run = three_blocks()
    assert shown(variables_at(run, run.nodes["2.2"])) == {"b": "~2"}


def test_a_replaced_repl_has_the_variables_of_its_checkpoint_or_none():
    killed = [("3.1", CodeStarted("x")), ("3.1", CodeFinished("killed", 1.0, "gone"))]
    run = trajectory(
        ("1", IterationStarted(1)),
        *block("1.1", VariablesChanged(new=[integer("a", 1)])),
        ("2", IterationStarted(2)),
        *block("2.1", VariablesChanged(changed=[integer("a", 2)])),
        ("3", IterationStarted(3)),
        *killed,
        ("3", ReplReplaced("1.1")),
        *block("3.2"),
        ("3", ReplReplaced(None)),
    )
    assert shown(variables_at(run, run.nodes["2.1"])) == {"a": "~2"}
    assert shown(variables_at(run, run.nodes["3.2"])) == {"a": "1"}
    assert shown(variables_at(run, run.nodes["3"])) == {}


def test_a_child_has_variables_of_its_own():
    def call():
        yield "1.1.1.1", IterationStarted(1)
        yield from block("1.1.1.1.1", VariablesChanged(new=[integer("inner", 1)]))

    run = trajectory(
        ("1", IterationStarted(1)),
        ("1.1", CodeStarted("x")),
        *runs.child("1.1.1", call()),
        ("1.1", VariablesChanged(new=[integer("outer", 1)])),
        ("1.1", CodeFinished("ok", 1.0)),
    )
    assert shown(variables_at(run, run.nodes["1.1.1.1.1"])) == {"inner": "+1"}
    assert shown(variables_at(run, run.nodes["1.1"])) == {"outer": "+1"}


def code(node: str, text: str, *new: str):
    return runs.block(node, text, changes=VariablesChanged(new=[integer(n, 1) for n in new]))


def test_a_variable_that_no_code_has_read_is_told():
    run = trajectory(
        ("1", IterationStarted(1)),
        *code("1.1", "a = 1\nb = 2\nc = 3", "a", "b", "c"),
        ("2", IterationStarted(2)),
        *code("2.1", "print(a)"),
    )
    assert unread_at(run, run.nodes["1.1"]) == {"b", "c"}
    run.apply_all([Record(99, 9.0, "2", AnswerProposed("3", "FINAL_VAR", "c"))])
    assert unread_at(run, None) == {"b"}


def test_what_a_child_reads_is_its_own():
    run = trajectory(
        ("1", IterationStarted(1)),
        ("1.1", CodeStarted("a = rlm_query('q')")),
        ("1.1.1", SubCallStarted("rlm_query", "m", "p", 1)),
        ("1.1.1.1", IterationStarted(1)),
        *code("1.1.1.1.1", "a = 1\nb = a", "a", "b"),
    )
    assert unread_at(run, run.nodes["1.1.1.1.1"]) == {"b"}


def test_the_history_of_a_variable_is_what_each_block_made_of_it():
    run = three_blocks()
    assert history_of(run, "b") == [("1.1", integer("b", 1)), ("2.1", integer("b", 2))]
    assert history_of(run, "nothing") == []


def test_what_sounds_like_an_answer_comes_before_all_others():
    assert candidates(["x", "final_answer", "counts"]) == ["final_answer", "counts"]
    assert candidates(["x", "y"]) == ["x", "y"]
