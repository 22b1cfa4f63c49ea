from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from rlm_tui import headless
from rlm_tui.assemble import recording
from rlm_tui.config import Settings
from rlm_tui.errors import SessionError
from rlm_tui.events import IterationStarted, RunFinished
from rlm_tui.headless import EXIT, answer
from rlm_tui.live import LiveRun
from rlm_tui.session.reader import read_session
from rlm_tui.source import Broken, Cancel, LogLine, Remark, RunRequest, Saved
from tests.runs import HEADER, NAMED, block, file_of, turn, whole

STATUS = {"answered": 0, "direct": 0, "forced": 0, "limited": 3, "failed": 1, "cancelled": 130}


class Told:
    """A source that tells what it is given, then raises or goes on until it is stopped."""

    def __init__(self, *told, header=HEADER, error=None, on_end=None):
        self.told = told
        self.header = header
        self.error = error
        self.on_end = on_end
        self.stopped = asyncio.Event()
        self.is_closed = False

    async def run(self, listener):
        if self.header is not None:
            listener.begin(self.header)
        for item in self.told:
            if isinstance(item, list):
                listener.take(item)
            else:
                listener.say(item)
        if self.on_end is not None:
            await self.on_end(self)
        if self.error is not None:
            raise self.error

    def send(self, command):
        assert command == Cancel()
        self.stopped.set()

    async def close(self):
        self.is_closed = True


class Terminal(io.StringIO):
    """A stderr that says it is a terminal."""

    def isatty(self):
        return True


@pytest.fixture
def saved(tmp_path):
    """The session file of a run."""

    def write(records, header=HEADER):
        path = tmp_path / "run.rlm.jsonl"
        path.write_bytes(file_of(records, header))
        return path

    return write


@pytest.fixture
def narrated(monkeypatch):
    """What is written to stderr where that is a terminal."""

    async def tell(source):
        with monkeypatch.context() as patched:
            terminal = Terminal()
            patched.setattr(sys, "stderr", terminal)
            await answer(source, "text")
        return terminal.getvalue()

    return tell


@pytest.mark.parametrize(("name", "status"), STATUS.items())
async def test_the_exit_status_and_the_answer_of_every_outcome(saved, capsys, name, status):
    records = NAMED[name]()
    assert await answer(recording(saved(records)), "text") == status
    told = records[-1].event.answer
    assert capsys.readouterr().out == ("" if told is None else f"{told}\n")


@pytest.mark.parametrize("name", ["unfinished", "held", "not begun"])
async def test_a_run_that_breaks_off_has_failed_and_has_no_answer(saved, capsys, name):
    assert await answer(recording(saved(NAMED[name]())), "text") == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "failed    the run broke off" in captured.err


@pytest.mark.parametrize("name", NAMED)
async def test_events_are_the_session_file_line_by_line(saved, capsysbinary, name):
    path = saved(NAMED[name]())
    await answer(recording(path), "events")
    assert capsysbinary.readouterr().out == file_of(read_session(path).records)


@pytest.mark.parametrize("name", NAMED)
async def test_json_is_one_object_with_every_key_of_the_contract(saved, capsys, name):
    records = NAMED[name]()
    path = saved(records)
    status = await answer(recording(path), "json")
    [line] = capsys.readouterr().out.splitlines()
    told = json.loads(line)
    assert list(told)[:13] == [
        *("answer", "outcome", "question", "document", "iterations", "sub_calls", "model"),
        *("sub_model", "usage", "elapsed_s", "session", "sandbox", "error"),
    ]
    assert told["document"] == {"path": "/logs/server.log", "bytes": 440_820, "sha256": "9f" * 32}
    assert set(told["usage"]) == {
        *("requests", "input_tokens", "output_tokens", "cached_tokens", "cost_usd")
    }
    assert told["session"] == str(path)
    assert EXIT[told["outcome"]] == status
    assert (told["answer"] is not None) == (told["outcome"] in {"answered", "forced"})


async def test_the_limit_is_named_and_what_looks_like_an_answer_is_handed_over(saved, capsys):
    await answer(recording(saved(NAMED["limited"]())), "json")
    captured = capsys.readouterr()
    told = json.loads(captured.out)
    assert told["error"] == "200 of 200 sub-calls are used"
    assert told["partial"] == {"total": "412"}
    assert "partial   total = 412" in captured.err


async def test_what_nobody_bills_has_no_cost(saved, capsys):
    costs = []
    for model in ("openai/gpt-5", "offline", "scripted:a.json"):
        header = msgspec.structs.replace(HEADER, model=model, sub_model=model)
        await answer(recording(saved(NAMED["answered"](), header)), "json")
        costs.append(json.loads(capsys.readouterr().out)["usage"]["cost_usd"])
    assert costs == [0.25, None, None]


async def test_several_documents_are_all_in_the_result(saved, capsys):
    second = msgspec.structs.replace(HEADER.document, path="/logs/b.log")
    header = msgspec.structs.replace(HEADER, more_documents=[second])
    await answer(recording(saved(NAMED["answered"](), header)), "json")
    told = json.loads(capsys.readouterr().out)
    assert [document["path"] for document in told["documents"]] == [
        *("/logs/server.log", "/logs/b.log")
    ]
    assert told["document"] == told["documents"][0]


@pytest.mark.parametrize(
    ("told", "written"),
    [
        ("", b"\n"),
        ("0", b"0\n"),
        ("two\nlines\n", b"two\nlines\n"),
        ("gr\u00fc\u00dfe \U0001f600", "gr\u00fc\u00dfe \U0001f600\n".encode()),
        ("\x1b[2J\r\a", b"\x1b[2J\r\a\n"),
        ("half \ud800", b"half ?\n"),
    ],
    ids=["empty", "falsy", "lines", "unicode", "controls", "surrogate"],
)
async def test_in_a_pipe_the_answer_is_written_as_it_is(capsysbinary, told, written):
    records = whole(turn("1", answer=told), answer=told)
    assert await answer(Told(records), "text") == 0
    assert capsysbinary.readouterr().out == written


async def test_in_a_terminal_control_characters_of_the_answer_are_made_visible(
    capsysbinary, monkeypatch
):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    await answer(Told(whole(turn("1"), answer="a\x1b]0;pwned\x07\tb\nc\x9b")), "text")
    assert capsysbinary.readouterr().out.decode() == "a␛]0;pwned␇\tb\nc\ufffd\n"


# The narration


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("answered", ["document  /logs/server.log, 440,820 bytes", "it 3", "answered  9.5 s"]),
        ("answered", ["model     openai/gpt-5 > openai/gpt-5-mini", "sandbox   ns+landlock"]),
        ("parallel", ["it 1      ok", "5 sub-calls"]),
        ("troubled", ["waiting   0.5 s for attempt 2: too many requests"]),
        ("troubled", ["reply     no code; the model was told"]),
        ("troubled", ["code 3.1  ZeroDivisionError: division by zero"]),
        ("limited", ["limit     160 of 200 sub_calls", "limit     sub_calls reached"]),
        ("failed", ["because   openai/gpt-5 refused the key in OPENAI_API_KEY"]),
    ],
    ids=str,
)
async def test_what_happens_is_said_on_stderr(saved, capsys, name, words):
    await answer(recording(saved(NAMED[name]())), "text")
    said = capsys.readouterr().err
    assert [word for word in words if word not in said] == []


async def test_in_a_pipe_the_narration_is_plain_lines(saved, capsys):
    await answer(recording(saved(NAMED["nested"]())), "text")
    said = capsys.readouterr().err
    assert said.isprintable() or set(filter(lambda c: not c.isprintable(), said)) == {"\n"}


async def test_text_from_models_cannot_drive_the_terminal(narrated):
    raised = block("1.1", outcome="error", error="KeyError: '\x1b[2J\x1b]0;t\x07'")
    source = Told(Remark("\x1b[31mred"), LogLine("\x9b1m"), whole(turn("1", blocks=[raised])))
    said = await narrated(source)
    assert "KeyError: '␛[2J␛]0;t␇'" in said
    assert set(said) & {"\x07", "\x9b"} == set()
    assert said.replace("\r\x1b[K", "").count("\x1b") == 0


async def test_in_a_terminal_a_live_line_gives_way_to_what_stays(narrated, monkeypatch):
    monkeypatch.setattr(headless, "_REDRAW_EVERY", 0.0)
    said = await narrated(Told(NAMED["parallel"]()))
    assert "\r\x1b[Kit 1 · 3 sub-calls · " in said
    shown = [line.rpartition("\r\x1b[K")[2] for line in said.split("\n")]
    assert not any(" tokens · " in line for line in shown)
    assert shown[-2].startswith("answered")


async def test_the_file_of_the_run_is_named_last(capsys):
    await answer(Told(Saved("/there/run.rlm.jsonl"), NAMED["answered"]()), "text")
    assert capsys.readouterr().err.splitlines()[-1] == "session   /there/run.rlm.jsonl"


# What goes wrong


@pytest.mark.parametrize("form", ["text", "json", "events"])
async def test_a_run_that_cannot_begin_is_an_error_of_the_caller(capsys, form):
    source = Told(header=None, error=SessionError("it cannot be opened"))
    with pytest.raises(SessionError, match="cannot be opened"):
        await answer(source, form)
    assert capsys.readouterr().out == ""
    assert source.is_closed


@pytest.mark.parametrize(
    "source",
    [
        Told(Broken("the engine died"), NAMED["unfinished"]()),
        Told(NAMED["unfinished"](), error=SessionError("the engine died")),
    ],
    ids=["said", "raised"],
)
async def test_a_run_that_breaks_off_says_why(capsys, source):
    assert await answer(source, "json") == 1
    captured = capsys.readouterr()
    assert "failed    the engine died" in captured.err
    assert json.loads(captured.out)["error"] == "the engine died"


class Gone(io.StringIO):
    """A stderr whose reader is gone."""

    def write(self, _):
        raise BrokenPipeError


@pytest.mark.parametrize("stderr", [Gone(), None], ids=["gone", "closed from the start"])
async def test_the_answer_does_not_depend_on_anybody_hearing_the_narration(
    capsys, monkeypatch, stderr
):
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", stderr)
        assert await answer(Told(NAMED["troubled"]()), "text") == 0
    assert capsys.readouterr().out == "715\n"


@pytest.mark.parametrize("form", ["text", "json", "events"])
async def test_a_stdout_that_was_closed_from_the_start_is_not_written_to(monkeypatch, form):
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", None)
        assert await answer(Told(NAMED["answered"]()), form) == 0


@pytest.mark.parametrize("form", ["text", "json", "events"])
def test_a_full_disk_behind_stdout_is_said_and_is_a_failure(saved, form):
    code = (
        "import asyncio, sys; from pathlib import Path; from rlm_tui import assemble, headless; "
        "source = assemble.recording(Path(sys.argv[1])); "
        "sys.exit(asyncio.run(headless.answer(source, sys.argv[2])))"
    )
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-c", code, str(saved(NAMED["answered"]())), form],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    said = "failed    stdout cannot be written: No space left on device"
    assert done.stderr.splitlines()[-1] == said


SIGNALS = pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name
)


@SIGNALS
async def test_a_signal_stops_the_run_and_the_file_is_named(tmp_path, capsys, number):
    document, script = tmp_path / "a.txt", tmp_path / "script.json"
    document.write_text("text\n", encoding="utf-8")
    script.write_text(json.dumps({"root": ["```repl\nwhile True: pass\n```"]}), encoding="utf-8")
    path = tmp_path / "run.rlm.jsonl"
    settings = Settings(model=f"scripted:{script}", session=str(path))
    source = LiveRun(RunRequest("what?", [str(document)], settings))
    waiting = asyncio.ensure_future(_signal_when(path, "code_started", number))
    assert await answer(source, "text") == 130
    await waiting
    captured = capsys.readouterr()
    assert captured.out == ""
    assert f"session   {path}" in captured.err
    assert '"outcome":"cancelled"' in path.read_text(encoding="utf-8").splitlines()[-1]


async def _signal_when(path, event, number):
    async with asyncio.timeout(30):
        while not path.exists() or event not in path.read_text(encoding="utf-8"):  # noqa: ASYNC110 - a file tells nobody that it grows
            await asyncio.sleep(0.005)
    os.kill(os.getpid(), number)


async def test_a_signal_before_the_run_has_begun_is_no_run(capsys):
    async def interrupted(source):
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.Event().wait()

    source = Told(header=None, on_end=interrupted)
    assert await answer(source, "json") == 130
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "cancelled before the run began; nothing was recorded\n")
    assert source.is_closed


@pytest.mark.parametrize("form", ["text", "json"])
async def test_a_second_signal_ends_a_run_that_does_not_stop_and_still_names_its_file(capsys, form):
    async def deaf(source):
        os.kill(os.getpid(), signal.SIGINT)
        await source.stopped.wait()
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.Event().wait()

    source = Told(Saved("/there/run.rlm.jsonl"), NAMED["unfinished"](), on_end=deaf)
    assert await answer(source, form) == 130
    captured = capsys.readouterr()
    assert "session   /there/run.rlm.jsonl" in captured.err
    if form == "json":
        assert json.loads(captured.out)["outcome"] == "cancelled"


async def test_an_answer_that_came_in_spite_of_the_signal_is_given(capsys):
    records = NAMED["answered"]()

    async def late(source):
        os.kill(os.getpid(), signal.SIGINT)
        await source.stopped.wait()

    class Late(Told):
        async def run(self, listener):
            await super().run(listener)
            listener.take(records)

    assert await answer(Late(on_end=late), "text") == 0
    assert capsys.readouterr().out == "715\n"


async def test_a_run_of_no_event_but_its_end_is_told(capsys):
    first, *_, last = NAMED["cancelled"]()
    assert isinstance(last.event, RunFinished)
    assert not any(isinstance(r.event, IterationStarted) for r in (first, last))
    ended = msgspec.structs.replace(last, seq=2)
    assert await answer(Told([first, ended]), "json") == 130
    assert json.loads(capsys.readouterr().out)["iterations"] == 0
