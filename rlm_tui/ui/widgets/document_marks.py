"""What can be said of lines beside them: marks in the gutter, and on the map of the whole file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class Mark(NamedTuple):
    """A sign and what it means."""

    sign: str
    """One or two cells."""
    meaning: str
    """A name of `meanings`."""


class Marks(Protocol):
    """Somebody who marks lines; asked for what is on screen, each time it is drawn."""

    def of_line(self, start: int, after: int) -> Mark | None:
        """The mark of the line from one offset to another, in bytes of the file."""
        ...

    def of_file(self, rows: int) -> Sequence[Mark | None]:
        """The marks of the whole file, cut into so many equal parts."""
        ...


def spread(counts: Sequence[int], cell: int, size: int, rows: int) -> list[int]:
    """How much of what was counted in cells of so many bytes falls on each row of a map."""
    found = [0] * rows
    for index, count in enumerate(counts):
        if count:
            found[min(index * cell * rows // max(size, 1), rows - 1)] += count
    return found
