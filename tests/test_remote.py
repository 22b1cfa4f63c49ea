from __future__ import annotations

import asyncio
import json
import os
import signal
from pathlib import Path

import pytest

from rlm_tui.assemble import Engines
from rlm_tui.config import Settings
from rlm_tui.errors import RlmTuiError
from rlm_tui.events import CodeStarted, RunFinished
from rlm_tui.session.reader import read_session
from rlm_tui.source import Broken, Cancel, RunRequest


class Recorder:
    """Keeps what a source tells, and calls back for each record."""

    def __init__(self, on_record=lambda _: None):
        self.header = None
        self.records = []
        self.notices = []
        self.on_record = on_record

    def begin(self, header):
        self.header = header

    def take(self, records):
        for record in records:
            self.records.append(record)
            self.on_record(record)

    def say(self, notice):
        self.notices.append(notice)


@pytest.fixture
async def engines():
    made = Engines(Settings())
    yield made
    await made.close()


@pytest.fixture
def request_for(tmp_path):
    """A request for a scripted run that is saved to `tmp_path / "run.rlm.jsonl"`."""
    document = tmp_path / "a.txt"
    document.write_text("some text\n", encoding="utf-8")

    def make(*root, **settings):
        script = tmp_path / "script.json"
        script.write_text(json.dumps({"root": root}), encoding="utf-8")
        chosen = {"model": f"scripted:{script}", "session": str(tmp_path / "run.rlm.jsonl")}
        return RunRequest("what?", [str(document)], Settings(**(chosen | settings)))

    return make


def is_alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def children_of(pid):
    tasks = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [int(child) for child in tasks]


async def gone(pids):
    async with asyncio.timeout(10):
        while any(map(is_alive, pids)):  # noqa: ASYNC110 - a process tells nobody that it ends
            await asyncio.sleep(0.01)


async def test_what_comes_up_is_what_the_session_file_holds(engines, request_for, tmp_path):
    source = engines.ask(request_for("```repl\nprint(len(context))\n```", "FINAL(9)"))
    heard = Recorder()
    await source.run(heard)
    await source.close()
    saved = read_session(tmp_path / "run.rlm.jsonl")
    assert (heard.header, heard.records) == (saved.header, saved.records)


async def test_a_run_that_cannot_begin_says_why(engines, request_for):
    source = engines.ask(request_for("FINAL(1)", model="scripted:/no/such.json"))
    with pytest.raises(RlmTuiError, match=r"no/such\.json cannot be read"):
        await source.run(Recorder())
    await source.close()


async def test_commands_go_down(engines, request_for):
    source = engines.ask(request_for("```repl\nwhile True: pass\n```"))
    heard = Recorder(
        lambda record: source.send(Cancel()) if isinstance(record.event, CodeStarted) else None
    )
    await source.run(heard)
    await source.close()
    assert heard.records[-1].event.outcome == "cancelled"


async def test_an_engine_that_dies_leaves_what_it_told(engines, request_for, tmp_path):
    source = engines.ask(request_for("```repl\nwhile True: pass\n```"))
    engine = source._engine.process.pid
    below = []

    def kill(record):
        if isinstance(record.event, CodeStarted):
            below.extend(children_of(engine))
            os.kill(engine, signal.SIGKILL)

    heard = Recorder(kill)
    await source.run(heard)
    await source.close()
    assert isinstance(heard.notices[-1], Broken)
    assert "kept" in heard.notices[-1].text
    assert not any(isinstance(record.event, RunFinished) for record in heard.records)
    assert read_session(tmp_path / "run.rlm.jsonl").records == heard.records
    await gone(below)


async def test_a_screen_that_goes_ends_the_engine_and_its_session_file_is_whole(
    engines, request_for, tmp_path
):
    source = engines.ask(request_for("```repl\nwhile True: pass\n```"))
    engine = source._engine.process.pid
    started = asyncio.Event()
    heard = Recorder(
        lambda record: started.set() if isinstance(record.event, CodeStarted) else None
    )
    running = asyncio.ensure_future(source.run(heard))
    await started.wait()
    below = children_of(engine)
    await source.close()
    await running
    await gone([engine, *below])
    last = read_session(tmp_path / "run.rlm.jsonl").records[-1].event
    assert (type(last), last.outcome) == (RunFinished, "cancelled")


async def test_the_engine_of_a_run_that_is_over_runs_the_next_one(engines, request_for):
    pids = []
    for answer in ("1", "2"):
        source = engines.ask(request_for(f"FINAL({answer})", save=False))
        heard = Recorder()
        await source.run(heard)
        await source.close()
        await source.close()
        source.send(Cancel())
        assert heard.records[-1].event.answer == answer
        pids.append(source._engine.process.pid)
    assert pids[0] == pids[1]
    assert is_alive(pids[0])
    await engines.close()
    await gone(pids)


async def test_an_engine_that_died_while_it_rested_is_replaced(engines, request_for):
    first = engines.ask(request_for("FINAL(1)"))
    await first.run(Recorder())
    await first.close()
    first._engine.process.kill()
    first._engine.process.wait()
    second, heard = engines.ask(request_for("FINAL(2)", save=False)), Recorder()
    await second.run(heard)
    await second.close()
    assert heard.records[-1].event.answer == "2"


async def test_what_rests_is_let_go_when_nobody_needs_it(engines, request_for):
    source = engines.ask(request_for("FINAL(1)"))
    await source.run(Recorder())
    await source.close()
    engines.forget()
    await gone([source._engine.process.pid])


async def test_an_engine_that_nobody_used_ends_with_its_keeper():
    engines = Engines(Settings())
    engines.warm_up()
    pid = engines._spare.process.pid
    await engines.close()
    await gone([pid])
