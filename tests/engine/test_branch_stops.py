"""Where a branch is held first, and with what: `engine/stops.py` over `engine/past.py`."""

from __future__ import annotations

from pathlib import Path

import pytest

from rlm_tui.breakpoint import Breakpoint
from rlm_tui.events import CodeStarted, Intervened, ModelRequested, Paused, Resumed
from rlm_tui.session.reader import read_session
from rlm_tui.source import Edit, Fork, Resume, SetBreakpoints, Skip
from tests.engine.driving import INTO, driven, looked
from tests.engine.harness import Told, finished, repl, started

ROOT = [repl("x = 'model'\nprint(x)"), "FINAL_VAR(x)"]
MINE = "x = 'mine'\nprint(x)"


async def branch(folder: Path, parent: Told, event: int, commands=(), **given) -> Told:
    """A branch of a run, held where it begins to be its own."""
    given.setdefault("root", ROOT)
    return await driven(folder, [*commands], fork=Fork(str(parent.session), event), **given)


def own(run: Told) -> list:
    """The events of a branch that it does not share."""
    return [record.event for record in run.records if record.seq > run.header.parent_event]


def seq_of(run: Told, wanted) -> int:
    return next(record.seq for record in run.records if wanted(record.event))


@pytest.mark.parametrize("behind", [0, 1])
async def test_an_edit_that_has_not_run_yet_is_in_force_where_the_branch_is_held(tmp_path, behind):
    """It leaves where the user stands: behind the edit, or at the stop that shows it."""
    parent = await driven(tmp_path, [INTO, (Edit(MINE), INTO)], root=ROOT)
    at = seq_of(parent, lambda event: isinstance(event, Intervened)) + behind
    run = await branch(tmp_path, parent, at)
    held = next(event for event in own(run) if isinstance(event, Paused))
    assert (held.before, held.text) == ("code block", MINE)
    assert [event.code for event in run.of(CodeStarted)] == [MINE]
    assert len(run.of(Intervened)) == 1
    assert run.answer == "mine"


async def test_such_an_edit_can_be_changed_once_more(tmp_path):
    parent = await driven(tmp_path, [INTO, (Edit(MINE), INTO)], root=ROOT)
    at = seq_of(parent, lambda event: isinstance(event, Intervened))
    run = await branch(tmp_path, parent, at, [(Edit("x = 'other'"), INTO)])
    assert (run.of(Intervened)[-1].before, run.answer) == (MINE, "other")


async def test_such_an_edit_is_in_force_too_where_the_branch_is_not_held(tmp_path):
    parent = await driven(tmp_path, [INTO, (Edit(MINE), INTO)], root=ROOT)
    fork = Fork(str(parent.session), seq_of(parent, lambda event: isinstance(event, Intervened)))
    run = await finished(tmp_path, root=ROOT, fork=fork)
    assert not [event for event in own(run) if isinstance(event, Paused | Intervened)]
    assert ([event.code for event in run.of(CodeStarted)], run.answer) == ([MINE], "mine")


async def test_a_prompt_that_was_edited_but_not_sent_is_what_the_branch_sends(tmp_path):
    parent = await driven(tmp_path, [(Edit("another question"), INTO)], root=ROOT)
    at = seq_of(parent, lambda event: isinstance(event, Intervened))
    run = await branch(tmp_path, parent, at)
    assert own(run)[1].text == "another question"
    assert run.of(ModelRequested)[0].messages[-1].content == "another question"


async def test_a_block_that_was_to_be_skipped_is_skipped_in_the_branch(tmp_path):
    root = [ROOT[0], repl("FINAL('x' in globals())")]
    parent = await driven(tmp_path, [INTO, Skip()], root=root)
    at = seq_of(parent, lambda event: isinstance(event, Intervened))
    run = await branch(tmp_path, parent, at, root=root)
    assert run.answer == "False"
    assert len(run.of(Intervened)) == 1


async def test_a_branch_never_begins_as_one_that_is_held_already(tmp_path):
    """Whoever follows it would take its parent's stop for its own."""
    parent = await driven(tmp_path, [INTO, (Edit(MINE), INTO)], root=ROOT)
    at = seq_of(parent, lambda event: isinstance(event, Intervened))
    run = await branch(tmp_path, parent, at)
    assert [type(event) for event in own(run)[:2]] == [Resumed, Paused]
    assert read_session(run.session).records == run.records


LINES = [
    repl("n = len(context)\nprint(n)\nx = 1"),
    repl(
        "def twice(v):\n    w = v * 2\n    return w\nfound = []\nfor i in range(3):\n"
        "    r = llm_query(str(i))\n    found.append(twice(r))\nprint(found)"
    ),
    "FINAL(done)",
]
SUB = [{"match": "(.*)", "reply": "<\\1>"}]


NAMES = ("x", "i", "r", "found", "v", "w")


async def variables(run: Told) -> list[str]:
    """What the user sees where the run is held."""
    looks = (
        f"{{name: value for name, value in {{**globals(), **locals()}}.items() if name in {NAMES}}}"
    )
    return (await looked(run, looks)).text


async def line_stops(folder: Path, commands: list) -> tuple[Told, dict[int, str]]:
    """A run that was told something at each stop, and the variables at those at lines."""
    shown: dict[int, str] = {}
    async with started(folder, paused=True, root=LINES, sub=SUB) as run:
        for number, command in enumerate([*commands, ()], 1):
            stop = await run.until(Paused, number)
            if stop.before == "line":
                shown[run.records[-1].seq] = await variables(run)
            for each in command if isinstance(command, tuple) else (command,):
                run.source.send(each)
        run.source.send(SetBreakpoints([]))
        run.source.send(Resume())
    return run, shown


def new_folder(folder: Path, number: int) -> Path:
    made = folder / str(number)
    made.mkdir()
    return made


async def held_first(folder: Path, parent: Told, event: int) -> tuple[Paused, str]:
    """The first stop of a branch, and the variables there."""
    fork = Fork(str(parent.session), event)
    async with started(folder, root=LINES, sub=SUB, paused=True, fork=fork) as run:
        shared = sum(isinstance(each.event, Paused) for each in parent.records[:event])
        shared -= isinstance(parent.records[event - 1].event, Paused)
        stop = await run.until(Paused, shared + 1)
        shown = await variables(run)
        run.source.send(Resume())
    assert run.answer == "done"
    return stop, shown


@pytest.mark.parametrize("behind", [0, 1])
async def test_a_branch_from_a_line_is_held_at_that_line_with_its_variables(tmp_path, behind):
    """Lines of the block, of a function in it, and of each pass of its loop."""
    parent, shown = await line_stops(tmp_path, [INTO] * 28)
    assert len(shown) > 15
    for seq in [*shown][::3]:
        stop, there = await held_first(new_folder(tmp_path, seq), parent, seq - behind)
        event = parent.records[seq - 1].event
        assert (stop.before, stop.line, stop.text) == ("line", event.line, event.text)
        assert there == shown[seq]


async def test_the_pass_of_a_loop_is_told_by_its_sub_calls(tmp_path):
    at_third = SetBreakpoints([Breakpoint(1, "line 2.1:7", ignore=2)])
    parent, shown = await line_stops(tmp_path, [(at_third, Resume())])
    (seq,) = shown
    stop, there = await held_first(new_folder(tmp_path, seq), parent, seq)
    assert (stop.line, there) == (7, shown[seq])
    assert "'i': 2" in there
