"""What passes between the engine and a cell, as the engine sees it once it is checked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct

from rlm_tui.codec import printable
from rlm_tui.events import AnswerForm, Variable, VariablesChanged
from rlm_tui.repl.wire import Frame

Count: TypeAlias = Annotated[int, Meta(ge=0, le=2**53)]
"""A number that a worker sent; a larger one would not fit into an event."""


class CallRequest(Struct, frozen=True):
    """Sub-calls that a cell makes at once: one, or a batch."""

    call: Count
    kind: Literal["llm_query", "rlm_query", "line"]
    """`line`: the cell is held before a line, and the reply says how it goes on."""
    prompts: list[str]
    batch: bool
    cell: str = ""
    """The cell whose line it is: an earlier one when a function defined there makes the call."""
    line: Count = 0
    model: str | None = None
    contexts: list[str | dict[str, str] | None] | None = None


class CallError(Struct, frozen=True):
    """Why a sub-call has no reply."""

    kind: str
    message: str


CallReply: TypeAlias = str | CallError


class Served(Struct, frozen=True):
    """The replies to a request."""

    replies: list[CallReply]
    step: str = ""
    """How the code that asked is stepped through from here; empty: as it was."""
    lines: Sequence[int] = ()
    """Those of its lines at which it is held from here on."""


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
    changes: VariablesChanged | None = None
    """None when nothing has changed, and when the worker is gone."""


OnOutput: TypeAlias = Callable[[Literal["stdout", "stderr"], str], None]
OnCall: TypeAlias = Callable[[CallRequest], Awaitable[Served]]


def result_frame(request: CallRequest, served: Served) -> Frame:
    """The replies to a request, as the worker is told them."""
    told: list[dict[str, Any]] = [
        {"text": reply}
        if isinstance(reply, str)
        else {"error": {"kind": reply.kind, "message": reply.message}}
        for reply in served.replies
    ]
    frame: Frame = {"op": "result", "call": request.call, "replies": told}
    if served.step or served.lines or request.kind == "line":
        frame["trace"] = {"how": served.step, "lines": [*served.lines]}
    return frame


def printable_request(request: CallRequest) -> CallRequest:
    """A request whose every text has a UTF-8 form, as files and providers demand."""
    return msgspec.structs.replace(
        request,
        prompts=[printable(prompt) for prompt in request.prompts],
        cell=printable(request.cell),
        model=None if request.model is None else printable(request.model),
        contexts=None if request.contexts is None else [*map(_printable_context, request.contexts)],
    )


def _printable_context(context: str | dict[str, str] | None) -> str | dict[str, str] | None:
    if context is None:
        return None
    if isinstance(context, str):
        return printable(context)
    return {printable(key): printable(text) for key, text in context.items()}


def printable_final(final: Final | None) -> Final | None:
    """An answer whose every text has a UTF-8 form."""
    if final is None:
        return None
    variable = None if final.variable is None else printable(final.variable)
    return Final(final.form, printable(final.text), variable, printable(final.type))


def printable_variable(variable: Variable) -> Variable:
    """A variable whose every text has a UTF-8 form."""
    name, kind, value = map(printable, (variable.name, variable.type, variable.value))
    return Variable(name, kind, variable.size, value)


def printable_changes(changes: VariablesChanged | None) -> VariablesChanged | None:
    """Changes whose every text has a UTF-8 form."""
    if changes is None:
        return None
    return VariablesChanged(
        [printable_variable(variable) for variable in changes.new],
        [printable_variable(variable) for variable in changes.changed],
        [printable(name) for name in changes.gone],
    )
