from __future__ import annotations

import math
import types
from collections import OrderedDict, deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_tui.repl.guest.describe import class_name, short, size_of, variables
from tests.repl.notebook import Notebook


class Opaque:
    """Has nothing that could be called by accident."""


RECURSIVE: list[object] = []
RECURSIVE.append(RECURSIVE)

VALUES = {
    "int": (5, "5"),
    "bool": (True, "True"),
    "None": (None, "None"),
    "float": (0.1, "0.1"),
    "nan": (math.nan, "nan"),
    "complex": (1j, "1j"),
    "str": ("a'b\n", '"a\'b\\n"'),
    "surrogate": ("\ud800", "'\\ud800'"),
    "bytes": (b"\0a", "b'\\x00a'"),
    "huge int": (10**10_000, "int of 33,220 bits"),
    "range": (range(5), "range(0, 5)"),
    "range with a step": (range(5, 1, -2), "range(5, 1, -2)"),
    "range of huge ints": (range(10**5000), "range(0, int of 16,610 bits)"),
    "empty containers": ([[], (), {}, set(), frozenset()], "[[], (), {}, set(), frozenset()]"),
    "list": ([1, "a"], "[1, 'a']"),
    "tuple": ((1, 2), "(1, 2)"),
    "set": ({1}, "{1}"),
    "dict": ({"a": [1]}, "{'a': [1]}"),
    "many items": (list(range(100)), "[0, 1, 2, 3, 4, 5, …]"),
    "many keys": (dict.fromkeys(range(100)), "{0: None, 1: None, 2: None, 3: None, 4: None, 5: …"),
    "deep": ([[[[1]]]], "[[[[…]]]]"),
    "deep dict": ({1: {2: {3: {4: 5}}}}, "{1: {2: {3: {…}}}}"),
    "recursive": (RECURSIVE, "[[[[…]]]]"),
    "instance": (Opaque(), "<Opaque object>"),
    "class": (Opaque, "<class Opaque>"),
    "builtin class": (int, "<class int>"),
    "function": (short, "<function short>"),
    "builtin": (len, "<builtin_function_or_method len>"),
    "module": (types, "<module types>"),
    "subclass of dict": (OrderedDict(a=1), "<OrderedDict object>"),
    "deque": (deque([1]), "<deque object>"),
}


@pytest.mark.parametrize(("value", "text"), VALUES.values(), ids=VALUES)
def test_a_value_is_described_by_what_it_is(value, text):
    described = short(value)
    assert described == text or (text.endswith("…") and described.startswith(text[:-1]))


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.integers() | st.text() | st.floats() | st.integers(0, 300).map("ü".__mul__),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=12,
    ),
    st.integers(16, 200),
)
def test_no_description_is_longer_than_asked(value, limit):
    assert len(short(value, limit)) <= limit + 8


SIZES = {
    "str": ("abc", 3),
    "bytearray": (bytearray(2), 2),
    "dict": ({1: 2}, 1),
    "range": (range(7), 7),
    "longest range": (range(2**63 - 1), 2**63 - 1),
    "endless range": (range(10**30), None),
    "int": (5, None),
    "subclass of list": (type("L", (list,), {"__len__": lambda _: 1 // 0})(), None),
}


@pytest.mark.parametrize(("value", "size"), SIZES.values(), ids=SIZES)
def test_only_builtin_containers_have_a_size(value, size):
    assert size_of(value) == size


def explode(*_: object) -> object:
    raise SystemExit("model code was run")


class ExplosiveText(str):
    __slots__ = ()
    __repr__ = __str__ = __format__ = __len__ = __getitem__ = __lt__ = startswith = explode  # type: ignore[assignment]


def explosive_instance() -> object:
    class Meta(type):
        __hash__ = __eq__ = __repr__ = __str__ = explode  # type: ignore[assignment]
        __instancecheck__ = __subclasscheck__ = __getattribute__ = explode  # type: ignore[assignment]
        __name__ = property(explode)  # type: ignore[assignment]

    class Explosive(metaclass=Meta):
        __repr__ = __str__ = __len__ = __iter__ = __hash__ = __eq__ = explode  # type: ignore[assignment]
        __format__ = __getattribute__ = explode  # type: ignore[assignment]
        __class__ = property(explode)  # type: ignore[assignment]

    return object.__new__(Explosive)


def module_named(name: object) -> types.ModuleType:
    made = types.ModuleType("m")
    made.__name__ = name  # type: ignore[assignment]
    return made


def nameless_module() -> types.ModuleType:
    made = types.ModuleType("m")
    del made.__name__
    made.__getattr__ = explode  # type: ignore[method-assign]
    return made


def renamed_function() -> types.FunctionType:
    def made() -> None: ...

    made.__name__ = ExplosiveText("x")
    return made


def renamed_class() -> type:
    made = type("A", (), {})
    made.__name__ = ExplosiveText("Renamed")
    return made


# Made where they are needed, because pytest looks at what stands in a module.
HOSTILE = {
    "instance": (explosive_instance, "<Explosive object>"),
    "class": (lambda: type(explosive_instance()), "<class Explosive>"),
    "text": (lambda: ExplosiveText("x"), "<ExplosiveText object>"),
    "class with a hostile name": (renamed_class, "<class Renamed>"),
    "instance of it": (renamed_class(), "<Renamed object>"),
    "function with a hostile name": (renamed_function, "<function ?>"),
    "module with a hostile name": (lambda: module_named(explosive_instance()), "<module ?>"),
    "module named by a text": (lambda: module_named(ExplosiveText("x")), "<module ?>"),
    "module without a name": (nameless_module, "<module ?>"),
}


@pytest.mark.parametrize(("make", "text"), HOSTILE.values(), ids=HOSTILE)
def test_no_line_of_model_code_is_run(make, text):
    value = make()
    assert short(value) == text
    assert size_of(value) is None
    (described,) = variables({"x": [value]})
    assert described["value"] == f"[{text}]"


def test_the_name_of_a_class_is_plain_text():
    assert type(class_name(renamed_class())) is str


def test_variables_are_sorted_by_their_names():
    assert variables({"b": 1, "d": b"", "a": "x"}) == [
        {"name": "a", "type": "str", "size": 1, "value": "'x'"},
        {"name": "b", "type": "int", "size": None, "value": "1"},
        {"name": "d", "type": "bytes", "size": 0, "value": "b''"},
    ]


def test_modules_private_names_given_names_and_keys_that_are_no_plain_text_are_no_variables(
    notebook: Notebook,
):
    notebook.ok("""
import re
class Key(str):
    def __eq__(self, other): return 1 / 0
    __hash__ = str.__hash__
globals()[5] = globals()[Key("x")] = _c = 2
lines = lines
kept = 1
""")
    assert notebook.variables() == {
        "Key": ("type", None, "<class Key>"),
        "kept": ("int", None, "1"),
    }


def test_a_hostile_namespace_leaves_the_repl_alive(notebook: Notebook):
    notebook.ok("""
def bomb(*a, **k):
    import os
    os._exit(3)
class Meta(type):
    __hash__ = __eq__ = __repr__ = __getattribute__ = bomb
class Bomb(metaclass=Meta):
    __repr__ = __str__ = __len__ = __class__ = __format__ = __iter__ = __getattribute__ = bomb
class Key(str):
    __repr__ = __lt__ = __eq__ = startswith = bomb
    __hash__ = str.__hash__
b = object.__new__(Bomb)
l = [b, {1: b}, range(10**30), 10**9999]
globals()[5] = b
globals()[Key("k")] = b
globals()["\\ud800"] = 1
""")
    found = notebook.variables()
    assert found["b"] == ("Bomb", None, "<Bomb object>")
    assert found["l"][1] == 4
    assert found["\ufffd"] == ("int", None, "1")
    assert set(found) == {"Bomb", "Key", "Meta", "b", "bomb", "l", "\ufffd"}
    assert notebook.ok("'alive'") == "'alive'\n"


def test_a_container_may_change_while_it_is_described(notebook: Notebook):
    notebook.ok("""
import threading
d, s, stop = {}, set(), False
def churn():
    n = 0
    while not stop:
        n += 1
        d[n % 7] = s.add(n % 5)
        d.pop((n + 3) % 7, None); s.discard((n + 2) % 5)
t = threading.Thread(target=churn)
t.start()
""")
    for _ in range(50):
        assert notebook.variables()["d"][0] == "dict"
    assert notebook.ok("stop = True\nt.join()\n'alive'") == "'alive'\n"
