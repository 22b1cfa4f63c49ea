"""The debugger without a screen, over a pipe: the values that it tells at a line."""

from __future__ import annotations

import json
import subprocess
import sys

CODE = "total = 0\nfor n in (3, 4):\n    total += n\nfound = total"


def test_at_a_line_the_values_of_its_block_are_told(tmp_path):
    document, script = tmp_path / "a.log", tmp_path / "script.json"
    document.write_text("some text\n", encoding="utf-8")
    root = [f"```repl\n{CODE}\n```", "FINAL_VAR(found)"]
    script.write_text(json.dumps({"root": root}), encoding="utf-8")
    program = [sys.executable, "-m", "rlm_tui", "ask", str(document), "-q", "what?", "--debug"]
    options = ["--model", f"scripted:{script}", "--force-rlm", "--no-save"]
    words = ["s", "s", "n", "n", "n", "n", "n", "c"]
    done = subprocess.run(
        [*program, *options],
        input="".join(f"{word}\n" for word in words),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert [row for row in done.stderr.splitlines() if row.startswith("here ")] == [
        "here    total = 0",
        "here    total = 0 · n = 3",
        "here    total = 3 · n = 3",
        "here    total = 3 · n = 4",
        "here    total = 7 · n = 4",
    ]
    assert done.stdout == "7\n"
