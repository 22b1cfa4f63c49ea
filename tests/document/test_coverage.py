from __future__ import annotations

from rlm_tui.document.coverage import Coverage
from rlm_tui.document.readings import Reading

READINGS = [
    Reading(3, "1.1", "scanned", [(0, 1_000)]),
    Reading(3, "1.1", "matched", [(100, 120), (300, 320)]),
    Reading(5, "2", "printed", [(100, 120)]),
    Reading(8, "2.1.1", "sent", [(110, 210)]),
    Reading(9, "2.1.2", "sent", []),
    Reading(12, "2.1.2.1.1.1", "sent", [(700, 750)]),
]


def test_read_is_what_a_model_has_seen_not_what_code_went_through():
    coverage = Coverage(READINGS)
    assert list(coverage.read) == [(100, 210), (700, 750)]
    assert coverage.levels["scanned"].size == 1_000


def test_the_furthest_level_of_a_place_counts():
    coverage = Coverage(READINGS)
    assert coverage.level_of(0, 10) == "scanned"
    assert coverage.level_of(310, 311) == "matched"
    assert coverage.level_of(100, 105) == "printed"
    assert coverage.level_of(100, 115) == "sent"
    assert coverage.level_of(2_000, 2_010) is None


def test_who_saw_a_place_is_told_the_furthest_level_first():
    coverage = Coverage(READINGS)
    assert [one.node for one in coverage.seen_by(112, 113)] == ["2.1.1", "2", "1.1", "1.1"]
    assert [one.node for one in coverage.seen_by(800, 801)] == ["1.1"]


def test_the_parts_a_node_saw_are_its_own_unless_those_below_are_asked_for():
    coverage = Coverage(READINGS)
    assert list(coverage.places_of("2.1.1")) == [(110, 210)]
    assert not coverage.places_of("2.1.2")
    assert not coverage.places_of("1.1")
    assert [one.seq for one in coverage.of_node("2.1.2", below=True)] == [9, 12]
    assert len(coverage.of_node("", below=True)) == len(READINGS)


def test_adding_later_readings_is_the_same_as_folding_all():
    grown = Coverage(READINGS[:2])
    grown.add(READINGS[2:])
    whole = Coverage(READINGS)
    assert list(grown.read) == list(whole.read)
    assert grown.seen_by(0, 1_000) == whole.seen_by(0, 1_000)


def test_a_prompt_of_which_nothing_is_known_is_kept_in_mind():
    assert Coverage(READINGS).has_unknown
    assert not Coverage(READINGS[:4]).has_unknown
