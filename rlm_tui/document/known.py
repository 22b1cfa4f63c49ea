"""What is known of how far a run has read its documents, up to the event one stands at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rlm_tui.document.background_reader import Told
from rlm_tui.document.coverage import Coverage
from rlm_tui.document.readings import Reading
from rlm_tui.document.stretches import Stretches
from rlm_tui.events import NodeId

ANSWER = "answer"
"""In place of a node: the latest answer of the root, with what it quotes."""


class Quoted(NamedTuple):
    """A part of an answer of the root that speaks of places in a document."""

    document: int
    seq: int
    at: int
    until: int
    places: tuple[tuple[int, int], ...]


class Known:
    """The fold of what a reader has told of one run."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        """The characters of each document; empty while they are not known."""
        self.trouble = ""
        """Why nothing is known."""
        self.coverages: list[Coverage] = []
        """Of each document, up to the event one stands at."""
        self._readings: list[Reading] = []
        self._quotations: list[Quoted] = []
        self._folded = self._seq = 0

    def take(self, told: Told) -> None:
        """Know more; it counts from the next `fold` on."""
        self.sizes = told.sizes or self.sizes
        self.trouble = told.trouble
        self._readings += told.readings
        self._quotations += [
            Quoted(document, seq, at, until, tuple(places))
            for seq, at, until, _, places, _, document in told.quotations
        ]

    def fold(self, seq: int) -> bool:
        """Know what was read up to an event, and no more; whether that is something else now."""
        if seq < self._seq or len(self.coverages) != len(self.sizes):
            self.coverages = [Coverage() for _ in self.sizes]
            self._folded = 0
        before, self._seq = self._folded, seq
        while self._folded < len(self._readings) and self._readings[self._folded].seq <= seq:
            reading = self._readings[self._folded]
            if reading.document < len(self.coverages):
                self.coverages[reading.document].add([reading])
            self._folded += 1
        return before != self._folded

    @property
    def read_share(self) -> float:
        """How much of the documents any model is known to have seen, from 0 to 1."""
        read = sum(coverage.read.size for coverage in self.coverages)
        return read / max(sum(self.sizes), 1)

    @property
    def is_unknown(self) -> bool:
        """Whether nothing is known to have been read, though something may have been."""
        return not self.read_share and any(one.has_unknown for one in self.coverages)

    def places(self, node: NodeId, number: int) -> Stretches:
        """What a node saw of a document, itself or else below it; or what `ANSWER` quotes of it."""
        if node == ANSWER:
            latest = max((one.seq for one in self._told_so_far()), default=0)
            return Stretches(
                place
                for one in self._told_so_far()
                if (one.seq, one.document) == (latest, number)
                for place in one.places
            )
        if number >= len(self.coverages):
            return Stretches()
        coverage = self.coverages[number]
        return coverage.places_of(node) or Stretches(
            stretch
            for reading in coverage.of_node(node, below=True)
            if reading.level in {"printed", "sent"}
            for stretch in reading.stretches
        )

    def all_places(self, node: NodeId) -> list[tuple[int, tuple[int, int]]]:
        """The same of all documents, each place with the number of its document."""
        return [(n, place) for n in range(len(self.coverages)) for place in self.places(node, n)]

    def quotations(self, number: int, first: int, end: int) -> list[Quoted]:
        """What quotes any part of a stretch of a document."""
        return [
            one
            for one in self._told_so_far()
            if one.document == number and Stretches(one.places).meets(first, end)
        ]

    def _told_so_far(self) -> Iterator[Quoted]:
        return (one for one in self._quotations if one.seq <= self._seq)
