"""How a document's bytes are text: found out from a sample, or named by the user.

A mark decides first, then the zeros that UTF-16 leaves, then whether the sample is UTF-8. What is
not is a Western single-byte encoding if its bytes over 127 make letters and punctuation where words
have them; else it is UTF-8 with invalid bytes.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from typing import NamedTuple

from rlm_tui.errors import UsageError

MARKER = "document-one-mark-a-byte"
"""The name of the error handler by which every invalid byte is one U+FFFD."""


class Encoding(NamedTuple):
    """How the bytes of a document are text."""

    codec: str
    """Python's name for it."""
    mark: bytes = b""
    """The byte order mark that the document begins with; no part of the text."""

    @property
    def label(self) -> str:
        """Its name for people, such as `UTF-16 LE` or `UTF-8 with BOM`."""
        name = _LABELS.get(self.codec, self.codec)
        return f"{name} with BOM" if self.mark else name

    @property
    def is_direct(self) -> bool:
        """Whether lines can be read from the bytes as they are: a newline is one byte, 10.

        True for UTF-8 and where every byte is a character; other texts are converted first.
        """
        return self.codec == "utf-8" or is_single_byte(self.codec)


_LABELS = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
    "utf-32-le": "UTF-32 LE",
    "utf-32-be": "UTF-32 BE",
    "iso8859-1": "latin-1",
}
_MARKS = (  # that of UTF-16 LE begins that of UTF-32 LE
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WITH_A_MARK = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
"""Codecs that expect a mark, and what they are without one."""

_CONTINUATIONS = bytes(range(0x80, 0xC0))
_HIGH = re.compile(rb"[\x80-\xff]")
_WORDLIKE = re.compile(
    # a letter next to a letter; punctuation of books and offices; signs next to figures and words
    rb"(?<=[A-Za-z\xc0-\xfe])[\xc0-\xd6\xd8-\xf6\xf8-\xfe]|[\xc0-\xd6\xd8-\xf6\xf8-\xfd](?=[a-z])"
    rb"|[\x80\x85\x91-\x97\x99](?![\x80-\xbf])|[\xa1\xa3\xa7-\xab\xae\xb0\xb4-\xbf]"
)
_LETTER = re.compile(rb"[A-Za-z][\xc0-\xd6\xd8-\xf6\xf8-\xfd]|[\xc0-\xd6\xd8-\xf6\xf8-\xfd][a-z]")
_OF_WINDOWS = re.compile(rb"[\x80-\x9f]")
_ENOUGH = 0.9
"""The share of the bytes over 127 that must be where words have them."""


def _one_mark_a_byte(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "\ufffd" * (error.end - error.start), error.end


codecs.register_error(MARKER, _one_mark_a_byte)


def is_single_byte(codec: str) -> bool:
    """Whether in a codec each byte is one character and ASCII is itself."""
    if codec.startswith("utf"):
        return False
    try:
        text = bytes(range(256)).decode(codec, MARKER)
        line = "\n".join("az09").encode(codec)
    except UnicodeError:
        return False
    return len(text) == 256 and line == b"a\nz\n0\n9" and text[:128].isascii()  # noqa: PLR2004 - the bytes there are


def named(name: str, head: bytes = b"") -> Encoding:
    """The encoding that a user named, with its mark if the document begins with it.

    Raises:
        UsageError: there is no such encoding of text.
    """
    try:
        codec = codecs.lookup(name).name
        "a".encode(codec)
    except (LookupError, ValueError, TypeError) as error:
        raise UsageError(
            f"There is no text encoding {name!r}; try utf-8, utf-16, cp1252 or latin-1."
        ) from error
    for mark, marked in _MARKS:
        if marked.startswith(codec.removesuffix("-sig")) and head.startswith(mark):
            return Encoding(marked, mark)
    return Encoding(_WITH_A_MARK.get(codec, codec))


def detected(pieces: Sequence[bytes], *, is_whole: bool) -> Encoding:
    """The encoding of a document.

    Args:
        pieces: its beginning and some pieces of the rest.
        is_whole: whether the beginning is all of it.
    """
    head = pieces[0]
    for mark, codec in _MARKS:
        if head.startswith(mark):
            return Encoding(codec, mark)
    if codec := _wide(head):
        return Encoding(codec)
    invalid = multibyte = 0
    for piece in pieces:
        if not piece.isascii():
            few, many = _counted(piece, is_whole=is_whole)
            invalid, multibyte = invalid + few, multibyte + many
    if not invalid or multibyte > invalid:
        return Encoding("utf-8")
    return Encoding(_western(b"\n".join(pieces)) or "utf-8")


def _wide(head: bytes) -> str:
    """UTF-16 without a mark: in Western text every other byte is zero."""
    pairs = len(head) // 2
    even, odd = (head[lane : 2 * pairs : 2].count(0) for lane in (0, 1))
    for codec, zeros, others in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if zeros * 2 > pairs and others * 50 < pairs:
            return codec
    return ""


def _counted(piece: bytes, *, is_whole: bool) -> tuple[int, int]:
    """How many bytes of a piece are no UTF-8, and how many characters take several bytes.

    A piece that is not the whole may begin and end within a character.
    """
    if not is_whole:
        piece = piece[len(piece[:3]) - len(piece[:3].lstrip(_CONTINUATIONS)) :]
    text, _ = codecs.utf_8_decode(piece, "surrogateescape", is_whole)
    valid = text.encode("utf-8", "ignore").decode("utf-8")
    return len(text) - len(valid), len(valid) - len(valid.encode("ascii", "ignore"))


def _western(sample: bytes) -> str:
    if b"\0" in sample or not _LETTER.search(sample):
        return ""
    high = len(_HIGH.findall(sample))
    if sum(len(found) for found in _WORDLIKE.findall(sample)) < _ENOUGH * high:
        return ""
    return "cp1252" if _OF_WINDOWS.search(sample) else "iso8859-1"


def decoded(content: bytes, codec: str = "utf-8") -> str:
    """Bytes as text; every invalid byte is one U+FFFD, as it is in `context`."""
    return content.decode(codec, MARKER)
