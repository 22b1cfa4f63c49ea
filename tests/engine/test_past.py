from __future__ import annotations

import time
from pathlib import Path

import pytest

from rlm_tui.breakpoint import Breakpoint
from rlm_tui.engine import asking
from rlm_tui.engine.past import Past, check_repeatable, shared_part
from rlm_tui.errors import SessionError, UsageError
from rlm_tui.events import (
    AnswerProposed,
    CodeStarted,
    Intervened,
    IterationFinished,
    ModelDelta,
    ModelResponded,
    Paused,
    Record,
    ReplOutput,
    RunFinished,
    SubCallFinished,
    SubCallStarted,
)
from rlm_tui.session.reader import read_session
from rlm_tui.source import (
    Answer,
    Edit,
    Fork,
    RaiseLimit,
    Reject,
    Remark,
    Resume,
    Retry,
    RunTo,
    SetBreakpoints,
    Skip,
    Step,
)
from rlm_tui.variables import variables_at
from tests import runs
from tests.engine.driving import driven, looked
from tests.engine.harness import Told, finished, repl, started

SUB = [{"match": "(.*)", "reply": "<\\1>"}]
ROOT = [
    repl("import random\nx = [random.random(), len(context)]\nprint(x)"),
    repl("y = []\nfor part in ['a', 'b', 'c']:\n    y.append(llm_query(part))\n    print(len(y))"),
    repl("z = (x, y, random.random())\nprint(z)"),
    "FINAL_VAR(z)",
]


def seq_of(run: Told, wanted) -> int:
    """The event that a test is looking for."""
    return next(record.seq for record in run.records if wanted(record))


async def branch(folder: Path, parent: Told, event: int, commands=(), **given) -> Told:
    """A branch of a run, held where it begins to be its own."""
    given.setdefault("root", ROOT)
    given.setdefault("sub", SUB)
    return await driven(folder, [*commands], fork=Fork(str(parent.session), event), **given)


@pytest.fixture
async def parent(tmp_path):
    return await finished(tmp_path, root=ROOT, sub=SUB)


async def test_a_branch_begins_with_its_parents_events_and_leaves_the_parent_as_it_was(
    tmp_path, parent
):
    before = parent.session.read_bytes()
    at = seq_of(parent, lambda r: r.node == "2" and isinstance(r.event, ModelResponded))
    run = await branch(tmp_path, parent, at)
    assert parent.session.read_bytes() == before
    assert run.records[:at] == parent.records[:at]
    saved = read_session(run.session)
    assert (saved.header.parent, saved.header.parent_event) == (parent.header.run, at)
    assert saved.records == run.records
    assert run.answer == parent.answer


@pytest.mark.parametrize("share", [0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
async def test_from_wherever_it_leaves_a_branch_comes_to_the_same_end(tmp_path, parent, share):
    """And what it shares is not asked, paid, printed or recorded a second time."""
    at = round(share * len(parent.records))
    run = await branch(tmp_path, parent, at)
    assert run.answer == parent.answer
    asked = [r.node for r in parent.records[:at] if isinstance(r.event, SubCallFinished)]
    assert len(run.of(SubCallStarted)) == len(run.of(SubCallFinished)) == 3
    assert {*asked} <= {*run.nodes_of(SubCallFinished)}
    assert run.output == parent.output
    assert [event.code for event in run.of(CodeStarted)] == [
        event.code for event in parent.of(CodeStarted)
    ]


async def test_it_is_held_before_the_first_thing_that_is_not_recorded(tmp_path, parent):
    at = seq_of(parent, lambda r: r.node == "2.1.2" and isinstance(r.event, SubCallFinished))
    run = await branch(tmp_path, parent, at, [Answer("another"), Resume()])
    assert run.nodes_of(Paused)[0] == "2.1.3"
    assert run.of(Paused)[0].reason == "started paused"
    assert "'another'" in run.answer
    assert run.of(SubCallFinished)[2].reply == "another"


async def test_the_variables_are_those_of_the_recorded_run(tmp_path, parent):
    at = seq_of(parent, lambda r: r.node == "3" and isinstance(r.event, ModelResponded))
    fork = Fork(str(parent.session), at)
    async with started(tmp_path, root=ROOT, sub=SUB, fork=fork, paused=True) as run:
        await run.until(Paused)
        assert run.nodes_of(Paused) == ["3.1"]
        shown = await looked(run, "x, y")
        run.source.send(Resume())
    held = variables_at(parent.trajectory, parent.trajectory.nodes["2.1"]).held
    assert shown.text == f"({held['x'].variable.value}, {held['y'].variable.value})"


async def test_what_the_user_changed_is_changed_again(tmp_path):
    (tmp_path / "one").mkdir()
    parent = await driven(
        tmp_path / "one",
        [
            RunTo("1.1"),
            (Edit("a = [llm_query('mine')]"), RunTo("2.1")),
            Skip(),
        ],
        root=[repl("a = 1"), repl("a = 2"), "FINAL(no)", "FINAL_VAR(a)"],
        sub=SUB,
    )
    assert parent.answer == "no"
    run = await branch(
        tmp_path,
        parent,
        len(parent.records),
        [Reject("use the variable"), Resume()],
        root=[repl("a = 1"), repl("a = 2"), "FINAL(no)", "FINAL_VAR(a)"],
    )
    assert run.answer == "['<mine>']"
    assert [event.kind for event in run.of(Intervened)] == ["edited", "skipped", "rejected"]


async def test_a_statement_of_the_user_is_run_again(tmp_path):
    (tmp_path / "one").mkdir()
    root = [repl("a = [1]"), repl("b = a + [llm_query('q')]"), "FINAL_VAR(b)"]
    async with started(tmp_path / "one", root=root, paused=True) as parent:
        await parent.until(Paused)
        parent.source.send(RunTo("2.1.1"))
        await parent.until(Paused, 2)
        await looked(parent, "a.append(2)", is_statement=True)
        parent.source.send(Resume())
    assert parent.answer == "[1, 2, 'ok']"
    run = await branch(tmp_path, parent, len(parent.records), root=root, sub=[])
    assert run.answer == "[1, 2, 'ok']"


async def test_a_failed_run_goes_on_from_where_it_failed(tmp_path, monkeypatch):
    monkeypatch.setattr(asking, "FIRST_WAIT", 0.0)
    (tmp_path / "one").mkdir()
    parent = await finished(
        tmp_path / "one",
        root=[repl("a = 7"), {"error": "server_error"}],
    )
    assert parent.outcome == "failed"
    run = await branch(tmp_path, parent, len(parent.records), root=[repl("a = 7"), "FINAL_VAR(a)"])
    assert run.answer == "7"


async def test_a_child_is_gone_through_again_like_its_parent(tmp_path):
    (tmp_path / "one").mkdir()
    given = {
        "root": [repl("x = rlm_query('q', 'some text')"), repl("y = llm_query(x)"), "FINAL_VAR(y)"],
        "child": [[repl("c = llm_query(context)"), "FINAL_VAR(c)"]],
        "sub": SUB,
        "max_depth": 2,
    }
    parent = await finished(tmp_path / "one", **given)
    assert parent.answer == "<<some text>>"
    for event in range(1, len(parent.records), 5):
        folder = tmp_path / str(event)
        folder.mkdir()
        assert (await branch(folder, parent, event, **given)).answer == parent.answer


async def test_no_branch_of_a_run_about_a_document_that_has_changed(tmp_path, parent):
    with pytest.raises(UsageError, match="is not what it was"):
        await branch(tmp_path, parent, 5, text="something else")


def test_a_block_that_was_stopped_cannot_be_gone_through_again():
    stopped = runs.NAMED["limited"]()
    with pytest.raises(SessionError, match="was stopped when it ran"):
        check_repeatable(stopped)


async def test_a_statement_in_the_middle_of_code_cannot_be_repeated_there(tmp_path):
    root = [repl("a = 1\nb = a"), "FINAL_VAR(b)"]
    async with started(tmp_path, root=root, paused=True) as parent:
        await parent.until(Paused)
        parent.source.send(Step("into"))
        await parent.until(Paused, 2)
        parent.source.send(Step("into"))
        await parent.until(Paused, 3)
        assert parent.of(Paused)[2].before == "line"
        await looked(parent, "c = 1", is_statement=True)
        parent.source.send(Resume())
    with pytest.raises(SessionError, match=r"in the middle of code 1\.1"):
        check_repeatable(parent.records)


async def test_of_two_edits_at_one_stop_the_last_is_made_again(tmp_path):
    (tmp_path / "one").mkdir()
    root = [repl("a = 1"), repl("print(a)"), "FINAL_VAR(a)"]
    parent = await driven(
        tmp_path / "one", [RunTo("1.1"), (Edit("a = 2"), Edit("a = 3"), Resume())], root=root
    )
    assert parent.answer == "3"
    at = seq_of(parent, lambda r: r.node == "2" and isinstance(r.event, ModelResponded))
    assert (await branch(tmp_path, parent, at, root=root)).answer == "3"


async def test_a_reply_that_the_user_changed_is_changed_again(tmp_path):
    """Also where the prompt had been changed before."""
    (tmp_path / "one").mkdir()
    root = [repl("a = llm_query('q')"), repl("print(a)"), "FINAL_VAR(a)"]
    async with started(tmp_path / "one", root=root, sub=SUB, paused=True) as parent:
        parent.source.send(SetBreakpoints([Breakpoint(1, "after llm_query")]))
        await parent.until(Paused)
        parent.source.send(RunTo("1.1.1"))
        await parent.until(Paused, 2)
        parent.source.send(Edit("p"))
        parent.source.send(Resume())
        await parent.until(Paused, 4)
        parent.source.send(Answer("mine"))
        parent.source.send(Resume())
    assert parent.answer == "mine"
    at = seq_of(parent, lambda r: r.node == "2" and isinstance(r.event, ModelResponded))
    run = await branch(tmp_path, parent, at, root=root)
    assert run.answer == "mine"


async def test_a_prompt_that_was_edited_and_an_answer_that_was_rejected_are_so_again(tmp_path):
    (tmp_path / "one").mkdir()
    root = ["FINAL(no)", repl("a = 1"), "FINAL_VAR(a)"]
    wanted = [(Edit("what else?"), Step("into")), Reject("not that"), Resume()]
    parent = await driven(tmp_path / "one", wanted, root=root)
    assert parent.answer == "1"
    at = seq_of(parent, lambda r: r.node == "2" and isinstance(r.event, ModelResponded))
    run = await branch(tmp_path, parent, at, root=root)
    assert run.answer == "1"
    assert run.nodes_of(Paused)[-1] == "2.1"
    history = run.trajectory.root.iterations[-1].prompt
    assert history == parent.trajectory.root.iterations[-1].prompt
    assert history[1].content == "what else?"


async def test_a_statement_after_a_block_is_run_after_it_again(tmp_path):
    (tmp_path / "one").mkdir()
    root = [repl("a = [1]"), repl("print(a)"), "FINAL_VAR(a)"]
    async with started(tmp_path / "one", root=root, paused=True) as parent:
        parent.source.send(SetBreakpoints([Breakpoint(1, "after code")]))
        await parent.until(Paused)
        parent.source.send(Resume())
        await parent.until(Paused, 2)
        await looked(parent, "a.append(2)", is_statement=True)
        parent.source.send(SetBreakpoints([]))
        parent.source.send(Resume())
    assert parent.answer == "[1, 2]"
    at = seq_of(parent, lambda r: r.node == "2" and isinstance(r.event, ModelResponded))
    assert (await branch(tmp_path, parent, at, root=root)).answer == "[1, 2]"


async def test_code_that_does_something_else_is_named_and_told_as_it_was(tmp_path):
    (tmp_path / "one").mkdir()
    root = [repl("x = 1"), repl("import time\nprint(time.time_ns())"), "FINAL_VAR(x)"]
    parent = await finished(tmp_path / "one", root=root)
    run = await branch(tmp_path, parent, len(parent.records), root=root)
    said = [notice.text for notice in run.notices if isinstance(notice, Remark)]
    assert len(said) == 1
    assert said[0].startswith("Code 2.1 did something else when it ran again")
    assert run.output == parent.output


async def test_what_is_gone_through_again_never_costs_anything(tmp_path):
    """Code whose calls come from the clock makes no other call than it did."""
    (tmp_path / "one").mkdir()
    code = (
        "import time\nfor n in range(1 + (time.time_ns() > SINCE)):\n"
        "    try: print(llm_query(f'{time.time_ns()}'))\n"
        "    except SubCallError as error: print(error.kind)"
    )
    first = code.replace("SINCE", str(time.time_ns() + 10**15))
    root = [repl(first), "FINAL(x)"]
    parent = await finished(tmp_path / "one", root=root, sub=SUB)
    again = tmp_path / "again.rlm.jsonl"
    text = parent.session.read_text().replace(str(int(first.split("> ")[1].split(")")[0])), "0")
    again.write_text(text)
    parent.session = again
    run = await branch(tmp_path, parent, len(parent.records), root=root)
    assert run.prompts == parent.prompts
    assert run.output == parent.output
    assert any("did something else" in n.text for n in run.notices if isinstance(n, Remark))


async def test_of_a_call_that_was_made_again_the_last_reply_counts(tmp_path):
    (tmp_path / "one").mkdir()
    script = tmp_path / "other.json"
    script.write_text('{"root": ["x"], "sub_default": "better"}', encoding="utf-8")
    root = [repl("a = llm_query('q')"), repl("print(a)"), "FINAL_VAR(a)"]
    async with started(tmp_path / "one", root=root, sub=SUB, paused=True) as parent:
        parent.source.send(SetBreakpoints([Breakpoint(1, "after llm_query")]))
        await parent.until(Paused)
        parent.source.send(Resume())
        await parent.until(Paused, 2)
        parent.source.send(Retry(f"scripted:{script}"))
        await parent.until(Paused, 3)
        parent.source.send(SetBreakpoints([]))
        parent.source.send(Resume())
    at = seq_of(parent, lambda r: r.node == "2" and isinstance(r.event, ModelResponded))
    run = await branch(tmp_path, parent, at, root=root)
    assert run.answer == parent.answer == "better"
    assert run.finished.usage == parent.finished.usage


async def test_lines_of_live_code_are_stepped_through_in_a_branch_too(tmp_path, parent):
    at = seq_of(parent, lambda r: r.node == "3" and isinstance(r.event, ModelResponded))
    run = await branch(tmp_path, parent, at, [Step("into"), Step("into"), Resume()])
    assert [event.before for event in run.of(Paused)] == ["code block", "line", "line"]


async def test_a_limit_that_was_raised_stays_raised(tmp_path):
    (tmp_path / "one").mkdir()
    root = [repl("a = 1"), repl("a = 2"), repl("a = 3"), "FINAL_VAR(a)"]
    parent = await driven(
        tmp_path / "one",
        [(RaiseLimit("iterations", 9), Resume())],
        root=root,
        max_iterations=2,
    )
    assert parent.answer == "3"
    run = await branch(tmp_path, parent, len(parent.records), root=root, max_iterations=2)
    assert (run.answer, run.header.settings["max_iterations"]) == ("3", 9)


async def test_an_answer_for_all_that_match_is_given_in_the_branch_too(tmp_path):
    (tmp_path / "one").mkdir()
    root = [
        repl("a = llm_query('ask one')"),
        repl("b = [llm_query(q) for q in ('ask two', 'tell')]"),
        "FINAL_VAR(b)",
    ]
    parent = await driven(
        tmp_path / "one", [RunTo("1.1.1"), (Answer("mine", "ask"), Resume())], root=root, sub=SUB
    )
    assert parent.answer == "['mine', '<tell>']"
    at = seq_of(parent, lambda r: r.node == "1" and isinstance(r.event, IterationFinished))
    assert (await branch(tmp_path, parent, at, [Resume()], root=root)).answer == parent.answer


def test_the_end_of_a_run_is_not_shared():
    records = runs.NAMED["answered"]()
    kept = shared_part(records, len(records))
    assert records[: len(kept)] == kept
    assert isinstance(records[len(kept)].event, AnswerProposed)
    assert not any(isinstance(record.event, RunFinished) for record in kept)


def test_output_is_heard_from_where_the_recording_ends():
    past = Past([Record(1, 0.1, "1.1", ReplOutput("stdout", "abc"))])
    assert past.heard_anew("1.1", ReplOutput("stdout", "ab")) is None
    assert past.heard_anew("1.1", ReplOutput("stdout", "cde")) == ReplOutput("stdout", "de")
    assert past.heard_anew("1.1", ReplOutput("stderr", "x")) == ReplOutput("stderr", "x")


def test_the_pieces_of_a_recorded_reply_are_not_heard_again():
    past = Past([Record(1, 0.1, "1", ModelDelta("abc"))])
    assert past.heard_anew("1", ModelDelta("a")) is None
    assert past.heard_anew("2", ModelDelta("a")) == ModelDelta("a")
