"""From the start of the process to text on the screen, against a bare Textual app."""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

from tests.bench.table import Row
from tests.bench.terminal import Terminal

SIZE = (120, 40)
RUNS = 9

BARE = """
from textual.app import App
from textual.widgets import Static
class Bare(App):
    def compose(self):
        yield Static("hello from a bare app")
Bare().run()
"""


def _seconds(command: list[str], *texts: bytes) -> list[float]:
    terminal = Terminal(command, SIZE)
    try:
        return [terminal.wait_for(lambda written, t=text: t in written) for text in texts]
    finally:
        terminal.end()


def measure(document: Path) -> list[Row]:
    """Rows for the first lines, the whole screen, and the ratio to a bare app."""
    program = [sys.executable, "-m", "rlm_tui", str(document)]
    bare = [sys.executable, "-c", BARE]
    first_line = document.read_text(encoding="utf-8").splitlines()[0][:40].encode()
    preview, screen, other = [], [], []
    for _ in range(RUNS + 1):  # in turn, so that a drift of the machine meets both
        lines, whole = _seconds(program, first_line, b"IDLE")
        preview.append(lines)
        screen.append(whole)
        other.extend(_seconds(bare, b"hello from a bare app"))
    preview, screen, other = preview[1:], screen[1:], other[1:]
    ratio = statistics.median(ours / bare for ours, bare in zip(screen, other, strict=True))
    return [
        Row("first lines of the document", 1e3 * statistics.median(preview), "ms", "<= 50"),
        Row("whole screen", 1e3 * statistics.median(screen), "ms"),
        Row("bare Textual app, first text", 1e3 * statistics.median(other), "ms"),
        Row("whole screen / bare app", ratio, "x", "<= 1.5"),
    ]
