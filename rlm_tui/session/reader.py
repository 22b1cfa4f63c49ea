"""Reads a session file: everything that can be read, and what could not."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from rlm_tui.errors import SessionError
from rlm_tui.events import Header, Record, decode_header, decode_record, decode_records
from rlm_tui.session.migrate import migrated
from rlm_tui.trajectory import Trajectory

_FIRST_LINE_LIMIT = 1 << 20


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
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
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
    first, _, rest = content.partition(b"\n")
    try:
        version = msgspec.json.decode(first, type=_Version)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SessionError(
            f"{path} is not a session of rlm-tui: its first line is not a session header."
        ) from error
    lines = [first, rest]
    if version.type != "header":
        raise SessionError(f"{path} is not a session of rlm-tui.")
    lines = migrated(lines, version.format, name=str(path))
    try:
        header = decode_header(lines[0])
    except msgspec.DecodeError as error:
        raise SessionError(f"{path} has a header that cannot be read: {error}.") from error
    recording = Recording(path, header, [])
    body = lines[1] if len(lines) == len((first, rest)) else b"\n".join(lines[1:])
    _read_body(recording, body, offset=len(first) + 1)
    return recording


def _read_body(recording: Recording, body: bytes, *, offset: int) -> None:
    whole = body[: body.rfind(b"\n") + 1]
    torn = body[len(whole) :]
    if torn.strip():
        try:
            record = decode_record(torn)
        except (msgspec.DecodeError, UnicodeDecodeError):
            recording.remarks.append(
                f"The last line is torn at byte {offset + len(whole):,} and was dropped; "
                "the run up to it is whole."
            )
        else:
            whole += torn + b"\n"
            del record
    try:
        recording.records = decode_records(whole)
    except (msgspec.DecodeError, UnicodeDecodeError):
        recording.records = _readable(recording, whole, offset)
    else:
        if any(record.seq != seq for seq, record in enumerate(recording.records, 1)):
            recording.records = _readable(recording, whole, offset)


def _readable(recording: Recording, body: bytes, offset: int) -> list[Record]:
    """The records of a damaged file that still make a run, each checked against the fold."""
    kept: list[Record] = []
    trajectory = Trajectory()
    lost, first_lost, total = 0, 0, 0
    for line in body.splitlines(keepends=True):
        total += 1
        try:
            record = decode_record(line)
            if kept and record.seq <= kept[-1].seq:
                raise ValueError(f"event {record.seq} comes after event {kept[-1].seq}")
            trajectory.apply(record)
            kept.append(record)
        except ValueError:  # DecodeError and UnicodeDecodeError are ValueErrors
            first_lost = first_lost if lost else offset
            lost += 1
        offset += len(line)
    if lost:
        recording.remarks.append(
            f"{lost:,} of {total:,} events are unreadable, the first at byte {first_lost:,}; "
            "the others are shown."
        )
    elif kept and kept[-1].seq != len(kept):
        recording.remarks.append(
            f"{kept[-1].seq - len(kept):,} events are missing from the file; the others are shown."
        )
    return kept
