"""From a key to the screen while much is going on, in a pseudo-terminal."""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path

from tests.bench.table import Row, percentile
from tests.bench.terminal import Terminal

SIZE = (200, 60)
KEYS = 60
_LIMIT = 10.0

FLOOD = {
    "root": ["```repl\nr = llm_query_batched(chunks(len(context) // 20 + 1))\n```", "FINAL(1)"],
    "sub": [{"match": ".", "reply": "word " * 4_000}],
    "chunk_delay": 0.01,
}
"""Twenty sub-calls that stream a hundred words a second each."""

BUSY = {"root": ["```repl\nwhile True: pass\n```"]}


def _key_times(
    document: Path, script: dict[str, object], folder: Path, ready: bytes
) -> tuple[list[float], int]:
    path = folder / "script.json"
    path.write_text(json.dumps(script), encoding="utf-8")
    flags = ["--model", f"scripted:{path}", "--no-save", "--concurrency", "20"]
    command = [sys.executable, "-m", "rlm_tui", str(document), "-q", "x", *flags]
    terminal = Terminal(command, SIZE)
    try:
        terminal.wait_for(lambda written: ready in written)
        terminal.press(b"1")
        until = time.perf_counter() + 1.0
        while time.perf_counter() < until:
            terminal.read(0.05)
        times: list[float] = []
        for topmost in range(2, KEYS + 2):
            # The frame of the pane names the topmost line: `2/9,000`.
            terminal.written.clear()
            pressed = terminal.press(b"j")
            place = f"{topmost}/".encode()
            while place not in terminal.written:
                if time.perf_counter() - pressed > _LIMIT:
                    raise TimeoutError(bytes(terminal.written[-500:]))
                terminal.read(0.02)
            times.append(time.perf_counter() - pressed)
        return times, terminal.private_memory()
    finally:
        terminal.end()


def measure(document: Path, folder: Path) -> list[Row]:
    """Rows for the flood and for a REPL that holds its interpreter."""
    flood, memory = _key_times(document, FLOOD, folder, b"#20 ")
    busy, _ = _key_times(document, BUSY, folder, b"code 1.1")
    return [
        Row(
            "key to screen, 2,000 tokens/s and 20 calls, p50", 1e3 * statistics.median(flood), "ms"
        ),
        Row("key to screen, the same, p95", 1e3 * percentile(flood, 0.95), "ms", "< 60"),
        Row("key to screen, REPL busy, p95", 1e3 * percentile(busy, 0.95), "ms", "< 30"),
        Row("private memory of the screen's process", memory / 1e6, "MB", "< 60"),
    ]
