"""The document pane over a gigabyte: first text, the end, pages, counts, memory."""

from __future__ import annotations

import asyncio
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from rlm_tui.document.contents import Contents
from rlm_tui.document.file import DocumentFile
from rlm_tui.document.pattern import Wanted
from rlm_tui.document.search import Search
from rlm_tui.ui.widgets.document_rows import DocumentRows, Spot
from tests.bench.table import Row, median_of, percentile
from tests.bench.terminal import Terminal

SIZE = 1 << 30
TERMINAL = (120, 40)
RUNS = 5

_INDEX = """
import resource, sys, time
from pathlib import Path
from rlm_tui.document.file import DocumentFile
file = DocumentFile(Path(sys.argv[1]))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
began = time.perf_counter()
file.build_index(lambda: None)
print(time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def write_log(path: Path, size: int = SIZE) -> None:
    """A log of about so many bytes, one line in 10,000 with an error to look for."""
    levels = ("INFO ", "INFO ", "WARN ", "DEBUG", "ERROR")
    with path.open("w", encoding="ascii") as file:
        number = written = 0
        while written < size:
            lines: list[str] = []
            for _ in range(20_000):
                number += 1
                rare = " E42 disk full" if number % 10_000 == 0 else ""
                clock = f"{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}"
                lines.append(
                    f"2026-01-14 {clock} {levels[number % 5]} request {number} "
                    f"user={number * 7919 % 1_000_003} took {number * 31 % 3000} ms{rare}\n"
                )
            written += file.write("".join(lines))


def measure(path: Path) -> list[Row]:
    """Rows for a log of a gigabyte (`write_log`)."""
    return [
        *_first_text(path),
        *_index(path),
        *_moving(path),
        *asyncio.run(_counting(path)),
        *_memory(path),
    ]


def _first_text(path: Path) -> list[Row]:
    with path.open("rb") as file:
        text = file.readline()[:30]
    program = [sys.executable, "-m", "rlm_tui"]
    first: list[float] = []
    whole: list[float] = []
    others: list[float] = []
    for _ in range(RUNS + 1):  # in turn, so that a drift of the machine meets both
        lines, screen = _seconds([*program, str(path)], text, b"IDLE")
        first.append(lines)
        whole.append(screen)
        others += _seconds(program, b"Help")
    ratio = statistics.median(a / b for a, b in zip(first[1:], others[1:], strict=True))
    screens = statistics.median(a / b for a, b in zip(whole[1:], others[1:], strict=True))
    return [
        Row("first text of 1 GB", 1e3 * statistics.median(first[1:]), "ms"),
        Row("  against the first frame without a file", ratio, "x", "<= 1.2"),
        Row("whole screen with 1 GB / start screen", screens, "x"),
    ]


def _seconds(command: list[str], *texts: bytes) -> list[float]:
    terminal = Terminal(command, TERMINAL)
    try:
        return [terminal.wait_for(lambda out, t=text: t in out) for text in texts]
    finally:
        terminal.end()


def _index(path: Path) -> list[Row]:
    told = subprocess.run(
        [sys.executable, "-c", _INDEX, str(path)], capture_output=True, text=True, check=True
    ).stdout.split()
    return [
        Row("index of 1 GB", float(told[0]), "s", "< 1.2"),
        Row("  what it adds to the memory", int(told[1]) / 1e3, "MB", "< 5"),
    ]


def _moving(path: Path) -> list[Row]:
    height = TERMINAL[1]

    def end() -> float:
        file = DocumentFile(path)
        rows = DocumentRows(file)
        began = time.perf_counter()
        rows.forward(rows.back(rows.last(), height - 1), height)
        took = time.perf_counter() - began
        file.close()
        return took

    file = DocumentFile(path)
    rows = DocumentRows(file)
    spot = Spot(file.line_start(SIZE // 2))
    pages: list[float] = []
    for _ in range(1_000):
        began = time.perf_counter()
        spot = rows.forward(spot, height)[-1].spot
        pages.append(time.perf_counter() - began)
    file.close()
    return [
        Row("jump to the end of 1 GB, no index", 1e3 * median_of(end), "ms", "< 100"),
        Row("a page of rows, p99", 1e3 * percentile(pages, 0.99), "ms", "< 16"),
    ]


async def _counting(path: Path) -> list[Row]:
    def grep(*flags: str) -> Callable[[], float]:
        command = [shutil.which(flags[0]) or flags[0], *flags[1:], str(path)]

        def once() -> float:
            began = time.perf_counter()
            subprocess.run(command, capture_output=True, check=False)
            return time.perf_counter() - began

        return once

    rows: list[Row] = []
    literal = await _ours(path, Wanted("E42 disk"))
    rows.append(Row("count a literal in 1 GB", literal, "s"))
    if shutil.which("grep"):
        ratio = literal / median_of(grep("grep", "-c", "-F", "E42 disk"), 3)
        rows.append(Row("  against grep -c -F", ratio, "x", "<= 1.5"))
    for name, text in (
        ("it", "e42 disk"),
        ("a level", "error"),
        ("a word of each line", "request"),
    ):
        folded = await _ours(path, Wanted(text, ignore_case=True))
        rows.append(Row(f"count {name} in any case", folded, "s"))
        if shutil.which("rg"):
            ratio = folded / median_of(grep("rg", "-c", "-i", "-F", text), 3)
            rows.append(Row("  against rg -c -i -F", ratio, "x", "<= 2"))
    regex = await _ours(path, Wanted(r"took 29\d\d ms", is_regex=True))
    rows.append(Row("count a regex", regex, "s"))
    return rows


async def _ours(path: Path, wanted: Wanted) -> float:
    """Seconds for a search, its process included: the median of three."""
    contents = Contents(path)
    changed = asyncio.Event()
    times: list[float] = []
    for _ in range(4):
        search = Search(contents, changed.set)
        began = time.perf_counter()
        await search.begin(wanted, by_line=False)
        while not search.is_done:
            changed.clear()
            await changed.wait()
        times.append(time.perf_counter() - began)
        await search.end()
    contents.close()
    return statistics.median(times[1:])


def _memory(path: Path) -> list[Row]:
    terminal = Terminal([sys.executable, "-m", "rlm_tui", str(path)], TERMINAL)
    try:
        terminal.wait_for(lambda out: b"IDLE" in out)
        terminal.press(b"G")
        began = time.perf_counter()
        while time.perf_counter() - began < 5:
            terminal.read(0.2)
        return [Row("private memory, 1 GB open", terminal.private_memory() / 1e6, "MB", "< 60")]
    finally:
        terminal.end()
