from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rlm_tui import debug_console
from rlm_tui.config import Settings
from rlm_tui.debug_exchange import Exchange
from rlm_tui.source import Cancel, RunRequest
from tests.emulator import Emulated
from tests.runs import HEADER, NAMED

CODE = """\
pieces = ['a', 'b']
found = []
for p in pieces:
    found.append(llm_query(p))
print(found)"""
ROOT = [f"```repl\n{CODE}\n```", "FINAL_VAR(found)"]


@pytest.fixture
def command(tmp_path):
    """The command line of a run with a scripted model."""
    document, script = tmp_path / "ci.log", tmp_path / "script.json"
    document.write_text("".join(f"line {n}\n" for n in range(1, 301)), encoding="utf-8")

    def line(*flags, **parts):
        parts = {"root": ROOT, "sub": [{"match": "(.*)", "reply": "<\\1>"}]} | parts
        script.write_text(json.dumps(parts), encoding="utf-8")
        model = ["--model", f"scripted:{script}", "--force-rlm", "--no-save"]
        program = [sys.executable, "-m", "rlm_tui", "ask", str(document), "-q", "what?"]
        return [*program, *model, "--debug", *flags]

    return line


@pytest.fixture
def debug(command):
    """A session of words over a pipe: the exit status, stdout and what each word showed."""

    def run(*words, flags=(), environ=None, **parts):
        done = subprocess.run(
            command(*flags, **parts),
            input="".join(f"{word}\n" for word in words),
            capture_output=True,
            text=True,
            env=os.environ | (environ or {}),
            timeout=60,
            check=False,
        )
        assert 'Traceback (most recent call last):\n  File "/' not in done.stderr
        return done.returncode, done.stdout, done.stderr.split("(rlm) ")

    return run


def test_a_run_starts_stopped_and_is_stepped_through_to_its_answer(debug):
    status, answer, shown = debug("s", "n", "c")
    assert (status, answer) == (0, "['<a>', '<b>']\n")
    assert "stopped before the model request of iteration 1 · started paused" in shown[0]
    assert "tokens to scripted:script.json, free" in shown[0]
    assert "  | Question: what?" in shown[0]
    assert "stopped before code block 1.1 · step" in shown[1]
    assert "      4      found.append(llm_query(p))" in shown[1]
    assert "stopped before the model request of iteration 2 · step" in shown[2]
    assert "printed | ['<a>', '<b>']" in shown[2]
    assert "answered" in shown[3]


def test_an_empty_line_repeats_the_last_step_but_never_lets_the_run_go(debug):
    _, _, shown = debug("n", "", "tbreak FINAL", "c", "", "")
    assert "before code block 1.1" in shown[1]
    assert "before the model request of iteration 2" in shown[2]
    assert "before the answer of iteration 2" in shown[4]
    assert "answered" in shown[5]


def test_the_end_of_stdin_lets_the_run_go_on_without_stops(debug):
    status, answer, shown = debug("b llm_query", "b code")
    assert (status, answer) == (0, "['<a>', '<b>']\n")
    assert len(shown) == 4


def test_breakpoints_of_the_command_line_are_stopped_at_and_nothing_before(debug):
    flags = ["--break", "llm_query and /b/ in prompt", "--break", "FINAL"]
    _, answer, shown = debug("info breakpoints", "c", "c", flags=flags)
    assert "started paused" not in shown[0]
    assert "stopped before llm_query 1.1.2 · breakpoint 1" in shown[0]
    assert shown[1].splitlines() == [
        "on    1  llm_query and /b/ in prompt  hits 1",
        "on    2  FINAL  hits 0",
    ]
    assert "before the answer of iteration 2 is taken · breakpoint 2 (FINAL)" in shown[2]
    assert "  | ['<a>', '<b>']" in shown[2]
    assert answer == "['<a>', '<b>']\n"


def test_breakpoints_are_set_changed_noted_and_removed(debug):
    words = ["b llm_query", "then 1 log", "tbreak FINAL", "ignore 2 5", "ignore 2 0", "c", "delete"]
    _, _, shown = debug(*words)
    assert shown[2].splitlines() == ["on    1  llm_query  hits 0, then log"]
    assert shown[6].count("hit       1.1.") == 2
    assert "breakpoint 2 (FINAL)" in shown[6]
    assert "no breakpoints" in shown[7]


def test_until_goes_to_a_place_once_and_leaves_no_breakpoint_behind(debug):
    _, _, shown = debug("until llm_query", "b", "until 1.1.2", "until FINAL", "b")
    assert "stopped before llm_query 1.1.1" in shown[1]
    assert "no breakpoints" in shown[2]
    assert "stopped before llm_query 1.1.2" in shown[3]
    assert "before the answer" in shown[4]
    assert "no breakpoints" in shown[5]


def test_lines_of_code_are_stepped_through_and_until_leaves_a_loop(debug):
    _, _, shown = debug("b 4", "c", "l", "until", "p len(found)")
    assert "stopped before line 4 of code block 1.1 · breakpoint 1 (line 4)" in shown[2]
    assert "->    4      found.append(llm_query(p))" in shown[2]
    assert shown[3].splitlines()[0] == "      1  pieces = ['a', 'b']"
    assert "stopped before line 4" in shown[4]  # the breakpoint counts for more than `until`
    _, _, shown = debug("tbreak 4", "c", "until", "p len(found)")
    assert "stopped before line 5" in shown[3]
    assert shown[4].splitlines()[0] == "2"


def test_values_are_shown_and_set_where_the_run_is_held(debug):
    words = ["until llm_query", "p pieces", "p x = 1", "whatis found", "! pieces.append('c')"]
    _, answer, shown = debug(*words, "pp pieces", "display len(found)", "s", "info display", "v")
    assert shown[2].splitlines() == ["['a', 'b']"]
    assert "SyntaxError" in shown[3]
    assert shown[4].splitlines() == ["<class 'list'>"]
    assert shown[5].splitlines() == ["done"]
    assert shown[6].splitlines() == ["['a', 'b', 'c']"]
    assert shown[7].splitlines() == ["1: len(found) = 0"]
    assert "1: len(found) = 1" in shown[8]
    assert shown[9].splitlines() == ["1: len(found)"]
    assert "code block 1.1 still runs" in shown[10]
    assert answer == "['<a>', '<b>', '<c>']\n"


def test_code_is_changed_by_one_line_by_several_and_in_the_editor(debug, tmp_path):
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\nsed -i \"s/'q'/'r'/\" \"$1\"\n", encoding="utf-8")
    editor.chmod(0o755)
    lines = ["edit <<", "found = [", " llm_query('q')]", "."]
    words = ["s", "edit found = 1", *lines, "edit", "edit", "c"]
    _, answer, shown = debug(*words, environ={"EDITOR": str(editor)})
    assert "before code block 1.1 · edited" in shown[2]
    assert "      1  found = 1" in shown[2]
    assert "      2   llm_query('q')]" in shown[3]
    assert "      2   llm_query('r')]" in shown[4]
    assert shown[5].splitlines() == ["Nothing was changed."]
    assert answer == "['<r>']\n"


def test_lines_that_do_not_end_change_nothing(debug):
    _, answer, shown = debug("s", "edit <<", "found = 1")
    assert "No line with a single dot" in shown[2]
    assert answer == "['<a>', '<b>']\n"


def test_a_call_is_answered_or_failed_by_hand_and_the_run_stops_right_after(debug):
    _, answer, shown = debug("until llm_query", "answer by hand", "answer all /./ too", "c")
    assert "stopped before" in shown[2]
    assert answer == "['by hand', 'too']\n"
    code = "try:\n    found = llm_query('a')\nexcept SubCallError as e:\n    found = e.kind"
    _, answer, _ = debug(
        "until llm_query", "fail rate limit", root=[f"```repl\n{code}\n```", ROOT[1]]
    )
    assert answer == "rate_limit\n"


def test_an_answer_is_rejected_with_a_message_and_another_is_accepted(debug):
    root = ["FINAL(short)", "FINAL(a longer one)"]
    _, answer, shown = debug("s", "reject too short", "s", "accept", root=root)
    assert "too short" in shown[2]
    assert "  | a longer one" in shown[3]
    assert answer == "a longer one\n"


def test_a_block_is_skipped(debug):
    _, answer, _ = debug(
        "s", "skip", "c", root=[ROOT[0], "```repl\nFINAL('found' in globals())\n```"]
    )
    assert answer == "False\n"


def test_a_limit_is_raised_and_the_run_goes_on(debug):
    root, flags = ["prose", "prose", "FINAL(x)"], ["--max-iterations", "2"]
    status, answer, shown = debug("budget it=5 cost=2", "c", root=root, flags=flags)
    assert (status, answer) == (0, "x\n")
    assert "iterations           1 of 5" in shown[1]
    assert "of $2.0000" in shown[1]


def test_a_branch_goes_on_from_the_past_without_asking_again_and_its_run_is_kept(command, tmp_path):
    first = tmp_path / "first.rlm.jsonl"
    line = [word for word in command("--session", str(first), "--json") if word != "--no-save"]
    words = ["b FINAL", "c", "rs", "fork mine", "w", "c", "answer changed"]
    done = subprocess.run(
        line,
        input="".join(f"{word}\n" for word in words),
        capture_output=True,
        text=True,
        env=os.environ | {"RLM_TUI_SESSIONS": str(tmp_path / "sessions")},
        check=False,
    )
    told = json.loads(done.stdout)
    assert (done.returncode, told["answer"]) == (0, "changed")
    header, *events = Path(told["session"]).read_text(encoding="utf-8").splitlines()
    kept = first.read_text(encoding="utf-8").splitlines()
    assert json.loads(header)["parent"] == json.loads(kept[0])["run"]
    assert json.loads(header)["name"] == "mine"
    shared = json.loads(header)["parent_event"]
    assert events[:shared] == kept[1 : shared + 1]
    assert '"outcome":"cancelled"' in kept[-1]


def test_a_run_that_is_not_saved_has_no_branches(debug):
    _, answer, shown = debug("fork")
    assert "leave out --no-save" in shown[1]
    assert answer == "['<a>', '<b>']\n"


def test_one_looks_around_and_back_without_changing_anything(debug):
    words = ["until llm_query", "w", "u", "d", "l", "when", "rs", "p 1", "rs", "c", "it 1", "s"]
    _, answer, shown = debug(*words, "find /append/ in:code", "1204", "7", "info prompt", "c")
    assert shown[2].splitlines()[1:] == [
        "   in iteration 1 of scripted:script.json",
        "   in code block 1.1, line 4",
        "-> before llm_query 1.1.1",
    ]
    assert "->    4      found.append(llm_query(p))" in shown[1]
    assert shown[3].startswith("in code block 1.1")
    assert shown[4].splitlines() == ["before llm_query 1.1.1", "  | a"]
    assert shown[5].splitlines() == ["      1  a"]
    assert shown[6].startswith("event ")
    assert "before the model request of iteration 1" in shown[7]
    assert "(past)" in shown[7]
    assert "This is the past" in shown[8]
    assert "no earlier" in shown[9]
    assert "stopped before llm_query 1.1.1" in shown[10]
    assert "(past)" in shown[11]
    assert "stopped before llm_query 1.1.1" in shown[12]
    assert shown[13].startswith("1.1      code     found.append")
    assert "The document has 300 lines" in shown[14]
    assert "->       7  line 7" in shown[15]
    assert shown[16].splitlines() == ["[user, 1 characters]", "  | a"]
    assert answer == "['<a>', '<b>']\n"


def test_what_cannot_be_done_is_said_and_the_run_stays_held(debug):
    said = {
        "stpe": "There is no command 'stpe'",
        "b nonsense": "'nonsense' is not known",
        "answer x": "only a sub-call or an answer can be answered by hand",
        "edit": "set EDITOR",
        "delete 3": "There is no breakpoint 3; none is set.",
        "theme rlm-light": "theme: that needs the screen",
        "restart 1": "There is no checkpoint 1",
        "pause": "held already",
        "help whatis": "The type of a value.",
        "w": "-> before the model request of iteration 1",
    }
    status, answer, shown = debug(*said, environ={"EDITOR": ""})
    assert [
        text for text, got in zip(said.values(), shown[1:], strict=False) if text not in got
    ] == []
    assert (status, answer) == (0, "['<a>', '<b>']\n")


@pytest.mark.parametrize(
    ("words", "root", "flags", "status"),
    [
        (["c"], ROOT, [], 0),
        (["q"], ROOT, [], 130),
        (["s", "stop"], ROOT, [], 130),
        (["c"], ["```repl\nresult = 7\n```"], ["--max-iterations", "1"], 3),
        (["c"], [{"error": "server_error"}], [], 1),
    ],
    ids=["answered", "quit", "stopped", "limited", "failed"],
)
def test_the_exit_status_tells_the_outcome(debug, words, root, flags, status):
    got, answer, _ = debug(*words, root=root, flags=flags)
    assert (got, bool(answer)) == (status, status == 0)


def test_json_and_events_go_to_stdout_alone(debug):
    _, told, _ = debug("s", "c", flags=["--json"])
    assert json.loads(told)["answer"] == "['<a>', '<b>']"
    _, told, _ = debug("s", flags=["--events"])
    types = [json.loads(line).get("event", {}).get("type") for line in told.splitlines()]
    assert types[-1] == "run_finished"
    assert types.count("paused") == 2


def test_a_breakpoint_that_cannot_be_read_is_said_before_the_run(debug):
    status, answer, shown = debug("s", flags=["--break", "llm_querry"])
    assert (status, answer) == (2, "")
    assert "'llm_querry' is not known" in shown[0]


def test_with_the_debugger_the_document_is_no_stdin(command):
    line = ["-" if word.endswith("ci.log") else word for word in command()]
    done = subprocess.run(line, input="s\n", capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "With --debug stdin is for commands" in done.stderr


def test_a_breakpoint_without_the_debugger_is_not_passed_over(command):
    line = [word for word in command("--break", "error") if word != "--debug"]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert (done.returncode, "--break needs --debug" in done.stderr) == (2, True)


def test_a_stdin_that_is_closed_is_one_that_has_ended(command):
    line = 'exec "$@" <&-'
    done = subprocess.run(
        ["sh", "-c", line, "sh", *command()], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "['<a>', '<b>']\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_at_the_prompt_stops_the_run(command, number):
    with subprocess.Popen(
        command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        told = b""
        while not told.endswith(b"(rlm) "):
            told += running.stderr.read1()
        running.send_signal(number)
        rest = running.stderr.read()
    assert running.returncode == 130
    assert b"cancelled" in rest


def test_ctrl_c_in_a_terminal_holds_a_run_that_goes_on(command):
    root = ["```repl\nfor n in range(10**9):\n    x = llm_query(str(n))\n```"]
    flags = ["--no-together", "--max-sub-calls", "1000000000"]
    with Emulated(
        command(*flags, root=root, sub=[{"match": ".", "reply": "ok", "delay": 0.01}]), (100, 40)
    ) as app:
        app.until("(rlm)")
        app.press(b"c\r")
        app.until("sub-calls ·")  # the live line, so the run goes on
        app.press(b"\x03")
        app.until("you asked for it")
        app.press(b"q\r")
        assert app.status() == 130


def test_ctrl_c_while_code_runs_is_answered_at_once_and_a_second_one_stops_the_run(command):
    root = ["```repl\nimport time\nwhile True:\n    print(time.sleep(0.1), flush=True)\n```"]
    with Emulated(command(root=root), (100, 40)) as app:
        app.until("(rlm)")
        app.press(b"c\r")
        app.until("tokens ·")  # the live line, so the run goes on
        app.press(b"\x03")
        app.until("held before the next thing that runs or costs")
        app.press(b"\x03")
        assert app.status() == 130
        assert any(row.startswith("cancelled") for row in app.rows()), app.rows()


async def test_a_fault_of_the_debugger_ends_the_run_and_is_not_hidden(monkeypatch):
    class Held:
        """A source that is held until it is cancelled."""

        def __init__(self):
            self.is_cancelled = asyncio.Event()

        async def run(self, listener):
            listener.begin(HEADER)
            records = NAMED["held"]()
            listener.take(records)
            await self.is_cancelled.wait()

        def send(self, command):
            if isinstance(command, Cancel):
                self.is_cancelled.set()

        async def close(self):
            self.is_cancelled.set()

    monkeypatch.setattr(Exchange, "printed", lambda _: 1 / 0)
    monkeypatch.setattr(debug_console, "stdin_descriptor", lambda: None)
    with pytest.raises(ZeroDivisionError):
        await debug_console.debug(lambda _: Held(), RunRequest("", [], Settings()), "text")
