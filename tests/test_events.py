from __future__ import annotations

import json
from typing import get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_tui.events import (
    AnyEvent,
    DocumentRef,
    Event,
    Header,
    Record,
    ReplOutput,
    Usage,
    decode_header,
    decode_record,
    decode_records,
    depth_of,
    encode_line,
    parent_of,
    printable,
)
from tests import runs
from tests.structs import instances

EVENT_TYPES = get_args(AnyEvent)
NODES = st.lists(st.integers(1, 99).map(str), max_size=9).map(".".join)
PLACES = st.tuples(st.integers(0, 1 << 40), st.floats(0, 1e9), NODES)
ANY_TEXT = st.text(st.characters() | st.characters(categories=["Cs"]), max_size=20)
"""Lone surrogates included."""

USAGES = st.builds(
    Usage,
    requests=st.integers(0, 3),
    input_tokens=st.integers(0, 1000),
    output_tokens=st.integers(0, 1000),
    cached_tokens=st.integers(0, 1000),
    cost_usd=st.none() | st.integers(0, 64).map(lambda n: n / 8),
    counted=st.booleans(),
)


def test_every_event_is_in_the_closed_set_under_a_name_of_its_own():
    assert set(EVENT_TYPES) == set(Event.__subclasses__())
    tags = [kind.__struct_config__.tag for kind in EVENT_TYPES]
    assert len(set(tags)) == len(tags)


def test_the_names_that_scripts_build_on_are_there():
    promised = (
        "run_started iteration_started model_requested model_delta model_responded code_started "
        "repl_output sub_call_started sub_call_finished code_finished iteration_finished "
        "answer_proposed paused resumed run_finished"
    )
    assert set(promised.split()) <= {kind.__struct_config__.tag for kind in EVENT_TYPES}


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


@given(USAGES)
@settings(max_examples=100, deadline=None)
def test_no_usage_adds_nothing(usage):
    assert usage.plus(Usage()) == usage
    assert Usage().plus(usage) == usage


@given(USAGES, USAGES, USAGES)
@settings(max_examples=200, deadline=None)
def test_usage_adds_up_to_the_same_in_any_order(a, b, c):
    assert a.plus(b) == b.plus(a)
    assert a.plus(b).plus(c) == a.plus(b.plus(c))


@pytest.mark.parametrize(
    ("one", "other", "cost"),
    [
        (Usage(requests=1, cost_usd=0.5), Usage(requests=1, cost_usd=0.25), 0.75),
        (Usage(requests=1, cost_usd=0.5), Usage(requests=1), None),
        (Usage(requests=1, cost_usd=0.5), Usage(cost_usd=None), 0.5),
        (Usage(requests=1, cost_usd=0.0), Usage(requests=1, cost_usd=0.0), 0.0),
    ],
    ids=["both known", "one unknown", "from the cache", "free"],
)
def test_a_cost_is_known_where_that_of_every_request_is(one, other, cost):
    assert one.plus(other).cost_usd == cost
    assert other.plus(one).cost_usd == cost


# Nodes


@given(NODES)
@settings(max_examples=100, deadline=None)
def test_the_parent_is_one_level_up(node):
    levels = [level for level in node.split(".") if level]
    assert parent_of(node) == ".".join(levels[:-1])


@pytest.mark.parametrize(
    ("node", "depth"),
    [("", 0), ("3", 0), ("3.2.1", 0), ("3.2.1.1", 1), ("3.2.1.1.1.1", 1), ("1.1.1.1.1.1.1", 2)],
)
def test_depth_counts_the_rlm_queries_above_a_node(node, depth):
    assert depth_of(node) == depth
