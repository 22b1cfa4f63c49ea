from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rlm_tui.events import RunFinished
from rlm_tui.session.reader import read_session

COMMAND = [sys.executable, "-m", "rlm_tui"]


@pytest.fixture
def document(tmp_path):
    path = tmp_path / "ci.log"
    path.write_text("".join(f"line {n} ERROR E{n % 3}\n" for n in range(300)), encoding="utf-8")
    return path


@pytest.fixture
def script(tmp_path):
    def write(**parts):
        path = tmp_path / "script.json"
        path.write_text(json.dumps({"root": ["FINAL(42)"]} | parts), encoding="utf-8")
        return f"scripted:{path}"

    return write


def rlm_tui(*arguments, stdin="", **environ):
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        input=stdin,
        capture_output=True,
        text=True,
        env=os.environ | environ,
        timeout=60,
        check=False,
    )


def test_ask_writes_the_answer_to_stdout_and_the_story_to_stderr(document, script):
    done = rlm_tui("ask", document, "-q", "what?", "--model", script())
    assert (done.returncode, done.stdout) == (0, "42\n")
    assert "answered" in done.stderr
    assert "session" in done.stderr


def test_ask_json_is_the_contract_of_the_command_line(document, script):
    code = "```repl\nx = llm_query_batched(chunks(1000))\nprint(x)\n```"
    model = script(root=[code, "FINAL_VAR(x)"], sub_default="seen")
    done = rlm_tui("ask", document, "-q", "what?", "--model", model, "--json")
    told = json.loads(done.stdout)
    assert told["answer"] == str(["seen"] * 6)
    assert (told["outcome"], told["error"]) == ("answered", None)
    assert told["document"]["path"] == str(document)
    assert told["document"]["bytes"] == document.stat().st_size
    assert (told["iterations"], told["sub_calls"], told["usage"]["requests"]) == (2, 6, 8)
    assert told["usage"]["cost_usd"] is None
    assert told["usage"]["input_tokens"] > 0
    assert Path(told["session"]).stat().st_mode & 0o777 == 0o600
    assert told["sandbox"]


def test_events_are_the_lines_of_the_session_file(document, script, tmp_path):
    path = tmp_path / "run.rlm.jsonl"
    done = rlm_tui(
        "ask", document, "-q", "what?", "--model", script(), "--events", "--session", path
    )
    assert done.stdout == path.read_text(encoding="utf-8")
    types = [json.loads(line).get("event", {}).get("type") for line in done.stdout.splitlines()]
    assert types[0] is None
    assert types[1] == "run_started"
    assert types[-1] == "run_finished"


@pytest.mark.parametrize(
    ("root", "flags", "status", "outcome"),
    [
        (["FINAL(1)"], [], 0, "answered"),
        (["```repl\n1\n```", "my best guess"], ["--max-iterations", "1"], 0, "forced"),
        (["```repl\nresult = 7\n```"], ["--max-iterations", "1"], 3, "limited"),
        ([{"error": "server_error"}], [], 1, "failed"),
    ],
    ids=["answered", "forced", "limited", "failed"],
)
def test_the_exit_status_tells_the_outcome(document, script, root, flags, status, outcome):
    model = script(root=root)
    done = rlm_tui("ask", document, "-q", "what?", "--model", model, "--json", *flags)
    told = json.loads(done.stdout)
    assert (done.returncode, told["outcome"]) == (status, outcome)
    if outcome in {"limited", "forced"}:
        assert "max-iterations" in told["error"]


def test_a_run_without_a_screen_goes_on_where_its_session_finds_no_room(document, script, tmp_path):
    path = tmp_path / "run.rlm.jsonl"
    arguments = ["ask", document, "-q", "what?", "--model", script(), "--session", path]
    done = subprocess.run(
        ["sh", "-c", 'ulimit -f 4; exec "$@"', "sh", *COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (0, "42\n")
    assert "File too large. The session ends there unless there is room; the run" in done.stderr
    last = done.stderr.splitlines()[-1]
    assert last == f"session   {path} (incomplete: its last events are lost)"
    assert not any(isinstance(record.event, RunFinished) for record in read_session(path).records)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "term"])
def test_a_signal_stops_the_run_with_everything_kept(document, script, tmp_path, number):
    model = script(root=["```repl\nprint('on it', flush=True)\nwhile True: pass\n```"])
    path = tmp_path / "run.rlm.jsonl"
    arguments = ["ask", document, "-q", "what?", "--model", model, "--events", "--session", path]
    running = subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with running:
        for line in running.stdout:
            if '"on it' in line:
                break
        running.send_signal(number)
        rest = running.stdout.read().splitlines()
    assert running.returncode == 130
    assert json.loads(rest[-1])["event"]["outcome"] == "cancelled"
    assert path.read_text(encoding="utf-8").splitlines()[-1] == rest[-1]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["ask"], "needs a document"),
        (["ask", "DOC"], "needs a question"),
        (["ask", "DOC", "-q", " "], "needs a question"),
        (["ask", "missing.txt", "-q", "x"], "missing.txt does not exist"),
        (["ask", "/", "-q", "x"], "is a directory"),
        (["ask", "EMPTY", "-q", "x"], "is empty"),
        (["ask", "DOC", "-q", "x", "--modle", "y"], "Did you mean --model?"),
        (["ask", "DOC", "-q", "x", "--max-iterations", "many"], "max-iterations"),
        (["ask", "DOC", "-q", "x", "--max-iterations", "0"], "max-iterations"),
        (["ask", "DOC", "-q", "x", "--sandbox", "docker"], "sandbox"),
        (["ask", "DOC", "-q", "x", "--model", "scripted:/no/such.json"], "cannot be read"),
        (["ask", "DOC", "-q", "x", "--model", "recorded:/no/such.jsonl"], "cannot be opened"),
        (["ask", "DOC", "-q", "x", "--env-file", "/no/such.env"], "cannot be read"),
        (["DOC", "-q", "x", "--paused"], "--paused needs a terminal"),
        (["aks", "DOC"], "Did you mean ask?"),
        (["missing.txt"], "missing.txt"),
        (["replay"], "needs a session"),
        (["replay", "DOC"], "not a session"),
        (["config", "paths"], "paths"),
        ([], "no terminal"),
    ],
    ids=lambda value: "-".join(value)[:40] if isinstance(value, list) else "",
)
def test_what_cannot_be_meant_is_one_sentence_and_status_2(document, tmp_path, arguments, told):
    empty = tmp_path / "empty.txt"
    empty.touch()
    places = {"DOC": str(document), "EMPTY": str(empty)}
    done = rlm_tui(*(places.get(word, word) for word in arguments))
    assert done.returncode == 2
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""


def test_a_broken_script_names_what_is_wrong(document, tmp_path):
    path = tmp_path / "bad.json"
    path.write_text('{"root": []}', encoding="utf-8")
    done = rlm_tui("ask", document, "-q", "x", "--model", f"scripted:{path}")
    assert (done.returncode, "`root` is empty" in done.stderr) == (2, True)


def test_a_document_can_come_through_a_pipe(script):
    model = script(root=["```repl\nFINAL(context.upper())\n```"])
    done = rlm_tui("ask", "-", "-q", "what?", "--model", model, stdin="tiny text\n")
    assert (done.returncode, done.stdout) == (0, "TINY TEXT\n")


def test_an_empty_pipe_is_a_clear_sentence(script):
    done = rlm_tui("ask", "-", "-q", "what?", "--model", script())
    assert (done.returncode, "stdin is empty" in done.stderr) == (2, True)


def test_a_closed_stdin_is_a_clear_sentence(script):
    line = " ".join([*COMMAND, "ask", "-", "-q", "what", "--model", script(), "<&-"])
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False)
    assert (done.returncode, "stdin is closed" in done.stderr) == (2, True)


def test_several_documents_are_a_dict(document, tmp_path, script):
    other = tmp_path / "b.txt"
    other.write_text("b", encoding="utf-8")
    model = script(root=["```repl\nFINAL(sorted(context))\n```"])
    done = rlm_tui("ask", document, other, "-q", "what?", "--model", model)
    assert done.stdout == f"{sorted(map(str, (document, other)))}\n"


def test_in_a_pipe_opening_a_document_with_a_question_runs_without_a_screen(document, script):
    done = rlm_tui(document, "-q", "what?", "--model", script())
    assert (done.returncode, done.stdout) == (0, "42\n")


def test_a_reader_that_goes_away_is_no_traceback(document, script):
    line = " ".join([*COMMAND, "ask", str(document), "-q", "x", "--model", script(), "--events"])
    done = subprocess.run(
        ["sh", "-c", f"{line} | head -n 1"], capture_output=True, text=True, check=False
    )
    assert '"type":"header"' in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["", "ask", "replay", "demo", "config"])
def test_help_fits_a_screen_and_ends_with_two_examples(command):
    done = rlm_tui(*filter(None, [command]), "--help")
    lines = done.stdout.splitlines()
    assert done.returncode == 0
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 88
    assert all(line.startswith("  ") for line in lines[-2:])
    assert "xamples:" in lines[-3]


def test_settings_come_from_the_file_the_environment_and_flags_in_that_order(tmp_path):
    file = tmp_path / "config.toml"
    file.write_text('max_depth = 3\nmodel = "offline"\n', encoding="utf-8")
    done = rlm_tui("config", RLM_TUI_CONFIG=str(file), RLM_TUI_MAX_DEPTH="2")
    rows = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines()}
    assert rows["max_depth"] == ["2", "environment"]
    assert rows["model"] == ['"offline"', str(file)]
    assert rows["max_iterations"] == ["30", "default"]


def test_a_wrong_setting_names_file_line_and_key(tmp_path):
    file = tmp_path / "config.toml"
    file.write_text('model = "offline"\nmax_iteration = 3\n', encoding="utf-8")
    done = rlm_tui("config", RLM_TUI_CONFIG=str(file))
    assert done.returncode == 2
    assert f"{file}, line 2" in done.stderr
    assert "Did you mean max_iterations?" in done.stderr


def test_config_init_writes_a_file_once(tmp_path):
    file = tmp_path / "new" / "config.toml"
    assert rlm_tui("config", "init", RLM_TUI_CONFIG=str(file)).stdout == f"{file}\n"
    assert rlm_tui("config", RLM_TUI_CONFIG=str(file)).returncode == 0
    assert rlm_tui("config", "init", RLM_TUI_CONFIG=str(file)).returncode == 2


def test_the_offline_model_is_named_for_what_it_is_where_there_is_no_key(document):
    done = rlm_tui("ask", document, "-q", "How many lines hold ERROR?")
    assert "offline (no language model)" in done.stderr
    assert done.returncode == 0
    assert "300" in done.stdout


def test_a_name_that_litellm_does_not_know_is_said_before_the_run_starts(document):
    done = rlm_tui("ask", document, "-q", "x", "--model", "nosuch/model")
    assert done.returncode == 2
    assert "nosuch/model" in done.stderr
    assert "Traceback" not in done.stderr
