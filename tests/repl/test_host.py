from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rlm_tui.errors import ReplError
from rlm_tui.repl import host, wire
from rlm_tui.repl.host import Sandbox
from rlm_tui.repl.wire import FrameTooLargeError
from tests.repl.conftest import DOCUMENT
from tests.repl.notebook import Box, run


def processes_of(document: Path | str) -> list[int]:
    """The processes that were started with this document: a zygote and its workers."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                command = (entry / "cmdline").read_bytes()
            except OSError:
                continue  # it has just ended
            if os.fsencode(document) in command.split(b"\0"):
                found.append(int(entry.name))
    return found


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.005)


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "own document.txt"
    path.write_text("abc\n", encoding="utf-8")
    return path


@pytest.fixture
def own(document: Path):
    """A sandbox that a test may break."""
    with Box(str(document)) as started:
        yield started


def test_context_is_the_text_of_one_document(box: Box):
    assert box.sandbox.context_chars == [len(DOCUMENT)]
    assert box.notebook().ok("print(context)") == DOCUMENT + "\n"


def test_context_is_a_dict_of_several_documents(tmp_path: Path):
    paths = [str(tmp_path / name) for name in ("a.txt", "ü.txt")]
    for path in paths:
        Path(path).write_text(f"in {path}", encoding="utf-8")
    with Box(*paths) as several:
        opened = several.notebook()
        assert opened.ok("print(*context, *context.values(), sep='\\n')").splitlines() == [
            *paths,
            *(f"in {path}" for path in paths),
        ]
        assert several.sandbox.context_chars == [len(f"in {path}") for path in paths]
        assert "text=context[path]" in opened.run("grep('in')").result.error
        assert opened.ok(f"grep('in', text=context[{paths[0]!r}])[0][0]") == "1\n"


@pytest.mark.parametrize("missing", ["nowhere.txt", "."], ids=["missing", "a folder"])
async def test_a_document_that_cannot_be_read_is_named(tmp_path: Path, missing: str):
    with pytest.raises(ReplError, match=f"could not read the document.*{missing}"):
        await Sandbox.start([str(tmp_path / missing)])


async def test_a_zygote_that_does_not_come_up_is_told_with_its_last_words(monkeypatch):
    monkeypatch.setattr(host, "_BOOT", "raise SystemExit('first\\nno memory left')")
    with pytest.raises(ReplError, match=r"did not start: no memory left$"):
        await Sandbox.start([])


async def test_a_zygote_that_says_nothing_is_given_up(document: Path, monkeypatch):
    monkeypatch.setattr(host, "_BOOT", "import time\ntime.sleep(1000)")
    monkeypatch.setattr(host, "_START_TIMEOUT", 0.05)
    with pytest.raises(ReplError, match="did not start within"):
        await Sandbox.start([str(document)])
    assert processes_of(document) == []


def test_repls_know_nothing_of_one_another(box: Box):
    first, second = box.notebook("first"), box.notebook("second")
    first.ok("x = 1\nimport json\njson.shared = 2\ncount = 5")
    assert second.ok("query, 'x' in globals(), callable(count)") == "('second', False, True)\n"
    assert second.ok("import json\nhasattr(json, 'shared')") == "False\n"


@pytest.mark.parametrize("context", ["part ü", "", {"a": "1", "b": ""}])
def test_a_repl_may_be_given_a_context_of_its_own(box: Box, context):
    assert box.notebook("q", context).ok("context") == f"{context!r}\n"


def test_many_repls_are_spawned_at_once(box: Box):
    async def spawn_and_run(number: int):
        repl = await box.sandbox.spawn(str(number))
        ran = await run(repl, "query", name="1.1")
        repl.close()
        return ran.out

    async def all_of_them():
        return await asyncio.gather(*map(spawn_and_run, range(20)))

    assert box.do(all_of_them()) == [f"'{number}'\n" for number in range(20)]


def test_cells_of_several_repls_run_at_once(box: Box):
    repls = [box.notebook().repl for _ in range(3)]

    async def together():
        everyone = asyncio.Barrier(len(repls))

        async def answer(request):
            await everyone.wait()
            return request.prompts

        cells = [run(repl, "llm_query('here')", answer=answer, name="1.1") for repl in repls]
        return await asyncio.gather(*cells)

    assert [ran.out for ran in box.do(together())] == ["'here'\n"] * 3


def test_a_context_too_large_for_a_frame_leaves_no_worker_behind(own, document, monkeypatch):
    monkeypatch.setattr(wire, "FRAME_LIMIT", 1000)
    before = processes_of(document)
    with pytest.raises(FrameTooLargeError):
        own.notebook("q", "x" * 2000)
    wait_until(lambda: processes_of(document) == before)


def test_a_worker_that_died_is_told_and_another_can_be_spawned(own: Box):
    opened = own.notebook()
    ran = opened.run("print('before')\nimport os\nos._exit(3)")
    assert (ran.result.outcome, ran.out) == ("killed", "before\n")
    assert not opened.repl.is_alive
    # Its status comes from the zygote, a moment later perhaps.
    own.do(own.sandbox.settled())
    wait_until(lambda: "status 3" in end_after_settling(own, opened.repl.pid))
    assert own.notebook().ok("'alive'") == "'alive'\n"


def end_after_settling(own: Box, pid: int) -> str:
    own.do(own.sandbox.settled())
    return own.sandbox.end_of(pid)


def test_a_worker_ended_by_a_signal_is_told_with_its_name(own: Box):
    opened = own.notebook()
    assert opened.run("import os\nos.abort()").result.outcome == "killed"
    wait_until(lambda: "SIGABRT" in end_after_settling(own, opened.repl.pid))


def test_of_a_worker_that_runs_no_end_is_known(own: Box):
    assert own.sandbox.end_of(own.notebook().repl.pid) == "its process ended"


def test_when_the_zygote_dies_its_cells_are_killed_and_none_can_be_started(own, document):
    opened = own.notebook()
    busy, idle = opened.repl, own.notebook().repl

    async def kill_in_the_middle(request):
        own.sandbox._process.kill()
        return request.prompts

    code = "llm_query('x')\nwhile True: pass"
    assert opened.run(code, answer=kill_in_the_middle).result.outcome == "killed"
    wait_until(lambda: processes_of(document) == [])
    assert not busy.is_alive
    with pytest.raises(ReplError):
        own.do(idle.variables())
    with pytest.raises(ReplError):
        own.notebook()


BUSY = {
    "idle": "1",
    "a loop": "BEGUN\nwhile True: pass",
    "a loop that nothing interrupts": "BEGUN\nsum(range(10**15))",
    "a loop that left the process group": (
        "import os\ntry:\n    os.setsid()\nexcept OSError: pass\nBEGUN\nwhile True: pass"
    ),
    "a loop in a child": (
        "import os\ntry: is_parent = os.fork()\nexcept OSError: is_parent = True\n"
        "if is_parent:\n    BEGUN\nwhile True: pass"
    ),
    "a waiting sub-call": "BEGUN\nllm_query('never answered')",
    "a thread": "import threading, time\nthreading.Thread(target=time.sleep, args=(1e6,)).start()",
}


@pytest.mark.parametrize("code", BUSY.values(), ids=BUSY)
async def test_closing_leaves_no_process_whatever_is_running(document: Path, code: str):
    sandbox = await Sandbox.start([str(document)])
    repl = await sandbox.spawn("q")
    await sandbox.spawn("another")
    begun = asyncio.Event()

    async def never(request):
        if request.prompts == ["begun"]:
            begun.set()
            return ["go on"]
        return await asyncio.get_running_loop().create_future()

    code = code.replace("BEGUN", "llm_query('begun')")
    cell = asyncio.ensure_future(run(repl, code, answer=never, name="1.1"))
    if "begun" in code:
        await begun.wait()
    else:
        await cell
    assert len(processes_of(document)) >= 3
    await sandbox.close()
    wait_until(lambda: processes_of(document) == [])
    assert (await cell).result.outcome == ("killed" if "begun" in code else "ok")
    with pytest.raises(ReplError):
        await sandbox.spawn("q")
    await sandbox.close()


ENGINE = """
import asyncio, sys
from rlm_tui.repl.cells import Served
from rlm_tui.repl.host import Sandbox

async def main():
    sandbox = await Sandbox.start([sys.stdin.readline().rstrip("\\n")])
    for _ in range(2):
        repl = await sandbox.spawn("q")
    async def on_call(request):
        print("running", flush=True)
        return Served(request.prompts)
    await repl.run("1.1", CODE, budget=1000, on_output=print, on_call=on_call)

asyncio.run(main())
"""


@pytest.mark.parametrize(
    "then",
    ["while True: pass", "sum(range(10**15))", "import time; time.sleep(1e6)"],
    ids=["a loop", "one that nothing interrupts", "sleep"],
)
def test_the_death_of_the_engine_is_the_death_of_its_zygote_and_workers(document: Path, then: str):
    code = ENGINE.replace("CODE", repr(f"llm_query('x')\n{then}"))
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as engine:
        engine.stdin.write(f"{document}\n")
        engine.stdin.flush()
        assert engine.stdout.readline() == "running\n"
        assert len(processes_of(document)) >= 3
        engine.send_signal(signal.SIGKILL)
        engine.wait()
        wait_until(lambda: processes_of(document) == [])


async def test_a_worker_that_reads_what_was_cut_off_the_document_says_so(tmp_path: Path):
    """The document is mapped from 32 MB on; the others of the run go on."""
    path = tmp_path / "large.log"
    path.write_bytes(b"line of text\n" * 2_700_000)
    sandbox = await Sandbox.start([str(path)])
    repl, other = await sandbox.spawn("q"), await sandbox.spawn("q")
    os.truncate(path, 4096)
    ran = await run(repl, "print(context[-1])", name="1.1")
    assert ran.result.outcome == "killed"
    assert ran.result.error == ("its process read what was cut off the document on disk (SIGBUS)")
    assert (await run(other, "print(context[:4])", name="1.1")).out == "line\n"
    await sandbox.close()
