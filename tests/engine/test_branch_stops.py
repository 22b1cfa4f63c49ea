"""Where a branch is held first, and with what: `engine/stops.py` over `engine/past.py`."""

from __future__ import annotations

from pathlib import Path

import pytest

from rlm_tui.events import CodeStarted, Intervened, ModelRequested, Paused, Resumed
from rlm_tui.session.reader import read_session
from rlm_tui.source import Edit, Fork, Skip
from tests.engine.driving import INTO, driven
from tests.engine.harness import Told, repl

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
