"""Where pieces of prompts stand in a long text, found in passes over it that run at C's pace.

A piece that is found is an anchor: from it, the equal text on both sides is measured (`matching`).
Over 100 MB a pass for whole lines takes 0.2 s, one for pieces within lines 0.6 s, and one
`str.find` 0.03 s, whatever the number of pieces; nothing about the text is kept between passes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, compress, count

MOST = 64
"""Places of a line that are noted; what stands at more of them is common."""

MOST_OF_GRAM = 16
"""The same for a piece within a line."""

GRAM = 16
"""Characters of a piece within a line, and the distance at which the text is asked for pieces."""

SURE = 2 * GRAM
"""Every stretch of so many equal characters holds one of the text's pieces whole."""

_BLOCK = 256 * 1024
LONGEST_LINE = 64 * 1024
"""Characters of a line beyond which it is not looked for whole."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A piece of a prompt, and where the text has it."""

    at: int
    """Where it begins in the prompt."""
    places: Places
    is_line: bool = False
    """Whether it is a whole line of the text."""
    length: int = GRAM


@dataclass(slots=True)
class Places:
    """Where a text has a piece."""

    starts: list[int] = field(default_factory=list[int])
    has_more: bool = False
    """Whether there are more than are listed."""

    def add(self, start: int, most: int = MOST) -> bool:
        """Note a place; False when there are too many."""
        if len(self.starts) >= most:
            self.has_more = True
        else:
            self.starts.append(start)
        return not self.has_more


def line_places(text: str, wanted: Iterable[str]) -> dict[str, Places]:
    """Where lines begin that are, without the blanks around them, one of those wanted.

    The place is that of the first character that is not blank.
    """
    left = set(wanted)
    found: dict[str, Places] = {}
    for start, block in _whole_lines(text) if left else ():
        lines = block.split("\n")
        bare = list(map(str.strip, lines))
        if left.isdisjoint(bare):
            continue
        at, before = start, 0
        for index in compress(count(), map(left.__contains__, bare)):
            at += sum(map(len, lines[before:index])) + index - before
            before = index
            line, key = lines[index], bare[index]
            places = found.setdefault(key, Places())
            places.add(at + len(line) - len(line.lstrip()))
        left.difference_update(key for key in left.intersection(bare) if found[key].has_more)
    return found


def _whole_lines(text: str) -> Iterator[tuple[int, str]]:
    """Blocks of whole lines, without those too long to be wanted, and where they begin."""
    start = 0
    while start < len(text):
        end = text.rfind("\n", start, start + _BLOCK)
        if start + _BLOCK >= len(text):
            end = len(text)
        elif end < 0:
            start = text.find("\n", start + _BLOCK) + 1
            if not start:
                return
            continue
        yield start, text[start:end]
        start = end + 1


class Grams:
    """Pieces of 16 characters as a text is asked for them: at each 16th character."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._is_ascii = text.isascii()
        self._width = 1 if self._is_ascii else 4
        self._form = struct.Struct(f"{GRAM * self._width}s")

    def of(self, piece: str) -> list[bytes]:
        """Those of a piece of a prompt, at each of its characters."""
        content = self._encoded(piece)
        width, size = self._width, GRAM * self._width
        return [content[at : at + size] for at in range(0, len(content) - size + 1, width)]

    def places(self, wanted: Iterable[bytes]) -> dict[bytes, Places]:
        """Where the text has them."""
        left = set(wanted)
        found: dict[bytes, Places] = {}
        for start in range(0, len(self._text), _BLOCK) if left else ():
            content = self._encoded(self._text[start : start + _BLOCK])
            whole = len(content) - len(content) % self._form.size
            grams = chain.from_iterable(self._form.iter_unpack(memoryview(content)[:whole]))
            common: list[bytes] = []
            for at in compress(count(start, GRAM), map(left.__contains__, grams)):
                gram = self._encoded(self._text[at : at + GRAM])
                if not found.setdefault(gram, Places()).add(at, MOST_OF_GRAM):
                    common.append(gram)
            left.difference_update(common)
        return found

    def _encoded(self, piece: str) -> bytes:
        """A form in which every character has the same number of bytes.

        What is not ASCII is in no ASCII text; the mark in its place is found out in comparing.
        """
        if self._is_ascii:
            return piece.encode("ascii", "replace")
        return piece.encode("utf-32-le", "surrogatepass")


def find_places(text: str, piece: str) -> Places:
    """Where the text has a piece, at any character."""
    places = Places()
    at = text.find(piece)
    while at >= 0 and places.add(at, MOST_OF_GRAM):
        at = text.find(piece, at + 1)
    return places
