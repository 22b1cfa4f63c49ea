"""How many, how often, percentiles, how many an hour."""

from __future__ import annotations

import pytest

from rlm_tui.engine.models.offline.grammar import read_question


def words(question):
    return [term.word for term in question.filters]


@pytest.mark.parametrize(
    ("question", "phrase"),
    [
        ('How often does the word "heap" appear?', "heap"),
        ("How often is Guido mentioned?", "Guido"),
        ("How many times is self used?", "self"),
        ("How many occurrences of DB_POOL are there?", "DB_POOL"),
        ('How many times does "foo bar" occur?', "foo bar"),
        ("What is the number of times that Ulm appears?", "Ulm"),
    ],
)
def test_occurrences_of_a_phrase_are_counted(question, phrase):
    found = read_question(question)
    assert (found.kind, found.phrase, found.wants_lines) == ("count", phrase, False)


@pytest.mark.parametrize(
    ("question", "phrase", "anchor"),
    [
        ("How many lines contain smallest?", "smallest", ""),
        ('How many lines mention "foo bar"?', "foo bar", ""),
        ("How many lines start with import?", "import", "start"),
        ('How many lines end with ";"?', ";", "end"),
    ],
)
def test_lines_with_a_phrase_are_counted(question, phrase, anchor):
    found = read_question(question)
    assert (found.phrase, found.anchor, found.wants_lines) == (phrase, anchor, True)


def test_lines_are_counted_by_their_length():
    found = read_question("How many lines are longer than 1,000 characters?")
    assert (found.noun, found.span[0], found.wants_lines) == (">", 1000, True)


@pytest.mark.parametrize(
    ("question", "thing", "filters", "is_distinct"),
    [
        ("How many functions are defined?", "function", [], False),
        ("How many different e-mail addresses are there?", "e-mail address", [], True),
        ("How many errors did the auth service log?", "error line", ["auth", "service"], False),
        ("How many lines contain errors?", "error line", [], False),
    ],
)
def test_things_are_counted_perhaps_in_certain_lines(question, thing, filters, is_distinct):
    found = read_question(question)
    assert (found.thing.one, words(found), found.is_distinct) == (thing, filters, is_distinct)


def test_a_noun_of_no_known_form_is_kept():
    found = read_question("How many bytes of entropy does secrets use?")
    assert (found.kind, found.noun, found.thing) == ("count", "bytes", None)


@pytest.mark.parametrize(
    ("question", "measure", "percent", "noun", "group"),
    [
        ("What is the 95th percentile of the latency?", "percentile", 95, "latency", ""),
        ("What is the p99.9 latency?", "percentile", 99.9, "latency", ""),
        ("What is the median amount?", "percentile", 50, "amount", ""),
        ("What is the average amount per city?", "mean", 50, "amount city", "city"),
        ("Which city has the highest total amount?", "sum", 50, "city amount", "city"),
        ("What is the largest amount?", "maximum", 50, "amount", ""),
        ("Which is the fastest request?", "minimum", 50, "latency", ""),
    ],
)
def test_a_measure_has_a_noun_and_perhaps_a_group(question, measure, percent, noun, group):
    found = read_question(question)
    assert (found.kind, found.measure, found.percent) == ("measure", measure, percent)
    assert (found.noun, found.group) == (noun, group)


@pytest.mark.parametrize(
    ("question", "period", "is_least"),
    [
        ("Which hour has the most errors?", "hour", False),
        ("On which day were the fewest requests made?", "day", True),
        ("How many requests per minute?", "minute", False),
        ("When do most of the errors happen?", "hour", False),
    ],
)
def test_times_are_compared_by_a_period(question, period, is_least):
    found = read_question(question)
    assert (found.kind, found.period, found.is_least) == ("busiest", period, is_least)
    assert len(found.also) == 1


def test_a_year_that_is_mentioned_most_is_no_busy_time():
    assert read_question("Which year is mentioned most often?").thing.one == "year"
