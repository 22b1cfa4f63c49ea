from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_tui.document.anchors import GRAM, SURE
from rlm_tui.document.prompt_lines import cores_of, lines_of, listed_lines_of, some_lines_of

LINE = "12:04:17 ERROR E42 disk full"


def test_lines_come_without_the_blanks_around_them_and_with_their_places():
    prompt = f"Look:\n   {LINE}\r\nshort\n{LINE}"
    found = list(lines_of(prompt, 0, len(prompt)))
    assert [line for _, line in found] == [LINE, LINE]
    assert all(prompt.startswith(line, at) for at, line in found)


@pytest.mark.parametrize(
    "listed",
    [
        f"1204:{LINE}",
        f"1,204: {LINE}",
        f"- {LINE}",
        f"> {LINE}",
        f"[(1204, '{LINE}')]",
        f"['something else', '{LINE}', 'more']",
        f'{{"text": "{LINE}"}}',
        f"'other text\\n{LINE}\\nmore'",
    ],
)
def test_a_line_is_found_in_what_lists_it(listed):
    found = list(listed_lines_of(listed, 0, len(listed)))
    assert LINE in [line for _, line in found]
    assert all(listed.startswith(line, at) for at, line in found)


def test_of_a_long_stretch_some_whole_lines_are_taken():
    prompt = "".join(f"line number {number} of the text\n" for number in range(1_000))
    lines = set(prompt.splitlines())
    found = [line for _, line in some_lines_of(prompt, 0, len(prompt))]
    assert 20 < len(found) < 40
    assert lines.issuperset(found)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 50), st.integers(SURE, 300))
def test_every_long_enough_part_of_a_stretch_holds_a_core_whole(at, size):
    cores = cores_of(at, at + size)
    assert all(at <= core <= at + size - GRAM for core in cores)
    for first in range(at, at + size - SURE + 1):
        assert any(first <= core <= first + SURE - GRAM for core in cores)
