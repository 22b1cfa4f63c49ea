"""`fork` in the debugger without a screen, over a pipe."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CODE = "x = len('abc')\nprint(x)\ny = llm_query('a')\nprint(y)"
ROOT = [f"```repl\n{CODE}\n```", "FINAL_VAR(x)"]


@pytest.fixture
def folder(tmp_path) -> Path:
    """A document and a script."""
    (tmp_path / "ci.log").write_text("a line\n" * 300, encoding="utf-8")
    script = {"root": ROOT, "sub": [{"match": "(.*)", "reply": "<\\1>"}]}
    (tmp_path / "script.json").write_text(json.dumps(script), encoding="utf-8")
    return tmp_path


@pytest.fixture
def debug(folder):
    """A session of words over a pipe: the exit status, stdout and what each word showed."""

    def run(*words):
        model = ["--model", f"scripted:{folder / 'script.json'}", "--force-rlm", "--debug"]
        program = [sys.executable, "-m", "rlm_tui", "ask", str(folder / "ci.log"), "-q", "what?"]
        done = subprocess.run(
            [*program, *model],
            input="".join(f"{word}\n" for word in words),
            capture_output=True,
            text=True,
            env=os.environ | {"RLM_TUI_SESSIONS": str(folder / "sessions")},
            timeout=60,
            check=False,
        )
        assert 'Traceback (most recent call last):\n  File "/' not in done.stderr
        return done.returncode, done.stdout, done.stderr.split("(rlm) ")

    return run


@pytest.mark.parametrize("step", ["s", "n"])
def test_a_branch_behind_an_edit_is_held_with_it_and_can_be_stepped(debug, step):
    status, answer, shown = debug("s", "edit x = 'mine'", "fork", "w", step, "c")
    assert "stopped before code block 1.1 · started paused" in shown[3]
    assert "      1  x = 'mine'" in shown[3]
    _, event, _, count, *_ = shown[4].split()
    assert event == count
    assert (status, answer) == (0, "mine\n")


def test_a_branch_that_cannot_begin_leaves_the_run_held_and_the_words_go_on(debug, folder):
    status, answer, shown = debug("s", "s", "s", "! x = 9", "fork", "w", "c")
    assert "can begin at event" in shown[5]
    assert "line 2" in shown[6]
    assert (status, answer) == (0, "9\n")
    assert len(list((folder / "sessions").iterdir())) == 1
