"""Breaks a line of text into rows of a width, at spaces where there are some."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len, get_character_cell_size

LONGEST = 200_000
"""Characters of a line that are broken into rows; what follows is not shown."""


def rows_of(line: str, width: int) -> Iterator[str]:
    """The rows of a line; an empty line has one."""
    for start, end in spans_of(line, width):
        yield line[start:end]


def spans_of(line: str, width: int) -> Iterator[tuple[int, int]]:
    """The rows of a line as offsets; a space at which it is broken belongs to none."""
    width = max(width, 1)
    line = line[:LONGEST]
    if len(line) <= width and (line.isascii() or cell_len(line) <= width):
        yield 0, len(line)
        return
    at = 0
    while at < len(line):
        end = _end_of_row(line, at, width)
        if end < len(line) and line[end] != " ":
            space = line.rfind(" ", at + width // 2, end)
            end = space + 1 if space > 0 else end
        yield at, end
        at = end
        if at < len(line) and line[at] == " ":
            at += 1


def _end_of_row(line: str, at: int, width: int) -> int:
    piece = line[at : at + width]
    if piece.isascii():
        return at + len(piece)
    used = 0
    for index, char in enumerate(piece):
        used += get_character_cell_size(char)
        if used > width:
            return at + max(index, 1)
    return at + len(piece)
