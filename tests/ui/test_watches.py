from __future__ import annotations

import pytest

from rlm_tui.errors import UsageError
from rlm_tui.ui.watches import Watch, Watches


def test_the_same_expression_again_is_watched_no_more():
    watches = Watches()
    assert watches.toggle(" len(hits) ").expression == "len(hits)"
    assert watches.toggle("len(hits)") is None
    assert watches.all == []


@pytest.mark.parametrize("text", ["x = 1", "import os", "len(", "", "x\0y"])
def test_what_is_no_expression_is_refused_in_words(text):
    watches = Watches()
    with pytest.raises(UsageError, match="is not an expression"):
        watches.toggle(text)
    assert watches.all == []


def test_a_value_that_is_another_one_says_what_it_was():
    watches = Watches()
    number = watches.toggle("i").number
    seen = []
    for value in ("0", "0", "1", "1"):
        watches.take(number, value, is_error=False)
        seen.append((watches.all[0].value, watches.all[0].was))
    assert seen == [("0", ""), ("0", ""), ("1", "0"), ("1", "")]


def test_a_value_for_what_is_watched_no_more_is_dropped():
    watches = Watches()
    watches.take(7, "1", is_error=True)
    assert watches.all == []


def test_some_or_all_are_removed_and_numbers_are_not_used_twice():
    watches = Watches()
    for expression in ("a", "b", "c"):
        watches.toggle(expression)
    watches.remove((2,))
    assert watches.all == [Watch(1, "a"), Watch(3, "c")]
    watches.remove()
    assert watches.toggle("d").number == 4
