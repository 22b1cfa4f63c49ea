from __future__ import annotations

from rlm_tui.document.background_reader import Told
from rlm_tui.document.known import ANSWER, Known
from rlm_tui.document.readings import Reading


def known() -> Known:
    told = Known()
    told.take(Told(sizes=[100, 300]))
    told.take(
        Told(
            readings=[
                Reading(3, "1.1.1", "sent", [(0, 10)]),
                Reading(4, "1.1.2", "sent", [(50, 60), (70, 80)], document=1),
                Reading(5, "1.1.3", "sent", []),
            ],
            quotations=[
                (7, 0, 4, "quote", [(2, 6)], False, 0),
                (9, 0, 4, "quote", [(52, 56)], False, 1),
            ],
        )
    )
    return told


def test_what_is_known_is_that_of_the_event_one_stands_at():
    told = known()
    assert told.fold(4)
    assert told.read_share == 30 / 400
    assert told.fold(3)
    assert told.read_share == 10 / 400
    assert not told.fold(3)


def test_nothing_is_told_as_unknown_only_while_something_may_have_been_read():
    told = Known()
    told.take(Told(sizes=[100], readings=[Reading(3, "1.1.1", "sent", [])]))
    told.fold(2)
    assert not told.is_unknown
    told.fold(3)
    assert told.is_unknown


def test_the_places_of_a_node_are_those_below_it_where_it_has_none_itself():
    told = known()
    told.fold(9)
    assert told.all_places("1.1.2") == [(1, (50, 60)), (1, (70, 80))]
    assert told.all_places("1.1") == [(0, (0, 10)), (1, (50, 60)), (1, (70, 80))]
    assert not told.places("1.1.2", 0)
    assert not told.places("1.1.2", 7)


def test_the_answer_is_located_by_what_the_latest_quotes():
    told = known()
    told.fold(8)
    assert told.all_places(ANSWER) == [(0, (2, 6))]
    told.fold(9)
    assert told.all_places(ANSWER) == [(1, (52, 56))]
    assert [one.seq for one in told.quotations(1, 50, 53)] == [9]
    assert not told.quotations(1, 56, 90)
