"""What is searched for, and where it is in a piece of a document: whole lines, as bytes.

A literal is found in the bytes as they are, at the speed of memory; a regex in the text. No match
goes beyond its line, as in the helpers of the REPL.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import stringzilla

from rlm_tui.document.encoding import decoded
from rlm_tui.typed_pattern import compile_typed, is_any_case

_fast: Any = stringzilla
"""Ten times as fast as `bytes.count`, a hundred times as fast as `re.I`; it has no types."""

_COMMON = 96
"""Bytes for a hit; from there on it takes less time to make all of a piece lower case."""

_SPECIAL = re.compile(r"[\\.^$*+?{}\[\]|()]")
_LOOKS_BEYOND_THE_LINE = re.compile(r"\\[ADWZ]|\[\^|\(\?<?[!=]|\(\?>|[*+?}]\+|\(\?[a-z]*s")
"""What is searched line by line: over several lines it can miss a line that matches on its own."""


class Wanted(NamedTuple):
    """What is searched for."""

    text: str
    is_regex: bool = False
    ignore_case: bool = False
    is_inverted: bool = False
    """The lines without it are wanted."""

    @classmethod
    def typed(cls, text: str) -> Wanted:
        """What somebody typed: a regex if it is one, and upper case only where it is typed.

        `!` before it asks for the lines without it.
        """
        is_inverted = text.startswith("!") and len(text) > 1
        text = text[1:] if is_inverted else text
        is_regex = bool(_SPECIAL.search(text)) and _compiles(text)
        any_case = is_any_case(text) if is_regex else text == text.lower()
        return cls(text, is_regex, any_case, is_inverted)


def _compiles(text: str) -> bool:
    try:
        compile_typed(text)
    except ValueError:
        return False
    return True


class Hit(NamedTuple):
    """Where it was found, in bytes."""

    start: int
    end: int


class Pattern:
    """Finds what is wanted in pieces of whole lines."""

    def __init__(self, wanted: Wanted, codec: str) -> None:
        """Prepare to search the bytes of a codec."""
        self._codec = codec
        self._is_inverted = wanted.is_inverted
        self._literal: bytes | None = None
        self._folds = self._is_common = False
        if not wanted.is_regex and (not wanted.ignore_case or codec == "utf-8"):
            self._literal = wanted.text.encode(codec, "ignore")
            self._folds = wanted.ignore_case and wanted.text.lower() != wanted.text.upper()
            if decoded(self._literal, codec) != wanted.text:  # it cannot be in such a text
                self._literal = b"\n"
        expression = wanted.text if wanted.is_regex else re.escape(wanted.text)
        flags = re.IGNORECASE if wanted.ignore_case else re.NOFLAG
        self._alone = compile_typed(expression, flags)
        self._whole = compile_typed(expression, flags | re.MULTILINE)
        self._by_lines = bool(_LOOKS_BEYOND_THE_LINE.search(expression))

    def count(self, piece: bytes) -> int:
        """How often it is there; of an inverted one, in how many lines it is not."""
        if self._is_inverted:
            return len(self.lines(piece))
        if self._literal is not None and not self._folds:
            return 0 if self._literal == b"\n" else int(_fast.count(piece, self._literal))
        if self._literal is not None:
            return self._count_folded(piece, self._literal)
        return sum(1 for _ in self._spans_of(decoded(piece, self._codec)))

    def _count_folded(self, piece: bytes, literal: bytes) -> int:
        """The faster of two ways, as the piece before was: each hit costs 27 ns in the first."""
        if self._is_common and piece.isascii():
            found = int(_fast.count(piece.lower(), literal.lower()))
        else:
            found = sum(1 for _ in _fast.utf8_uncased_matches(piece, literal))
        self._is_common = literal.isascii() and found * _COMMON > len(piece)
        return found

    def hits(self, piece: bytes) -> Iterator[Hit]:
        """Where it is, in order, not overlapping. An inverted one is nowhere."""
        if self._is_inverted or self._literal == b"\n":
            return
        if self._literal is None:
            yield from self._matches(piece)
        elif self._folds:
            for found in _fast.utf8_uncased_matches(piece, self._literal):
                start = _fast.offset_within(found, piece)
                yield Hit(start, start + len(found))
        else:
            size = len(self._literal)
            at = piece.find(self._literal)
            while at >= 0:
                yield Hit(at, at + size)
                at = piece.find(self._literal, at + size)

    def lines(self, piece: bytes) -> list[int]:
        """Where the lines that are wanted begin."""
        found = dict.fromkeys(piece.rfind(b"\n", 0, hit.start) + 1 for hit in self._wanted(piece))
        if not self._is_inverted:
            return list(found)
        starts: list[int] = []
        at = 0
        while at < len(piece):
            if at not in found:
                starts.append(at)
            at = piece.find(b"\n", at) + 1 or len(piece)
        return starts

    def _wanted(self, piece: bytes) -> Iterator[Hit]:
        """Hits as if it were not inverted."""
        is_inverted, self._is_inverted = self._is_inverted, False
        try:
            yield from list(self.hits(piece))
        finally:
            self._is_inverted = is_inverted

    def _matches(self, piece: bytes) -> Iterator[Hit]:
        text = decoded(piece, self._codec)
        spans = self._spans_of(text)
        if len(text) == len(piece):
            for start, end in spans:
                yield Hit(start, end)
            return
        # Every invalid byte is one character here, too, and can be turned back into it.
        same = piece.decode("utf-8", "surrogateescape")
        at = offset = 0
        for start, end in spans:
            begin = offset + len(same[at:start].encode("utf-8", "surrogateescape"))
            offset = begin + len(same[start:end].encode("utf-8", "surrogateescape"))
            at = end
            yield Hit(begin, offset)

    def _spans_of(self, text: str) -> Iterator[tuple[int, int]]:
        return self._spans_by_lines(text) if self._by_lines else self._spans(text)

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Searches the piece as a whole; a line that a match goes beyond is searched alone."""
        at = told = 0
        while at >= 0:
            for match in self._whole.finditer(text, at):
                start, end = match.span()
                if "\n" in match[0]:
                    line_end = text.index("\n", start)
                    begin = text.rfind("\n", 0, start) + 1
                    for span in self._spans_alone(text, begin, line_end):
                        if span[0] >= told:
                            yield span
                    at = told = line_end + 1
                    break
                if end > start:
                    yield start, end
                    told = end
            else:
                at = -1

    def _spans_by_lines(self, text: str) -> Iterator[tuple[int, int]]:
        at = 0
        for line in text.split("\n"):
            yield from self._spans_alone(text, at, at + len(line))
            at += len(line) + 1

    def _spans_alone(self, text: str, begin: int, end: int) -> Iterator[tuple[int, int]]:
        for match in self._alone.finditer(text[begin:end]):
            if match.end() > match.start():
                yield begin + match.start(), begin + match.end()
