"""The process that searches a document, so that no pattern can hold the screen up.

It counts hits cell by cell, a cell being what begins in 256 KB of the file, and keeps only the
counts: where hits are in a cell is found again when somebody asks. Run by `search`, with which it
exchanges lines of JSON on stdin and stdout; between two cells it looks for questions.
"""

from __future__ import annotations

import json
import os
import select
import sys
import time
from array import array
from typing import Any

from rlm_tui.document.pattern import Hit, Pattern, Wanted

CELL = 256 * 1024
_LONG = 1024 * 1024
"""Bytes up to which a line is searched as a whole; longer ones are searched in cells."""
_OVERLAP = 4096
_TELL = 0.05
"""Seconds between two reports."""


class Searcher:
    """Searches one document for one pattern at a time."""

    def __init__(self, fd: int, start: int, codec: str) -> None:
        """Search an open file whose text begins at `start`."""
        self._fd, self._start, self._codec = fd, start, codec
        self._size = 0
        self._is_whole = False
        self._pattern: Pattern | None = None
        self._by_line = False
        self._counts = array("L")
        self._borders: dict[int, int] = {}
        self._told = 0.0

    def answer(self, question: dict[str, Any]) -> dict[str, Any] | None:
        """Do what was asked; None when there is nothing to say."""
        match question["op"]:
            case "size":
                self._size, self._is_whole = question["size"], question["is_whole"]
            case "search":
                wanted = Wanted(*question["wanted"])
                self._pattern = Pattern(wanted, self._codec)
                self._by_line = question["by_line"]
                self._counts = array("L")
            case "next":
                return {"op": "next", "hit": self._next(question["at"], question["step"])}
            case "lines":
                found = self._lines(question["at"], question["step"], question["count"])
                return {"op": "lines", "lines": found, "ask": question}
            case _:
                return {"op": "spans", "spans": self._spans(question["lines"])}
        return None

    @property
    def has_work(self) -> bool:
        """Whether there are cells to search."""
        if self._pattern is None:
            return False
        ready = (self._size + CELL - 1) // CELL if self._is_whole else self._size // CELL - 5
        return len(self._counts) < ready

    def work(self) -> dict[str, Any]:
        """Search for a while; tells the counts of the cells that were searched."""
        first, until = len(self._counts), time.monotonic() + _TELL
        while self.has_work and time.monotonic() < until:
            self._counts.append(self._counted(len(self._counts)))
        is_done = self._is_whole and not self.has_work
        return {"op": "counts", "counts": self._counts[first:].tolist(), "is_done": is_done}

    def _show_life(self) -> None:
        """Say now and then that a long answer is being worked on."""
        if time.monotonic() - self._told > 1:
            self._told = time.monotonic()
            _say({"op": "alive"})

    # Cells

    def _border(self, cell: int) -> int:
        """Where a cell begins: the first line that begins in its part of the file."""
        if cell not in self._borders:
            if len(self._borders) > 1 << 16:
                self._borders.clear()
            self._borders[cell] = self._find_border(cell)
        return self._borders[cell]

    def _find_border(self, cell: int) -> int:
        at = cell * CELL
        if at <= self._start:
            return self._start
        if at >= self._size:
            return self._size
        place = at - 1
        for size in (4096, _LONG):
            content = os.pread(self._fd, min(size, self._size - place), place)
            found = content.find(b"\n")
            if found >= 0:
                return place + found + 1
            if place + len(content) >= self._size:
                return self._size
        # In a very long line: any character that begins there.
        behind = os.pread(self._fd, 3, at) if self._codec == "utf-8" else b""
        return at + len(behind) - len(behind.lstrip(bytes(range(0x80, 0xC0))))

    def _piece(self, cell: int) -> tuple[int, int, bytes]:
        """Where a cell begins and ends, and its bytes, with some more of a line that goes on."""
        begin, end = self._border(cell), self._border(cell + 1)
        content = os.pread(self._fd, end - begin, begin)
        if content and end < self._size and not content.endswith(b"\n"):
            more = os.pread(self._fd, min(_OVERLAP, self._size - end), end)
            content += more.partition(b"\n")[0]
        return begin, end, content

    def _counted(self, cell: int) -> int:
        assert self._pattern is not None  # noqa: S101 - there is one while there is work
        begin, end, content = self._piece(cell)
        if self._by_line:
            return sum(begin + start < end for start in self._pattern.lines(content))
        if len(content) <= end - begin:
            return self._pattern.count(content)
        return sum(begin + hit.start < end for hit in self._pattern.hits(content))

    def _hits(self, cell: int) -> list[Hit]:
        if self._pattern is None or (cell < len(self._counts) and not self._counts[cell]):
            return []
        begin, end, content = self._piece(cell)
        hits = (Hit(begin + hit.start, begin + hit.end) for hit in self._pattern.hits(content))
        return [hit for hit in hits if hit.start < end]

    def _cell_of(self, offset: int) -> int:
        """The cell that holds an offset; the line there may begin in an earlier part."""
        cell = max(offset, 0) // CELL
        while cell > 0 and self._border(cell) > offset:
            cell -= 1
        return cell

    def _next(self, at: int, step: int) -> list[int] | None:
        """The first hit from an offset on, or the last before it: start, end, number or 0.

        After the end of the file it goes on at the beginning, and the other way round.
        """
        if not self._size:
            return None
        cells = (self._size + CELL - 1) // CELL
        first = self._cell_of(min(at if step > 0 else at - 1, self._size - 1))
        for distance in range(cells + 1):
            cell = (first + step * distance) % cells
            self._show_life()
            hits = self._hits(cell)
            if cell == first:  # twice: what lies ahead at first, the rest at last
                hits = [h for h in hits if ((h.start >= at) == (step > 0)) == (distance == 0)]
            if hits:
                hit = hits[0 if step > 0 else -1]
                return [hit.start, hit.end, self._number(cell, hit)]
        return None

    def _number(self, cell: int, hit: Hit) -> int:
        """Which hit of the document it is, from 1; 0 when not all before it are counted."""
        if cell >= len(self._counts):
            return 0
        return sum(self._counts[:cell]) + self._hits(cell).index(hit) + 1

    def _lines(self, at: int, step: int, count: int) -> list[int]:
        """Where lines that are wanted begin: from an offset on, or before it, nearest first."""
        found: list[int] = []
        if self._pattern is None:
            return found
        cells = (self._size + CELL - 1) // CELL
        cell = self._cell_of(min(at if step > 0 else at - 1, self._size - 1))
        while 0 <= cell < cells and len(found) < count:
            self._show_life()
            if cell >= len(self._counts) or self._counts[cell]:
                begin, end, content = self._piece(cell)
                lines = [
                    begin + line for line in self._pattern.lines(content) if begin + line < end
                ]
                lines = [line for line in lines if (line >= at) == (step > 0)]
                found += lines if step > 0 else lines[::-1]
            cell += step
        return found[:count]

    def _spans(self, lines: list[list[int]]) -> list[list[int | list[Hit]]]:
        """Where hits are in each line, in bytes from its beginning."""
        if self._pattern is None:
            return []
        return [
            [start, list(self._pattern.hits(os.pread(self._fd, end - start, start).rstrip(b"\n")))]
            for start, end in lines
        ]


def main(fd: int, start: int, codec: str) -> None:
    """Answer questions and search until nobody asks any more."""
    searcher = Searcher(fd, start, codec)
    rest = b""
    while True:
        while select.select([0], [], [], 0 if searcher.has_work else None)[0]:
            piece = os.read(0, 1 << 16)
            if not piece:
                return
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                if (answer := searcher.answer(json.loads(line))) is not None:
                    _say(answer)
                else:
                    _say({"op": "ready"})
        _say(searcher.work())


def _say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
