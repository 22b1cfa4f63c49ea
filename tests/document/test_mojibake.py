from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_tui.document.mojibake import is_decoded_twice, repaired

MEANT = "café, déjà vu, “naïve” größer, 5 €, 日本"


def read_as(text: str, codec: str) -> str:
    """UTF-8 as a program reads it that takes it for something else."""
    return "".join(
        bytes([byte]).decode(codec, "ignore") or chr(byte) for byte in text.encode("utf-8")
    )


@pytest.mark.parametrize("codec", ["cp1252", "latin-1"])
def test_text_that_was_decoded_twice_is_recognised_and_repaired(codec):
    twice = read_as(MEANT, codec)
    assert twice != MEANT
    assert is_decoded_twice(twice)
    assert repaired(twice).text == MEANT


@pytest.mark.parametrize("text", [MEANT, "plain", "", "Ã", "ÄÖÜ äöü ÑÑ ñ", "你好世界"])
def test_text_that_is_as_it_was_meant_stays_as_it_is(text):
    assert not is_decoded_twice(text)
    assert repaired(text).text == text


@given(st.text(alphabet="aé€ü \n"))
@settings(max_examples=100, deadline=None)
def test_repair_gives_what_was_meant_whatever_stands_around_it(text):
    assert repaired(read_as(text, "cp1252")).text == text
