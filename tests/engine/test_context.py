from collections import defaultdict

import pytest

from rlm_tui.config import Settings
from rlm_tui.engine.context import RunContext, below
from rlm_tui.events import depth_of, parent_of


@pytest.fixture
def context():
    parts = dict.fromkeys(["emit", "book", "ledger", "stops", "asker", "sandbox"])
    return RunContext(Settings(concurrency=3), **parts)


@pytest.mark.parametrize(
    ("node", "number", "expected"),
    [("", 3, "3"), ("3", 1, "3.1"), ("3.1.2", 10, "3.1.2.10")],
    ids=["the run", "an iteration", "a call"],
)
def test_a_node_below_another_has_its_name_and_a_number(node, number, expected):
    assert below(node, number) == expected
    assert parent_of(expected) == node
    assert depth_of(expected) >= depth_of(node)


async def test_each_depth_has_slots_of_its_own(context):
    for _ in range(3):
        await context.slots[1].acquire()
    assert context.slots[1].locked()
    assert not context.slots[2].locked()
    assert isinstance(context.slots, defaultdict)


def test_children_are_numbered_in_the_order_they_ask(context):
    assert [next(context.child_numbers) for _ in range(3)] == [0, 1, 2]
