"""The engine's own time an iteration, with a model that answers at once."""

from __future__ import annotations

import asyncio
import json
import resource
import time
from pathlib import Path

from rlm_tui.assemble import live
from rlm_tui.config import Settings
from rlm_tui.events import IterationStarted
from rlm_tui.source import RunRequest
from tests.bench.table import Row, median_of

ITERATIONS = 100


class _Clock:
    """Notes when the first iteration starts and when the last event comes."""

    def __init__(self) -> None:
        self.first = 0.0
        self.last = 0.0

    def begin(self, header):
        """Nothing to note."""

    def take(self, records):
        """Note the time."""
        self.last = time.perf_counter()
        if not self.first and isinstance(records[0].event, IterationStarted):
            self.first = self.last

    def say(self, notice):
        """Nothing to note."""


def measure(document: Path, folder: Path) -> list[Row]:
    """Rows for the time an iteration takes and the memory of this process."""
    script = folder / "engine.json"
    root = ["```repl\nx = len(context)\nprint(x)\n```"] * ITERATIONS + ["FINAL(1)"]
    script.write_text(json.dumps({"root": root}), encoding="utf-8")
    settings = Settings(
        model=f"scripted:{script}",
        max_iterations=ITERATIONS + 1,
        session=None,
        save=False,
    )

    def once() -> float:
        clock = _Clock()
        asyncio.run(live(RunRequest("x", [str(document)], settings)).run(clock))
        return (clock.last - clock.first) / ITERATIONS

    each = median_of(once, 3)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return [
        Row("an iteration with a model that answers at once", 1e3 * each, "ms", "< 5"),
        Row("peak memory of the engine (with its tokenizer)", peak / 1e6, "MB"),
    ]
