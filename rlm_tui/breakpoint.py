"""A breakpoint, as it is set, sent and saved; `breakpoints` says what its words mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import Struct

Action = Literal["pause", "log", "ask"]


class Breakpoint(Struct, frozen=True, omit_defaults=True):
    """Where to hold a run."""

    number: int
    spec: str
    """The words of it."""
    enabled: bool = True
    once: bool = False
    """Off after its first hit."""
    ignore: int = 0
    """How many hits to pass over."""
    action: Action = "pause"
    """`log` notes the hit and goes on; `ask` pauses and wants an answer from the user."""


def hits_left(
    hits: Mapping[int, int], before: Sequence[Breakpoint], now: Sequence[Breakpoint]
) -> dict[int, int]:
    """How often each was hit, of those that are still what they were."""
    known = {item.number: item.spec for item in before}
    same = {item.number for item in now if known.get(item.number, item.spec) == item.spec}
    return {number: count for number, count in hits.items() if number in same}
