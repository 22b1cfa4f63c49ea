from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_tui.errors import UsageError
from rlm_tui.word_parts import amount_of, for_all, numbers_of, one_of, spec_of, whole_number


@given(st.integers(min_value=0, max_value=10**15))
def test_a_whole_number_is_read_with_and_without_its_commas(number):
    assert whole_number(str(number), "go") == number
    assert whole_number(f"{number:,}", "go") == number


@given(st.floats(min_value=0, max_value=1e15))
def test_an_amount_is_read_with_and_without_its_dollar(amount):
    assert amount_of(repr(amount), "budget") == amount
    assert amount_of(f"${amount!r}", "budget") == amount


@pytest.mark.parametrize("text", ["", "-1", "1.5", "٣", "1e3", "x", "9" * 30])
def test_what_is_no_whole_number_is_refused_with_the_form_of_the_word(text):
    with pytest.raises(UsageError, match="its form is `restart N`"):
        whole_number(text, "restart")


@pytest.mark.parametrize("text", ["", "inf", "nan", "-1", "1e99", "two"])
def test_what_is_no_amount_is_refused_with_the_form_of_the_word(text):
    with pytest.raises(UsageError, match="its form is `speed N`"):
        amount_of(text, "speed")


def test_numbers_stand_apart_by_blanks_or_commas():
    assert numbers_of("1 2, 3", "delete") == (1, 2, 3)
    assert numbers_of("", "delete") == ()


def test_of_names_the_nearest_is_told_or_else_all():
    with pytest.raises(UsageError, match=r"Did you mean pause\?"):
        one_of("pasue", ("pause", "log"), "then")
    with pytest.raises(UsageError, match=r"It is one of pause, log\."):
        one_of("zzz", ("pause", "log"), "then")


def test_a_pattern_for_all_calls_stands_first_between_slashes():
    assert for_all(r"all /a\/b/ text", "answer") == ("a/b", "text")
    assert for_all("all/a/text", "answer") == ("a", "text")
    assert for_all("all the rest", "answer") == (None, "all the rest")
    assert for_all("/a/ text", "answer") == (None, "/a/ text")


def test_a_number_alone_is_a_line_to_stop_at():
    assert spec_of("1,204", "b") == "line 1204"
    assert spec_of("cost>1", "b") == "cost>1"
