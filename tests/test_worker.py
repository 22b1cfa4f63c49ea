from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import os
import socket
import subprocess
import sys
from types import SimpleNamespace

import msgspec
import pytest

from rlm_tui import assemble, worker
from rlm_tui.codec import decode_header, decode_records
from rlm_tui.config import Settings
from rlm_tui.document import unpacked
from rlm_tui.document.contents import Contents
from rlm_tui.errors import RlmTuiError, SessionError
from rlm_tui.events import ModelResponded, Paused, RunFinished
from rlm_tui.remote import RemoteRun, Streams
from rlm_tui.session.reader import read_session
from rlm_tui.source import (
    Broken,
    Cancel,
    Fork,
    Pause,
    Resume,
    RunRequest,
    Saved,
    decode_notice,
    encode_message,
)
from tests.runs import HEADER, NAMED
from tests.test_remote import Recorder

PATIENCE = 30.0


@pytest.fixture
def request_for(tmp_path):
    """A request for a scripted run that is saved to `tmp_path / "run.rlm.jsonl"`."""

    def make(*root, **asked):
        document, script = tmp_path / "a.txt", tmp_path / "script.json"
        if not document.exists():
            document.write_text("some text\n", encoding="utf-8")
        script.write_text(json.dumps({"root": root}), encoding="utf-8")
        model = asked.pop("model", f"scripted:{script}")
        session = tmp_path / asked.pop("session", "run.rlm.jsonl")
        settings = Settings(model=model, session=str(session))
        return RunRequest("what?", [str(document)], settings, **asked)

    return make


class Screen:
    """The screen's end of the socket of an engine in this process."""

    def __init__(self, reader, writer, serving, handing):
        self.handing = handing
        self.reader = reader
        self.writer = writer
        self.serving = serving
        self.lines = []

    def tell(self, message):
        self.writer.write(encode_message(message))

    async def until(self, has_come):
        """Take in lines up to one for which `has_come` holds."""
        async with asyncio.timeout(PATIENCE):
            while line := await self.reader.readline():
                self.lines.append(line)
                if has_come(line):
                    return
        raise AssertionError(self.lines)

    async def leave(self):
        """Close the socket and wait for the engine to end."""
        self.writer.close()
        with contextlib.suppress(ConnectionError):
            await self.writer.wait_closed()
        async with asyncio.timeout(PATIENCE):
            await self.serving

    @property
    def header(self):
        return decode_header(self.lines[0])

    @property
    def notices(self):
        rest = [line for line in self.lines[1:] if line.startswith(b'{"type":')]
        return list(map(decode_notice, rest))

    @property
    def records(self):
        return decode_records(b"".join(x for x in self.lines if x.startswith(b'{"seq":')))


@contextlib.asynccontextmanager
async def engine(warm=None):
    """An engine that serves, and the screen's end of its socket."""
    ours, theirs = socket.socketpair()
    handing, taking = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    serving = asyncio.ensure_future(worker.serve(theirs, warm, taking))
    reader, writer = await asyncio.open_connection(sock=ours, limit=1 << 26)
    try:
        yield Screen(reader, writer, serving, handing)
    finally:
        writer.close()
        handing.close()
        async with asyncio.timeout(PATIENCE):
            await asyncio.wait([serving])
        taking.close()


def told(kind):
    """Whether a line holds an event of that kind."""
    return lambda line: f'"event":{{"type":"{kind}"'.encode() in line


async def test_header_notices_and_records_go_up_as_the_lines_of_the_session(request_for, tmp_path):
    async with engine() as screen:
        screen.tell(request_for("```repl\nprint(len(context))\n```", "FINAL(10)"))
        await screen.until(told("run_finished"))
        await screen.leave()
    path = tmp_path / "run.rlm.jsonl"
    saved = read_session(path)
    assert (screen.header, screen.records) == (saved.header, saved.records)
    assert screen.notices[0] == Saved(str(path))


async def test_an_engine_that_is_left_before_it_is_asked_ends(request_for):
    async with engine("offline") as screen:
        await screen.leave()
        assert screen.serving.exception() is None


async def test_an_engine_is_asked_before_it_is_told_anything_else():
    async with engine() as screen:
        screen.tell(Cancel())
        with pytest.raises(RlmTuiError, match="before a request"):
            await screen.serving


async def test_what_cannot_be_warmed_up_is_said_by_the_run_only(request_for):
    async with engine("no-such/model") as screen:
        screen.tell(request_for("FINAL(1)"))
        await screen.until(told("run_finished"))
        assert screen.records[-1].event.answer == "1"


async def test_the_run_follows_commands_and_ignores_a_request_meanwhile(request_for):
    asked = request_for("FINAL(1)", paused=True)
    async with engine() as screen:
        screen.tell(asked)
        await screen.until(told("paused"))
        screen.tell(asked)
        screen.tell(Resume())
        await screen.until(told("run_finished"))
        assert [type(r.event) for r in screen.records].count(Paused) == 1
        assert screen.records[-1].event.outcome == "answered"


@pytest.mark.parametrize(
    "garbage",
    [b"\n", b"stop\n", b'{"type":"explode"}\n', b'{"type":"cancel","why":\n', b"\xff\xfe\n"],
    ids=repr,
)
async def test_a_screen_that_talks_nonsense_counts_as_gone(request_for, tmp_path, garbage):
    async with engine() as screen:
        screen.tell(request_for("FINAL(1)", paused=True))
        await screen.until(told("paused"))
        screen.writer.write(garbage)
        await screen.until(told("run_finished"))
        await screen.leave()
    assert screen.records[-1].event.outcome == "cancelled"
    assert read_session(tmp_path / "run.rlm.jsonl").records == screen.records


async def test_a_screen_that_goes_stops_the_run_and_the_session_file_is_whole(
    request_for, tmp_path
):
    async with engine() as screen:
        screen.tell(request_for("```repl\nwhile True: pass\n```"))
        await screen.until(told("code_started"))
        await screen.leave()
    last = read_session(tmp_path / "run.rlm.jsonl").records[-1].event
    assert isinstance(last, RunFinished)
    assert last.outcome == "cancelled"


async def test_a_run_that_cannot_begin_says_why_and_nothing_else(request_for):
    async with engine() as screen:
        screen.tell(request_for(model="scripted:/no/such.json"))
        await screen.until(lambda line: True)
        [said] = map(decode_notice, screen.lines)
        assert isinstance(said, Broken)
        assert "/no/such.json" in said.text
        await screen.leave()


class Failing:
    """A run that breaks off in the middle, as no run should."""

    def __init__(self, error):
        self.error = error
        self.is_closed = False

    async def run(self, listener):
        listener.begin(HEADER)
        listener.take(NAMED["unfinished"]())
        raise self.error

    def send(self, command):
        pass

    async def close(self):
        self.is_closed = True


FAULTS = pytest.mark.parametrize(
    ("error", "words"),
    [
        (SessionError("the file is full."), "the file is full."),
        (ZeroDivisionError("by zero"), "rlm-tui itself failed: ZeroDivisionError: by zero"),
    ],
    ids=["foreseen", "unforeseen"],
)


@FAULTS
async def test_a_run_that_breaks_off_says_so_and_waits_for_the_screen(
    monkeypatch, request_for, error, words
):
    source = Failing(error)
    monkeypatch.setattr(assemble.Runs, "begin", lambda _, request: source)
    async with engine() as screen:
        screen.tell(request_for("FINAL(1)"))
        await screen.until(lambda line: b'"broken"' in line)
        assert screen.notices == [Broken(words)]
        assert screen.records == NAMED["unfinished"]()
        assert not screen.serving.done()
        await screen.leave()
    assert source.is_closed


@FAULTS
async def test_the_screen_learns_that_no_more_will_come_of_a_run_that_broke_off(
    monkeypatch, request_for, error, words
):
    monkeypatch.setattr(assemble.Runs, "begin", lambda _, request: Failing(error))
    ours, theirs = socket.socketpair()
    handing, taking = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    serving = asyncio.ensure_future(worker.serve(theirs, None, taking))
    up, down = await asyncio.open_connection(sock=ours)
    errors = asyncio.StreamReader()
    errors.feed_eof()

    async def connect():
        return Streams(up, down, errors)

    async def wait():
        down.close()
        return 0

    engine = SimpleNamespace(connect=connect, wait=wait, is_resting=False, hand_over=lambda: None)
    source, heard = RemoteRun(request_for("x"), engine), Recorder()
    async with asyncio.timeout(PATIENCE):
        await source.run(heard)
        await source.close()
        await serving
    handing.close()
    taking.close()
    assert heard.notices == [Broken(words)]
    assert heard.records == NAMED["unfinished"]()


@pytest.mark.parametrize("message", [Pause(), Resume(), Cancel()], ids=lambda m: type(m).__name__)
async def test_commands_after_the_end_change_nothing(request_for, message):
    async with engine() as screen:
        screen.tell(request_for("FINAL(1)"))
        await screen.until(told("run_finished"))
        screen.tell(message)
        await screen.leave()
        assert screen.serving.exception() is None
    assert screen.records[-1].event.answer == "1"


async def test_it_runs_one_request_after_another(request_for):
    async with engine() as screen:
        for answer in ("1", "2"):
            screen.lines.clear()
            screen.tell(request_for(f"FINAL({answer})", session=answer))
            await screen.until(lambda line: b'"rested"' in line)
            assert screen.records[-1].event.answer == answer
        await screen.leave()
        assert screen.serving.exception() is None


async def test_a_branch_finds_the_states_of_its_parent_where_that_ran(request_for, tmp_path):
    """The value comes from the clock, so it cannot be had again by running the code."""
    root = "```repl\nimport time\na = time.time_ns()\n```", "```repl\nprint(a)\n```", "FINAL_VAR(a)"
    async with engine() as screen:
        screen.tell(request_for(*root))
        await screen.until(lambda line: b'"rested"' in line)
        parent = screen.records
        at = next(r.seq for r in parent if r.node == "2" and isinstance(r.event, ModelResponded))
        screen.lines.clear()
        fork = Fork(str(tmp_path / "run.rlm.jsonl"), at)
        screen.tell(request_for(*root, fork=fork, session="branch"))
        await screen.until(lambda line: b'"rested"' in line)
        assert screen.header.parent_event == at
        assert screen.records[-1].event.answer == parent[-1].event.answer


async def test_a_document_that_the_screen_has_unpacked_is_read_from_there(
    request_for, tmp_path, monkeypatch
):
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(b"what is packed"))
    contents = Contents(path)
    other = os.memfd_create("other")  # of another length, so that one can tell
    os.write(other, b"short")
    monkeypatch.setattr(unpacked, "_kept", type(unpacked._kept)())
    unpacked.keep(unpacked.Unpacked(contents._key, 5, 0, ""), other)
    os.close(other)
    async with engine() as screen:
        unpacked.send_all(screen.handing, set())
        unpacked._kept.clear()
        request = request_for("```repl\nFINAL(len(context))\n```")
        screen.tell(msgspec.structs.replace(request, documents=[str(path)]))
        await screen.until(told("run_finished"))
    contents.close()
    assert [r.event.answer for r in screen.records if isinstance(r.event, RunFinished)] == ["5"]


def test_the_process_serves_the_socket_that_is_handed_down_and_ends_with_it(request_for):
    ours, theirs = socket.socketpair()
    handing, taking = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs, taking:
        fds = [theirs.fileno(), taking.fileno()]
        process = subprocess.Popen(
            [sys.executable, "-m", "rlm_tui.worker", *map(str, fds), "offline"],
            pass_fds=fds,
        )
    with handing, ours, ours.makefile("rb") as lines:
        ours.sendall(encode_message(request_for("FINAL(1)")))
        types = []
        for line in lines:
            types.append(msgspec.json.decode(line).get("event", {}).get("type"))
            if types[-1] == "run_finished":
                break
    assert process.wait(PATIENCE) == 0
    assert "answer_proposed" in types
