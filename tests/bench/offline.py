"""Measures the offline model over generated and real texts: `python -m tests.bench.offline`.

The truth of a counting question is computed by other means than the model's; that of an open one is
a phrase read in the text, and a question whose phrases this machine's copy does not have is left
out. `-v` shows the answers that were not right.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from rlm_tui.document.demo import haystack
from tests.bench.table import Row, show
from tests.engine.models.offline import real_texts
from tests.engine.models.offline.asking import Asked, ask
from tests.engine.models.offline.exact_questions import LOG, REAL, RECORDS, holds
from tests.engine.models.offline.open_questions import FRESH, HELD_OUT, OPEN, Open

PLACES = (
    *("Ulm", "tasty-kite", "Zebra Street", "valley", "order 4417"),
    "550e8400-e29b-41d4-a716-446655440000",
)
FORMS = (
    ("The magic number for {0} is {1}.", "What is the magic number for {0}?"),
    ("The password of {0} was set to kestrel-{1}.", "What is the password of {0}?"),
    ("{1} is the secret code of {0}.", "What is the secret code of {0}?"),
)
SIZES = {10_000: 6, 100_000: 6, 1_000_000: 6, 10_000_000: 3}
"""Characters, and how many needles are looked for."""
DECLINES = ("Not ", "Nothing ", "No ")


class Bench:
    """Runs everything and keeps count."""

    def __init__(self, folder: Path, *, is_verbose: bool) -> None:
        self.folder = folder
        self.is_verbose = is_verbose
        self.rows: list[Row] = []

    def documents(self, name: str) -> list[Path]:
        names = real_texts.PACKAGES if name == "packages" else (name,)
        return [self.written(name, real_texts.text(name)) for name in names]

    def written(self, name: str, text: str) -> Path:
        path = self.folder / f"{name}.txt"
        if not path.exists():
            path.write_text(text, encoding="utf-8", newline="")
        return path

    def tell(self, question: str, asked: Asked, wanted: object) -> None:
        if self.is_verbose:
            print(f"\n? {question}   (wanted: {wanted})\n{asked.answer}")
            print(*asked.failed_cells, sep="\n")

    async def needles(self, size: int, count: int) -> None:
        right, slowest = 0, 0.0
        for number in range(count):
            place, (needle, question) = PLACES[number], FORMS[number % len(FORMS)]
            value = str(random.Random(size + number).randrange(100, 10_000_000))
            text = haystack(number, size, [needle.format(place, value)])
            asked = await ask(question.format(place), self.written(f"needle{size}-{number}", text))
            if value in asked.first_line:
                right += 1
            else:
                self.tell(question.format(place), asked, value)
            slowest = max(slowest, asked.cell_time)
        self.rows += [
            Row(f"needle in {size:,} characters", right, f"of {count}", "all"),
            Row("  the slowest, in the REPL", slowest, "s", "1.1 at 10,000,000"),
        ]

    async def exact(self) -> None:
        right, total = 0, 0
        for item in (*REAL, *LOG, *RECORDS):
            (path,) = self.documents(item.document)
            text = path.read_text(encoding="utf-8")
            if not text:
                continue
            truth = item.truth(text)
            asked = await ask(item.question, path)
            total += 1
            if holds(asked.answer if isinstance(truth, list) else asked.first_line, truth):
                right += 1
            else:
                self.tell(item.question, asked, truth)
        self.rows.append(Row("counting, listing, locating", right, f"of {total}", "27 of 30"))

    async def open(self, questions: Iterable[Open], name: str, goal: str = "") -> None:
        told, quoted, guessed, total, calls = 0, 0, 0, 0, 0
        started = time.perf_counter()
        for item in questions:
            paths = self.documents(item.document)
            text = _flat("\n".join(path.read_text(encoding="utf-8") for path in paths))
            if not any(_flat(gold) in text for gold in item.golds):
                continue
            asked = await ask(item.question, *paths)
            is_told = any(gold in asked.first_line for gold in item.golds)
            is_quoted = any(_flat(gold) in _flat(asked.answer) for gold in item.golds)
            told += is_told
            quoted += is_told or is_quoted
            guessed += not is_told and not asked.first_line.startswith(DECLINES)
            total, calls = total + 1, calls + asked.calls
            if not is_told:
                self.tell(
                    f"[{'quoted' if is_quoted else 'missed'}] {item.question}", asked, item.golds
                )
        each = (time.perf_counter() - started) / total
        self.rows += [
            Row(f"{name}: right in the answer line", told, f"of {total}"),
            Row(f"{name}: right there or in a quote", quoted, f"of {total}", goal),
            Row(f"{name}: a plain answer that is wrong", guessed, f"of {total}", "0"),
            Row(f"{name}: sub-calls each", calls / total, ""),
            Row(f"{name}: time each", each, "s"),
        ]


def _flat(text: str) -> str:
    return " ".join(text.split())


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), is_verbose="-v" in sys.argv)
        await bench.exact()
        await bench.open(OPEN, "open", "27 of 44")
        await bench.open(HELD_OUT, "open, second set")
        await bench.open(FRESH, "open, third set")
        for size, count in SIZES.items():
            await bench.needles(size, count)
        show("The offline model (no language model)", bench.rows)


if __name__ == "__main__":
    asyncio.run(main())
