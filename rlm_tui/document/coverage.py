"""How far each part of a document has come in a run, and which calls saw it.

Fed with a run's records as they come, live or recorded; the text is only looked at in `take`, which
blocks for the passes over it (`provenance`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from rlm_tui.document.provenance import Locator
from rlm_tui.document.scanning import Scan
from rlm_tui.document.sightings import LEVELS, Level, Sighting, Sightings
from rlm_tui.document.spans import Located
from rlm_tui.document.stretches import Stretches
from rlm_tui.events import NodeId, Record

_MOST_MATCHES = 200_000
"""Places of a fixed text that are noted."""


@dataclass(slots=True)
class Reading:
    """What a sub-call's prompt, or what an iteration's model was told, holds of the document."""

    node: NodeId
    level: Level
    located: Located = field(default_factory=Located)

    @property
    def stretches(self) -> Stretches:
        """The parts of the document."""
        return Stretches((span.start, span.end) for span in self.located.spans)


class Coverage:
    """Which parts of one document a run has scanned, matched, printed and sent."""

    def __init__(self, text: str) -> None:
        self.locator = Locator(text)
        self.size = len(text)
        self.levels: dict[Level, Stretches] = {level: Stretches() for level in LEVELS}
        """What has come at least as far as each level by itself; a part may be in several."""
        self.readings: dict[NodeId, Reading] = {}
        self.read = Stretches()
        """What any model has seen: printed or sent."""
        self._sightings = Sightings()

    def take(self, records: Iterable[Record]) -> list[Reading]:
        """Follow some events; tells the readings that are new or have grown. Blocks."""
        sightings = self._sightings.take(records)
        for scan in self._sightings.scans:
            self._note_scan(scan)
        self._sightings.scans.clear()
        found = self.locator.locate([sighting.text for sighting in sightings])
        changed: dict[NodeId, Reading] = {}
        for sighting, located in zip(sightings, found, strict=True):
            changed[sighting.node] = self._note(sighting, located)
        return list(changed.values())

    def _note(self, sighting: Sighting, located: Located) -> Reading:
        reading = self.readings.setdefault(sighting.node, Reading(sighting.node, sighting.level))
        reading.located = reading.located.plus(located)
        for span in located.spans:
            self.levels[sighting.level].add(span.start, span.end)
            self.read.add(span.start, span.end)
        return reading

    def _note_scan(self, scan: Scan) -> None:
        if scan.is_whole:
            self.levels["scanned"].add(0, self.size)
        for first, last in scan.slices:
            start, end, _ = slice(first, last).indices(self.size)
            self.levels["scanned"].add(start, end)
        for wanted in scan.wanted:
            text, at = self.locator.text, 0
            for _ in range(_MOST_MATCHES):
                at = text.find(wanted.text, at)
                if at < 0:
                    break
                end = at + len(wanted.text)
                if wanted.is_line:
                    at = text.rfind("\n", 0, at) + 1
                    end = text.find("\n", end)
                    end = end + 1 if end >= 0 else len(text)
                self.levels["matched"].add(at, end)
                at = end

    @property
    def share(self) -> float:
        """How much of the document any model has seen, from 0 to 1."""
        return self.read.size / self.size if self.size else 0.0

    def level_of(self, first: int, end: int) -> Level | None:
        """The furthest level that any part of a stretch has come to; None for none."""
        for level in reversed(LEVELS):
            if self.levels[level].meets(first, end):
                return level
        return None

    def seen_by(self, first: int, end: int) -> list[Reading]:
        """Who saw any part of a stretch, in the run's order."""
        return [
            reading
            for reading in self.readings.values()
            if any(span.start < end and first < span.end for span in reading.located.spans)
        ]
