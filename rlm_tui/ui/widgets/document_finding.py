"""What is being looked for in the document pane: the hit one stands on, and those on screen."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rlm_tui.document.file import DocumentFile
from rlm_tui.document.pattern import Wanted
from rlm_tui.document.search import Search
from rlm_tui.document.search_process import CELL
from rlm_tui.ui.widgets.document_marks import spread

_KEPT = 2_000
"""Lines whose hits are kept."""


class Finding:
    """A search and what of it is shown."""

    def __init__(self, file: DocumentFile, on_change: Callable[[], None]) -> None:
        """Prepare to look in a file; `on_change` is called when more is known."""
        self.search = Search(file.contents, on_change)
        self.current: tuple[int, int, int] | None = None
        """The hit one stands on: where it begins and ends, and its number or 0."""
        self._file = file
        self._spans: dict[int, list[tuple[int, int]]] = {}
        self._missing: dict[int, int] = {}

    @property
    def wanted(self) -> Wanted | None:
        """What is looked for."""
        return self.search.wanted

    async def begin(self, wanted: Wanted) -> None:
        """Look for something else."""
        self.current = None
        self._spans.clear()
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

    def spans(self, start: int, end: int) -> list[tuple[int, int]]:
        """The hits between two offsets, in characters from the first; none while not known."""
        if self.wanted is None:
            return []
        if start not in self._spans:
            self._missing[start] = end
            return []
        found = self._spans[start]
        if not found:
            return []
        content = self._file.contents.read(found[-1][1], start)
        count = self._file.index.chars_in
        return [(count(content[:a]), count(content[:b])) for a, b in found]

    async def fetch(self) -> bool:
        """Ask for what was not known when it was drawn; whether there was anything to ask for."""
        current = self.current
        if current is not None and not current[2] and self.search.is_done:
            found = await self.search.next(current[0], 1)
            if found is not None and found[0] == current[0] and self.current == current:
                self.current = found
                return found[2] > 0
        missing, self._missing = self._missing, {}
        missing = {start: end for start, end in missing.items() if start not in self._spans}
        if not missing:
            return False
        if len(self._spans) > _KEPT:
            self._spans.clear()
        self._spans |= await self.search.spans(list(missing.items()))
        return True

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
