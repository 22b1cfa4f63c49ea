from __future__ import annotations

import re

import pytest

from rlm_tui.typed_pattern import compile_typed, is_any_case


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
