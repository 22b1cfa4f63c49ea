from __future__ import annotations

import json

import pytest

from rlm_tui.errors import SessionError
from rlm_tui.header import FORMAT
from rlm_tui.session import migrate
from rlm_tui.session.migrate import MIGRATIONS, migrated
from rlm_tui.session.reader import is_session, read_session
from tests.runs import HEADER, NAMED, file_of

CURRENT = file_of(NAMED["nested"]())


def edited(lines, change):
    """Each line that can be read, changed; the others as they are."""
    done = []
    for line in lines:
        try:
            fields = json.loads(line)
        except ValueError:
            done.append(line)
        else:
            change(fields)
            done.append(json.dumps(fields).encode())
    return done


def renamed(before, after):
    def change(fields):
        if before in fields:
            fields[after] = fields.pop(before)

    return change


def with_format(number):
    def change(fields):
        if "format" in fields:
            fields["format"] = number

    return change


@pytest.fixture
def old_formats(monkeypatch):
    """Two formats before the first: in one a node was a `place`, in the other a `where`."""

    def from_older(lines):
        return edited(edited(lines, renamed("where", "place")), with_format(0))

    def from_old(lines):
        return edited(edited(lines, renamed("place", "node")), with_format(1))

    monkeypatch.setitem(MIGRATIONS, -1, from_older)
    monkeypatch.setitem(MIGRATIONS, 0, from_old)


def old_file(version, name):
    lines = edited(CURRENT.splitlines(), renamed("node", name))
    return b"".join(line + b"\n" for line in edited(lines, with_format(version)))


@pytest.mark.parametrize(("version", "name"), [(0, "place"), (-1, "where")])
def test_an_older_file_is_read_through_every_migration_after_it(
    tmp_path, old_formats, version, name
):
    path = tmp_path / "a.rlm.jsonl"
    content = old_file(version, name)
    path.write_bytes(content)
    assert is_session(path)
    recording = read_session(path)
    assert recording.header == HEADER
    assert recording.records == NAMED["nested"]()
    assert recording.remarks == []
    assert path.read_bytes() == content


def test_the_torn_last_line_of_an_older_file_is_dropped_with_a_remark(tmp_path, old_formats):
    path = tmp_path / "a.rlm.jsonl"
    path.write_bytes(old_file(0, "place")[:-7])
    recording = read_session(path)
    assert recording.records == NAMED["nested"]()[:-1]
    assert "torn" in recording.remarks[0]


def test_lines_of_today_s_format_are_left_as_they_are():
    lines = CURRENT.splitlines()
    assert migrated(lines, FORMAT, name="a") == lines


def test_migrations_are_made_in_order(monkeypatch):
    monkeypatch.setattr(migrate, "FORMAT", 4)
    for version in (1, 2, 3):
        mark = b"%d" % version
        monkeypatch.setitem(MIGRATIONS, version, lambda lines, mark=mark: [*lines, mark])
    assert migrated([b"x"], 1, name="a") == [b"x", b"1", b"2", b"3"]
    assert migrated([b"x"], 3, name="a") == [b"x", b"3"]


def test_a_newer_format_is_refused_with_what_can_be_read_and_what_to_do():
    sentence = rf"a\.jsonl is in session format {FORMAT + 1}; .* up to format {FORMAT}\. Update "
    with pytest.raises(SessionError, match=sentence):
        migrated([b""], FORMAT + 1, name="a.jsonl")


def test_a_format_that_never_was_is_refused():
    with pytest.raises(SessionError, match="a is in session format 0, which was never released"):
        migrated([b""], 0, name="a")


def test_there_is_a_migration_from_every_released_format():
    assert sorted(MIGRATIONS) == list(range(1, FORMAT))
