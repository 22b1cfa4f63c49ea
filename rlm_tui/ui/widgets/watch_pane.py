"""Below the tree: watched expressions and breakpoints, as they are where the reader stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from rich.segment import Segment
from textual.strip import Strip

from rlm_tui.breakpoint import Breakpoint
from rlm_tui.ui.widgets.lines import LineView, drawable
from rlm_tui.ui.widgets.wrapping import fitted


class Watched(NamedTuple):
    """An expression and what it comes to."""

    expression: str
    value: str
    was: str = ""
    is_error: bool = False


class _Row(NamedTuple):
    front: str
    text: str
    tail: str = ""
    meanings: tuple[str, str, str] = ("", "", "dim")


class WatchPane(LineView, can_focus=False):
    """Watches and breakpoints, a row each; hidden while there are none."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._rows: list[_Row] = []

    def show(
        self,
        watches: Sequence[Watched],
        breakpoints: Sequence[Breakpoint],
        hits: Mapping[int, int],
    ) -> None:
        """Set the rows."""
        rows = [*_watch_rows(watches), *_breakpoint_rows(breakpoints, hits)]
        if rows != self._rows:
            self._rows = rows
            self.set_rows(len(rows))
            self.styles.height = len(rows) + 2
            self.refresh()
        self.set_class(bool(rows), "-used")
        name = "Watch · Breakpoints" if watches and breakpoints else "Watch"
        self.name_pane("", name if watches else "Breakpoints")

    def strip_at(self, row: int, width: int) -> Strip:
        """One row: what it is to the left, what it comes to to the right."""
        shown = self._rows[row]
        tail = f" {drawable(shown.tail)}" if shown.tail else ""
        room = max(width - len(shown.front) - len(tail), 0)
        parts = (shown.front, fitted(drawable(shown.text), room), tail)
        pairs = zip(parts, shown.meanings, strict=True)
        return Strip(Segment(text, self.style(meaning)) for text, meaning in pairs).crop(0, width)


def _watch_rows(watches: Sequence[Watched]) -> Iterator[_Row]:
    wide = min(max((len(watch.expression) for watch in watches), default=0), 20)
    for watch in watches:
        name = fitted(drawable(watch.expression), wide)
        was = f"(was {fitted(watch.was, min(len(watch.was), 12))})" if watch.was else ""
        meaning = "error" if watch.is_error else "waiting" if watch.was else ""
        value = watch.value or "…"
        yield _Row(f" {name}  ", value, was, ("code", meaning, "dim"))


def _breakpoint_rows(breakpoints: Sequence[Breakpoint], hits: Mapping[int, int]) -> Iterator[_Row]:
    for item in breakpoints:
        count = hits.get(item.number, 0)
        tail = f"hits {count}" if item.enabled else "off"
        sign = "●" if item.enabled else "○"
        meanings = ("error" if item.enabled else "dim", "" if item.enabled else "dim", "dim")
        yield _Row(f" {sign} {item.number} ", item.spec, tail, meanings)
