"""Rankings and lists: order, ties, first lines."""

from __future__ import annotations

import pytest

from tests.engine.models.offline.rehearsing import rehearse

LOG = "".join(
    f"10:00:{n:02} {level} gateway ip=10.0.0.{ip} city={city}\n"
    for n, (level, ip, city) in enumerate(
        [
            *[("INFO", 1, "Ulm"), ("ERROR", 2, "Bonn"), ("ERROR", 2, "Ulm")],
            *[("INFO", 1, "Ghent"), ("INFO", 1, "Ulm"), ("ERROR", 3, "Bonn")],
        ]
    )
)


@pytest.mark.parametrize(
    ("question", "first"),
    [
        (
            "Which IP address appears most often?",
            "The most frequent IP address: 10.0.0.1 (3 times).",
        ),
        (
            "Top 2 IP addresses",
            "The most frequent IP addresses: 10.0.0.1 (3 times), 10.0.0.2 (2 times).",
        ),
        ("What is the least common IP address?", "The rarest IP address: 10.0.0.3 (1 time)."),
        ("Which city appears most often?", "The most frequent city: Ulm (3 times)."),
        (
            "Which city has the most errors?",
            "The most frequent city: Bonn (2 times). (those with error lines)",
        ),
        (
            "Which IP address has the most lines with Bonn?",
            "The most frequent IP address: a tie, 10.0.0.2 (1 time), 10.0.0.3 (1 time).",
        ),
        (
            "Top 2 cities",
            "The most frequent values of city: Ulm (3 times), Bonn (2 times).",
        ),
    ],
)
def test_the_leader_comes_first_and_ties_are_ties(question, first):
    done = rehearse(question, LOG)
    assert done.failures == []
    assert done.first_line.removesuffix(" (those with Bonn)") == first


def test_a_ranking_quotes_the_first_line_of_each():
    lines = rehearse("Top 2 IP addresses", LOG).answer.split("\n")
    assert lines[1:] == [
        "  1. 10.0.0.1  3",
        "  2. 10.0.0.2  2",
        '  line 1: "10:00:00 INFO gateway ip=10.0.0.1 city=Ulm"',
        '  line 2: "10:00:01 ERROR gateway ip=10.0.0.2 city=Bonn"',
    ]


def test_words_without_content_do_not_lead():
    done = rehearse("Which words are most common?", "The cat and the dog and the cat. The end.")
    assert done.first_line == "The most frequent word: cat (2 times)."
    assert "Not counted: words without content, such as the (4), and (2)." in done.answer


def test_a_list_is_in_the_order_of_first_occurrence():
    done = rehearse("List all IP addresses", LOG)
    assert done.answer.split("\n")[:4] == [
        "3 different IP addresses (6 in all).",
        "  line 1: 10.0.0.1 (3 times)",
        "  line 2: 10.0.0.2 (2 times)",
        "  line 6: 10.0.0.3",
    ]


def test_an_empty_list_is_said_to_be_empty():
    assert rehearse("List all URLs", LOG).first_line.startswith("There is none")


def test_headings_are_listed():
    done = rehearse("List all headings", "# One\n\ntext\n\nTwo\n===\n\ntext\n")
    assert done.answer == '2 headings.\n  line 1: "One"\n  line 5: "Two"'
    assert rehearse("List all headings", "text\n").first_line == "There are no headings."
