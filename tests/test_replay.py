from __future__ import annotations

import pytest

from rlm_tui.errors import SessionError
from rlm_tui.replay import RecordedRun
from rlm_tui.source import Cancel, Pause, Remark, Resume, Saved
from tests import runs


class Ear:
    """Keeps what it is told, in order."""

    def __init__(self):
        self.heard = []

    def begin(self, header):
        self.heard.append(header)

    def take(self, records):
        self.heard.extend(records)

    def say(self, notice):
        self.heard.append(notice)


@pytest.mark.parametrize("name", runs.NAMED)
async def test_a_recording_tells_all_that_is_in_the_file(tmp_path, name):
    records = runs.NAMED[name]()
    path = tmp_path / "a.rlm.jsonl"
    path.write_bytes(runs.file_of(records))
    source, ear = RecordedRun(path), Ear()
    await source.run(ear)
    assert ear.heard == [runs.HEADER, Saved(str(path)), *records]
    await source.close()


async def test_what_could_not_be_read_is_said_as_a_warning(tmp_path):
    records = runs.NAMED["answered"]()
    path = tmp_path / "a.rlm.jsonl"
    path.write_bytes(runs.file_of(records)[:-5])
    ear = Ear()
    await RecordedRun(path).run(ear)
    remarks = [said for said in ear.heard if isinstance(said, Remark)]
    assert [remark.severity for remark in remarks] == ["warning"]
    assert "torn" in remarks[0].text
    assert ear.heard[-1] == records[-2]


async def test_a_file_that_is_no_session_is_an_error_before_anything_is_told(tmp_path):
    path = tmp_path / "a.rlm.jsonl"
    path.write_text("hello\n")
    ear = Ear()
    with pytest.raises(SessionError, match="not a session"):
        await RecordedRun(path).run(ear)
    assert ear.heard == []


async def test_nothing_sent_to_a_recording_changes_it(tmp_path):
    path = tmp_path / "a.rlm.jsonl"
    content = runs.file_of(runs.NAMED["nested"]())
    path.write_bytes(content)
    source, ear = RecordedRun(path), Ear()
    for command in (Pause(), Resume(), Cancel()):
        source.send(command)
    await source.run(ear)
    await source.close()
    await source.close()
    assert len(ear.heard) == 2 + len(runs.NAMED["nested"]())
    assert path.read_bytes() == content
