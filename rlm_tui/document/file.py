"""A document as the pane reads it: with `os.pread`, a few lines at a time, whatever its size.

Never mapped: another program may cut the file short, and reading a mapping behind its end kills
the process. The line index is sparse, one entry for each 64 KB, so a gigabyte takes 0.3 MB.
"""

from __future__ import annotations

import codecs
import os
import stat
import threading
from array import array
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rlm_tui.errors import DocumentError

BLOCK = 64 * 1024
LINE_LIMIT = 64 * 1024
"""Bytes of a line that are read for showing it."""

_USUAL = 4096
"""Bytes that hold most lines."""

_BATCH = 16
"""Blocks that are indexed between two looks at whether to go on."""

_MARKER = "document-one-mark-a-byte"


def _one_mark_a_byte(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "\ufffd" * (error.end - error.start), error.end


codecs.register_error(_MARKER, _one_mark_a_byte)


def decoded(content: bytes) -> str:
    """UTF-8 as text; every invalid byte is one U+FFFD, as it is in `context`."""
    return content.decode("utf-8", _MARKER)


def check_readable(path: Path) -> os.stat_result:
    """Make sure that a document can be read.

    Raises:
        DocumentError: it is missing, not a regular file, empty, or not ours to read.
    """
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise DocumentError(f"{path} is a directory; name a file in it.")
        if not stat.S_ISREG(status.st_mode):
            raise DocumentError(
                f"{path} is not a regular file; send it through a pipe: rlm-tui ask - < {path}"
            )
        with path.open("rb"):
            pass
    except FileNotFoundError as error:
        raise DocumentError(f"{path} does not exist.") from error
    except OSError as error:
        raise DocumentError(f"{path} cannot be read: {error.strerror}.") from error
    if status.st_size == 0:
        raise DocumentError(f"{path} is empty: there is nothing to ask about.")
    return status


@dataclass(frozen=True, slots=True)
class Line:
    """One line, or as much of it as is read for showing it."""

    text: str
    """Without its newline."""
    is_cut: bool = False
    """Whether the line goes on behind the text."""


class DocumentFile:
    """An open document. The index may be built in another thread while lines are read."""

    def __init__(self, path: Path) -> None:
        """Open the file. Raises DocumentError when it cannot be read."""
        status = check_readable(path)
        self.path = path
        self.size = status.st_size
        try:
            self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise DocumentError(f"{path} cannot be read: {error.strerror}.") from error
        first = self._read(BLOCK, 0)
        self.has_bom = first.startswith(codecs.BOM_UTF8)
        self.is_binary = b"\0" in first
        self.is_indexed = False
        self._newlines_before = array("Q", [0])
        """For each block whose predecessors are counted, the newlines before it."""
        self._lock = threading.Lock()
        self._closed = False
        self._has_open_end = self._read(1, self.size - 1) != b"\n"

    @property
    def line_count(self) -> int:
        """How many lines are known so far; all of them once it is indexed."""
        return self._newlines_before[-1] + (self.is_indexed and self._has_open_end)

    @property
    def indexed_share(self) -> float:
        """How much of the file is indexed, from 0 to 1."""
        if self.is_indexed:
            return 1.0
        return min((len(self._newlines_before) - 1) * BLOCK / max(self.size, 1), 1.0)

    def build_index(self, on_progress: Callable[[], None]) -> None:
        """Count the newlines, telling now and then; blocks, so call it in a thread."""
        at = (len(self._newlines_before) - 1) * BLOCK
        while at < self.size:
            with self._lock:
                if self._closed:
                    return
                piece = self._read(BLOCK * _BATCH, at)
            if not piece:
                break
            for start in range(0, len(piece), BLOCK):
                count = piece.count(b"\n", start, start + BLOCK)
                self._newlines_before.append(self._newlines_before[-1] + count)
            at += len(piece)
            on_progress()
        self.is_indexed = True
        on_progress()

    def lines(self, first: int, count: int) -> list[Line]:
        """Some lines from number `first` on, counting from 0; fewer at the end of what is known.

        Fewer, too, when the file was cut short since it was opened. Raises OSError.
        """
        at = self._start_of(first)
        if at is None:
            return []
        found: list[Line] = []
        while len(found) < count and at < self.size:
            line, after = self._line_at(at)
            if after == at:
                break
            found.append(line)
            at = after
        if first == 0 and found and self.has_bom:
            found[0] = Line(found[0].text.removeprefix("\ufeff"), found[0].is_cut)
        return found

    def _start_of(self, number: int) -> int | None:
        """The offset of a line in bytes; None when it is not known to exist."""
        if number == 0:
            return 0
        block = bisect_right(self._newlines_before, number - 1) - 1
        wanted = number - self._newlines_before[block]
        content = self._read(BLOCK, block * BLOCK)
        at = 0
        for _ in range(wanted):
            at = content.find(b"\n", at) + 1
            if at == 0:
                return None
        start = block * BLOCK + at
        return start if start < self.size else None

    def _line_at(self, at: int) -> tuple[Line, int]:
        """The line that starts at an offset, and the offset of the next one."""
        content = self._read(_USUAL, at)
        end = content.find(b"\n")
        if end < 0 and len(content) == _USUAL:
            content = self._read(LINE_LIMIT + 1, at)
            end = content.find(b"\n")
        if end >= 0:
            return Line(decoded(content[:end])), at + end + 1
        if len(content) <= LINE_LIMIT:
            return Line(decoded(content)), at + len(content)
        # A cut inside a character would show as invalid bytes that are not there.
        text = codecs.getincrementaldecoder("utf-8")(_MARKER).decode(content[:LINE_LIMIT])
        return Line(text, is_cut=True), self._after_newline(at + len(content))

    def _after_newline(self, at: int) -> int:
        while piece := self._read(BLOCK * _BATCH, at):
            found = piece.find(b"\n")
            if found >= 0:
                return at + found + 1
            at += len(piece)
        return self.size

    def _read(self, count: int, at: int) -> bytes:
        """Some bytes; none of those that the file has grown by since it was opened."""
        return os.pread(self._fd, max(min(count, self.size - at), 0), at)

    def close(self) -> None:
        """Close the file; an index under way stops."""
        with self._lock:
            if not self._closed:
                self._closed = True
                os.close(self._fd)
                self._fd = -1  # the number may soon be another file's
