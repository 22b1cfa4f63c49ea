from __future__ import annotations

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_tui.document.encoding import Encoding, decoded, detected, is_single_byte, named
from rlm_tui.errors import UsageError

LONG = "Der Süßstoff kostet 5 € — «très cher», naïve Øl.\n"


@pytest.mark.parametrize(
    ("content", "codec", "label"),
    [
        (b"plain\n", "utf-8", "UTF-8"),
        (LONG.encode(), "utf-8", "UTF-8"),
        (LONG.encode("utf-8-sig"), "utf-8", "UTF-8 with BOM"),
        (LONG.encode("utf-16"), "utf-16-le", "UTF-16 LE with BOM"),
        (codecs.BOM_UTF16_BE + LONG.encode("utf-16-be"), "utf-16-be", "UTF-16 BE with BOM"),
        (LONG.encode("utf-16-le"), "utf-16-le", "UTF-16 LE"),
        (LONG.encode("utf-16-be"), "utf-16-be", "UTF-16 BE"),
        (LONG.encode("utf-32"), "utf-32-le", "UTF-32 LE with BOM"),
        (LONG.encode("cp1252"), "cp1252", "cp1252"),
        ("café au lait, 20 °C\n".encode("latin-1"), "iso8859-1", "latin-1"),
        ("déjà vu; £5 ½\n".encode("latin-1"), "iso8859-1", "latin-1"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_an_encoding_leaves_in_the_bytes_gives_it_away(content, codec, label):
    found = detected([content], is_whole=True)
    assert (found.codec, found.label) == (codec, label)


@pytest.mark.parametrize(
    "content",
    [
        b"a\xff\xfeb",
        b"\xe2\x82",
        b"text \xc3",
        b"caf\xc3\xa9 \xff",
        b"\x00\x01\xe9a",
        b"\xed\xa0\x80",
    ],
)
def test_stray_bytes_make_no_other_encoding(content):
    assert detected([content], is_whole=True) == Encoding("utf-8")


def test_a_piece_may_begin_and_end_within_a_character():
    content = "€uro ".encode() * 9
    assert detected([content[:-3], content[1:-4], content[2:]], is_whole=False).codec == "utf-8"


@given(st.text(min_size=1))
@settings(max_examples=100, deadline=None)
def test_every_text_in_utf8_is_found_to_be_utf8_unless_it_is_full_of_zeros(text):
    content = text.encode()
    if b"\0" not in content:
        assert detected([content], is_whole=True).codec == "utf-8"


@pytest.mark.parametrize(
    ("name", "codec", "is_direct"),
    [
        ("UTF8", "utf-8", True),
        ("latin1", "iso8859-1", True),
        ("windows-1251", "cp1251", True),
        ("koi8-r", "koi8-r", True),
        ("gb18030", "gb18030", False),
        ("shift_jis", "shift_jis", False),
        ("utf-16", "utf-16-le", False),
        ("cp037", "cp037", False),
    ],
)
def test_an_encoding_can_be_named_as_python_names_it(name, codec, is_direct):
    found = named(name, b"text")
    assert (found.codec, found.is_direct) == (codec, is_direct)


@pytest.mark.parametrize("name", ["no-such", "base64", "rot13", "a\0b"])
def test_what_is_no_encoding_of_text_is_a_usage_error(name):
    with pytest.raises(UsageError, match="There is no text encoding"):
        named(name)


def test_the_mark_of_a_named_encoding_is_no_text():
    assert named("utf-8", codecs.BOM_UTF8 + b"a") == Encoding("utf-8", codecs.BOM_UTF8)
    assert named("utf-16", codecs.BOM_UTF16_BE) == Encoding("utf-16-be", codecs.BOM_UTF16_BE)
    assert named("latin-1", codecs.BOM_UTF8) == Encoding("iso8859-1")


@given(st.binary(max_size=40), st.sampled_from(["cp1252", "cp1251", "iso8859-1", "koi8-r"]))
@settings(max_examples=100, deadline=None)
def test_in_a_single_byte_encoding_each_byte_is_a_character(content, codec):
    assert is_single_byte(codec)
    assert len(decoded(content, codec)) == len(content)
