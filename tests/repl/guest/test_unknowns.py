from __future__ import annotations

from collections import Counter, defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_tui.repl.guest.unknowns import (
    OPAQUE,
    Ended,
    Heap,
    Refused,
    Scope,
    Unknown,
    are_same,
    is_mapping,
    is_scalar,
    owner,
)


class Text(str):
    __slots__ = ()


def test_only_the_exact_built_in_types_are_scalars_and_mappings():
    assert all(map(is_scalar, ["a", 1, 1.5, True, None, b"", range(3)]))
    assert not any(map(is_scalar, [Text("a"), [], object(), str]))
    assert all(map(is_mapping, [{}, defaultdict(int), Counter()]))
    assert not is_mapping(type("D", (dict,), {})())


def test_the_owner_of_a_view_is_its_dict():
    kept = {"a": 1}
    assert owner(kept.items()) is kept
    assert owner(kept) is kept


def test_all_containers_within_a_value_are_reached():
    inner, table = [1], {"k": (2,)}
    outer = [inner, table, "text"]
    reached = Heap().reach(outer)
    assert reached is not None
    assert {id(inner), id(table), id(outer)} <= set(map(id, reached))


NOT_PLAIN = {
    "an object": object(),
    "a class of its own": Text("a"),
    "within a list": [[object()]],
    "a key": {Text("a"): 1},
    "opaque": OPAQUE,
    "within an unknown": Unknown(([object()],)),
    "a function": lambda: 0,
}


@pytest.mark.parametrize("value", NOT_PLAIN.values(), ids=NOT_PLAIN)
def test_what_is_not_plain_is_not_touched(value: object):
    heap = Heap()
    assert heap.reach(value) is None
    with pytest.raises(Refused):
        heap.touched("a", value)
    assert heap.unknown("a", value) is OPAQUE


def test_a_structure_without_end_is_not_gone_through():
    assert Heap().reach([[n] for n in range(30_000)]) is None
    itself: list[object] = []
    itself.append(itself)
    assert Heap().reach(itself) == [
        itself,
    ]


def test_a_change_is_seen_at_its_key_only():
    heap, table = Heap(), {"a": 1, "b": 2}
    heap.change(table, 5, key="a")
    assert heap.is_changed(table, "a")
    assert heap.is_changed(table)
    assert not heap.is_changed(table, "b")
    heap.change(table)
    assert heap.is_changed(table, "b")
    assert heap.is_changed(table.items())


def test_a_value_is_known_while_nothing_within_it_has_changed():
    heap, inner = Heap(), [1]
    assert heap.is_known([inner, "a"])
    heap.change(inner)
    assert not heap.is_known([inner, "a"])
    assert not heap.is_known(Unknown())
    with pytest.raises(Refused):
        heap.is_known(object())


def test_a_change_of_something_unknown_changes_all_that_it_may_be():
    heap, one, two, other = Heap(), [1], {"k": [2]}, [3]
    heap.change(heap.joined(one, two))
    assert heap.is_changed(one)
    assert heap.is_changed(two["k"])
    assert not heap.is_changed(other)


def test_what_was_stored_may_be_what_is_changed_later():
    heap, row, rows = Heap(), {"a": 1}, []
    heap.change(rows, row)
    heap.change(heap.unknown(rows))
    assert heap.is_changed(row, "a")


def test_nothing_that_can_change_is_stored_in_what_is_unknown():
    with pytest.raises(Refused):
        Heap().change(Unknown(), [1])
    Heap().change(Unknown(), "a", Unknown())


@given(st.one_of(st.text(), st.integers(), st.booleans()), st.one_of(st.text(), st.integers()))
def test_two_values_joined_are_known_when_they_are_the_same(one, other):
    joined = Heap().joined(one, other)
    is_same = type(one) is type(other) and one == other
    assert (joined == one) if is_same else type(joined) is Unknown


def test_zeros_and_numbers_that_are_not_are_told_apart():
    assert type(Heap().joined(0.0, -0.0)) is Unknown
    assert type(Heap().joined(1, True)) is Unknown  # noqa: FBT003


def test_unknowns_of_the_same_roots_are_the_same():
    root: list[int] = []
    assert are_same(Unknown((root,)), Unknown((root,)))
    assert not are_same(Unknown((root,)), Unknown())
    assert are_same(root, root)
    assert not are_same("a", Unknown())


def test_a_name_is_looked_up_where_python_would():
    module = Scope({"a": 1, "b": 2}, Scope({"len": len}))
    function = Scope({"a": 3}, module, frozenset({"a", "unset"}))
    inside = Scope({}, function, is_comprehension=True, names={"c": 4})
    assert [inside.find(name) for name in ("a", "b", "c", "len")] == [3, 2, 4, len]
    module.names["b"] = 5
    assert inside.find("b") == 5
    with pytest.raises(Ended):
        inside.find("nothing")
    module.names["unset"] = 6
    with pytest.raises(Ended):
        inside.find("unset")
