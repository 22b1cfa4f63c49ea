"""What the events of a run show to have been seen of its documents, in a form that can be sent."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from rlm_tui.events import NodeId

Level = Literal["scanned", "matched", "printed", "sent"]
"""How far a part of a document has come; what each needs as proof is told in `sightings`."""

LEVELS: tuple[Level, ...] = ("scanned", "matched", "printed", "sent")
"""From the least to the most."""


class Reading(Struct, frozen=True, array_like=True):
    """What one event shows: who saw what. Places are characters."""

    seq: int
    node: NodeId
    """The sub-call, the iteration whose model was told, or the code block."""
    level: Level
    stretches: list[tuple[int, int]]
    """In order; empty when it is not known what was seen."""
    repeats: int = 0
    """Further pieces of the document that stand in it at several places."""
    has_derived: bool = False
    """Whether some of it was changed on its way."""
    document: int = 0
    """Which document's places they are, from 0."""
