"""Monty against the CPython of the other modes, in one run."""

from __future__ import annotations

import asyncio
import statistics
from dataclasses import dataclass
from pathlib import Path

from rlm_tui.config import SandboxMode
from rlm_tui.repl.guest.documents import SharedDocument
from tests.bench.sandbox import ROUND_TRIPS, SPIN, cold, forks, run, timed
from tests.bench.table import Row


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds in one mode."""

    start: float
    worker: float
    tiny: float
    trip: float
    spin: float
    take: float
    restore: float


async def _figures(documents: list[SharedDocument], mode: SandboxMode) -> Figures:
    starts = []
    for _ in range(5):
        seconds, sandbox = await cold(documents, mode)
        starts.append(seconds)
        await sandbox.close()
    _, sandbox = await cold(documents, mode)
    fresh = [await timed(lambda: sandbox.spawn("q")) for _ in range(20)]
    repl = await sandbox.spawn("q")
    tiny = [await run(repl, "x = 1") for _ in range(200)]
    trip = min([await run(repl, ROUND_TRIPS, together=False) for _ in range(3)]) / 200
    spin = min([await run(repl, SPIN) for _ in range(3)])
    take, restore = await forks(sandbox)
    await sandbox.close()
    median = statistics.median
    return Figures(median(starts), median(fresh), median(tiny), trip, spin, take, restore)


def _rows(monty: Figures, python: Figures) -> list[Row]:
    def pair(what: str, name: str, goal: str) -> list[Row]:
        ours, theirs = getattr(monty, name), getattr(python, name)
        return [
            Row(what, 1e3 * ours, "ms", goal),
            Row("  / the same in CPython", ours / theirs, ""),
        ]

    return [
        *pair("cold start, to the first REPL", "start", "< 400"),
        *pair("a fresh worker", "worker", "< 30"),
        *pair("a tiny cell", "tiny", "< 2"),
        *pair("a sub-call there and back, without the model", "trip", "< 0.5"),
        *pair("a checkpoint", "take", "< 20"),
        *pair("restoring one", "restore", "< 30"),
        Row("code that computes / CPython", monty.spin / python.spin, "", "< 4"),
    ]


def measure(document: Path) -> list[Row]:
    """Rows for Monty."""

    async def both() -> list[Row]:
        documents = [SharedDocument(str(document), "utf-8", 0, -1)]
        return _rows(await _figures(documents, "monty"), await _figures(documents, "auto"))

    return asyncio.run(both())
