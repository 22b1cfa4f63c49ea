"""Numbers of a field, with the definition of a percentile."""

from __future__ import annotations

import pytest

from tests.engine.models.offline.rehearsing import rehearse

LOG = "".join(
    f"10:00:{n:02} INFO gateway {method} /a latency={ms}ms city={city}\n"
    for n, (method, ms, city) in enumerate(
        [
            *[("GET", 15, "Ulm"), ("GET", 20, "Bonn"), ("POST", 35, "Ulm")],
            *[("GET", 40, "Bonn"), ("POST", 50, "Bonn")],
        ]
    )
)


@pytest.mark.parametrize(
    ("question", "first"),
    [
        (
            "What is the 30th percentile of the latency?",
            "20 is the 30th percentile of latency (5 values)",
        ),
        (
            "What is the 40th percentile of the latency?",
            "20 is the 40th percentile of latency (5 values)",
        ),
        ("What is the median latency?", "35 is the median of latency (5 values)"),
        ("What is the average latency?", "32 is the mean of latency (5 values)"),
        ("What is the sum of latency?", "160 is the sum of latency (5 values)"),
        (
            "What is the maximum latency?",
            "50 is the largest latency (5 values; 1 line with this one)",
        ),
        (
            "What is the lowest latency?",
            "15 is the smallest latency (5 values; 1 line with this one)",
        ),
        (
            "What is the average latency of POST requests?",
            "42.5 is the mean of latency (2 values) (those with requests and POST)",
        ),
        ("Which city has the highest total latency?", "Bonn: 110 is the largest sum of latency"),
        (
            "What is the average latency per city?",
            "Bonn: 36.66666667 is the largest mean of latency",
        ),
        (
            "Which city has the lowest median latency?",
            "Ulm: 15 is the smallest percentile of latency",
        ),
    ],
)
def test_the_number_comes_first(question, first):
    done = rehearse(question, LOG)
    assert done.failures == []
    assert done.first_line.startswith(first)


def test_a_percentile_states_its_definition_and_quotes_the_line_of_the_value():
    lines = rehearse("What is the 90th percentile of the latency?", LOG).answer.split("\n")
    assert (
        "nearest rank: the smallest value that at least 90 % of the values do not exceed"
        in lines[1]
    )
    assert lines[2].startswith('  line 5: "10:00:04 INFO gateway POST')


def test_what_is_not_measured_is_not_guessed():
    done = rehearse("What is the 95th percentile of the weight?", LOG)
    assert done.first_line.startswith("Nothing found")


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("Which line is the longest?", "line 2 is the longest line, with 14 characters"),
        ("Which line is the shortest?", "line 1 is the shortest line, with 6 characters"),
        ("What is the longest word?", "bookcase is the longest word, with 8 characters"),
        ("What is the shortest word?", "a is the shortest word, with 1 characters"),
        ("What is the shortest sentence?", "line 1 is the shortest sentence, with 6 characters"),
        ("What is the longest paragraph?", "line 1 is the longest paragraph, with 21 characters"),
    ],
)
def test_the_longest_and_the_shortest(question, first):
    done = rehearse(question, "a cat.\nthe bookcase 1\n\nno cat. so")
    assert done.failures == []
    assert done.first_line == first


def test_of_several_longest_it_is_a_tie():
    assert rehearse("What is the longest word?", "cat dog").first_line == (
        "A tie of 2 words with 3 characters: cat, dog"
    )
    assert rehearse("Which is the longest line?", "ab\ncd").first_line == (
        "A tie of 2: 2 characters each, the first in line 1"
    )


def test_where_there_is_none_nothing_is_claimed():
    assert rehearse("What is the longest sentence?", "no end").first_line.startswith(
        "Nothing found"
    )
