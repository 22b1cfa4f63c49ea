from __future__ import annotations

from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from rlm_tui.engine.journal import Rebuilt, rebuild
from rlm_tui.errors import ReplError
from rlm_tui.events import CodeFinished
from rlm_tui.repl.checkpoints import Checkpoints
from rlm_tui.repl.host import Sandbox
from rlm_tui.trajectory import Trajectory
from rlm_tui.variables import variables_at
from tests.engine.harness import TEXT, Told, finished, repl
from tests.repl.notebook import run

SUB = [{"match": "boom", "error": "server_error"}, {"match": "(.*)", "reply": "<\\1>"}]


def folded(told: Told) -> Trajectory:
    trajectory = Trajectory()
    trajectory.apply_all(told.records)
    return trajectory


@asynccontextmanager
async def again(told: Told, folder: Path, until: str, checkpoints: Checkpoints | None = None):
    """The recorded run's root REPL, rebuilt up to a block."""
    document = folder / "again.txt"
    document.write_text(TEXT)
    sandbox = await Sandbox.start([str(document)])
    try:
        yield await rebuild(
            await sandbox.spawn("what?"),
            folded(told).root,
            until,
            budget=60,
            checkpoints=checkpoints,
        )
    finally:
        await sandbox.close()


async def out(rebuilt: Rebuilt, code: str) -> str:
    return (await run(rebuilt.repl, code, name="look")).out


async def test_cells_run_again_with_recorded_replies_leave_the_same_behind(tmp_path):
    told = await finished(
        tmp_path,
        root=[
            repl("import random\nx = [random.random(), len(context)]\nprint(x)"),
            repl("y = [llm_query(line) for line in lines(1, 2)] + llm_query_batched(['a', 'b'])"),
            repl("def f(): return llm_query('later')\nprint(y, f(), f())\n1 / 0"),
            repl("z = random.random()\nprint(z)"),
            "FINAL(x)",
        ],
        sub=SUB,
    )
    recorded = folded(told)
    requests = len(told.prompts)
    async with again(told, tmp_path, "4.1") as rebuilt:
        assert rebuilt.differing == []
        found = {item.name: item for item in await rebuilt.repl.variables()}
        before = variables_at(recorded, recorded.nodes["4.1"]).held
        assert found == {name: held.variable for name, held in before.items()}
        assert {"x", "y", "z", "f"} <= found.keys()
        assert (
            await out(
                rebuilt,
                "y == ['<the first line>', '<the second line, with a needle>', '<a>', '<b>']",
            )
            == "True\n"
        )
    assert len(told.prompts) == requests


async def test_a_failed_call_fails_again(tmp_path):
    told = await finished(
        tmp_path,
        root=[
            repl("try: llm_query('boom')\nexcept SubCallError as e: kind = e.kind\nkind"),
            "FINAL(x)",
        ],
        sub=SUB,
    )
    async with again(told, tmp_path, "1.1") as rebuilt:
        assert (rebuilt.differing, await out(rebuilt, "kind")) == ([], "'server_error'\n")


async def test_a_killed_block_is_passed_over_as_its_checkpoint_was_restored(tmp_path):
    told = await finished(
        tmp_path,
        root=[repl("x = 1"), repl("x = 2\nimport os\nos._exit(1)"), repl("x += 10"), "FINAL(x)"],
    )
    assert [event.outcome for event in told.of(CodeFinished)] == ["ok", "killed", "ok"]
    async with again(told, tmp_path, "3.1") as rebuilt:
        assert await out(rebuilt, "x") == "11\n"


async def test_what_came_out_differently_is_named(tmp_path):
    told = await finished(
        tmp_path,
        root=[repl("x = 1"), repl("import time\nprint(time.time_ns())"), repl("y = 2"), "FINAL(x)"],
    )
    async with again(told, tmp_path, "3.1") as rebuilt:
        assert rebuilt.differing == ["2.1"]
        assert await out(rebuilt, "x, y") == "(1, 2)\n"


async def test_every_state_on_the_way_can_be_kept(tmp_path):
    told = await finished(tmp_path, root=[repl("x = 1", "x = 2"), repl("x = 3"), "FINAL(x)"])
    kept = Checkpoints()
    async with again(told, tmp_path, "2.1", kept):
        assert kept.names == ["1.1", "1.2", "2.1"]
        middle = await kept.restore("1.2")
        assert (await run(middle, "x", name="look")).out == "2\n"


async def test_nothing_is_run_to_go_back_to_the_beginning(tmp_path):
    told = await finished(tmp_path, root=[repl("x = 1"), "FINAL(x)"])
    async with again(told, tmp_path, "") as rebuilt:
        assert await rebuilt.repl.variables() == []


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("while True: pass", "block 1.1 was stopped when it ran"),
        ("import os\nos._exit(1)", "the REPL began anew in this run"),
    ],
    ids=["stopped", "begun anew"],
)
async def test_what_cannot_be_rebuilt_is_said(tmp_path, code, why):
    told = await finished(tmp_path, root=[repl(code), repl("y = 1"), "FINAL(x)"], max_cell_time=0.3)
    with pytest.raises(ReplError, match=why):
        async with again(told, tmp_path, "2.1"):
            pass


async def test_a_block_that_is_not_there_is_an_error(tmp_path):
    told = await finished(tmp_path, root=[repl("x = 1"), "FINAL(x)"])
    with pytest.raises(ReplError, match="has no code block"):
        async with again(told, tmp_path, "9.9"):
            pass
