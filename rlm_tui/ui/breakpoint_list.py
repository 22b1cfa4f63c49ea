"""The breakpoints that the screen keeps: for the run that goes on, and for the next one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any

from msgspec.structs import replace

from rlm_tui.breakpoint import Action, Breakpoint
from rlm_tui.breakpoints import parse
from rlm_tui.errors import UsageError
from rlm_tui.events import NodeId

ACTIONS: tuple[Action, ...] = ("pause", "log", "ask")


class BreakpointList:
    """Numbered breakpoints; each change is checked before it is made."""

    def __init__(self) -> None:
        self.all: list[Breakpoint] = []
        self.remembered: Callable[[], list[Breakpoint]] = list[Breakpoint]
        """Those that the latest run on the same document left."""
        self._next = 1

    def take(self, breakpoints: Iterable[Breakpoint]) -> None:
        """Have those of another run."""
        self.all = list(breakpoints)
        self._next = max((item.number for item in self.all), default=0) + 1

    def add(self, spec: str, *, once: bool = False, action: Action = "pause") -> Breakpoint:
        """Set one more. Raises UsageError when its words cannot be read."""
        spec = " ".join(spec.split())
        parse(spec)
        added = Breakpoint(self._next, spec, once=once, action=action)
        self._next += 1
        self.all.append(added)
        return added

    def change(self, number: int, **fields: Any) -> Breakpoint:
        """Change one. Raises UsageError when there is none of that number, or it cannot be read."""
        changed = replace(self.number(number), **fields)
        parse(changed.spec)
        self.all = [changed if item.number == number else item for item in self.all]
        return changed

    def number(self, number: int) -> Breakpoint:
        """The one of that number. Raises UsageError."""
        for item in self.all:
            if item.number == number:
                return item
        raise UsageError(f"There is no breakpoint {number}.")

    def remove(self, numbers: Collection[int] = ()) -> None:
        """Remove some, or all for none. Raises UsageError for a number that is not there."""
        for number in numbers:
            self.number(number)
        self.all = [item for item in self.all if numbers and item.number not in numbers]

    def toggle(self, spec: str) -> Breakpoint | None:
        """Set one with these words, or remove those that have them; the one that was set."""
        same = [item.number for item in self.all if item.spec == spec]
        if same:
            self.remove(same)
            return None
        return self.add(spec)

    def condition(self, number: int, condition: str) -> Breakpoint:
        """Have one stop only if something else holds, too; empty words take that away."""
        spec = self.number(number).spec.partition(" if ")[0]
        return self.change(number, spec=f"{spec} if {condition}" if condition else spec)

    @property
    def document_lines(self) -> list[tuple[int, int]]:
        """The lines of the document that they name, from the first to the last of each."""
        return [
            span for item in self.all if item.enabled for span in parse(item.spec).document_lines
        ]

    @property
    def lines(self) -> dict[NodeId, frozenset[int]]:
        """The lines of code that they name, by code block; under `""` those of any block."""
        found: dict[NodeId, set[int]] = {}
        for item in self.all:
            if item.enabled:
                for block, line in parse(item.spec).lines:
                    found.setdefault(block or "", set()).add(line)
        return {block: frozenset(lines) for block, lines in found.items()}
