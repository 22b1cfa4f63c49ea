from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from rlm_tui.errors import ReplError
from rlm_tui.repl import checkpoints as checkpoints_module
from rlm_tui.repl.checkpoints import Checkpoints, is_memory_short
from rlm_tui.repl.repl import Repl
from tests.repl.notebook import Box, Notebook


@pytest.fixture
def kept() -> Iterator[Checkpoints]:
    made = Checkpoints(kept=3)
    yield made
    made.close()


def out(box: Box, repl: Repl, code: str) -> str:
    return Notebook(box, repl).ok(code)


def test_a_restored_repl_goes_on_exactly_from_where_the_checkpoint_was_taken(
    box: Box, notebook: Notebook, kept: Checkpoints
):
    notebook.ok(
        "import random\nx = [1]\ndef f(): return len(x)\ng = (n for n in range(9))\nnext(g)"
    )
    box.do(kept.take("1.1", notebook.repl))
    first = notebook.ok("x.append(2)\nx, f(), next(g), random.random()")
    restored = box.do(kept.restore("1.1"))
    assert out(box, restored, "x.append(2)\nx, f(), next(g), random.random()") == first
    again = box.do(kept.restore("1.1"))
    assert out(box, again, "x, f()") == "([1], 1)\n"
    assert notebook.ok("x, f()") == "([1, 2], 2)\n"
    restored.close()
    again.close()


def test_a_checkpoint_outlives_the_repl_it_was_taken_of(
    box: Box, notebook: Notebook, kept: Checkpoints
):
    notebook.ok("x = 'kept'")
    box.do(kept.take("1.1", notebook.repl))
    assert notebook.run("import os\nos._exit(1)").result.outcome == "killed"
    restored = box.do(kept.restore("1.1"))
    assert out(box, restored, "x, llm_query('q')") == "('kept', '<q>')\n"
    restored.close()


def test_the_oldest_go_when_there_are_too_many(box: Box, notebook: Notebook, kept: Checkpoints):
    for number in range(1, 6):
        notebook.ok(f"x = {number}")
        box.do(kept.take(f"{number}.1", notebook.repl))
    assert kept.names == ["3.1", "4.1", "5.1"]
    with pytest.raises(ReplError, match="no checkpoint of block 1"):
        box.do(kept.restore("1.1"))
    kept.drop("4.1")
    assert kept.names == ["3.1", "5.1"]


def test_when_memory_is_short_only_the_latest_stays(
    box: Box, notebook: Notebook, kept: Checkpoints, monkeypatch: pytest.MonkeyPatch
):
    box.do(kept.take("1.1", notebook.repl))
    box.do(kept.take("2.1", notebook.repl))
    monkeypatch.setattr(checkpoints_module, "is_memory_short", lambda: True)
    box.do(kept.take("3.1", notebook.repl))
    assert kept.names == ["3.1"]


def test_a_checkpoint_whose_process_ended_is_no_longer_there(
    box: Box, notebook: Notebook, kept: Checkpoints
):
    box.do(kept.take("1.1", notebook.repl))
    parked = kept._parked["1.1"]

    async def end() -> None:
        box.sandbox.signal(parked.pid, signal.SIGKILL)
        assert parked._wire is not None
        await parked._wire.closed

    box.do(end())
    assert kept.names == []
    with pytest.raises(ReplError):
        box.do(kept.restore("1.1"))
    assert notebook.ok("1 + 1") == "2\n"


def test_no_checkpoint_is_taken_while_a_thread_of_the_code_runs(
    box: Box, notebook: Notebook, kept: Checkpoints
):
    """A fork has no threads but one, and a lock that another held would be held for ever."""
    notebook.ok(
        "import threading\nend = threading.Event()\n"
        "t = threading.Thread(target=end.wait)\nt.start()"
    )
    with pytest.raises(ReplError, match="threads of an earlier code block still run"):
        box.do(kept.take("1.1", notebook.repl))
    assert notebook.ok("end.set()\nt.join()\n'on'") == "'on'\n"
    box.do(kept.take("1.2", notebook.repl))
    assert kept.names == ["1.2"]


@pytest.mark.parametrize(
    ("text", "is_short"),
    [
        ("MemTotal: 1000 kB\nMemFree: 1 kB\nMemAvailable: 99 kB\n", True),
        ("MemTotal: 1000 kB\nMemFree: 1 kB\nMemAvailable: 101 kB\n", False),
        ("MemTotal: 1000 kB\n", False),
        ("nonsense", False),
    ],
)
def test_memory_is_short_when_less_than_a_tenth_is_left(
    tmp_path: Path, text: str, *, is_short: bool
):
    (tmp_path / "meminfo").write_text(text)
    assert is_memory_short(tmp_path / "meminfo") is is_short
    assert is_memory_short(tmp_path / "none") is False
