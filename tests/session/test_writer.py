from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from itertools import chain, repeat
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rlm_tui.codec import encode_line
from rlm_tui.errors import SessionError
from rlm_tui.session.reader import read_session
from rlm_tui.session.writer import SessionWriter
from tests.runs import HEADER, NAMED, file_of

ROOT = Path(__file__).parents[2]
RECORDS = NAMED["nested"]()
LINES = [encode_line(HEADER), *map(encode_line, RECORDS)]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.rlm.jsonl"


def test_what_is_written_is_in_the_file_when_write_returns(path):
    writer = SessionWriter(path)
    for count, line in enumerate(LINES, 1):
        writer.write(line)
        assert path.read_bytes() == b"".join(LINES[:count])
    writer.close()
    assert writer.trouble is None
    assert read_session(path).records == RECORDS


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077], ids=oct)
def test_a_session_is_for_its_owner_only(path, umask):
    before = os.umask(umask)
    try:
        SessionWriter(path).close()
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_folder_is_made(tmp_path):
    path = tmp_path / "some" / "where" / "a.rlm.jsonl"
    SessionWriter(path).close()
    assert path.is_file()


def test_a_child_process_does_not_inherit_the_file(path):
    writer = SessionWriter(path)
    assert not os.get_inheritable(writer._fd)
    writer.close()


# What cannot be created


@pytest.mark.parametrize("kind", ["file", "folder", "dangling link"])
def test_what_is_there_already_is_never_written_over(path, kind):
    match kind:
        case "file":
            path.write_text("precious")
        case "folder":
            path.mkdir()
        case "dangling link":
            path.symlink_to("nowhere")
    with pytest.raises(SessionError, match=r"a\.rlm\.jsonl exists already; .*--session"):
        SessionWriter(path)
    if kind == "file":
        assert path.read_text() == "precious"
    assert not path.with_name("nowhere").exists()


def test_a_file_in_the_place_of_the_folder_is_named_as_what_it_is(tmp_path):
    (tmp_path / "sessions").write_text("")
    with pytest.raises(
        SessionError, match=r"cannot be created: its folder is a file\. .*--no-save"
    ):
        SessionWriter(tmp_path / "sessions" / "a.rlm.jsonl")
    with pytest.raises(SessionError, match=r"cannot be created: Not a directory\. "):
        SessionWriter(tmp_path / "sessions" / "deeper" / "a.rlm.jsonl")


def test_a_path_that_the_system_refuses_is_a_session_error(tmp_path):
    with pytest.raises(SessionError, match="cannot be created: File name too long"):
        SessionWriter(tmp_path / ("x" * 300))


# The end of the process


KILLED_WRITER = """
import itertools, sys
from pathlib import Path
from rlm_tui.codec import encode_line
from rlm_tui.events import ReplOutput, Record
from rlm_tui.session.writer import SessionWriter
from tests.runs import HEADER
writer = SessionWriter(Path(sys.argv[1]))
writer.write(encode_line(HEADER))
for seq in itertools.count(1):
    writer.write(encode_line(Record(seq, seq / 4, "1.1", ReplOutput("stdout", "x" * seq))))
    print(seq, flush=True)
"""


@pytest.mark.parametrize("told", [1, 300])
def test_a_killed_process_loses_no_line_it_said_was_written(path, told):
    command = [sys.executable, "-c", KILLED_WRITER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as process:
        for _ in range(told):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read().splitlines()
    said = told + len([number for number in rest if number])
    lines = path.read_bytes().splitlines()[1:]
    assert len(lines) >= said
    numbers = [b'{"seq":%d,' % seq for seq in range(1, said + 1)]
    assert [line[: len(number)] for line, number in zip(lines, numbers, strict=False)] == numbers


# A disk that takes no more


FULL_WRITER = """
import resource, sys
from pathlib import Path
from rlm_tui.session.reader import read_session
from rlm_tui.session.writer import SessionWriter
from tests.session.test_writer import LINES, RECORDS

path = Path(sys.argv[1])
writer = SessionWriter(path)
for line in LINES[:5]:
    writer.write(line)
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 10, hard))
for line in LINES[5:]:
    writer.write(line)
    assert "a.rlm.jsonl cannot be written: File too large" in writer.trouble, writer.trouble
writer.sync()
assert writer.trouble is not None
full = read_session(path)
assert full.records == RECORDS[:4]
assert "torn" in full.remarks[0]
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
getattr(writer, sys.argv[2])(*map(str.encode, sys.argv[3:]))
assert writer.trouble is None
"""


@pytest.mark.parametrize("call", [["write", ""], ["close"]], ids=["next write", "close"])
def test_what_did_not_fit_is_written_when_there_is_room(path, call):
    command = [sys.executable, "-c", FULL_WRITER, str(path), *call]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")
    assert path.read_bytes() == file_of(RECORDS)


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("a small disk can be mounted by root only")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_loses_nothing(small_disk):
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(12 * 1024))
    path = small_disk / "a.rlm.jsonl"
    writer = SessionWriter(path)
    troubles = []
    for line in LINES:
        writer.write(line)
        troubles.append(writer.trouble)
    assert troubles[0] is None
    assert troubles[-1] == f"{path} cannot be written: the disk is full"
    full = read_session(path).records
    assert 0 < len(full) < len(RECORDS)
    assert full == RECORDS[: len(full)]
    ballast.unlink()
    writer.write(b"")
    assert writer.trouble is None
    writer.close()
    assert path.read_bytes() == file_of(RECORDS)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.none() | st.integers(1, 600), max_size=40))
def test_whatever_the_system_takes_at_a_time_the_file_is_the_lines_in_order(path, taken):
    """None is a write that fails, a number how many bytes it takes."""
    path.unlink(missing_ok=True)
    plan = chain(taken, repeat(None, 1), repeat(1 << 20))
    real = os.write

    def grudging(fd, content):
        size = next(plan)
        if size is None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(fd, bytes(content[:size]))

    writer = SessionWriter(path)
    written = b""
    with patch("rlm_tui.session.writer.os.write", grudging):
        for line in LINES[:12]:
            writer.write(line)
            written += line
            on_disk = path.read_bytes()
            assert written.startswith(on_disk)
            assert (writer.trouble is None) == (on_disk == written)
    writer.close()
    assert path.read_bytes() == written


# Sync and close


@pytest.mark.parametrize(
    ("code", "is_trouble"),
    [(errno.EIO, True), (errno.ENOSPC, True), (errno.EINVAL, False), (errno.ENOTSUP, False)],
    ids=["broken disk", "full", "pipe", "network"],
)
def test_only_a_sync_that_lost_something_is_trouble(path, code, is_trouble):
    writer = SessionWriter(path)
    writer.write(LINES[0])
    with patch("rlm_tui.session.writer.os.fsync", side_effect=OSError(code, os.strerror(code))):
        writer.sync()
    assert (writer.trouble is not None) == is_trouble
    writer.close()


def test_a_session_can_be_closed_twice(path):
    writer = SessionWriter(path)
    writer.write(LINES[0])
    writer.close()
    writer.close()
    assert path.read_bytes() == LINES[0]


def test_writing_to_a_closed_session_is_trouble_and_no_exception(path):
    writer = SessionWriter(path)
    writer.close()
    writer.write(LINES[0])
    assert "cannot be written" in writer.trouble
    assert path.read_bytes() == b""
