"""What sample lines tell about a text."""

from __future__ import annotations

import re

import pytest

from rlm_tui.engine.models.offline.shape import shape_of


def shape(*lines):
    return shape_of(list(enumerate(lines, 1)))


def values(field, *lines):
    return [match[1].strip('" ') for line in lines if (match := re.search(field.regex, line))]


PAIRS = (
    't=1 user=u-1 latency=41ms msg="a b" status=200',
    't=2 user=u-2 latency=7ms msg="c" status=404',
)
LABELS = ("name: Ada | city: New York | amount: 12.50", "name: Bob | city: Ulm | amount: 7")
JSON = (
    '{"ts": "2024-05-01", "user": "u1", "ms": 3.5}',
    '{"ts": "2024-05-02", "user": "u2", "ms": 4}',
)
TABLE = ("id,name,city,amount", "1,Ada,Paris,12.5", '2,Bob,"New York, NY",7')
APACHE = (
    '192.0.2.1 - - [10/Oct/2023:13:55:36 -0700] "GET /a/1 HTTP/1.0" 200 2326',
    '192.0.2.2 - - [10/Oct/2023:13:55:37 -0700] "POST /b HTTP/1.0" 500 12',
)


@pytest.mark.parametrize(
    ("lines", "word", "found", "is_number"),
    [
        (PAIRS, "users", ["u-1", "u-2"], False),
        (PAIRS, "latency", ["41", "7"], True),
        (PAIRS, "duration", ["41", "7"], True),
        (PAIRS, "message", ["a b", "c"], False),
        (PAIRS, "status", ["200", "404"], True),
        (LABELS, "cities", ["New York", "Ulm"], False),
        (LABELS, "amount", ["12.50", "7"], True),
        (JSON, "user", ["u1", "u2"], False),
        (JSON, "ms", ["3.5", "4"], True),
        (TABLE[1:], "city", [], False),
        (APACHE, "status", ["200", "500"], True),
        (APACHE, "path", ["/a/1", "/b"], False),
        (APACHE, "methods", ["GET", "POST"], False),
    ],
)
def test_fields_are_found_by_a_word_of_the_question(lines, word, found, is_number):
    field = shape(*lines).field_for([word])
    if not found:
        assert field is None
        return
    assert values(field, *lines) == found
    assert field.is_number == is_number


def test_the_first_line_may_name_columns():
    table = shape(*TABLE)
    assert table.has_header
    assert values(table.field_for(["city"]), *TABLE[1:]) == ["Paris", "New York, NY"]
    assert table.field_for(["amount"]).is_number
    assert not table.field_for(["name"]).is_number


@pytest.mark.parametrize(
    ("line", "hour", "ten_minutes"),
    [
        ("2024-05-01T10:42:07.123 x", "2024-05-01T10", "2024-05-01T10:4"),
        ("2024/05/01 10:42:07 x", "2024/05/01 10", "2024/05/01 10:4"),
        ("[10/Oct/2023:10:42:07 -0700] x", "10/Oct/2023:10", "10/Oct/2023:10:4"),
        ("Mar  1 10:42:07 host x", "Mar  1 10", "Mar  1 10:4"),
        ("10:42:07 x", "10", "10:4"),
    ],
)
def test_times_are_read_in_the_form_that_the_lines_have(line, hour, ten_minutes):
    stamp = shape(line, line).stamp
    assert re.search(stamp.hour, line)[1] == hour
    assert re.search(stamp.ten_minutes, line)[1] == ten_minutes
    assert re.search(stamp.rounded_to("minute"), line)[1].endswith("10:42")
    assert (
        re.search(stamp.rounded_to("day"), line)[1] == re.split(r"[T :]?10:42", line.strip("["))[0]
    )


def test_prose_and_code_have_no_records():
    prose = shape("The harbour master walked along the quay.", "It was a note: nothing more.")
    assert not prose.has_records
    assert prose.stamp is None
    code = shape("import os", "def run(x=1):", "    return x", "class A:")
    assert code.is_code
    assert not code.has_records
    assert shape(*PAIRS).has_records
    assert not shape(*PAIRS).is_code


def test_a_guessed_field_has_a_short_name():
    assert shape(*APACHE).field_for(["path"]).label == "path"
    assert shape(*LABELS).field_for(["city"]).label == "city"


def test_no_samples_have_no_shape():
    assert shape_of([]).fields == []
