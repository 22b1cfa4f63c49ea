from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_tui.document.pretty import pretty

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=12,
)


@given(VALUES.filter(lambda value: isinstance(value, list | dict)), st.booleans())
@settings(max_examples=100, deadline=None)
def test_json_is_broken_as_pythons_own_indenting_breaks_it(value, is_ascii):
    line = json.dumps(value, ensure_ascii=is_ascii)
    assert pretty(line).text == json.dumps(value, ensure_ascii=is_ascii, indent=2)


def test_no_value_is_written_differently():
    line = r'{"a":1.50,"a":1e5,"ä":"\u00e9 {\"x\": [1]}"}'
    shown = pretty(line).text
    assert "".join(part.strip() for part in shown.split("\n")).replace('": ', '":') == (
        line.replace('": ', '":')
    )


@pytest.mark.parametrize("line", ["", "plain", "{broken", "12", '"text"', "[" * 100_000])
def test_what_is_no_json_object_or_array_stays_as_it_is(line):
    assert pretty(line).text == line
