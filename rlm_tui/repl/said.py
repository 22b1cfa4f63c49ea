"""What a worker says, once it is checked."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from rlm_tui.events import Variable, VariablesChanged
from rlm_tui.repl.cells import Count, Final


class Output(Struct, frozen=True):
    """It printed something."""

    stream: Literal["stdout", "stderr"]
    text: str


class Done(Struct, frozen=True):
    """Its cell has ended."""

    cell: str
    outcome: Literal["ok", "error", "interrupted", "ended"]
    """`ended`: the interpreter is gone, and the worker is about to be."""
    error: str
    final: Final | None
    dropped: Count
    elapsed: float
    changes: VariablesChanged | None = None


class Ready(Struct, frozen=True):
    """It is there."""

    pid: Count
    why: str = ""
    """Why it can run nothing; empty when it can."""


class Forked(Struct, frozen=True):
    """It was asked to fork."""

    why: str
    """Why it was not; empty when it was."""


class Kept(Struct, frozen=True):
    """It was asked for its state."""

    state: str
    why: str
    """Why there is none; empty when there is."""


class Evaluated(Struct, frozen=True):
    """What code of the user has shown."""

    text: str
    failed: bool


class Variables(Struct, frozen=True):
    """The variables that code has made."""

    items: list[Variable]
