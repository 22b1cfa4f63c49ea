"""The processes that run model code, against plain CPython and an `exec` in this process."""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from rlm_tui.config import SandboxMode
from rlm_tui.repl.cells import CallRequest, Served
from rlm_tui.repl.checkpoints import Checkpoints
from rlm_tui.repl.guest.documents import SharedDocument
from rlm_tui.repl.host import Sandbox
from rlm_tui.repl.repl import Repl
from tests.bench.table import Row, percentile

GIGABYTE = 1_000_000_000
_LINE = b"2026-11-20 12:00:00 INFO  a request of no interest took 12 ms\n"

SPIN = "def f():\n    total = 0\n    for n in range(3_000_000):\n        total += n * n % 7\nf()"
CALLS = "r = [llm_query(str(n)) for n in range(20)]"
ROUND_TRIPS = "for n in range(200): llm_query('x')"
IN_FLIGHT = "r = llm_query_batched([str(n) for n in range(200)])"


async def _at_once(request: CallRequest) -> Served:
    return Served(["ok"] * len(request.prompts))


async def _after_200_ms(request: CallRequest) -> Served:
    await asyncio.sleep(0.2)
    return Served(["ok"] * len(request.prompts))


async def timed(work: Callable[[], Awaitable[object]]) -> float:
    """Seconds that it takes."""
    started = time.perf_counter()
    await work()
    return time.perf_counter() - started


async def run(
    repl: Repl,
    code: str,
    on_call: Callable[[CallRequest], Awaitable[Served]] = _at_once,
    *,
    together: bool = True,
) -> float:
    """Seconds that a cell takes as the engine sees it."""

    async def ended() -> None:
        result = await repl.run(
            "1", code, budget=600, on_output=_unheard, on_call=on_call, together=together
        )
        assert result.outcome == "ok", result

    return await timed(ended)


def _unheard(_stream: str, _text: str) -> None:
    """What is printed is of no interest."""


async def cold(
    documents: list[SharedDocument], mode: SandboxMode = "auto"
) -> tuple[float, Sandbox]:
    """Seconds until a first REPL is there, and its sandbox."""
    started = time.perf_counter()
    sandbox = await Sandbox.start(documents, mode)
    await sandbox.spawn("q")
    return time.perf_counter() - started, sandbox


async def _lag(repl: Repl) -> float:
    """The 99th percentile of what a timer of 1 ms is late while 200 calls are in flight."""
    late: list[float] = []

    async def watch() -> None:
        while True:
            due = time.perf_counter() + 0.001
            await asyncio.sleep(0.001)
            late.append(time.perf_counter() - due)

    watching = asyncio.ensure_future(watch())
    await run(repl, IN_FLIGHT, _after_200_ms)
    watching.cancel()
    return percentile(late, 0.99)


async def forks(sandbox: Sandbox) -> tuple[float, float]:
    """Medians of taking a checkpoint and of restoring one, of a REPL that has run a cell."""
    repl, kept = await sandbox.spawn("q"), Checkpoints()
    await run(repl, "x = list(range(10_000)); context[:10]")
    taking, restoring = [], []
    for number in range(12):
        taking.append(await timed(lambda name=str(number): kept.take(name, repl)))
        started = time.perf_counter()
        restored = await kept.restore(str(number))
        restoring.append(time.perf_counter() - started)
        restored.close()
    kept.close()
    return statistics.median(taking), statistics.median(restoring)


def _plain(code: str) -> float:
    """Seconds that plain CPython takes, its start not counted."""
    timed = f"import time\ns = time.perf_counter()\n{code}\nprint(time.perf_counter() - s)"
    return float(
        subprocess.run([sys.executable, "-c", timed], capture_output=True, check=True).stdout
    )


async def _measure(document: Path, large: Path) -> list[Row]:
    small, huge = ([SharedDocument(str(path), "utf-8", 0, -1)] for path in (document, large))
    starts = []
    for _ in range(5):
        seconds, sandbox = await cold(small)
        starts.append(seconds)
        await sandbox.close()
    _, sandbox = await cold(small)
    fresh = [await timed(lambda: sandbox.spawn("q")) for _ in range(20)]
    repl = await sandbox.spawn("q")
    tiny = [await run(repl, "x = 1") for _ in range(200)]
    here = [_exec("x = 1") for _ in range(200)]
    trip = min([await run(repl, ROUND_TRIPS, together=False) for _ in range(3)]) / 200
    spin = min([await run(repl, SPIN) for _ in range(3)])
    plain = min(_plain(SPIN) for _ in range(3))
    loop = await run(repl, CALLS, _after_200_ms)
    lag = await _lag(repl)
    take, restore = await forks(sandbox)
    await sandbox.close()
    cold_huge, sandbox = await cold(huge)
    take_huge, restore_huge = await forks(sandbox)
    await sandbox.close()
    return [
        Row("cold start, to the first REPL", 1e3 * statistics.median(starts), "ms", "< 100"),
        Row("the same with 1 GB", 1e3 * cold_huge, "ms"),
        Row("a fresh worker", 1e3 * statistics.median(fresh), "ms", "< 10"),
        Row("a tiny cell", 1e3 * statistics.median(tiny), "ms", "< 0.5"),
        Row("the same by exec in this process", 1e3 * statistics.median(here), "ms"),
        Row("a sub-call there and back, without the model", 1e3 * trip, "ms", "< 0.5"),
        Row("200 sub-calls in flight: lateness of a timer, p99", 1e3 * lag, "ms", "< 25"),
        Row("a loop of twenty sub-calls of 200 ms", loop, "s", "< 0.6"),
        Row("code that computes / plain CPython", spin / plain, "", "< 1.05"),
        Row("a checkpoint", 1e3 * take, "ms", "< 5"),
        Row("a checkpoint with 1 GB", 1e3 * take_huge, "ms", "< 30"),
        Row("restoring one", 1e3 * restore, "ms", "< 20"),
        Row("restoring one with 1 GB", 1e3 * restore_huge, "ms", "< 20"),
    ]


def _exec(code: str) -> float:
    started = time.perf_counter()
    exec(compile(code, "x", "exec"), {})
    return time.perf_counter() - started


def measure(document: Path, folder: Path) -> list[Row]:
    """Rows for the sandbox; the large document is written and removed."""
    large = folder / "gigabyte.log"
    with large.open("wb") as file:
        block = _LINE * 16_384
        for _ in range(GIGABYTE // len(block)):
            file.write(block)
    try:
        return asyncio.run(_measure(document, large))
    finally:
        large.unlink()
