"""Reads a session file: everything that can be read, and what could not."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from rlm_tui.codec import decode_header, decode_record, decode_records
from rlm_tui.errors import SessionError
from rlm_tui.events import Record
from rlm_tui.header import FORMAT, Header
from rlm_tui.session.migrate import migrated
from rlm_tui.trajectory import Trajectory

_FIRST_LINE_LIMIT = 1 << 20

_UNREADABLE = (ValueError, RecursionError)
"""What decoding raises: DecodeError and UnicodeDecodeError are ValueErrors, and JSON that is nested
too deep is neither."""


class _Version(msgspec.Struct):
    type: str
    format: int


@dataclass(slots=True)
class Recording:
    """A saved run."""

    path: Path
    header: Header
    records: list[Record]
    remarks: list[str] = field(default_factory=list[str])
    """Sentences about what could not be read."""


def is_session(path: Path) -> bool:
    """Whether a file's first line is a session header, of whatever version."""
    try:
        with path.open("rb") as file:
            first = file.readline(_FIRST_LINE_LIMIT)
        return msgspec.json.decode(first, type=_Version).type == "header"
    except (OSError, *_UNREADABLE):
        return False


def read_session(path: Path) -> Recording:
    """Everything in a session file that can be read.

    Raises:
        SessionError: it is not a session, is of a newer format, or cannot be opened.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SessionError(f"{path} cannot be opened: {error.strerror}.") from error
    version = _version_of(content, path)
    if version != FORMAT:
        content = b"\n".join(migrated(content.split(b"\n"), version, name=str(path)))
    first, _, body = content.partition(b"\n")
    try:
        header = decode_header(first)
    except _UNREADABLE as error:
        raise SessionError(f"{path} has a header that cannot be read: {error}.") from error
    recording = Recording(path, header, [])
    _read_body(recording, body, offset=len(first) + 1)
    return recording


def _version_of(content: bytes, path: Path) -> int:
    first = content.partition(b"\n")[0]
    try:
        version = msgspec.json.decode(first, type=_Version)
    except _UNREADABLE as error:
        raise SessionError(
            f"{path} is not a session of rlm-tui: its first line is not a session header."
        ) from error
    if version.type != "header":
        raise SessionError(f"{path} is not a session of rlm-tui.")
    return version.format


def _read_body(recording: Recording, body: bytes, *, offset: int) -> None:
    end = body.rfind(b"\n") + 1
    is_torn = bool(body[end:].strip()) and not _is_record(body[end:])
    whole = body[:end] if is_torn else body
    try:
        recording.records = decode_records(whole)
        if any(record.seq != seq for seq, record in enumerate(recording.records, 1)):
            raise ValueError("events are missing or out of order")
        Trajectory().apply_all(recording.records)
    except _UNREADABLE:
        recording.records = _readable(recording, whole, offset)
    if is_torn:
        rest = "" if recording.remarks else "; the run up to it is whole"
        recording.remarks.append(
            f"The last line is torn at byte {offset + end:,} and was dropped{rest}."
        )


def _is_record(line: bytes) -> bool:
    try:
        decode_record(line)
    except _UNREADABLE:
        return False
    return True


def _readable(recording: Recording, body: bytes, offset: int) -> list[Record]:
    """The records of a damaged file that still make a run, each checked against the fold."""
    lost: list[int] = []  # where the lines begin that cannot be used
    found: list[tuple[int, Record]] = []
    for line in body.split(b"\n"):
        try:
            if line.strip():
                found.append((offset, decode_record(line)))
        except _UNREADABLE:
            lost.append(offset)
        offset += len(line) + 1
    total = len(found) + len(lost)
    in_order = _in_order([record.seq for _, record in found])
    kept: list[Record] = []
    trajectory = Trajectory()
    for index, (at, record) in enumerate(found):
        try:
            if index not in in_order:
                raise ValueError(f"event {record.seq} is out of order")
            trajectory.apply(record)
            kept.append(record)
        except ValueError:
            lost.append(at)
    if lost:
        recording.remarks.append(
            f"{len(lost):,} of {total:,} events are unreadable, the first at byte {min(lost):,}; "
            "the others are shown."
        )
    elif kept:
        recording.remarks.append(
            f"{kept[-1].seq - len(kept):,} events are missing from the file; the others are shown."
        )
    return kept


def _in_order(numbers: list[int]) -> set[int]:
    """The indexes of a longest rising series of positive numbers, so that one wrong costs one.

    Patience sorting: `ends[n]` is the index at which the best series of length `n + 1` ends.
    """
    ends: list[int] = []
    least: list[int] = []
    before: list[int] = []
    for index, number in enumerate(numbers):
        length = bisect_left(least, number)
        before.append(ends[length - 1] if length else -1)
        if number > 0 and least[length : length + 1] != [number]:
            ends[length : length + 1] = [index]
            least[length : length + 1] = [number]
    series: set[int] = set()
    index = ends[-1] if ends else -1
    while index >= 0:
        series.add(index)
        index = before[index]
    return series
