from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from rlm_tui.breakpoint import Breakpoint
from rlm_tui.codec import encode_line
from rlm_tui.events import BreakpointsChanged, Record, RunFinished, Usage
from rlm_tui.session.reader import read_session
from rlm_tui.session.remembered import breakpoints_of_last_run

DEMO = Path(__file__).parents[2] / "sessions" / "demo.rlm.jsonl"
SOME = [Breakpoint(1, "llm_query"), Breakpoint(2, "error", enabled=False)]


def saved(folder: Path, name: str, document: Path, *changes: list[Breakpoint]) -> Path:
    """A session about a document in which the breakpoints were changed to these."""
    header = read_session(DEMO).header
    header = replace(header, document=replace(header.document, path=str(document)))
    events = [BreakpointsChanged(items) for items in changes]
    records = [
        Record(number, 0.0, "", event)
        for number, event in enumerate([*events, RunFinished("cancelled", 0.0, Usage())], 1)
    ]
    path = folder / f"{name}.rlm.jsonl"
    path.write_bytes(b"".join(map(encode_line, [header, *records])))
    return path


def test_the_breakpoints_that_a_run_had_at_its_end_are_remembered(tmp_path):
    saved(tmp_path, "20260101T000000-a-1", tmp_path / "a.log", SOME[:1], SOME)
    assert breakpoints_of_last_run(tmp_path, tmp_path / "a.log") == SOME


def test_the_latest_run_on_the_document_counts_and_no_other(tmp_path):
    saved(tmp_path, "20260101T000000-a-1", tmp_path / "a.log", SOME)
    saved(tmp_path, "20260102T000000-a-2", tmp_path / "a.log", SOME[:1])
    saved(tmp_path, "20260103T000000-a-3", tmp_path / "b.log", SOME)
    assert breakpoints_of_last_run(tmp_path, tmp_path / "a.log") == SOME[:1]
    saved(tmp_path, "20260104T000000-a-4", tmp_path / "a.log")
    assert breakpoints_of_last_run(tmp_path, tmp_path / "a.log") == []


def test_one_that_was_for_one_stop_is_not_remembered(tmp_path):
    saved(tmp_path, "1", tmp_path / "a.log", [*SOME, Breakpoint(3, "it 5", once=True)])
    assert breakpoints_of_last_run(tmp_path, tmp_path / "a.log") == SOME


@pytest.mark.parametrize("content", [b"", b"no header\n", b'{"type":"header"}\n', b"[" * 100_000])
def test_what_is_no_session_is_passed_over(tmp_path, content):
    saved(tmp_path, "1", tmp_path / "a.log", SOME)
    (tmp_path / "2.rlm.jsonl").write_bytes(content)
    assert breakpoints_of_last_run(tmp_path, tmp_path / "a.log") == SOME


def test_nothing_is_remembered_where_no_session_is(tmp_path):
    assert breakpoints_of_last_run(tmp_path / "not there", tmp_path / "a.log") == []
