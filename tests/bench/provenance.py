"""Where the prompts of sub-calls come from, over 100 MB of log lines."""

from __future__ import annotations

import random
import time
from pathlib import Path

from rlm_tui.document.provenance import Locator
from tests.bench.document import write_log
from tests.bench.table import Row

SIZE = 100_000_000
CALLS = 1_000
MANY = 10_000
CHARS = 20_000


def measure(folder: Path) -> list[Row]:
    """Rows for prompts that hold a slice of the document, lines of it, or changed text of it."""
    path = folder / "provenance.log"
    write_log(path, SIZE)
    text = path.read_text(encoding="ascii")
    path.unlink()
    chance = random.Random(7)
    starts = [chance.randrange(len(text) - CHARS) for _ in range(CALLS)]
    slices = [text[start : start + CHARS] for start in starts]
    lines = text[: SIZE // 10].split("\n")
    more = [chance.randrange(len(text) - CHARS) for _ in range(MANY)]
    picked = [[chance.choice(lines) for _ in range(CHARS // 100)] for _ in range(CALLS // 10)]
    found, took = _located(text, [f"Which errors are in this piece?\t{one}\t" for one in slices])
    right = sum(
        any(span.end == start + CHARS and 0 <= span.start - start <= 1 for span in one.spans)
        for one, start in zip(found, starts, strict=True)  # 1: a line break is nobody's
    )
    _, by_line = _located(text, ["Which of these matter?\n" + "\n".join(one) for one in picked])
    joined = [" ".join(one.upper().split()) for one in slices[: CALLS // 10]]
    changed, by_form = _located(text, joined)
    known = sum(bool(one.spans) for one in changed)
    _, many = _located(text, [f"Errors of this?\t{text[s : s + CHARS]}\t" for s in more])
    return [
        Row(f"{CALLS:,} prompts with a slice of 20 KB, over 100 MB", took, "s", "< 2"),
        Row("  of them found where they were taken from", right, f"of {CALLS:,}", "all"),
        Row(f"{MANY:,} such prompts", many, "s"),
        Row("100 prompts with 200 lines each", by_line, "s"),
        Row("100 prompts with a slice in capitals and one line", by_form, "s"),
        Row("  of them found", known, f"of {len(joined)}", "all"),
    ]


def _located(text: str, prompts: list[str]):
    began = time.perf_counter()
    found = Locator(text).locate(prompts)
    return found, time.perf_counter() - began
