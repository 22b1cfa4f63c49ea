from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_tui.breakpoint import Breakpoint
from rlm_tui.breakpoint_words import changed
from rlm_tui.breakpoints import parse
from rlm_tui.debug_word import Break, Condition, Delete, Enable, Ignore, Then
from rlm_tui.errors import UsageError

TWO = [Breakpoint(1, "llm_query"), Breakpoint(4, "/if/ in code if it 3")]


def test_a_new_one_gets_a_number_that_was_never_there():
    assert changed([], Break("error")) == [Breakpoint(1, "error")]
    assert changed(TWO, Break("error", once=True))[2] == Breakpoint(5, "error", once=True)


def test_some_are_turned_off_or_all():
    assert [item.enabled for item in changed(TWO, Enable((4,), is_on=False))] == [True, False]
    off = changed(TWO, Enable((), is_on=False))
    assert [item.enabled for item in off] == [False, False]
    assert changed(off, Enable()) == TWO


def test_some_are_removed_or_all():
    assert changed(TWO, Delete((1,))) == TWO[1:]
    assert changed(TWO, Delete()) == []


def test_a_condition_is_added_replaced_and_taken_away():
    added = changed(TWO, Condition(1, "cost>1"))
    assert added[0].spec == "llm_query if cost>1"
    replaced = changed(TWO, Condition(4, "cost>1"))
    assert replaced[1].spec == "/if/ in code if cost>1"
    assert changed(replaced, Condition(4))[1].spec == "/if/ in code"


def test_hits_to_be_ignored_count_from_now_on():
    assert changed(TWO, Ignore(4, 10), {4: 3})[1].ignore == 13
    assert changed(TWO, Ignore(1, 2))[0].ignore == 2


def test_what_happens_there_is_chosen():
    assert changed(TWO, Then(1, "log"))[0].action == "log"


@pytest.mark.parametrize("word", [Delete((2,)), Enable((1, 2)), Ignore(2, 1), Condition(2)])
def test_one_that_is_not_there_is_named_with_those_that_are(word):
    with pytest.raises(UsageError, match=r"There is no breakpoint 2; there are 1, 4\."):
        changed(TWO, word)


def test_one_alone_or_none_is_said_so():
    with pytest.raises(UsageError, match=r"there is 1\."):
        changed(TWO[:1], Delete((2,)))
    with pytest.raises(UsageError, match=r"none is set\."):
        changed([], Delete((2,)))


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(["error", "/a if b/", "it 3 if /if/ in code", r"/\/ if/ if it 2"]))
def test_a_condition_leaves_what_can_be_read_and_goes_away_without_a_trace(spec):
    once = changed([Breakpoint(1, spec)], Condition(1, "cost>1"))
    parse(once[0].spec)
    bare = changed([Breakpoint(1, spec)], Condition(1))
    assert changed(once, Condition(1)) == bare
    parse(bare[0].spec)
