"""Branches in the process that ran their parent: its checkpoints are still there."""

from __future__ import annotations

import pytest

from rlm_tui.breakpoint import Breakpoint
from rlm_tui.engine.past import shared_part
from rlm_tui.engine.shortcut import find_shortcut
from rlm_tui.events import (
    CodeFinished,
    CodeStarted,
    IterationFinished,
    LimitNeared,
    ModelRequested,
    ModelResponded,
    Paused,
    ReplyRejected,
)
from rlm_tui.grounds import KeptGrounds
from rlm_tui.source import (
    Answer,
    Cancel,
    Edit,
    Fork,
    Reject,
    Resume,
    RunTo,
    SetBreakpoints,
    Skip,
    Step,
)
from tests.engine.driving import driven, looked
from tests.engine.harness import Told, finished, repl, started
from tests.engine.test_past import seq_of

SUB = [{"match": "(.*)", "reply": "<\\1>"}]
ROOT = [
    repl("import time\nx = [time.time_ns()]\nprint(x)"),
    repl("y = []\nfor part in ['a', 'b', 'c']:\n    y.append(llm_query(part))\n    print(len(y))"),
    repl("z = [*x, *y]\nprint(z)"),
    "FINAL_VAR(z)",
]


@pytest.fixture
async def kept():
    grounds = KeptGrounds()
    yield grounds
    await grounds.close()


async def branch(folder, parent: Told, event: int, kept: KeptGrounds, commands=(), **given) -> Told:
    fork = Fork(str(parent.session), event)
    return await driven(folder, [*commands], fork=fork, kept=kept, **given)


def went_on(parent: Told, number: int) -> int:
    """The event at which an iteration's reply was there."""
    wanted = str(number)
    return seq_of(parent, lambda r: r.node == wanted and isinstance(r.event, ModelResponded))


@pytest.mark.parametrize("share", [0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
async def test_from_wherever_it_leaves_a_branch_has_the_very_state_of_its_parent(
    tmp_path, kept, share
):
    """The first block reads the clock, so its value can come from the checkpoint only."""
    parent = await finished(tmp_path, root=ROOT, sub=SUB, kept=kept)
    at = round(share * len(parent.records))
    has_run = at >= seq_of(
        parent, lambda r: r.node == "1" and isinstance(r.event, IterationFinished)
    )
    run = await branch(tmp_path, parent, at, kept, root=ROOT, sub=SUB)
    assert (run.answer == parent.answer) == has_run
    assert run.answer.endswith("'<a>', '<b>', '<c>']")
    shared = run.header.parent_event
    assert run.records[:shared] == parent.records[:shared]
    assert run.finished.usage.requests == parent.finished.usage.requests


async def test_a_branch_of_a_branch_goes_on_from_its_own_states(tmp_path, kept):
    root = [repl("a = [1]"), repl("a.append(2)"), repl("a.append(3)"), "FINAL_VAR(a)"]
    parent = await finished(tmp_path, root=root, kept=kept)
    edits = [(Edit("a.append(9)"), Resume())]
    fork = seq_of(parent, lambda r: r.node == "2" and isinstance(r.event, ModelResponded))
    first = await branch(tmp_path, parent, fork, kept, edits, root=root)
    assert first.answer == "[1, 9, 3]"
    second = await branch(tmp_path, first, went_on(first, 3), kept, root=root)
    assert second.answer == "[1, 9, 3]"
    # The grounds are the branch's now; its parent is gone through again.
    third = await branch(tmp_path, parent, went_on(parent, 3), kept, root=root)
    assert third.answer == "[1, 2, 3]"


async def test_a_block_that_was_stopped_is_no_obstacle_while_its_state_is_there(tmp_path, kept):
    root = [repl("a = 1"), repl("a = 2\nwhile True: pass"), repl("a += 1"), "FINAL_VAR(a)"]
    parent = await finished(tmp_path, root=root, kept=kept, max_cell_time=0.3)
    assert [e.outcome for e in parent.of(CodeFinished)] == ["ok", "interrupted", "ok"]
    assert parent.answer == "3"
    run = await branch(tmp_path, parent, went_on(parent, 3), kept, root=root)
    assert run.answer == "3"
    assert [e.messages for e in run.of(ModelRequested)] == [
        e.messages for e in parent.of(ModelRequested)
    ]


async def test_after_a_killed_block_it_is_the_state_that_was_restored(tmp_path, kept):
    root = [repl("a = 1"), repl("a = 2\nimport os\nos._exit(1)"), repl("a += 10"), "FINAL_VAR(a)"]
    parent = await finished(tmp_path, root=root, kept=kept)
    assert parent.answer == "11"
    run = await branch(tmp_path, parent, went_on(parent, 3), kept, root=root)
    assert run.answer == "11"


async def test_what_the_user_ran_since_the_checkpoint_is_run_again(tmp_path, kept):
    root = [repl("a = [1]"), "no code", repl("print(a)"), "FINAL_VAR(a)"]
    async with started(tmp_path, root=root, paused=True, kept=kept) as parent:
        await parent.until(Paused)
        parent.source.send(RunTo("2"))
        await parent.until(Paused, 2)
        await looked(parent, "a.append(2)", is_statement=True)
        parent.source.send(Resume())
    assert parent.answer == "[1, 2]"
    run = await branch(tmp_path, parent, went_on(parent, 3), kept, root=root)
    assert run.answer == "[1, 2]"


async def test_the_model_is_told_what_it_was_told_then(tmp_path, kept):
    """Edited and skipped code, faults, an answer that was not taken."""
    root = [
        repl("a = 1"),
        repl("b = 1", "c = 1"),
        "nothing to run",
        repl("1 / 0"),
        "FINAL(no)",
        repl("d = a"),
        "FINAL_VAR(d)",
    ]
    parent = await driven(
        tmp_path,
        [
            RunTo("1.1"),
            (Edit("a = 5"), RunTo("2.2")),
            (Skip(), RunTo("5")),
            RunTo("5"),
            Step("into"),
            Reject("use the variable"),
            Resume(),
        ],
        root=root,
        kept=kept,
    )
    assert parent.answer == "5"
    assert [e.fault for e in parent.of(ReplyRejected)] == ["no_code"]
    run = await branch(tmp_path, parent, went_on(parent, 6), kept, root=root)
    assert run.answer == "5"
    assert run.trajectory.root.iterations[-1].prompt == parent.trajectory.root.iterations[-1].prompt


async def test_errors_in_a_row_and_warnings_go_on_being_counted(tmp_path, kept):
    root = [repl("a = 1"), repl("1 / 0"), repl("1 / 0"), repl("1 / 0"), "FINAL(x)"]
    given = {"root": root, "max_errors": 3, "max_iterations": 6}
    parent = await finished(tmp_path, kept=kept, **given)
    assert parent.error == "errors"
    run = await branch(tmp_path, parent, went_on(parent, 4), kept, **given)
    assert run.error == "errors"
    assert [e.limit for e in run.of(LimitNeared)] == [e.limit for e in parent.of(LimitNeared)]


async def test_children_keep_their_numbers_and_what_they_used(tmp_path, kept):
    given = {
        "root": [
            repl("x = rlm_query('q', 'some text')"),
            repl("y = rlm_query('r', 'other')"),
            repl("print(x, y)"),
            "FINAL_VAR(y)",
        ],
        "child": [[repl("c = llm_query(context)"), "FINAL_VAR(c)"], ["FINAL(second)"]],
        "sub": SUB,
        "max_depth": 2,
    }
    parent = await finished(tmp_path, kept=kept, **given)
    assert parent.answer == "second"
    at = went_on(parent, 2)
    run = await branch(tmp_path, parent, at, kept, **given)
    assert run.answer == "second"
    assert run.finished.usage == parent.finished.usage


async def test_a_stopped_run_leaves_its_states_to_its_branch(tmp_path, kept):
    root = [
        repl("import time\na = time.time_ns()\nprint(a)"),
        repl("b = llm_query('q')"),
        "FINAL_VAR(a)",
    ]
    async with started(tmp_path, root=root, paused=True, kept=kept) as parent:
        parent.source.send(SetBreakpoints([Breakpoint(1, "llm_query")]))
        await parent.until(Paused)
        parent.source.send(Resume())
        await parent.until(Paused, 2)
        at = parent.records[-1].seq
        parent.source.send(Cancel())
    run = await branch(tmp_path, parent, at, kept, [Answer("mine"), Resume()], root=root)
    assert f"{run.answer}\n" == parent.output
    assert run.of(CodeStarted) == parent.of(CodeStarted)


async def test_another_question_stands_on_the_same_documents(tmp_path, kept):
    first = await finished(tmp_path, root=[repl("a = 1"), "FINAL_VAR(a)"], kept=kept)
    second = await finished(tmp_path, root=[repl("print('a' in dir())"), "FINAL(x)"], kept=kept)
    assert second.group == first.group
    assert second.output == "False\n"


async def test_documents_that_have_changed_are_read_anew(tmp_path, kept):
    first = await finished(tmp_path, root=["FINAL(x)"], kept=kept)
    second = await finished(
        tmp_path, root=[repl("FINAL(context)")], text="something else", kept=kept
    )
    assert (second.answer, second.group == first.group) == ("something else", False)


async def test_a_sandbox_that_is_gone_is_started_anew(tmp_path, kept):
    first = await finished(tmp_path, root=[repl("a = 1"), "FINAL_VAR(a)"], kept=kept)
    await kept._grounds.sandbox.close()
    run = await branch(
        tmp_path, first, len(first.records), kept, root=[repl("a = 1"), "FINAL_VAR(a)"]
    )
    assert run.answer == "1"


async def test_nothing_is_passed_over_whose_state_is_gone(tmp_path):
    parent = await finished(tmp_path, root=[repl("a = 1"), "no code", repl("b = 1"), "FINAL(x)"])
    whole = shared_part(parent.records, len(parent.records))
    assert find_shortcut(whole, {"1.1", "3.1"}).iterations == 3
    assert find_shortcut(whole, {"1.1"}).iterations == 2
    assert find_shortcut(whole, {"3.1"}).iterations == 3
    assert find_shortcut(whole, ()) is None
    assert find_shortcut(whole[:3], {"1.1"}) is None


async def test_before_any_code_has_run_a_new_repl_will_do(tmp_path):
    parent = await finished(tmp_path, root=["no code", repl("a = 1"), "FINAL_VAR(a)"])
    shortcut = find_shortcut(shared_part(parent.records, len(parent.records)), ())
    assert (shortcut.iterations, shortcut.checkpoint) == (1, None)
