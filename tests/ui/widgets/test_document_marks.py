from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rlm_tui.ui.widgets.document_marks import Mark, spread


@given(st.lists(st.integers(0, 9), max_size=40), st.integers(1, 20), st.integers(1, 30))
def test_everything_that_was_counted_is_on_the_map(counts, cell, rows):
    found = spread(counts, cell, max(len(counts) * cell, 1), rows)
    assert len(found) == rows
    assert sum(found) == sum(counts)


def test_a_count_stands_where_its_part_of_the_file_is():
    assert spread([1, 0, 0, 5], 10, 40, 4) == [1, 0, 0, 5]
    assert spread([1, 0, 0, 5], 10, 40, 2) == [1, 5]


def test_a_mark_has_a_sign_and_a_meaning():
    assert Mark("▒", "dim") == ("▒", "dim")
