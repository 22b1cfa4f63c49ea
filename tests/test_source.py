from __future__ import annotations

import os
from typing import get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_tui.assemble import Engines
from rlm_tui.config import Settings
from rlm_tui.replay import RecordedRun
from rlm_tui.source import (
    AnyCommand,
    AnyNotice,
    Cancel,
    Opener,
    Remark,
    RunRequest,
    Source,
    decode_command,
    decode_notice,
    encode_message,
)
from tests.structs import instances

COMMANDS = (RunRequest, *get_args(AnyCommand))
NOTICES = get_args(AnyNotice)


def has_paths_that_can_be(command):
    """No path of a file holds a NUL."""
    return not any("\0" in path for path in getattr(command, "documents", ()))


@pytest.mark.parametrize("kind", COMMANDS, ids=lambda kind: kind.__name__)
@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_command_arrives_as_it_was_sent(kind, data):
    command = data.draw(instances(kind).filter(has_paths_that_can_be))
    line = encode_message(command)
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert decode_command(line) == command


@pytest.mark.parametrize("kind", NOTICES, ids=lambda kind: kind.__name__)
@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_notice_arrives_as_it_was_said(kind, data):
    notice = data.draw(instances(kind))
    line = encode_message(notice)
    assert line.count(b"\n") == 1
    assert decode_notice(line) == notice


@settings(max_examples=100, deadline=None)
@given(st.binary(min_size=1, max_size=20).filter(lambda name: b"\0" not in name))
def test_a_path_arrives_as_it_is_even_if_its_name_is_no_utf8(name):
    path = os.fsdecode(name)
    request = decode_command(encode_message(RunRequest("?", ["/a.txt", path], Settings())))
    assert request.documents == ["/a.txt", path]
    assert [os.fsencode(path) for path in request.documents] == [b"/a.txt", name]


def test_a_question_arrives_with_marks_for_what_is_no_utf8():
    request = decode_command(encode_message(RunRequest("caf\udce9?", ["a"], Settings())))
    assert request.question == "caf\ufffd?"


def test_a_notice_can_name_a_file_whose_name_is_no_utf8():
    remark = decode_notice(encode_message(Remark("caf\udce9.txt looks like a binary file.")))
    assert remark.text == "caf\ufffd.txt looks like a binary file."


@pytest.mark.parametrize(
    "line",
    [b"", b"{}", b'{"type":"header"}', b'{"type":"resumed"}', b'{"type":"saved"}', b"\xff"],
)
@pytest.mark.parametrize("decode", [decode_command, decode_notice], ids=["command", "notice"])
def test_a_line_that_is_neither_is_a_value_error(decode, line):
    with pytest.raises(ValueError, match=r".+"):
        decode(line)


def test_a_command_is_no_notice():
    with pytest.raises(ValueError, match="type"):
        decode_notice(encode_message(Cancel()))


@pytest.mark.parametrize(
    "settings_sent",
    ['{"max_iterations":0}', '{"max_iteration":3}', '{"sandbox":"none"}'],
    ids=["out of range", "unknown", "wrong word"],
)
def test_settings_that_cannot_be_are_not_taken_from_a_socket_either(settings_sent):
    line = '{"type":"run","question":"?","documents":["a"],"settings":' + settings_sent + "}"
    with pytest.raises(msgspec.ValidationError, match="settings"):
        decode_command(line.encode())


def test_the_sources_and_their_maker_keep_to_the_seam(tmp_path):
    source: Source = RecordedRun(tmp_path / "a.rlm.jsonl")
    opener: Opener = Engines(Settings())
    for protocol, thing in ((Source, source), (Opener, opener)):
        promised = {name for name in vars(protocol) if not name.startswith("_")}
        assert promised <= set(dir(thing))
