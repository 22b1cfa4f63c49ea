import msgspec
import pytest

from rlm_tui.breakpoint import Breakpoint, hits_left


@pytest.mark.parametrize(
    "item",
    [Breakpoint(1, "llm_query"), Breakpoint(7, "cost>0.5", enabled=False, once=True, ignore=3)],
)
def test_a_breakpoint_is_the_same_after_it_was_saved(item):
    assert msgspec.json.decode(msgspec.json.encode(item), type=Breakpoint) == item


def test_what_is_as_usual_is_not_written():
    assert msgspec.to_builtins(Breakpoint(1, "error")) == {"number": 1, "spec": "error"}


def test_hits_are_of_the_breakpoint_that_had_them():
    """Not of another with its number, nor of one with other words."""
    before = [Breakpoint(1, "llm_query"), Breakpoint(2, "error"), Breakpoint(3, "FINAL")]
    now = [Breakpoint(1, "code"), Breakpoint(2, "error", enabled=False)]
    assert hits_left({1: 4, 2: 2, 3: 1}, before, now) == {2: 2}
    assert hits_left({1: 4}, [], now) == {1: 4}
