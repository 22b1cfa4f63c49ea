from __future__ import annotations

import os

import pytest

from rlm_tui.codec import encode_line
from rlm_tui.session.recorder import Recorder
from rlm_tui.session.writer import SessionWriter
from tests.runs import NAMED

RECORDS = NAMED["answered"]()


class Heard:
    """A listener that keeps what it is told, and the state of the file by then."""

    def __init__(self, path) -> None:
        self.path = path
        self.records = []
        self.written = []
        self.troubles = []

    def take(self, records) -> None:
        self.records += records
        self.written.append(self.path.read_bytes() if self.path.exists() else b"")


@pytest.fixture
def heard(tmp_path):
    return Heard(tmp_path / "a.rlm.jsonl")


def test_a_record_is_in_the_file_before_anybody_hears_of_it(heard):
    writer = SessionWriter(heard.path)
    recorder = Recorder(writer, heard, lambda _, why: heard.troubles.append(why))
    for record in RECORDS:
        recorder(record)
    lines = list(map(encode_line, RECORDS))
    assert heard.records == RECORDS
    assert heard.written == [b"".join(lines[: n + 1]) for n in range(len(lines))]
    assert heard.troubles == []
    writer.close()


def test_without_a_file_the_listener_hears_all_the_same(heard):
    recorder = Recorder(None, heard, lambda _, why: heard.troubles.append(why))
    recorder(RECORDS[0])
    assert heard.records == RECORDS[:1]
    assert heard.troubles == []


def test_trouble_with_the_file_is_told_once_each_time_it_begins(heard):
    writer = SessionWriter(heard.path)
    recorder = Recorder(writer, heard, lambda _, why: heard.troubles.append(why))
    good, full = writer._fd, os.open("/dev/full", os.O_WRONLY)
    told = []
    for record, fd in zip(RECORDS, [good, full, full, good, full], strict=False):
        writer._fd = fd
        recorder(record)
        told.append(len(heard.troubles))
    assert told == [0, 1, 1, 1, 2]
    assert "the disk is full" in heard.troubles[0]
    writer._fd = good
    writer.close()
    os.close(full)
    assert heard.path.read_bytes() == b"".join(map(encode_line, RECORDS[:5]))
