from __future__ import annotations

import pytest

from rlm_tui.errors import UsageError
from rlm_tui.run_search import Find, RunSearch
from rlm_tui.trajectory import Trajectory
from tests.runs import block, call, chained, numbered, turn

SLOW = "^(a|b|ab)*$"


def run_of(*prompts: str) -> Trajectory:
    """A run with these sub-calls."""
    calls = chained(*(call(f"1.1.{number}", text) for number, text in enumerate(prompts, 1)))
    trajectory = Trajectory()
    trajectory.apply_all(numbered(chained(turn("1", blocks=[block("1.1", calls=calls)]))))
    return trajectory


def found(trajectory: Trajectory, pattern: str, where: str = "prompt") -> list[Find]:
    search = RunSearch(trajectory, pattern, where)
    assert search.go_on()
    return search.found


def test_a_place_is_told_with_what_stands_around_it_in_its_line():
    line = "x " * 100 + "a needle in a haystack" + " y" * 100
    (place,) = found(run_of("none", f"one\n{line}\ntwo"), "needle")
    assert (place.node, place.part) == ("1.1.2", "prompt")
    assert place.line.startswith("…x x")
    assert "a needle in a haystack" in place.line[:50]
    assert place.line.endswith("y…")


def test_a_short_line_is_told_whole():
    assert found(run_of("one\n  the needle\ntwo"), "needle")[0].line == "the needle"


@pytest.mark.parametrize(("pattern", "count"), [("needle", 2), ("Needle", 1), ("NEEDLE", 0)])
def test_upper_case_counts_where_it_is_typed(pattern, count):
    assert len(found(run_of("a needle", "a Needle"), pattern)) == count


def test_a_line_begins_and_ends_where_the_pattern_says_so():
    assert len(found(run_of("one\ntwo\nthree"), "^two$")) == 1


@pytest.mark.parametrize("at", [0, 65_530, 65_540, 131_072, 300_000])
def test_it_is_found_wherever_it_stands_in_a_long_text(at):
    text = "".join(f"line {number}\n" for number in range(50_000))
    start = text.rfind("\n", 0, at) + 1
    (place,) = found(run_of(f"{text[:start]}the needle\n{text[start:]}"), "^the needle$")
    assert place.line == "the needle"


def test_a_line_longer_than_a_piece_is_searched_whole():
    assert len(found(run_of("short\n" + "a" * 200_000 + "needle" + "b" * 200_000), "aneedleb")) == 1


def test_the_search_goes_on_where_it_was_and_is_over_once():
    search = RunSearch(run_of(*(f"needle {number}" for number in range(30))), "needle", "prompt")
    parts = 0
    while not search.go_on(0):
        parts += 1
    assert parts > 10
    assert len(search.found) == 30
    assert search.go_on(0)
    assert len(search.found) == 30


def test_the_first_places_are_listed_and_the_others_counted():
    search = RunSearch(run_of(*["needle"] * 70), "needle", "prompt")
    search.go_on()
    assert (len(search.found), search.left) == (50, 20)


def test_a_pattern_that_takes_too_long_is_refused():
    search = RunSearch(run_of("ab" * 40 + "d"), SLOW, "prompt")
    with pytest.raises(UsageError, match="takes too long"):
        search.go_on()
