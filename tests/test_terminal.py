"""The program as a person meets it: in a terminal, from the command line to the last key."""

from __future__ import annotations

import json
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from tests.emulator import PATIENCE, Emulated

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")

PROGRAM = [sys.executable, "-m", "rlm_tui"]
CTRL_C, CTRL_N, CTRL_Q, ENTER = b"\x03", b"\x0e", b"\x11", b"\r"

SIZES = pytest.mark.parametrize(
    "size", [(80, 24), (120, 40), (200, 60)], ids="{0[0]}x{0[1]}".format
)


@pytest.fixture
def document(tmp_path):
    path = tmp_path / "ci.log"
    lines = (f"12:00:{n:02} {'ERROR E42' if n % 10 == 0 else 'INFO'} job {n}\n" for n in range(50))
    path.write_text("".join(lines), encoding="utf-8")
    return path


@pytest.fixture
def script(tmp_path):
    """The name of a model that gives these replies."""

    def write(*replies):
        path = tmp_path / "script.json"
        path.write_text(json.dumps({"root": replies}), encoding="utf-8")
        return f"scripted:{path}"

    return write


@pytest.fixture
def terminal(tmp_path, monkeypatch):
    """Starts the program in a terminal; ends it with the test."""
    opened = []
    monkeypatch.setenv("RLM_TUI_SESSIONS", str(tmp_path / "sessions"))

    def start(*arguments, size=(80, 24), **environ):
        started = Emulated([*PROGRAM, *map(str, arguments)], size, environ)
        opened.append(started)
        return started

    yield start
    for started in opened:
        started.__exit__()


def processes_with(mark: Path) -> list[str]:
    """The processes that have a path in their command line or their environment."""
    found = []
    for process in Path("/proc").iterdir():
        try:
            known = [(process / name).read_bytes() for name in ("cmdline", "environ")]
        except OSError:
            continue
        if any(str(mark).encode() in told for told in known):
            found.append(f"{process.name} {known[0]!r}")
    return found


def wait_until_none_is_left(mark: Path) -> None:
    given_up_at = time.monotonic() + PATIENCE
    while left := processes_with(mark):
        assert time.monotonic() < given_up_at, left
        time.sleep(0.01)


@SIZES
def test_a_document_is_opened_and_left_and_the_terminal_is_as_it_was(
    terminal, document, tmp_path, size
):
    app = terminal(document, size=size)
    before = termios.tcgetattr(app._fd)
    shown = app.until("IDLE", "ci.log 1.1 kB", "E42 job 0", "No run yet.", "^n Ask")
    assert shown[0].startswith(" ci.log")
    assert shown[-1].startswith(" ^n Ask")
    app.press(CTRL_Q)
    assert app.status() == 0
    assert app.modes_left() == {}
    assert app.keyboard_modes_left() == 0
    assert b"\x1b[?1049l" in app.written
    assert before[3] & termios.ECHO
    wait_until_none_is_left(tmp_path)


@SIZES
def test_a_question_is_asked_and_answered_without_a_key_or_network(
    terminal, document, tmp_path, size
):
    app = terminal(document, "--model", "offline", size=size)
    app.until("IDLE")
    app.press(CTRL_N)
    app.until("Ask about ci.log")
    app.press(b"How many lines hold ERROR?")
    app.until("How many lines hold ERROR?")
    app.press(ENTER)
    app.until("DONE", "5 lines", "offline (no" if size != (80, 24) else "it 3/30")
    app.press(CTRL_Q)
    assert app.status() == 0
    assert app.modes_left() == {}
    [session] = (tmp_path / "sessions").glob("*.rlm.jsonl")
    assert '"outcome":"answered"' in session.read_text(encoding="utf-8").splitlines()[-1]
    wait_until_none_is_left(tmp_path)


def test_leaving_in_the_middle_of_a_run_keeps_it_and_leaves_nothing_running(
    terminal, document, script, tmp_path
):
    model = script("```repl\nprint('on it', flush=True)\nwhile True: pass\n```")
    app = terminal(document, "-q", "what?", "--model", model, size=(120, 40))
    app.until("on it")
    app.press(CTRL_Q)
    app.until("Stop it and leave?")
    app.press(ENTER)
    assert app.status() == 0
    assert app.modes_left() == {}
    wait_until_none_is_left(tmp_path)
    [session] = (tmp_path / "sessions").glob("*.rlm.jsonl")
    assert '"outcome":"cancelled"' in session.read_text(encoding="utf-8").splitlines()[-1]


@pytest.mark.parametrize(
    ("environ", "size", "told"),
    [
        ({"TERM": "dumb"}, (80, 24), "This terminal (TERM=dumb) cannot show the app"),
        ({}, (30, 24), "30 columns and 24 rows"),
        ({}, (80, 6), "80 columns and 6 rows"),
    ],
    ids=["dumb", "narrow", "low"],
)
def test_a_terminal_that_cannot_show_the_app_gets_one_sentence(
    terminal, document, environ, size, told
):
    app = terminal(document, size=size, **environ)
    assert app.status() == 2
    said = app.written.decode().replace("\r\n", "\n")
    assert told in said
    assert said.rpartition("rlm-tui: ")[2].count("\n") == 1
    assert app.modes_left() == {}


def test_ctrl_c_in_ask_keeps_the_session_and_says_where(terminal, document, script, tmp_path):
    model = script("```repl\nwhile True: pass\n```")
    path = tmp_path / "run.rlm.jsonl"
    asked = ("ask", document, "-q", "what?", "--model", model, "--session", path)
    app = terminal(*asked, size=(200, 24))
    app.until("it 1 · 0 sub-calls")
    app.press(CTRL_C)
    assert app.status() == 130
    shown = "\n".join(app.rows())
    assert "cancelled" in shown
    assert str(path) in shown
    assert "Traceback" not in shown
    assert '"outcome":"cancelled"' in path.read_text(encoding="utf-8").splitlines()[-1]
    wait_until_none_is_left(tmp_path)


def test_ask_in_a_terminal_shows_an_answer_that_cannot_drive_it(terminal, document, script):
    model = script("```repl\nFINAL('red \\x1b[31m \\x1b]0;title\\x07')\n```")
    app = terminal("ask", document, "-q", "what?", "--model", model)
    assert app.status() == 0
    assert "red ␛[31m ␛]0;title␇" in "\n".join(app.rows())


def test_a_stdout_that_is_a_pipe_gets_the_answer_and_nothing_else(document, script):
    done = subprocess.run(
        [*PROGRAM, str(document), "-q", "what?", "--model", script("FINAL(42)")],
        capture_output=True,
        check=True,
        timeout=PATIENCE,
    )
    assert done.stdout == b"42\n"
    assert b"\x1b" not in done.stderr
