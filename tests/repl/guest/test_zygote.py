from __future__ import annotations

import codecs
import hashlib
import os
import random
import signal
import socket
from pathlib import Path

import pytest

from rlm_tui.repl.wire import Channel, pack
from tests.repl.notebook import Box, Notebook


def one_mark_a_byte(content: bytes) -> str:
    """The reference: Python's surrogateescape, whose every escaped byte becomes U+FFFD."""
    text = content.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogateescape")
    return "".join("\ufffd" if "\udc80" <= char <= "\udcff" else char for char in text)


EDGES = [
    b"",
    b"\n",
    b"\xef\xbb\xbf",
    b"\xef\xbb\xbf\xef\xbb\xbftwo marks",
    b"\xef\xbb",
    b"a\r\nb\rc\n",
    b"nul \0 and \x1b[2J",
    b"\xff",
    b"\xff\xfe\xfd",
    b"\xe2\x82",
    b"\xe2\x82(",
    b"\xf0\x9f\x8e\x89",
    b"\xf0\x9f\x8e",
    b"\xed\xa0\x80",
    b"\xc0\x80",
    b"\xf4\x90\x80\x80",
    "ü\u2028\x85\x0c".encode(),
]


def fragments(count: int) -> list[bytes]:
    choose = random.Random(7)
    pieces = [b"abc\n", "ü".encode(), "🎉".encode(), b"\xff", b"\xe2\x82", b"\xf0\x9f", b"\x80"]
    return [b"".join(choose.choices(pieces, k=choose.randrange(40))) for _ in range(count)]


def test_every_invalid_byte_is_one_mark_and_nothing_else_is_changed(tmp_path: Path):
    contents = EDGES + fragments(60)
    paths = [tmp_path / f"{number}.txt" for number in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    expected = [one_mark_a_byte(content) for content in contents]
    with Box(*map(str, paths)) as several:
        assert several.sandbox.context_chars == [len(text) for text in expected]
        told = several.notebook().ok(
            "import hashlib\n"
            "for t in context.values(): print(hashlib.sha256(t.encode()).hexdigest())"
        )
    assert told.split() == [hashlib.sha256(text.encode()).hexdigest() for text in expected]


def test_workers_inherit_no_environment_and_nothing_to_read(notebook: Notebook):
    assert notebook.ok("import os\ndict(os.environ)") == "{}\n"
    assert notebook.ok("import sys\nsys.stdin.read()") == "''\n"
    assert notebook.ok("os.getcwd()") == "'/'\n"


def test_what_code_writes_past_its_streams_is_lost_and_blocks_nothing(notebook: Notebook):
    code = "import os\n[os.write(fd, b'x' * 1_000_000) for fd in (1, 2)]"
    ran = notebook.run(code)
    assert (ran.out, ran.err) == ("[1000000, 1000000]\n", "")


def test_the_engines_other_files_are_not_inherited(tmp_path: Path):
    path = tmp_path / "document.txt"
    path.touch()
    with socket.socket() as other:
        os.set_inheritable(other.fileno(), 1)
        own = str(os.fstat(other.fileno()).st_ino)
        code = """
import os
for fd in range(256):
    try: print(os.fstat(fd).st_ino)
    except OSError: pass
"""
        with Box(str(path)) as fresh:
            assert own not in fresh.notebook().ok(code).split()


def test_a_signal_for_a_worker_that_has_ended_goes_nowhere(box: Box):
    opened = box.notebook()
    opened.run("import os\nos._exit(0)")
    for _ in range(3):
        box.sandbox.signal(opened.repl.pid, signal.SIGKILL)
        box.do(box.sandbox.settled())
    assert box.notebook().ok("'alive'") == "'alive'\n"


def test_a_signal_for_nobody_does_not_end_the_zygote(box: Box):
    box.sandbox.signal(2**22 + 5, signal.SIGKILL)
    box.do(box.sandbox.settled())
    assert box.notebook().ok("'alive'") == "'alive'\n"


def test_ended_workers_are_not_left_as_zombies(box: Box):
    for _ in range(5):
        opened = box.notebook()
        opened.run("import os\nos._exit(7)")
        while "status 7" not in box.sandbox.end_of(opened.repl.pid):
            box.do(box.sandbox.settled())


@pytest.fixture
def raw(box: Box):
    """A worker, spoken to without the engine's end of ours."""

    def gone():
        raise ConnectionError

    ours, theirs = socket.socketpair()
    with theirs:
        socket.send_fds(box.sandbox._control, [pack({"op": "spawn"})], [theirs.fileno()])
    channel = Channel(ours, gone)
    channel.send({"op": "setup", "query": "q", "context": "own"})
    assert channel.receive()["op"] == "ready"
    yield channel
    channel.sock.close()


def finished(channel: Channel, code: str) -> str:
    """What a cell prints."""
    channel.send({"op": "run", "cell": "1", "code": code})
    printed = ""
    while (message := channel.receive())["op"] != "done":
        printed += message["text"]
    return printed


def test_a_worker_takes_no_notice_of_what_it_does_not_know(raw: Channel):
    raw.send({"op": "result", "call": 99, "replies": []})
    raw.send({"op": "nonsense"})
    assert finished(raw, "'alive'") == "'alive'\n"
