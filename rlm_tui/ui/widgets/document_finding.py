"""What is being looked for in the document pane: the hit one stands on, and those on screen."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from rlm_tui.document.file import DocumentFile
from rlm_tui.document.pattern import Wanted
from rlm_tui.document.search import Search
from rlm_tui.document.search_process import CELL
from rlm_tui.ui.widgets.document_marks import spread

_KEPT = 2_000
"""Parts of the file whose hits are kept."""


class ShownHit(NamedTuple):
    """A hit in a part of the file, in characters from its beginning."""

    start: int
    end: int
    is_current: bool
    """Whether it is the one that one stands on."""


class Finding:
    """A search and what of it is shown."""

    def __init__(self, file: DocumentFile, on_change: Callable[[], None]) -> None:
        """Prepare to look in a file; `on_change` is called when more is known."""
        self.search = Search(file.contents, on_change)
        self.current: tuple[int, int, int] | None = None
        """The hit one stands on: where it begins and ends, and its number or 0."""
        self._file = file
        self._hits: dict[tuple[int, int], list[tuple[int, int, int]]] = {}
        """By part of the file: beginning and end in characters, and beginning in bytes."""
        self._missing: dict[tuple[int, int], None] = {}

    @property
    def wanted(self) -> Wanted | None:
        """What is looked for."""
        return self.search.wanted

    async def begin(self, wanted: Wanted) -> None:
        """Look for something else."""
        self.current = None
        self._hits.clear()
        self._missing.clear()
        await self.search.begin(wanted, by_line=False)

    async def end(self) -> None:
        """Look for nothing."""
        self.current = None
        await self.search.end()

    async def move(self, at: int, step: int) -> bool:
        """Go to the next hit from an offset on, or the one before it; whether there is one."""
        if self.current is not None:
            at = self.current[1] if step > 0 else self.current[0]
        found = await self.search.next(at, step)
        if found is not None:
            self.current = found
        return found is not None

    @property
    def lacks_some(self) -> bool:
        """Whether hits that were asked for are not known, or which of all one stands on."""
        return bool(self._missing) or self._is_to_be_counted

    @property
    def _is_to_be_counted(self) -> bool:
        return self.current is not None and not self.current[2] and self.search.is_done

    def hits(self, start: int, end: int) -> list[ShownHit]:
        """The hits between two offsets; none while not known."""
        if self.wanted is None:
            return []
        if (start, end) not in self._hits:
            self._missing[start, end] = None
            return []
        here = self.current[0] - start if self.current else -1
        return [ShownHit(a, b, at == here) for a, b, at in self._hits[start, end]]

    async def fetch(self) -> bool:
        """Ask for what was not known when it was drawn; whether there was anything to ask for."""
        current = self.current
        if current is not None and self._is_to_be_counted:
            found = await self.search.next(current[0], 1)
            if found is not None and found[0] == current[0] and self.current == current:
                self.current = found
                return found[2] > 0
        missing, self._missing = self._missing, {}
        missing = [part for part in missing if part not in self._hits]
        if not missing:
            return False
        if len(self._hits) > _KEPT:
            self._hits.clear()
        found = await self.search.spans(missing)
        self._hits |= {part: self._in_chars(part[0], hits) for part, hits in found.items()}
        return bool(found)

    def _in_chars(self, start: int, hits: list[tuple[int, int]]) -> list[tuple[int, int, int]]:
        content = self._file.contents.read(hits[-1][1], start) if hits else b""
        found: list[tuple[int, int, int]] = []
        at = chars = 0
        for begin, end in hits:
            first = chars + self._file.index.chars_in(content[at:begin])
            at, chars = end, first + self._file.index.chars_in(content[begin:end])
            found.append((first, chars, begin))
        return found

    def on_map(self, rows: int) -> list[int]:
        """How many hits fall on each row of a map."""
        return spread(self.search.counts, CELL, self._file.size, rows)

    def words(self) -> Iterable[str]:
        """What is to be said of it: what, which of how many, how far."""
        search = self.search
        if (wanted := search.wanted) is None:
            return
        number = f"{self.current[2]:,} of " if self.current and self.current[2] else ""
        more = "" if search.is_done or search.trouble else f"… {search.searched_share:.0%}"
        yield f"/{wanted.text} {number}{search.total:,}{more}"
        if search.trouble:
            yield search.trouble
