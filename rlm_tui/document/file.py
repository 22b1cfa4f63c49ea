"""A document as the pane reads it: with `os.pread`, a few lines at a time, whatever its size.

Never mapped: another program may cut the file short, and reading a mapping behind its end kills
the process. Offsets are bytes of the text as it is read; `place_…` gives characters and lines.
"""

from __future__ import annotations

import codecs
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from rlm_tui.document.contents import Contents
from rlm_tui.document.encoding import MARKER, decoded
from rlm_tui.document.index import BLOCK, LineIndex

LINE_LIMIT = 64 * 1024
"""Bytes of a line that are read for showing it at once."""

_USUAL = 4096
"""Bytes that hold most lines."""

_BATCH = 16
"""Blocks that are indexed between two looks at whether to go on."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line, or as much of it as is read for showing it."""

    text: str
    """Without its newline."""
    is_cut: bool = False
    """Whether the line goes on behind the text."""
    start: int = field(default=0, compare=False)
    """Where it begins."""
    after: int = field(default=0, compare=False)
    """Where the next line begins."""


class Place(NamedTuple):
    """A place in a document, in all its counts."""

    offset: int
    """In bytes."""
    char: int
    """In characters, as `context` counts them, from 0."""
    line: int
    """From 0."""
    column: int
    """In characters, from 0."""


class DocumentFile:
    """An open document. The index may be built in another thread while lines are read."""

    def __init__(self, path: Path, encoding: str = "") -> None:
        """Open the file. Raises DocumentError when it cannot be read, UsageError for the encoding.

        Args:
            path: the file.
            encoding: the name of its encoding; empty to find it out.
        """
        self.path = path
        self.contents = Contents(path, encoding)
        self.is_binary = b"\0" in self._read(BLOCK, 0)
        self.is_indexed = False
        self.index = LineIndex(self.contents.codec, self.contents.start)
        self._lock = threading.Lock()
        self._closed = False
        self._has_open_end = False

    @property
    def size(self) -> int:
        """Bytes of the text, as far as it is there."""
        return self.contents.size

    @property
    def has_bom(self) -> bool:
        """Whether the document begins with a byte order mark."""
        return bool(self.contents.encoding.mark)

    @property
    def invalid(self) -> int:
        """The bytes that are no text, as far as they are counted."""
        return self.index.invalid + self.contents.invalid

    @property
    def line_count(self) -> int:
        """How many lines are known so far; all of them once it is indexed."""
        return self.index.newlines[-1] + (self.is_indexed and self._has_open_end)

    @property
    def indexed_share(self) -> float:
        """How much of the file is indexed, from 0 to 1."""
        if self.is_indexed:
            return 1.0
        share = (self.index.end - self.contents.start) / max(self.size, 1)
        return min(share * self.contents.unpacked_share, 1.0)

    def build_index(self, on_progress: Callable[[], None]) -> None:
        """Unpack and count, telling now and then; blocks, so call it in a thread."""
        is_short = False
        while not is_short and (self.index.end < self.size or not self.contents.is_whole):
            with self._lock:
                if self._closed:
                    return
                self.contents.unpack_more()
                is_short = not self._index_batch() and self.contents.is_whole
            on_progress()
        self._has_open_end = self._read(1, self.size - 1) != b"\n"
        self.is_indexed = True
        on_progress()

    def _index_batch(self) -> bool:
        """Index some blocks; whether there were any."""
        at = self.index.end
        piece = self._read(BLOCK * _BATCH, at)
        end = at + len(piece)
        is_all = self.contents.is_whole and end >= self.size
        while (left := end - self.index.end) >= BLOCK or (left and self.contents.is_whole):
            begin = self.index.end - at
            block = piece[begin : begin + BLOCK]
            self.index.add(block, is_last=begin + BLOCK >= len(piece) and is_all)
            if self.index.end == at + begin:  # the end of a batch cut a character
                break
        return self.index.end > at

    # Lines

    def lines(self, first: int, count: int) -> list[Line]:
        """Some lines from number `first` on, counting from 0; fewer at the end of what is known.

        Fewer, too, when the file was cut short since it was opened. Raises OSError.
        """
        at = self.start_of(first)
        return [] if at is None else self.lines_from(at, count)

    def lines_from(self, at: int, count: int) -> list[Line]:
        """Some lines from the one that starts at an offset on."""
        found: list[Line] = []
        start = self.contents.start
        if start == self.size and (not start or self._read(1, start - 1)):  # nothing but a mark
            return [Line("", start=at, after=at)][:count]
        while len(found) < count and at < self.size:
            line = self._line_at(at)
            if line.after == at:
                break
            found.append(line)
            at = line.after
        return found

    def lines_before(self, at: int, count: int) -> list[Line]:
        """At most some lines before the one that starts at an offset."""
        found: list[Line] = []
        while len(found) < count and at > self.contents.start:
            at = self.line_start(at - 1)
            found.append(self._line_at(at))
        return found[::-1]

    def start_of(self, number: int) -> int | None:
        """Where a line begins, counting from 0; None when it is not known to exist."""
        if number == 0:
            return self.contents.start
        index = self.index
        block = min(index.block_of_newline(number), index.block_count)
        begin = index.starts[block]
        content = self._read(BLOCK, begin)
        at = 0
        for _ in range(number - index.newlines[block]):
            at = content.find(b"\n", at) + 1
            if at == 0:
                return None
        return begin + at if begin + at < self.size else None

    def number_at(self, offset: int) -> tuple[int, bool]:
        """The number of the line that holds an offset, and whether it is known or an estimate."""
        index = self.index
        if offset <= index.end:
            block = min(index.block_at(offset), index.block_count)
            begin = index.starts[block]
            return index.newlines[block] + self._read(offset - begin, begin).count(b"\n"), True
        begin = self.contents.start
        known, newlines = index.end - begin, index.newlines[-1]
        if not newlines:
            head = self._read(BLOCK, begin)
            known, newlines = max(len(head), 1), max(head.count(b"\n"), 1)
        return round((offset - begin) * newlines / known), False

    def line_start(self, offset: int) -> int:
        """Where the line that holds an offset begins."""
        at = offset
        for size in (_USUAL, LINE_LIMIT):
            begin = max(at - size, self.contents.start)
            found = self._read(at - begin, begin).rfind(b"\n")
            if found >= 0 or begin == self.contents.start:
                return begin + found + 1
            at = begin
        index = self.index
        while at > index.end:
            begin = max(at - BLOCK * _BATCH, index.end)
            found = self._read(at - begin, begin).rfind(b"\n")
            if found >= 0:
                return begin + found + 1
            at = begin
        block = min(index.block_at(at), index.block_count)
        begin = index.starts[block]
        found = self._read(at - begin, begin).rfind(b"\n")
        if found >= 0 or not index.newlines[block]:
            return begin + found + 1 if found >= 0 else self.contents.start
        block = index.block_of_newline(index.newlines[block])
        begin, end = index.starts[block], index.starts[block + 1]
        return begin + self._read(end - begin, begin).rfind(b"\n") + 1

    def _line_at(self, at: int) -> Line:
        content = self._read(_USUAL, at)
        end = content.find(b"\n")
        if end < 0 and len(content) == _USUAL:
            content = self._read(LINE_LIMIT + 1, at)
            end = content.find(b"\n")
        if end >= 0:
            return Line(self._decoded(content[:end]), start=at, after=at + end + 1)
        if len(content) <= LINE_LIMIT:
            return Line(self._decoded(content), start=at, after=at + len(content))
        text = self._cut_text(content[:LINE_LIMIT])
        after = self._after_newline(at + len(content))
        return Line(text, is_cut=True, start=at, after=after)

    def _decoded(self, content: bytes) -> str:
        return decoded(content, self.contents.codec)

    def _cut_text(self, content: bytes) -> str:
        """Text that goes on; a character that is cut is left out, not shown as invalid bytes."""
        return codecs.getincrementaldecoder(self.contents.codec)(MARKER).decode(content)

    def text_at(self, offset: int, count: int) -> tuple[str, int]:
        """The text of about so many bytes from a character on, and where it ends."""
        content = self._read(count, offset)
        if self.contents.codec != "utf-8" or offset + len(content) >= self.size:
            return self._decoded(content), offset + len(content)
        text, taken = codecs.utf_8_decode(content, MARKER, False)  # noqa: FBT003 - C's signature
        return text, offset + taken

    def length_of(self, offset: int, chars: int) -> int:
        """The bytes of so many characters from one on."""
        return self.index.bytes_of(self._read(4 * chars, offset), chars)

    def char_boundary(self, offset: int) -> int:
        """Where the first character begins from an offset on."""
        if self.contents.codec != "utf-8":
            return offset
        behind = self._read(3, offset)
        while behind and 0x80 <= behind[0] < 0xC0:  # noqa: PLR2004 - continuation bytes
            offset, behind = offset + 1, behind[1:]
        return offset

    def _after_newline(self, at: int) -> int:
        """Where the first line behind an offset begins."""
        index = self.index
        block = index.block_at(at)
        if block < index.block_count:  # pass over the blocks without a newline
            end = index.starts[block + 1]
            found = self._read(end - at, at).find(b"\n")
            if found >= 0:
                return at + found + 1
            at = index.starts[index.block_of_newline(index.newlines[block + 1] + 1)]
        while piece := self._read(BLOCK * _BATCH, at):
            found = piece.find(b"\n")
            if found >= 0:
                return at + found + 1
            at += len(piece)
        return self.size

    # Places

    def place_at_char(self, char: int) -> Place | None:
        """Where a character is; None when it is not known to be there."""
        index = self.index
        block = min(index.block_of_char(char), index.block_count)
        if char > index.chars[index.block_count]:
            return None
        begin = index.starts[block]
        content = self._read(BLOCK, begin)
        offset = begin + index.bytes_of(content, char - index.chars[block])
        return self._place(offset, char)

    def place_at_offset(self, offset: int) -> Place | None:
        """Which character begins at an offset or holds it; None when that is not known."""
        char = self._char_at(offset)
        return None if char is None else self._place(offset, char)

    def place_at_line(self, line: int, column: int = 0) -> Place | None:
        """Where a line and a column of it are; None when they are not known."""
        start = self.start_of(line)
        char = None if start is None else self._char_at(start)
        return None if char is None else self.place_at_char(char + column)

    def _char_at(self, offset: int) -> int | None:
        index = self.index
        if offset > index.end or offset < self.contents.start:
            return None
        block = min(index.block_at(offset), index.block_count)
        begin = index.starts[block]
        return index.chars[block] + index.chars_in(self._read(offset - begin, begin))

    def _place(self, offset: int, char: int) -> Place:
        start = self.line_start(offset)
        number, _ = self.number_at(start)
        return Place(offset, char, number, char - (self._char_at(start) or 0))

    def _read(self, count: int, at: int) -> bytes:
        return self.contents.read(count, at)

    def close(self) -> None:
        """Close the file; an index under way stops."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self.contents.close()
