"""Our document pane beside `less` and Toolong, on one file of a gigabyte, as a terminal sees them.

Toolong is measured where its `tl` is on the PATH or named by the variable TOOLONG: it needs an
older Textual than ours, so its own environment. It opens a file at its end, so it is sent to the
beginning and pages upwards.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.bench.table import Row, median_of, percentile
from tests.bench.terminal import Terminal

TERMINAL = (120, 40)
PAGES = 300
LOST = 20.0
"""Seconds after which a key counts as lost, as Toolong loses some while it counts lines."""
QUIET = 0.02
"""Seconds without output after which a page counts as drawn: longer than a frame, for which a key
that comes sooner would have to wait."""

_STYLES = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]|\x1b[=>]")
_NUMBER = re.compile(rb"request (\d+)")


class Viewer(NamedTuple):
    """A program that shows a file, and its keys."""

    name: str
    command: list[str]
    page: bytes
    """The key for the next page."""
    far: bytes
    """The key for the other end of the file."""
    begins_at_end: bool = False


def viewers() -> list[Viewer]:
    """Those that are here, ours first."""
    found = [Viewer("rlm-tui", [sys.executable, "-m", "rlm_tui"], b" ", b"G")]
    if less := shutil.which("less"):
        found.append(Viewer("less", [less], b" ", b"G"))
    if toolong := os.environ.get("TOOLONG") or shutil.which("tl"):
        found.append(Viewer("Toolong", [toolong], b"\x1b[5~", b"\x1b[H", begins_at_end=True))
    return found


def measure(path: Path) -> list[Row]:
    """Rows for each viewer that is here, and for what is not."""
    here = viewers()
    last = _last_number(path)
    goals = ("", "< 100", "", "< 16", "< 60")
    whats = (
        "first text",
        "jump to the other end, no index",
        "a page as drawn, p50",
        "a page as drawn, p99",
        "RssAnon",
    )
    units = ("ms", "ms", "ms", "ms", "MB")
    values = [_values_if_any(viewer, path, last) for viewer in here]
    rows: list[Row] = []
    for number, what in enumerate(whats):
        for viewer, of_viewer in zip(here, values, strict=True):
            goal = goals[number] if viewer is here[0] else ""
            rows.append(Row(f"{what}: {viewer.name}", of_viewer[number], units[number], goal))
    names = {viewer.name for viewer in here}
    missing = [name for name in ("less", "Toolong") if name not in names]
    return rows + [Row(f"{name} is not installed: not measured", None, "") for name in missing]


def _last_number(path: Path) -> int:
    with path.open("rb") as file:
        file.seek(-4096, os.SEEK_END)
        return int(_NUMBER.findall(file.read())[-1])


def _values_if_any(viewer: Viewer, path: Path, last: int) -> tuple[float | None, ...]:
    """The same; nothing of another program that does not answer."""
    try:
        return _values(viewer, path, last)
    except TimeoutError:
        if viewer.name == "rlm-tui":
            raise
        return (None,) * 5


def _values(viewer: Viewer, path: Path, last: int) -> tuple[float, ...]:
    """First text, the other end, page p50 and p99, memory."""
    command = [*viewer.command, str(path)]
    there = f"request {1 if viewer.begins_at_end else last} ".encode()

    def has_text(out: bytes) -> bool:
        return _NUMBER.search(_plain(out)) is not None

    def first_text() -> float:
        terminal = Terminal(command, TERMINAL)
        try:
            return terminal.wait_for(has_text)
        finally:
            terminal.end()

    def far() -> float:
        terminal = Terminal(command, TERMINAL)
        try:
            terminal.wait_for(has_text)
            _settle(terminal, 0.3)
            return _answered(terminal, viewer.far, lambda out: there in out)
        finally:
            terminal.end()

    first, jump = median_of(first_text), median_of(far, 3)
    terminal = Terminal(command, TERMINAL)
    try:
        terminal.wait_for(has_text)
        _settle(terminal, 6.0)  # whoever counts lines has counted
        pages = [_page(terminal, viewer.page) for _ in range(PAGES)]
        _answered(terminal, viewer.far, lambda out: there in out)
        _settle(terminal, 2.0)
        memory = terminal.anonymous_memory()
    finally:
        terminal.end()
    return (
        1e3 * first,
        1e3 * jump,
        1e3 * percentile(pages, 0.5),
        1e3 * percentile(pages, 0.99),
        memory / 1e6,
    )


def _plain(output: bytes) -> bytes:
    return _STYLES.sub(b"", output)


def _settle(terminal: Terminal, least: float) -> None:
    until = time.perf_counter() + least
    while time.perf_counter() < until:
        terminal.read(0.05)


def _answered(terminal: Terminal, keys: bytes, is_there: Callable[[bytes], bool]) -> float:
    """Seconds from a key until what is drawn satisfies a test."""
    before = len(terminal.written)
    pressed = terminal.press(keys)
    again = pressed + LOST
    while not is_there(_plain(bytes(terminal.written[before:]))):
        now = time.perf_counter()
        if now - pressed > 3 * LOST or not terminal.read(0.05):
            raise TimeoutError(bytes(terminal.written[-2000:]))
        if now > again:
            again = terminal.press(keys) + LOST
    return time.perf_counter() - pressed


def _page(terminal: Terminal, key: bytes) -> float:
    """Seconds from a key until the last output of the page that it brings."""
    before = len(terminal.written)
    pressed = drawn = terminal.press(key)
    while True:
        size = len(terminal.written)
        terminal.read(QUIET)
        now = time.perf_counter()
        if len(terminal.written) > size:
            drawn = now
        elif _NUMBER.search(_plain(bytes(terminal.written[before:]))):
            return drawn - pressed
        elif now - pressed > 10:
            raise TimeoutError(bytes(terminal.written[-2000:]))
