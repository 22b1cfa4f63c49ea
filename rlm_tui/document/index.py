"""The sparse index of a text: for each block of 64 KB its newlines and characters so far.

24 bytes a block, so 0.4 MB a gigabyte. Blocks end where a character does, so that each character,
and each invalid byte, is counted once.
"""

from __future__ import annotations

import codecs
from array import array
from bisect import bisect_left, bisect_right

from rlm_tui.document.encoding import decoded

BLOCK = 64 * 1024


class LineIndex:
    """Grows by blocks, in order; may be asked by other threads meanwhile."""

    def __init__(self, codec: str, start: int) -> None:
        """Prepare for the bytes of a text in a codec, which begins at an offset."""
        self._codec = codec
        undefined = bytes(
            byte for byte in range(128, 256) if "\ufffd" in decoded(bytes([byte]), codec)
        )
        self._undefined = b"" if codec == "utf-8" else undefined
        self.starts = array("Q", [start])
        """Where each block begins; the last entry is where the next would."""
        self.newlines = array("Q", [0])
        """The newlines before each of `starts`."""
        self.chars = array("Q", [0])
        """The characters before each of `starts`."""
        self.invalid = 0
        """Bytes that are no text."""

    @property
    def end(self) -> int:
        """Where what is indexed ends."""
        return self.starts[-1]

    @property
    def block_count(self) -> int:
        """How many blocks are indexed."""
        return len(self.chars) - 1

    def add(self, content: bytes, *, is_last: bool) -> None:
        """Take the next bytes, about a block of them; `end` says how many were taken."""
        chars = taken = len(content)
        if self._codec != "utf-8":
            if self._undefined:
                self.invalid += taken - len(content.translate(None, self._undefined))
        elif not content.isascii():
            try:
                text, taken = codecs.utf_8_decode(content, "strict", is_last)
                chars = len(text)
            except UnicodeDecodeError:
                text, taken = codecs.utf_8_decode(content, "surrogateescape", is_last)
                chars = len(text)
                self.invalid += chars - len(text.encode("utf-8", "ignore").decode("utf-8"))
        # Threads that look meanwhile go by the length of `chars`.
        self.starts.append(self.starts[-1] + taken)
        self.newlines.append(self.newlines[-1] + content.count(b"\n", 0, taken))
        self.chars.append(self.chars[-1] + chars)

    def block_at(self, offset: int) -> int:
        """The block that holds an offset; the number of blocks when it is at or behind the end."""
        return bisect_right(self.starts, offset, 0, self.block_count + 1) - 1

    def block_of_char(self, char: int) -> int:
        """The block that holds a character, counted from 0."""
        return bisect_right(self.chars, char, 0, self.block_count + 1) - 1

    def block_of_newline(self, number: int) -> int:
        """The block that holds a newline, counted from 1."""
        return bisect_left(self.newlines, number, 0, self.block_count + 1) - 1

    def chars_in(self, content: bytes) -> int:
        """The characters of some bytes that begin with a character."""
        if self._codec != "utf-8" or content.isascii():
            return len(content)
        return len(content.decode("utf-8", "surrogateescape"))

    def bytes_of(self, content: bytes, chars: int) -> int:
        """The bytes of so many characters of some bytes that begin with a character."""
        if self._codec != "utf-8" or content.isascii():
            return min(chars, len(content))
        text = content.decode("utf-8", "surrogateescape")
        return len(text[:chars].encode("utf-8", "surrogateescape"))
