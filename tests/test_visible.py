from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_tui.visible import visible_line, visible_text

QUIET = settings(max_examples=200, deadline=None)
ANY_TEXT = st.text(
    st.characters() | st.characters(categories=["Cs", "Cc", "Cf"]) | st.sampled_from("\n\t\x1b\x9b")
)
BIDI = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def drives_a_terminal(char):
    return unicodedata.category(char) in {"Cc", "Cs"} or unicodedata.bidirectional(char) in BIDI


@QUIET
@given(ANY_TEXT)
def test_no_character_that_drives_a_terminal_is_left(text):
    assert not any(map(drives_a_terminal, visible_line(text)))
    assert not any(drives_a_terminal(char) for char in visible_text(text) if char not in "\n\t")
    visible_line(text).encode()


def test_of_all_characters_only_those_are_changed():
    everything = "".join(map(chr, range(0x110000)))
    changed = [a for a, b in zip(everything, visible_line(everything), strict=True) if a != b]
    assert changed == [char for char in everything if drives_a_terminal(char)]


@QUIET
@given(ANY_TEXT)
def test_a_text_keeps_its_length_and_its_lines(text):
    assert len(visible_line(text)) == len(visible_text(text)) == len(text)
    assert visible_text(text).count("\n") == text.count("\n")
    assert visible_text(text).split("\t") == [visible_text(part) for part in text.split("\t")]
    assert visible_line(visible_text(text)) == visible_line(text)
    assert visible_line(visible_line(text)) == visible_line(text)


@pytest.mark.parametrize(
    ("char", "sign"),
    [
        ("\0", "\u2400"),
        ("\x1b", "\u241b"),
        ("\r", "\u240d"),
        ("\x7f", "\u2421"),
        ("\x9b", "\ufffd"),
        ("\u202e", "\ufffd"),
        ("\udcff", "\ufffd"),
    ],
    ids=["NUL", "ESC", "CR", "DEL", "CSI", "RLO", "surrogate"],
)
def test_a_control_character_is_shown_as_its_sign(char, sign):
    assert visible_line(f"a{char}b") == visible_text(f"a{char}b") == f"a{sign}b"


def test_tabs_and_newlines_are_signs_in_a_line_only():
    assert visible_line("\n\t") == "\u240a\u2409"
    assert visible_text("\n\t") == "\n\t"
