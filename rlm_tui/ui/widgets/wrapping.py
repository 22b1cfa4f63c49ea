"""Breaks a line of text into rows of a width, at spaces where there are some."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len, get_character_cell_size

LONGEST = 200_000
"""Characters of a line that are broken into rows; what follows is not shown."""

_JOINER = "\u200d"
"""Makes one picture of the characters before and behind it."""


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
        end = end_of_row(line, at, width)
        if end < len(line) and not _is_space(line, end):
            end = _behind_last_space(line, at + width // 2, end) or end
        yield at, end
        at = end
        if _is_space(line, at):
            at += 1


def left_out(line: str) -> str:
    """What to say behind the rows of a line that is longer than is shown; empty for others."""
    more = len(line) - LONGEST
    return f"… {more:,} more characters" if more > 0 else ""


def fitted(text: str, room: int) -> str:
    """The text in exactly `room` cells; what is cut off leaves an ellipsis."""
    if cell_len(text) > room:
        kept = text[: end_of_row(text, 0, room - 1)] if room > 1 else ""
        if cell_len(kept) >= room:  # its first picture is too wide
            kept = ""
        text = kept + "…"[:room]
    return text + " " * (room - cell_len(text))


def _is_space(line: str, at: int) -> bool:
    """Whether a space stands there, and not one that carries an accent."""
    return line.startswith(" ", at) and _end_of_picture(line, at) == at + 1


def _behind_last_space(line: str, first: int, end: int) -> int:
    """The offset behind the last space of a part of a line; 0 if there is none."""
    at = line.rfind(" ", first, end)
    while at >= 0 and not _is_space(line, at):
        at = line.rfind(" ", first, at)
    return at + 1


def end_of_row(line: str, at: int, width: int) -> int:
    """Where a row of at most `width` cells ends; it has at least one picture."""
    if line[at : at + width + 1].isascii():
        return min(at + width, len(line))
    used, end = 0, at
    while end < len(line):
        after = _end_of_picture(line, end)
        single = after - end == 1
        used += get_character_cell_size(line[end]) if single else cell_len(line[end:after])
        if used > width and end > at:
            return end
        end = after
    return end


def _end_of_picture(line: str, at: int) -> int:
    """The end of what is drawn as one: a character with its accents, or several that are joined."""
    end = at + 1
    while end < len(line) and (
        line[end - 1] == _JOINER
        or (not line[end].isascii() and not get_character_cell_size(line[end]))
    ):
        end += 1
    return end
