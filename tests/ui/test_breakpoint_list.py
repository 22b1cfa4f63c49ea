from __future__ import annotations

import pytest

from rlm_tui.breakpoint import Breakpoint
from rlm_tui.errors import UsageError
from rlm_tui.ui.breakpoint_list import BreakpointList


@pytest.fixture
def some():
    some = BreakpointList()
    for spec in ("llm_query", "line 4", "line 3.1:7"):
        some.add(spec)
    return some


def specs(some):
    return [(item.number, item.spec) for item in some.all]


def test_each_gets_a_number_that_none_had_before(some):
    some.remove([3])
    some.add("error")
    assert specs(some) == [(1, "llm_query"), (2, "line 4"), (4, "error")]


def test_blanks_do_not_make_another_one():
    assert BreakpointList().add("  it   3 ").spec == "it 3"


@pytest.mark.parametrize(
    "change",
    [
        lambda some: some.add("nonsense"),
        lambda some: some.change(1, spec="nonsense"),
        lambda some: some.condition(1, "nonsense"),
        lambda some: some.change(9, enabled=False),
        lambda some: some.remove([1, 9]),
    ],
    ids=["add", "change", "condition", "change none", "remove none"],
)
def test_what_cannot_be_read_or_is_not_there_is_refused_and_changes_nothing(some, change):
    before = specs(some)
    with pytest.raises(UsageError):
        change(some)
    assert specs(some) == before


def test_the_same_words_again_remove_it(some):
    assert some.toggle("llm_query") is None
    assert some.toggle("llm_query").number == 4
    assert specs(some)[-1] == (4, "llm_query")


def test_a_condition_takes_the_place_of_the_one_before(some):
    assert some.condition(1, "depth>=1").spec == "llm_query if depth>=1"
    assert some.condition(1, "it 2").spec == "llm_query if it 2"
    assert some.condition(1, "").spec == "llm_query"


def test_one_is_turned_off_and_made_to_note_only(some):
    assert some.change(2, enabled=False, action="log") == Breakpoint(
        2, "line 4", enabled=False, action="log"
    )


def test_without_numbers_all_are_removed(some):
    some.remove()
    assert some.all == []


def test_those_of_a_recording_are_taken_over(some):
    some.take([Breakpoint(7, "error")])
    assert some.add("code").number == 8


def test_the_lines_of_code_that_are_named_are_known_by_their_block(some):
    assert some.lines == {"": {4}, "3.1": {7}}
    some.change(2, enabled=False)
    assert some.lines == {"3.1": {7}}


def test_the_lines_of_the_document_that_are_named_are_told():
    breakpoints = BreakpointList()
    breakpoints.add("doc 1204-1251 and it 2")
    breakpoints.add("doc 7 or error")
    off = breakpoints.add("doc 9")
    breakpoints.change(off.number, enabled=False)
    assert breakpoints.document_lines == [(1204, 1251), (7, 7)]
