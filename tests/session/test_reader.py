from __future__ import annotations

import contextlib
import re
from itertools import accumulate

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from rlm_tui.codec import encode_line
from rlm_tui.errors import SessionError
from rlm_tui.events import ReplOutput
from rlm_tui.session.reader import is_session, read_session
from rlm_tui.trajectory import Trajectory
from tests.runs import HEADER, NAMED, file_of, random_runs

QUIET = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
FIRST = encode_line(HEADER)
BEGUN = random_runs.filter(bool)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.rlm.jsonl"


def read(path, content):
    path.write_bytes(content)
    return read_session(path)


def seq_of(record):
    return record.seq


def assert_shows(recording):
    """Whatever was read can be shown: it is in order and folds."""
    numbers = [record.seq for record in recording.records]
    assert numbers == sorted(set(numbers))
    Trajectory().apply_all(recording.records)


@pytest.mark.parametrize("name", NAMED)
def test_a_whole_file_is_read_as_it_was_written_without_remark(path, name):
    records = NAMED[name]()
    recording = read(path, file_of(records))
    assert recording.path == path
    assert recording.header == HEADER
    assert recording.records == records
    assert recording.remarks == []


@pytest.mark.parametrize(
    "rewritten",
    [
        lambda content: content.replace(b"\n", b"\r\n"),
        lambda content: content.replace(b"\n", b"\n\n"),
        lambda content: content.rstrip(b"\n"),
        lambda content: content + b"  \n\n ",
        lambda content: content.replace(b",", b" ,  ").replace(b'"program"', b'"new":{},"program"'),
    ],
    ids=["CRLF", "empty lines", "no last newline", "space at the end", "spaced"],
)
def test_what_an_editor_does_to_a_file_does_no_harm(path, rewritten):
    records = NAMED["nested"]()
    recording = read(path, rewritten(file_of(records)))
    assert recording.records == records
    assert recording.remarks == []


def test_empty_lines_are_no_events_of_a_damaged_file_either(path):
    content = file_of(NAMED["answered"]()).replace(b"\n", b"\n\n")
    recording = read(path, content.replace(b'"seq":5,', b'"seq":5;'))
    assert recording.remarks[0].startswith("1 of 33 events are unreadable")


# Cut short


def lines_before(content, end):
    """How many whole lines a file has up to a byte, with or without the newline of the last."""
    ends = list(accumulate(len(line) for line in content.splitlines(keepends=True)))
    return sum(last - 1 <= end for last in ends)


def check_cut(path, records, end):
    content = file_of(records)
    whole = lines_before(content, end)
    if not whole:
        with pytest.raises(SessionError, match="not a session"):
            read(path, content[:end])
        return
    recording = read(path, content[:end])
    assert recording.records == records[: whole - 1]
    is_torn = content[:end].count(b"\n") == whole and content[end - 1 : end] != b"\n"
    assert [remark.startswith("The last line is torn") for remark in recording.remarks] == (
        [True] * is_torn
    )


@pytest.mark.parametrize("name", ["direct", "held"])
def test_a_file_cut_at_any_byte_keeps_every_whole_line(path, name):
    records = NAMED[name]()
    for end in range(len(file_of(records)) + 1):
        check_cut(path, records, end)


@QUIET
@given(random_runs, st.floats(0, 1))
def test_any_file_cut_anywhere_keeps_every_whole_line(path, records, share):
    check_cut(path, records, int(share * len(file_of(records))))


def test_the_remark_on_a_torn_line_names_its_first_byte(path):
    content = file_of(NAMED["answered"]())[:-10]
    remark = read(path, content).remarks[0]
    at = int(re.search(r"at byte ([\d,]+)", remark)[1].replace(",", ""))
    assert at == content.rindex(b"\n") + 1
    assert "the run up to it is whole" in remark


def test_zeros_that_a_power_cut_left_at_the_end_are_a_torn_line(path):
    records = NAMED["answered"]()
    recording = read(path, file_of(records) + b"\0" * 4096)
    assert recording.records == records
    assert "torn" in recording.remarks[0]


# Damaged


def check_flip(path, records, at, mask):
    content = bytearray(file_of(records))
    content[at] ^= mask
    line = bytes(file_of(records)).count(b"\n", 0, at)
    try:
        recording = read(path, bytes(content))
    except SessionError:
        assert line == 0
        return
    assert_shows(recording)
    intact = max(line - 1, 0)
    assert recording.records[:intact] == records[:intact]


@pytest.mark.parametrize("mask", [0x01, 0x20, 0x80], ids=hex)
@pytest.mark.parametrize("name", ["direct", "held"])
def test_a_flipped_bit_in_any_byte_spares_what_came_before(path, name, mask):
    records = NAMED[name]()
    for at in range(len(file_of(records))):
        check_flip(path, records, at, mask)


@QUIET
@given(BEGUN, st.floats(0, 1, exclude_max=True), st.integers(1, 255))
def test_any_damaged_byte_spares_what_came_before(path, records, share, mask):
    check_flip(path, records, int(share * len(file_of(records))), mask)


@QUIET
@given(random_runs, st.data(), st.integers(0, 1 << 70))
def test_an_event_with_a_wrong_number_costs_no_other(path, records, data, wrong):
    """Not even the many whose right numbers are below the wrong one."""
    leaves = [record for record in records if isinstance(record.event, ReplOutput)]
    assume(leaves)
    number = data.draw(st.sampled_from(leaves)).seq
    content = file_of(records).replace(b'\n{"seq":%d,' % number, b'\n{"seq":%d,' % wrong)
    recording = read(path, content)
    assert_shows(recording)
    assert set(map(seq_of, recording.records)) >= set(map(seq_of, records)) - {number}


@QUIET
@given(BEGUN, st.data())
def test_lines_lost_doubled_or_swapped_spare_what_came_before(path, records, data):
    lines = [encode_line(record) for record in records]
    first = data.draw(st.integers(0, len(lines) - 1))
    second = data.draw(st.integers(first, len(lines) - 1))
    match data.draw(st.sampled_from(["lost", "doubled", "swapped"])):
        case "lost":
            del lines[first : second + 1]
        case "doubled":
            lines[first:first] = lines[first : second + 1]
        case "swapped":
            lines[first], lines[second] = lines[second], lines[first]
    recording = read(path, FIRST + b"".join(lines))
    assert_shows(recording)
    assert recording.records[:first] == records[:first]
    assert all(record in records for record in recording.records)
    if recording.records != records[: len(recording.records)]:
        assert recording.remarks


def test_doubled_lines_lose_nothing(path):
    records = NAMED["nested"]()
    recording = read(path, FIRST + b"".join(encode_line(record) * 2 for record in records))
    assert recording.records == records
    assert recording.remarks[0].startswith("50 of 100 events are unreadable")


def test_a_damaged_line_is_counted_and_its_byte_named(path):
    records = NAMED["troubled"]()
    content = file_of(records)
    at = content.index(b"a false st")
    line_start = content.rindex(b"\n", 0, at) + 1
    recording = read(path, content[:at] + b"\xff" + content[at + 1 :])
    assert recording.remarks == [
        (
            f"1 of {len(records)} events are unreadable, the first at byte {line_start:,}; "
            "the others are shown."
        )
    ]
    assert len(recording.records) == len(records) - 1


def test_missing_lines_are_counted(path):
    records = NAMED["troubled"]()
    deltas = [r for r in records if r.event.__class__.__name__ == "ModelDelta"]
    kept = [record for record in records if record not in deltas]
    assert read(path, file_of(kept)).remarks == [
        f"{len(deltas)} events are missing from the file; the others are shown."
    ]


def test_what_hangs_on_a_lost_line_is_left_out_with_it(path):
    records = NAMED["nested"]()
    below = [r for r in records if r.node.startswith("1.1.1.")]
    content = file_of(records).replace(b'"node":"1.1.1.1","event":{"type":"iteration_started"', b"")
    recording = read(path, content)
    first = [record for record in below if not record.node.startswith("1.1.1.2")]
    assert recording.records == [record for record in records if record not in first]
    assert recording.remarks[0].startswith(f"{len(first)} of {len(records)} events are unreadable")


def test_a_file_with_two_kinds_of_damage_is_not_said_to_be_whole(path):
    content = file_of(NAMED["troubled"]()).replace(b'"a false st"', b'"a false st', 1)[:-10]
    damaged, torn = read(path, content).remarks
    assert "unreadable" in damaged
    assert torn.endswith("was dropped.")


def test_a_node_that_never_started_is_left_out_with_a_remark(path):
    """A flipped byte in a node's name leaves valid JSON that cannot be shown."""
    content = file_of(NAMED["parallel"]()).replace(b'"node":"1.1.4"', b'"node":"1.7.4"', 1)
    recording = read(path, content)
    assert_shows(recording)
    assert "unreadable" in recording.remarks[0]


@QUIET
@given(st.binary(max_size=60))
def test_any_bytes_after_the_header_are_read_without_an_error(path, noise):
    records = NAMED["direct"]()
    recording = read(path, file_of(records) + noise)
    assert_shows(recording)
    assert recording.records[: len(records)] == records


# Not sessions


@QUIET
@given(st.binary(max_size=60) | st.binary(max_size=60).map(lambda b: b'{"type":"header",' + b))
def test_any_bytes_at_all_are_a_session_or_a_session_error(path, content):
    path.write_bytes(content)
    if not is_session(path):
        with pytest.raises(SessionError, match=re.escape(str(path))):
            read_session(path)
    else:
        with contextlib.suppress(SessionError):  # of a newer format, or without a question …
            assert_shows(read_session(path))


DEEP = b'{"a":' * 100_000
NO_SESSIONS = {
    "empty": b"",
    "text": b"hello\n",
    "list": b"[1]\n",
    "other object": b'{"type":"event","format":1}\n',
    "no format": b'{"type":"header"}\n',
    "bytes": b"\x00\xff\xfe\n",
    "deep": DEEP,
    "deep in a header": b'{"type":"header","format":1,"x":' + DEEP + b"\n",
}


@pytest.mark.parametrize("content", NO_SESSIONS.values(), ids=NO_SESSIONS)
def test_a_file_that_is_no_session_is_told_from_one(path, content):
    path.write_bytes(content)
    assert not is_session(path)
    with pytest.raises(SessionError, match=f"{re.escape(str(path))} is not a session"):
        read_session(path)


def test_a_line_nested_too_deep_is_one_unreadable_event(path):
    records = NAMED["direct"]()
    deep = b'{"seq":4,"x":' + DEEP + b"\n"
    recording = read(path, file_of(records[:3]) + deep + file_of(records[3:])[len(FIRST) :])
    assert recording.records == records
    assert "1 of 11 events are unreadable" in recording.remarks[0]


@pytest.mark.parametrize("question", ["?", "é" * 1000, "x" * 100_000], ids=["short", "é", "long"])
def test_a_session_of_any_version_is_known_by_its_first_line(path, question):
    first = encode_line(HEADER).replace(b"Which errors repeat most?", question.encode())
    for content in (first, first.replace(b'"format":1', b'"format":999'), first + b"junk"):
        path.write_bytes(content)
        assert is_session(path)


def test_a_header_that_lacks_something_is_named_with_what_it_lacks(path):
    with pytest.raises(SessionError, match=r"header that cannot be read: .*`question`"):
        read(path, FIRST.replace(b'"question"', b'"quest"'))


def test_a_header_that_is_no_utf8_is_a_session_error(path):
    with pytest.raises(SessionError, match="header that cannot be read"):
        read(path, FIRST.replace(b"errors", b"err\xffrs"))


def test_a_newer_format_is_refused_by_name_and_left_as_it_is(path):
    content = file_of(NAMED["direct"]()).replace(b'"format":1', b'"format":2')
    with pytest.raises(SessionError, match=r"a\.rlm\.jsonl is in session format 2; .* format 1"):
        read(path, content)
    assert path.read_bytes() == content


def test_a_file_that_cannot_be_opened_is_a_session_error(tmp_path):
    for path in (tmp_path / "none.rlm.jsonl", tmp_path):
        assert not is_session(path)
        with pytest.raises(SessionError, match=f"{re.escape(str(path))} cannot be opened: "):
            read_session(path)
