"""What the events of a run prove about who saw which text.

Three things are proved. A text stands in the prompt of a sub-call, or the document in that of a
direct request: it was *sent*. A text stands in a message that tells a loop's model what its code
printed: it was *printed*. The root's code ran to its end and uses `context`, or a function that
goes through it: the document was *scanned*, as far as that code went, which no event says; what it
surely looked for was *matched*. What else code picked out is not known, nor what a child's code
scanned, whose `context` may be any text. The few characters of the document in a loop's first
message count for nothing: they are there before anything is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rlm_tui.document.readings import Level
from rlm_tui.document.scanning import Scan, scan_of
from rlm_tui.events import (
    CodeFinished,
    CodeStarted,
    IterationKind,
    IterationStarted,
    ModelRequested,
    NodeId,
    Record,
    SubCallStarted,
    depth_of,
    parent_of,
)

_OPENING = 2
"""The messages of a loop's first request: what it is told to do, and the question."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A text that a model was told."""

    seq: int
    """The event that proves it."""
    node: NodeId
    """The sub-call, or the iteration whose model was told."""
    level: Level
    text: str


@dataclass(frozen=True, slots=True)
class CodeScan:
    """What a code block of the root did, which has run to its end."""

    seq: int
    node: NodeId
    scan: Scan


class Sightings:
    """Takes the events of a run and tells what they prove."""

    def __init__(self, paths: Sequence[str] = ("",)) -> None:
        """Know the documents by their paths, as `context` has them where there are several."""
        self._paths = paths
        self._kinds: dict[NodeId, IterationKind] = {}
        self._code: dict[NodeId, str] = {}
        self._assigned: frozenset[str] = frozenset()

    def take(self, records: Iterable[Record]) -> list[Sighting | CodeScan]:
        """What some events prove, in their order."""
        found: list[Sighting | CodeScan] = []
        for record in records:
            node, event = record.node, record.event
            match event:
                case SubCallStarted():
                    found.append(Sighting(record.seq, node, "sent", event.prompt))
                case IterationStarted():
                    self._kinds[node] = event.kind
                case ModelRequested():
                    found += self._told(record.seq, node, event)
                case CodeStarted() if not depth_of(node):
                    self._code[node] = event.code
                case CodeFinished(outcome="ok") if node in self._code:
                    scan = scan_of(self._code.pop(node), self._assigned, self._paths)
                    self._assigned = scan.assigned
                    found.append(CodeScan(record.seq, node, scan))
                case _:
                    pass
        return found

    def _told(self, seq: int, node: NodeId, event: ModelRequested) -> Iterable[Sighting]:
        is_direct = self._kinds.get(node) == "direct" and not parent_of(node)
        for index, message in enumerate(event.messages, event.kept):
            if message.role != "user":
                continue
            if index >= _OPENING:
                yield Sighting(seq, node, "printed", message.content)
            elif is_direct:
                yield Sighting(seq, node, "sent", message.content)
