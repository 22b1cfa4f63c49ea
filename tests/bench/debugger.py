"""Steps and stops on the screen, what idle breakpoints cost, and how long a branch takes."""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from rlm_tui.assemble import Runs
from rlm_tui.breakpoint import Breakpoint
from rlm_tui.config import Settings
from rlm_tui.events import IterationStarted, Paused, Record
from rlm_tui.source import Cancel, Fork, Pause, Resume, RunRequest, Source
from tests.bench.table import Row, percentile
from tests.bench.terminal import Terminal

SIZE = (120, 40)
STEPS = 40
CELLS = 20
MEGABYTES = 10

_LOOP = "```repl\nfor n in range(50):\n    llm_query(str(n))\n```"
_IDLE = ["/no such text/ in prompt", "error", "cost>1000", "it 9999", "changed nothing"]


def _script(folder: Path, name: str, *root: str) -> str:
    path = folder / f"{name}.json"
    path.write_text(json.dumps({"root": root}), encoding="utf-8")
    return f"scripted:{path}"


class _Listener:
    """Notes when things happened, and acts on them."""

    def __init__(self, on_record: Callable[[Record], object]) -> None:
        self._on_record = on_record

    def begin(self, header):
        """Nothing to note."""

    def take(self, records):
        """Hand on each."""
        for record in records:
            self._on_record(record)

    def say(self, notice):
        """Nothing to note."""


def measure(document: Path, folder: Path) -> list[Row]:
    """Rows for what the issue of the debugger asks for."""
    steps = _steps(document, folder)
    replayed, restored = asyncio.run(_branches(folder))
    return [
        Row("key to the next stop on screen, p50", 1e3 * statistics.median(steps), "ms"),
        Row("the same, p95", 1e3 * percentile(steps, 0.95), "ms", "< 30"),
        Row("pause of a busy run to its stop, in the engine", 1e3 * _stop(document, folder), "ms"),
        Row("a run with 5 breakpoints never hit / without", _idle(document, folder), "x", "< 1.05"),
        Row(f"branch: {CELLS} cells over {MEGABYTES} MB again", replayed, "s", "< 1"),
        Row("branch: the same from a checkpoint", 1e3 * restored, "ms", "< 100"),
    ]


def _steps(document: Path, folder: Path) -> list[float]:
    """Seconds from a key until the stop before the next sub-call stands on the screen."""
    model = _script(folder, "steps", "```repl\nr = [llm_query(str(n)) for n in range(99)]\n```")
    flags = ["--model", model, "--no-save", "--paused"]
    command = [sys.executable, "-m", "rlm_tui", str(document), "-q", "x", *flags]
    terminal = Terminal(command, SIZE)
    try:
        terminal.wait_for(lambda written: b"started paused" in written)
        _until(terminal, b":b llm_query\r", b"Breakpoint 1")
        # The number of the call makes each stop's words its own, whatever is drawn twice.
        return [
            _until(terminal, b"c", f"before llm_query #{number} ".encode())
            for number in range(1, STEPS + 1)
        ]
    finally:
        terminal.end()


def _until(terminal: Terminal, keys: bytes, text: bytes) -> float:
    terminal.written.clear()
    pressed = terminal.press(keys)
    while text not in terminal.written:
        if time.perf_counter() - pressed > 10:
            raise TimeoutError(text, bytes(terminal.written[-800:]))
        terminal.read(0.02)
    return time.perf_counter() - pressed


def _request(document: Path, model: str) -> RunRequest:
    settings = Settings(model=model, save=False, max_iterations=1_000, max_sub_calls=100_000)
    return RunRequest("x", [str(document)], settings)


async def _run(request: RunRequest, act: Callable[[Source, Record], object]) -> None:
    runs = Runs()
    source = runs.begin(request)
    await source.run(_Listener(lambda record: act(source, record)))
    await source.close()
    await runs.close()


def _stop(document: Path, folder: Path) -> float:
    """Seconds from the command until nothing more is dispatched and the stop is told."""
    request = _request(document, _script(folder, "busy", *[_LOOP] * 40))
    times: list[float] = []
    asked = [0.0]

    def act(source: Source, record: Record) -> None:
        if isinstance(record.event, Paused):
            times.append(time.perf_counter() - asked[0])
            source.send(Resume() if len(times) < STEPS // 2 else Cancel())
        elif isinstance(record.event, IterationStarted):
            asked[0] = time.perf_counter()
            source.send(Pause())

    asyncio.run(_run(request, act))
    return statistics.median(times)


def _idle(document: Path, folder: Path) -> float:
    """How many times as long a run takes with breakpoints that are not hit.

    Both make their sub-calls one by one, since a breakpoint that waits has them made so.
    """
    request = _request(document, _script(folder, "idle", *[_LOOP] * 10, "FINAL(1)"))
    request = replace(request, settings=replace(request.settings, together=False))
    guarded = replace(request, breakpoints=[Breakpoint(n, spec) for n, spec in enumerate(_IDLE, 1)])

    def seconds(asked: RunRequest) -> float:
        clock: list[float] = []

        def act(_source: Source, record: Record) -> None:
            if clock or isinstance(record.event, IterationStarted):
                clock.append(time.perf_counter())

        asyncio.run(_run(asked, act))
        return clock[-1] - clock[0]

    # In turn, and the best of each: other things that the machine does only ever add.
    pairs = [(seconds(guarded), seconds(request)) for _ in range(9)]
    return min(slow for slow, _ in pairs) / min(fast for _, fast in pairs)


async def _branches(folder: Path) -> tuple[float, float]:
    """Seconds until a branch is held, going through its past again and from a checkpoint."""
    document = folder / "branch.txt"
    line = "a line of text that says nothing of interest at all\n"
    document.write_text(line * (MEGABYTES * 1_000_000 // len(line)), encoding="utf-8")
    cell = "```repl\nhits = fast_find_all(context, 'interest', limit=1000)\nn = len(hits)\n```"
    session = folder / "branch.rlm.jsonl"
    request = _request(document, _script(folder, "branch", *[cell] * CELLS, "FINAL_VAR(n)"))
    saved = replace(request.settings, save=True, session=str(session))
    runs = Runs()
    source = runs.begin(replace(request, settings=saved))
    last = [0]
    await source.run(_Listener(lambda record: last.append(record.seq)))
    await source.close()

    async def begun(runs: Runs) -> float:
        fork = Fork(str(session), last[-1])
        source = runs.begin(replace(request, fork=fork, paused=True))
        started, held = time.perf_counter(), [0.0]

        def act(record: Record) -> None:
            if isinstance(record.event, Paused):
                held[0] = time.perf_counter()
                source.send(Cancel())

        await source.run(_Listener(act))
        await source.close()
        return held[0] - started

    restored = await begun(runs)
    await runs.close()
    replayed: list[float] = []
    for _ in range(3):
        alone = Runs()
        replayed.append(await begun(alone))
        await alone.close()
    return statistics.median(replayed), restored
