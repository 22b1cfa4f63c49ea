"""Tokens, the forms of a word, and their boundaries."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_tui.engine.models.offline import words

UUID = "550e8400-e29b-41d4-a716-446655440000"


@pytest.mark.parametrize(
    "token",
    [
        *(UUID, "10.0.0.1", "3.11.7", "1,204", "ada@example.org", "https://example.org/a?b=1"),
        *("os.path.join", "/v1/login", "tasty-kite", "foo_bar", "2024-05-01", "E1042", "12:30"),
    ],
)
def test_what_belongs_together_is_one_token(token):
    assert words.tokens(f"see {token} here") == ["see", token, "here"]


@pytest.mark.parametrize(
    ("word", "form"),
    [
        *[("create", form) for form in ("creates", "created", "creating", "creator", "Creation")],
        *[("run", form) for form in ("ran", "runs", "running")],
        *[("library", form) for form in ("libraries", "Library")],
        *[("repeated", form) for form in ("repeat", "repeats", "repeating")],
        *[("class", form) for form in ("classes", "CLASS")],
        *[("printed", form) for form in ("print", "printing", "prints")],
        *[("mapping", form) for form in ("map", "mapped", "maps")],
        *[("wrote", form) for form in ("author", "written", "writing")],
        *[("tasty-kites", form) for form in ("tasty-kite", "tasty kites")],
        *[("licence", form) for form in ("license", "licensed")],
    ],
)
def test_a_word_is_found_in_its_forms(word, form):
    assert words.compiled(words.term(word)).fullmatch(form)


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("all", "valley"),
        ("heap", "cheap"),
        ("cat", "category"),
        ("port", "portrait"),
        ("500", "1500"),
        ("500", "500.25"),
        ("3.1", "3.14"),
        ("E1042", "E10421"),
        ("need", "ne"),
        ("string", "str"),
    ],
)
def test_a_word_is_not_found_inside_others(word, text):
    assert not words.compiled(words.term(word)).search(text)


def test_an_underscore_parts_words_but_is_no_letter():
    assert words.compiled(words.term("pool")).search("DB_POOL_EXHAUSTED")


def test_the_content_of_a_question_is_what_is_left_of_it():
    found = words.terms('What is the "magic number" for Ulm according to the text?')
    assert [term.word for term in found] == ["magic number", "Ulm"]
    assert [term.is_exact for term in found] == [True, False]


def test_a_word_that_only_says_what_a_name_is_knows_the_name():
    found = {term.word: term.names for term in words.terms("Who wrote the uuid module?")}
    assert found == {"wrote": (), "uuid": (), "module": ("uuid",)}
    assert words.terms("Where is class ArgumentParser?")[0].names == ("ArgumentParser",)
    assert words.terms("Where is the function len()?")[0].names == ("len",)


@pytest.mark.parametrize(
    "question", ["When was the module closed?", "Which module is it?", "module"]
)
def test_a_word_beside_no_name_stands_for_itself(question):
    assert [term.names for term in words.terms(question) if term.word == "module"] == [()]


def test_possessives_and_what_letters_stand_for_are_left_out():
    assert [term.word for term in words.terms("What does BeOpen.com's PSF stand for?")] == [
        "BeOpen.com",
        "PSF",
    ]


def test_a_question_of_no_content_has_no_terms():
    assert words.terms("What is it?") == []
    assert words.terms("") == []


@given(st.text(max_size=40))
def test_every_question_has_terms_whose_patterns_compile(text):
    for term in words.terms(text):
        re.compile(term.regex)
        re.compile(term.search)


@given(st.from_regex(r"[a-z]{1,14}", fullmatch=True))
def test_every_word_is_a_form_of_itself(word):
    assert words.compiled(words.term(word)).fullmatch(word)
    assert re.match(words.beginnings(word), word)
