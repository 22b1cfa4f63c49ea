"""How far each part of a document has come in a run, and who saw it: the fold of its readings."""

from __future__ import annotations

from collections.abc import Iterable

from rlm_tui.document.readings import LEVELS, Level, Reading
from rlm_tui.document.stretches import Stretches
from rlm_tui.events import NodeId

_READ: frozenset[Level] = frozenset({"printed", "sent"})
"""The levels at which a model has seen it."""


class Coverage:
    """The readings of one document up to some event. Going back is folding again."""

    def __init__(self, readings: Iterable[Reading] = ()) -> None:
        self.levels: dict[Level, Stretches] = {level: Stretches() for level in LEVELS}
        """What has come to each level; a part may be at several."""
        self.read = Stretches()
        """What any model has seen: printed or sent."""
        self.has_unknown = False
        """Whether a model was told something of which it is not known where it comes from."""
        self._by_node: dict[NodeId, list[Reading]] = {}
        self.add(readings)

    def add(self, readings: Iterable[Reading]) -> None:
        """Add the readings of later events."""
        for reading in readings:
            self._by_node.setdefault(reading.node, []).append(reading)
            self.has_unknown |= not reading.stretches and reading.level in _READ
            for start, end in reading.stretches:
                self.levels[reading.level].add(start, end)
                if reading.level in _READ:
                    self.read.add(start, end)

    def of_node(self, node: NodeId, *, below: bool = False) -> list[Reading]:
        """What a node saw; with `below`, and what every node under it did."""
        if not below:
            return self._by_node.get(node, [])
        return [
            reading
            for name, readings in self._by_node.items()
            if name == node or not node or name.startswith(f"{node}.")
            for reading in readings
        ]

    def places_of(self, node: NodeId) -> Stretches:
        """The parts of the document that a sub-call's prompt holds, or an iteration was told."""
        return Stretches(
            stretch
            for reading in self.of_node(node)
            if reading.level in _READ
            for stretch in reading.stretches
        )

    def level_of(self, first: int, end: int) -> Level | None:
        """The furthest level that any part of a stretch has come to; None for none."""
        for level in reversed(LEVELS):
            if self.levels[level].meets(first, end):
                return level
        return None

    def seen_by(self, first: int, end: int) -> list[Reading]:
        """Who saw any part of a stretch, the furthest level first, then in the run's order."""
        found = [
            reading
            for readings in self._by_node.values()
            for reading in readings
            if any(start < end and first < stop for start, stop in reading.stretches)
        ]
        found.sort(key=lambda reading: (-LEVELS.index(reading.level), reading.seq))
        return found
