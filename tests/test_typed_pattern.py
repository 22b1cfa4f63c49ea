from __future__ import annotations

import re

import pytest

from rlm_tui.typed_pattern import TimedPattern, compile_typed, is_any_case


def test_a_pattern_is_compiled_with_its_flags():
    assert compile_typed("e.", re.IGNORECASE).search("xE4")


@pytest.mark.parametrize("text", ["[[]", "[a||b]", "[a&&b]"])
def test_what_python_warns_of_is_taken_without_a_word(text):
    re.purge()
    with pytest.warns(FutureWarning):
        re.compile(text)
    re.purge()
    assert compile_typed(text).pattern == text  # a warning would be an error here


@pytest.mark.parametrize("text", ["[[", "(", "a**", "x{9999999999999}", "(?P<1>a)", "(" * 5_000])
def test_what_is_no_pattern_is_one_kind_of_error(text):
    with pytest.raises(ValueError, match=r"\w"):
        compile_typed(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("e42", True), ("E42", False), (r"\S+\D", True), ("ä", True), ("Ä", False)],
)
def test_an_upper_case_letter_asks_for_just_that_case(text, expected):
    assert is_any_case(text) is expected


def test_a_pattern_is_found_where_it_begins():
    assert TimedPattern("E(4|5)2").find("code E42") == 5
    assert TimedPattern("e42").find("code E42") is None
    assert TimedPattern("e42", re.IGNORECASE).find("code E42") == 5


@pytest.mark.parametrize("text", ["[[]", "[a||b]"])
def test_what_is_timed_means_the_same(text):
    assert TimedPattern(text).find("xx[|") == compile_typed(text).search("xx[|").start()


@pytest.mark.parametrize("text", ["[[", "(", "x{9999999999999}"])
def test_what_is_no_pattern_cannot_be_timed(text):
    with pytest.raises(ValueError, match=r"\w"):
        TimedPattern(text)


def test_a_search_without_an_end_is_ended_and_not_begun_again():
    pattern = TimedPattern("^(a|b|ab)*$", patience=0.01)
    assert pattern.find("ab" * 4) == 0
    assert not pattern.is_too_slow
    assert pattern.find("ab" * 60 + "d") is None
    assert pattern.is_too_slow
    assert pattern.may_be_in("d")
    assert pattern.find("ab") is None
