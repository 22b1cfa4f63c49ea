"""A breakpoint, as it is set, sent and saved; `breakpoints` says what its words mean."""

from __future__ import annotations

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
