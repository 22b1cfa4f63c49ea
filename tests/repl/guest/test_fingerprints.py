from __future__ import annotations

import collections
import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_tui.repl.guest.fingerprints import Fingerprints


class Plain:
    """Has attributes and nothing else."""

    def __init__(self) -> None:
        self.items = [1]


def changed(value, change) -> bool:
    before = Fingerprints({"x": value})
    change(value)
    return bool(Fingerprints({"x": value}).changed_since(before))


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(allow_nan=True)
    | st.text(max_size=4)
    | st.binary(max_size=4)
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=2), inner, max_size=4)
        | st.tuples(inner, inner)
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(VALUES)
def test_what_nobody_touched_has_not_changed(value):
    before = Fingerprints({"x": value})
    assert Fingerprints({"x": value}).changed_since(before) == set()


@settings(max_examples=200, deadline=None)
@given(VALUES, VALUES)
def test_values_that_are_told_apart_by_their_text_are_told_apart(one, other):
    seen = Fingerprints({"x": other}).changed_since(Fingerprints({"x": one}))
    if repr(one) != repr(other):
        assert seen == {"x"}


@pytest.mark.parametrize(
    ("value", "change"),
    [
        ([1, 2], lambda x: x.append(3)),
        ([-1], lambda x: x.__setitem__(0, -2)),
        ([1], lambda x: x.__setitem__(0, 1.0)),
        (list(range(10_000)), lambda x: x.__setitem__(5_000, 0)),
        ({"a": {"b": [1]}}, lambda x: x["a"]["b"].append(2)),
        ([{"n": [n]} for n in range(3_000)], lambda x: x[-1]["n"].append(0)),
        (collections.Counter("aab"), lambda x: x.update("b")),
        (collections.defaultdict(list, a=[1]), lambda x: x["a"].append(2)),
        (collections.deque([1]), lambda x: x.append(2)),
        (Plain(), lambda x: x.items.append(2)),
        (Plain(), lambda x: setattr(x, "other", 1)),
        ([Plain()], lambda x: x[0].items.append(2)),
        ({1}, lambda x: x.add(2)),
        (bytearray(b"a"), lambda x: x.append(98)),
    ],
    ids=lambda v: type(v).__name__,
)
def test_a_change_in_place_is_seen(value, change):
    assert changed(value, change)


def test_a_name_that_comes_is_changed_and_one_that_goes_is_gone():
    before = Fingerprints({"a": 1, "b": 2})
    after = Fingerprints({"b": 2, "c": 3})
    assert after.changed_since(before) == {"c"}
    assert after.gone_since(before) == ["a"]
    assert before.has("a")
    assert not after.has("a")


def test_a_long_text_that_is_replaced_by_another_is_seen():
    one = "x" * 100_000
    other = one[:50_000] + "y" + one[50_001:]
    assert Fingerprints({"t": other}).changed_since(Fingerprints({"t": one})) == {"t"}


def test_what_contains_itself_has_an_end():
    loop: list[object] = []
    loop.append(loop)
    assert not changed(loop, lambda _: None)
    assert changed(loop, lambda x: x.append(1))


def test_no_line_of_model_code_is_run():
    def bomb(*_, **__):
        raise AssertionError("model code ran")

    meta = type("Meta", (type,), {"__hash__": bomb, "__eq__": bomb, "__instancecheck__": bomb})
    names = ["__eq__", "__hash__", "__repr__", "__len__", "__iter__", "__getattribute__"]
    names += ["__class_getitem__", "__reduce__", "__bool__"]
    cls = meta("Bomb", (), dict.fromkeys(names, bomb))
    value = object.__new__(cls)
    listed = type("Listed", (list,), dict.fromkeys(["__iter__", "__len__", "__getitem__"], bomb))
    assert not changed([value, {"k": value}, cls, listed([1])], lambda _: None)


def test_a_copy_of_the_same_plain_content_has_not_changed():
    value = {"a": [1, 2, {"b": "c"}]}
    before = Fingerprints({"x": value})
    assert Fingerprints({"x": copy.deepcopy(value)}).changed_since(before) == set()
