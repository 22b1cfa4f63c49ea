"""What passes between the engine and a cell, as the engine sees it once it is checked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Literal, TypeAlias

from msgspec import Struct

from rlm_tui.events import AnswerForm


class CallRequest(Struct, frozen=True):
    """Sub-calls that a cell makes at once: one, or a batch."""

    call: int
    kind: Literal["llm_query", "rlm_query"]
    prompts: list[str]
    batch: bool
    cell: str = ""
    """The cell whose line it is: an earlier one when a function defined there makes the call."""
    line: int = 0
    model: str | None = None
    contexts: list[str | dict[str, str] | None] | None = None


class CallError(Struct, frozen=True):
    """Why a sub-call has no reply."""

    kind: str
    message: str


CallReply: TypeAlias = str | CallError


class Final(Struct, frozen=True):
    """An answer that a cell gave."""

    form: AnswerForm
    text: str
    variable: str | None
    type: str


class CellResult(Struct, frozen=True):
    """How a cell ended."""

    outcome: Literal["ok", "error", "interrupted", "killed"]
    elapsed: float
    error: str = ""
    final: Final | None = None
    dropped: int = 0


class Variable(Struct, frozen=True):
    """A variable of a REPL, described without running model code."""

    name: str
    type: str
    size: int | None
    value: str


OnOutput: TypeAlias = Callable[[Literal["stdout", "stderr"], str], None]
OnCall: TypeAlias = Callable[[CallRequest], Awaitable[list[CallReply]]]
