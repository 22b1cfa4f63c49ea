from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_tui.events import (
    AnyEvent,
    Event,
    Usage,
    depth_of,
    parent_of,
)

EVENT_TYPES = get_args(AnyEvent)
NODES = st.lists(st.integers(1, 99).map(str), max_size=9).map(".".join)
USAGES = st.builds(
    Usage,
    requests=st.integers(0, 3),
    input_tokens=st.integers(0, 1000),
    output_tokens=st.integers(0, 1000),
    cached_tokens=st.integers(0, 1000),
    cost_usd=st.none() | st.integers(0, 64).map(lambda n: n / 8),
    counted=st.booleans(),
)


def test_every_event_is_in_the_closed_set_under_a_name_of_its_own():
    assert set(EVENT_TYPES) == set(Event.__subclasses__())
    tags = [kind.__struct_config__.tag for kind in EVENT_TYPES]
    assert len(set(tags)) == len(tags)


def test_the_names_that_scripts_build_on_are_there():
    promised = (
        "run_started iteration_started model_requested model_delta model_responded code_started "
        "repl_output sub_call_started sub_call_finished code_finished iteration_finished "
        "answer_proposed paused resumed run_finished"
    )
    assert set(promised.split()) <= {kind.__struct_config__.tag for kind in EVENT_TYPES}


@given(USAGES)
@settings(max_examples=100, deadline=None)
def test_no_usage_adds_nothing(usage):
    assert usage.plus(Usage()) == usage
    assert Usage().plus(usage) == usage


@given(USAGES, USAGES, USAGES)
@settings(max_examples=200, deadline=None)
def test_usage_adds_up_to_the_same_in_any_order(a, b, c):
    assert a.plus(b) == b.plus(a)
    assert a.plus(b).plus(c) == a.plus(b.plus(c))


@pytest.mark.parametrize(
    ("one", "other", "cost"),
    [
        (Usage(requests=1, cost_usd=0.5), Usage(requests=1, cost_usd=0.25), 0.75),
        (Usage(requests=1, cost_usd=0.5), Usage(requests=1), None),
        (Usage(requests=1, cost_usd=0.5), Usage(cost_usd=None), 0.5),
        (Usage(requests=1, cost_usd=0.0), Usage(requests=1, cost_usd=0.0), 0.0),
    ],
    ids=["both known", "one unknown", "from the cache", "free"],
)
def test_a_cost_is_known_where_that_of_every_request_is(one, other, cost):
    assert one.plus(other).cost_usd == cost
    assert other.plus(one).cost_usd == cost


# Nodes


@given(NODES)
@settings(max_examples=100, deadline=None)
def test_the_parent_is_one_level_up(node):
    levels = [level for level in node.split(".") if level]
    assert parent_of(node) == ".".join(levels[:-1])


@pytest.mark.parametrize(
    ("node", "depth"),
    [("", 0), ("3", 0), ("3.2.1", 0), ("3.2.1.1", 1), ("3.2.1.1.1.1", 1), ("1.1.1.1.1.1.1", 2)],
)
def test_depth_counts_the_rlm_queries_above_a_node(node, depth):
    assert depth_of(node) == depth
