from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_tui.document.stretches import Stretches

PAIRS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=20)


@settings(max_examples=200, deadline=None)
@given(PAIRS, st.integers(0, 60), st.integers(0, 60))
def test_it_is_the_set_of_the_places_that_were_added(pairs, first, end):
    stretches = Stretches(pairs)
    places = {place for a, b in pairs for place in range(a, b)}
    asked = set(range(first, end))
    assert stretches.size == len(places)
    assert {place for a, b in stretches for place in range(a, b)} == places
    assert stretches.holds(first, end) == (asked <= places)
    if first < end:
        assert stretches.meets(first, end) == bool(asked & places)
        assert {p for a, b in stretches.within(first, end) for p in range(a, b)} == asked & places
        assert {p for a, b in stretches.outside(first, end) for p in range(a, b)} == asked - places


@settings(max_examples=100, deadline=None)
@given(PAIRS)
def test_its_stretches_are_in_order_and_do_not_touch(pairs):
    found = list(Stretches(pairs))
    assert all(a < b for a, b in found)
    assert all(one[1] < other[0] for one, other in pairwise(found))


def test_it_is_false_only_when_it_holds_nothing():
    assert not Stretches()
    assert not Stretches([(3, 3)])
    assert len(Stretches([(1, 2), (4, 5)])) == 2
