"""Opening long recordings, going back in them, and growing a large tree."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from rlm_tui.codec import encode_line
from rlm_tui.events import (
    CodeStarted,
    IterationStarted,
    ModelRequested,
    Record,
    ReplOutput,
    SubCallFinished,
    SubCallStarted,
    Usage,
)
from rlm_tui.header import DocumentRef, Header
from rlm_tui.playhead import Playhead
from rlm_tui.session.reader import read_session
from rlm_tui.trajectory import Trajectory
from rlm_tui.ui.widgets.tree_rows import TreeRows
from tests.bench.table import Row, median_of

_OPEN = """
import resource, sys, time
from pathlib import Path
from rlm_tui.playhead import Playhead
from rlm_tui.session.reader import read_session
began = time.perf_counter()
head = Playhead()
head.extend(read_session(Path(sys.argv[1])).records)
took = time.perf_counter() - began
print(took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def long_run(events: int) -> list[Record]:
    """A run of about that many events: iterations of a hundred calls and some output."""
    records: list[Record] = []

    def add(node: str, event: object) -> None:
        records.append(Record(len(records) + 1, len(records) * 0.01, node, event))

    iteration = 0
    while len(records) < events:
        iteration += 1
        node = str(iteration)
        add(node, IterationStarted(iteration))
        add(node, ModelRequested("m", 0, [], 1_000))
        add(f"{node}.1", CodeStarted("for c in chunks(1000):\n    llm_query(c)"))
        for call in range(1, 101):
            started = SubCallStarted("llm_query", "m", "prompt " * 30, 2)
            add(f"{node}.1.{call}", started)
            add(f"{node}.1.{call}", SubCallFinished(Usage(1, 200, 20), 0.5, "reply " * 20))
            add(f"{node}.1", ReplOutput("stdout", "a line of output\n"))
    return records[:events]


def _write(path: Path, records: list[Record]) -> None:
    header = Header(1, "0" * 12, "2026-01-01T00:00:00+00:00", "0", "x", _REF, "m", "m")
    path.write_bytes(encode_line(header) + b"".join(map(encode_line, records)))


_REF = DocumentRef("/tmp/none", 1, "0" * 64)


def measure(folder: Path) -> list[Row]:
    """Rows for opening 10,000 and 100,000 events, going back, and adding to 50,000 nodes."""
    rows: list[Row] = []
    for events, goal in ((10_000, "< 0.2"), (100_000, "< 1")):
        path = folder / f"{events}.rlm.jsonl"
        _write(path, long_run(events))
        peaks: list[int] = []

        def once(path: Path = path, peaks: list[int] = peaks) -> float:
            command = [sys.executable, "-c", _OPEN, str(path)]
            told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            seconds, peak = told.split()
            peaks.append(int(peak) * 1024)
            return float(seconds)

        rows.append(Row(f"open a session of {events:,} events", median_of(once), "s", goal))
        rows.append(Row("  peak memory of that process", max(peaks) / 1e6, "MB"))
    head = Playhead()
    head.extend(read_session(folder / "10000.rlm.jsonl").records)

    def back() -> float:
        head.move_to(10_000)
        began = time.perf_counter()
        head.move_to(9_999)
        return time.perf_counter() - began

    rows.append(Row("go back one event of 10,000", 1e3 * median_of(back), "ms", "< 100"))
    rows.append(Row("add a node to a tree of 50,000", 1e3 * _grow(), "ms", "< 10"))
    return rows


def _grow() -> float:
    """Seconds to bring one more call into a tree of 50,000 rows."""
    records = long_run(152_000)
    trajectory, tree = Trajectory(), TreeRows()
    trajectory.apply_all(records)
    for node in trajectory.nodes:
        if node.count(".") == 1:
            tree.unfold(node)
    tree.rebuild(trajectory)
    assert len(tree.keys) > 50_000
    last = max(int(node) for node in trajectory.nodes if "." not in node)
    number = [1_000]

    def once() -> float:
        number[0] += 1
        node = f"{last}.1.{number[0]}"
        record = Record(1, 1.0, node, SubCallStarted("llm_query", "m", "p", 1))
        began = time.perf_counter()
        trajectory.apply(record)
        tree.update(trajectory, [node])
        return time.perf_counter() - began

    return median_of(once, 20)
