from __future__ import annotations

import pytest

from rlm_tui.debug_help import ENTRIES, help_text
from rlm_tui.errors import UsageError


def test_all_words_are_told_on_one_screen():
    lines = help_text().splitlines()
    assert len(lines) <= 22
    assert max(map(len, lines)) <= 79
    told = help_text().replace(",", " ").split()
    missing = {entry.names[0] for entry in ENTRIES.values()} - set(told) - {"go"}
    assert missing == set()


@pytest.mark.parametrize("word", ENTRIES)
def test_each_word_is_told_on_one_screen_with_its_form(word):
    lines = help_text(word).splitlines()
    assert lines[0].startswith(ENTRIES[word].usage)
    assert 2 <= len(lines) <= 22
    assert max(map(len, lines)) <= 100
    assert max(map(len, lines[1:])) <= 79


@pytest.mark.parametrize("asked", ["b", ":b", "b doc 1-2", "spec", "line"])
def test_the_words_of_breakpoints_are_told_with_b(asked):
    assert "doc 1204-1251" in help_text(asked)


def test_an_unknown_word_names_the_nearest():
    with pytest.raises(UsageError, match="Did you mean condition"):
        help_text("conditon")
