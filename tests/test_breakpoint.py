import msgspec
import pytest

from rlm_tui.breakpoint import Breakpoint


@pytest.mark.parametrize(
    "item",
    [Breakpoint(1, "llm_query"), Breakpoint(7, "cost>0.5", enabled=False, once=True, ignore=3)],
)
def test_a_breakpoint_is_the_same_after_it_was_saved(item):
    assert msgspec.json.decode(msgspec.json.encode(item), type=Breakpoint) == item


def test_what_is_as_usual_is_not_written():
    assert msgspec.to_builtins(Breakpoint(1, "error")) == {"number": 1, "spec": "error"}
