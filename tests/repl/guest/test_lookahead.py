from __future__ import annotations

import itertools
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_tui.repl.guest.lookahead import copied, is_readable, sources

LIST, DICT, SET = ["a", "b", "c"], {"k": 1, "l": 2, "m": 3}, {1, 2, 3}

READABLE = {
    "a list": LIST,
    "a tuple": (1, 2, 3),
    "a range": range(3),
    "a huge range": range(2**70, 2**70 + 3),
    "a range backwards": reversed(range(3)),
    "a text": "abc",
    "a wide text": "añ🎉",
    "bytes": b"abc",
    "a set": SET,
    "a frozenset": frozenset(SET),
    "a dict": DICT,
    "keys": DICT.keys(),
    "values": DICT.values(),
    "items": DICT.items(),
    "items backwards": reversed(DICT.items()),
    "a defaultdict": defaultdict(int, DICT),
    "a Counter": Counter("abb"),
    "a list backwards": reversed(LIST),
    "a tuple backwards": reversed((1, 2, 3)),
    "an iterator": iter(LIST),
    "numbered": enumerate(LIST, 5),
    "zipped": zip(LIST, DICT.items(), strict=False),
    "zipped strictly": zip(LIST, range(3), strict=True),
    "all of it": enumerate(zip(LIST, reversed(LIST), enumerate(DICT), strict=False)),
}


@pytest.mark.parametrize("iterable", READABLE.values(), ids=READABLE)
@pytest.mark.parametrize("taken", [0, 1, 2, 9])
def test_a_copy_gives_what_is_left_and_takes_nothing(iterable: Iterable[object], taken: int):
    assert is_readable(iterable)
    iterator = copied(iter(iterable))  # the one of the table is for all
    list(itertools.islice(iterator, taken))
    first = list(copied(iterator))
    assert list(copied(iterator)) == first
    assert list(iterator) == first


class Listed(list):
    def __iter__(self):
        raise AssertionError("model code was run")


UNREADABLE = {
    "a generator": (letter for letter in "ab"),
    "a map": map(str, LIST),
    "a filter": filter(None, LIST),
    "a class of its own": Listed("ab"),
    "numbered generator": enumerate(letter for letter in "ab"),
    "zipped with a map": zip(LIST, map(str, LIST), strict=False),
    "another library's": itertools.chain(LIST, LIST),
    "an ordered dict": OrderedDict(DICT),
    "a deque": deque(LIST),
    "a number": 5,
    "nothing": None,
}


@pytest.mark.parametrize("iterable", UNREADABLE.values(), ids=UNREADABLE)
def test_what_may_run_other_code_is_left_alone(iterable: object):
    assert not is_readable(iterable)


def test_the_containers_behind_an_iterator_are_known():
    assert sources(iter(LIST)) == [LIST]
    assert sources(enumerate(zip(reversed(LIST), DICT.items(), SET, strict=False))) == [
        LIST,
        DICT,
        SET,
    ]
    assert sources(iter((LIST, DICT))) == []
    assert sources(iter("abc")) == []
    assert sources(iter(DICT.values()))[0] is DICT


def test_a_dict_that_has_grown_cannot_be_copied_on():
    grown = dict(DICT)
    iterator = iter(grown)
    next(iterator)
    grown["n"] = 4
    with pytest.raises(RuntimeError):
        copied(iterator)


@given(st.lists(st.integers()), st.integers(0, 9), st.lists(st.integers(), max_size=3))
def test_a_copy_sees_a_list_as_it_is_when_it_is_read(items, taken, more):
    iterator = iter(items)
    list(itertools.islice(iterator, taken))
    copy = copied(iterator)
    if taken <= len(items):
        items += more
    assert list(copy) == list(iterator)
