"""Top 5, most often, longest, list all, which errors."""

from __future__ import annotations

import pytest

from rlm_tui.engine.models.offline.grammar import read_question


@pytest.mark.parametrize(
    ("question", "thing", "noun", "top"),
    [
        ("Which IP addresses appear most often?", "IP address", "", 0),
        ("Top 5 words", "word", "", 5),
        ("What are the three most common dates?", "date", "", 3),
        ("Which city appears most often?", None, "city", 0),
        ("Which user made the most requests?", None, "user", 0),
        ("Which exception is raised most often?", "raised exception", "", 0),
        ("What is the least common word?", "word", "", 0),
    ],
)
def test_a_ranking_has_a_thing_or_a_noun(question, thing, noun, top):
    found = read_question(question)
    assert found.kind == "rank"
    assert (found.thing and found.thing.one, found.noun, found.top) == (thing, noun, top)
    assert found.is_least == ("least" in question)


def test_other_things_in_a_ranking_are_conditions():
    found = read_question("Which IP addresses cause the most errors?")
    assert [thing.one for thing in found.also] == ["error line"]


@pytest.mark.parametrize(
    ("question", "top", "wants_when"),
    [
        ("Which errors repeat most, and when?", 0, True),
        ("What are the top 3 errors?", 3, False),
        ("Which errors are there?", 0, False),
        ("List all error codes", 0, False),
        ("What went wrong?", 0, False),
    ],
)
def test_errors_are_asked_after(question, top, wants_when):
    found = read_question(question)
    assert (found.kind, found.top, found.wants_when) == ("errors", top, wants_when)
    assert found.filters == []


@pytest.mark.parametrize(
    "question",
    ["Which errors does merge() raise?", "What is wrong with heaps?", "How many errors are there?"],
)
def test_not_every_question_with_an_error_is_about_a_log(question):
    assert read_question(question).kind != "errors"


@pytest.mark.parametrize(
    ("question", "thing", "is_least"),
    [("What is the longest line?", "line", False), ("Which word is the shortest?", "word", True)],
)
def test_the_longest_and_the_shortest(question, thing, is_least):
    found = read_question(question)
    assert (found.kind, found.thing.one, found.is_least) == ("extreme", thing, is_least)


@pytest.mark.parametrize(
    ("question", "thing"),
    [
        ("List all e-mail addresses", "e-mail address"),
        ("Which functions are defined?", "function"),
        ("Which modules are imported?", "module"),
        ("What are the section headings?", "heading"),
        ("Find every URL", "URL"),
    ],
)
def test_a_list_is_asked_for(question, thing):
    found = read_question(question)
    assert (found.kind, found.thing.one) == ("list", thing)


def test_a_question_after_one_thing_is_no_list():
    assert read_question("Which class is the best one?").kind == "open"
