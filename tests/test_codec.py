from __future__ import annotations

import json
from typing import get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_tui.codec import decode_header, decode_record, decode_records, encode_line, printable
from rlm_tui.events import AnyEvent, Record, ReplOutput
from rlm_tui.header import DocumentRef, Header
from tests import runs
from tests.structs import instances

EVENT_TYPES = get_args(AnyEvent)
NODES = st.lists(st.integers(1, 99).map(str), max_size=9).map(".".join)
PLACES = st.tuples(st.integers(0, 1 << 40), st.floats(0, 1e9), NODES)
ANY_TEXT = st.text(st.characters() | st.characters(categories=["Cs"]), max_size=20)
"""Lone surrogates included."""


@pytest.mark.parametrize("kind", EVENT_TYPES, ids=lambda kind: kind.__name__)
@settings(max_examples=30, deadline=None)
@given(st.data())
def test_a_record_comes_back_from_its_line_as_it_was(kind, data):
    record = Record(*data.draw(PLACES), data.draw(instances(kind)))
    line = encode_line(record)
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert decode_record(line) == record
    assert decode_records(line + line) == [record, record]


@settings(max_examples=50, deadline=None)
@given(instances(Header))
def test_a_header_comes_back_from_its_line_as_it_was(header):
    line = encode_line(header)
    assert line.count(b"\n") == 1
    assert decode_header(line) == header
    assert header.documents == [header.document, *header.more_documents]


def test_a_line_can_be_read_without_this_program():
    record = Record(7, 1.5, "3.2", ReplOutput("stdout", "größe\n"))
    assert json.loads(encode_line(record)) == {
        "seq": 7,
        "at": 1.5,
        "node": "3.2",
        "event": {"type": "repl_output", "stream": "stdout", "text": "größe\n"},
    }
    header = json.loads(encode_line(runs.HEADER))
    assert header["type"] == "header"
    assert "seq" not in header


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}",
        b"[]",
        b'{"seq":1,"at":0,"node":"","event":{"type":"no_such_event"}}',
        b'{"seq":"1","at":0,"node":"","event":{"type":"resumed"}}',
        b'{"seq":1,"at":0,"node":"\xff","event":{"type":"resumed"}}',
        b'{"seq":1,"at":0,"node":"\\ud800","event":{"type":"resumed"}}',
        b'{"seq":1,"at":0,"node":"","event":{"type":"resumed"}} {}',
    ],
    ids=["empty", "no fields", "list", "event", "type", "utf-8", "surrogate", "more"],
)
def test_a_line_that_is_no_record_is_a_value_error(line):
    with pytest.raises(ValueError, match=r".+"):
        decode_record(line)


def test_fields_of_a_later_version_are_passed_over():
    line = b'{"seq":1,"at":0,"node":"","event":{"type":"resumed","new":[1]},"more":{}}'
    assert decode_record(line).seq == 1


# Lone surrogates: what a file name or an argument holds that is no UTF-8


@given(ANY_TEXT)
@settings(max_examples=200, deadline=None)
def test_printable_text_has_a_utf8_form_and_only_loses_surrogates(text):
    shown = printable(text)
    assert shown.encode().decode() == shown
    if not any("\ud800" <= char <= "\udfff" for char in text):
        assert shown == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("caf\udce9.txt", "caf\ufffd.txt"),
        ("\udcff\udcfe", "\ufffd\ufffd"),
        ("\ud83d\ude00", "\U0001f600"),
        ("a\ud800", "a\ufffd"),
        ("\ud800ü", "\ufffdü"),
    ],
    ids=["byte", "two bytes", "a pair is its character", "at the end", "before others"],
)
def test_a_lone_surrogate_is_shown_as_a_replacement_character(text, shown):
    assert printable(text) == shown


@given(ANY_TEXT, ANY_TEXT)
@settings(max_examples=50, deadline=None)
def test_a_line_can_be_written_whatever_the_text(question, path):
    header = msgspec.structs.replace(
        runs.HEADER, question=question, document=DocumentRef(path, 1, "00")
    )
    read = decode_header(encode_line(header))
    assert (read.question, read.document.path) == (printable(question), printable(path))
    record = Record(1, 0.0, "1.1", ReplOutput("stdout", question))
    assert decode_record(encode_line(record)).event == ReplOutput("stdout", printable(question))


# Usage
