from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_tui.document.mojibake import repaired
from rlm_tui.document.pretty import pretty
from rlm_tui.document.shaped import Shaped, in_turn

SIGNS = st.text(alphabet='aé€ü "{\\', max_size=6)


def twice(text: str) -> str:
    return text.encode().decode("latin-1")


@given(st.dictionaries(SIGNS, SIGNS | st.lists(SIGNS, max_size=3), min_size=1))
@settings(max_examples=150, deadline=None)
def test_every_character_of_a_line_is_where_its_other_form_shows_it(value):
    line = json.dumps(value, ensure_ascii=False)
    form = pretty(line)
    assert "".join(form.text[form.column(at)] for at, sign in enumerate(line) if sign != " ") == (
        line.replace(" ", "")
    )
    columns = [form.column(at) for at in range(len(line))]
    assert columns == sorted(columns)


@given(st.text(alphabet="aé€ü x", min_size=1, max_size=30), st.data())
@settings(max_examples=150, deadline=None)
def test_a_part_of_text_that_was_decoded_twice_is_where_its_repaired_form_shows_it(meant, draw):
    start = draw.draw(st.integers(0, len(meant) - 1))
    end = draw.draw(st.integers(start + 1, len(meant)))
    form = repaired(twice(meant))
    before, part = twice(meant[:start]), twice(meant[start:end])
    assert form.text == meant
    assert form.span(len(before), len(before) + len(part)) == (start, end)


def test_half_of_a_character_that_was_decoded_twice_is_shown_as_all_of_it():
    assert repaired("aÃ©b").span(2, 3) == (1, 2)


def test_changes_one_after_another_lead_to_where_the_last_shows_a_character():
    line = '{"Ã©":"xÃ¼"}'
    form = in_turn(line, [repaired, pretty])
    assert form.text == '{\n  "é": "xü"\n}'
    start, end = form.span(line.index("xÃ¼"), line.index("xÃ¼") + 3)
    assert form.text[start:end] == "xü"
    assert in_turn(line, []) == Shaped(line)
