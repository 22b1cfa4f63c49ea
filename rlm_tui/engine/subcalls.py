"""Serves the sub-calls of one code block: plain ones by the sub-model, `rlm_query` by a child loop.

The calls of a batch run at once, bounded for the whole run; one that fails is that one's error.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from rlm_tui.breakpoints import Moment
from rlm_tui.engine.asking import Tally
from rlm_tui.engine.context import RunContext, below
from rlm_tui.engine.models.client import ModelRequest
from rlm_tui.errors import LimitReachedError, ModelError, ReplError, UsageError
from rlm_tui.events import (
    CallKind,
    ErrorInfo,
    Message,
    NodeId,
    SubCallFinished,
    SubCallStarted,
    Usage,
)
from rlm_tui.repl.cells import CallError, CallReply, CallRequest
from rlm_tui.repl.wire import FrameTooLargeError
from rlm_tui.source import Answer, Edit, Fail, FailKind, Retry

Context: TypeAlias = str | dict[str, str] | None

ChildLoop: TypeAlias = Callable[[NodeId, str, Context, str, Tally], Awaitable[str]]
"""Runs an `rlm_query`: its node, query, context and model, and what takes its usage, whatever
becomes of it. Returns the answer.

Raises LimitReachedError, ModelError, ReplError or FrameTooLargeError."""

_FAULT = ErrorInfo("internal", "rlm-tui itself failed")
"""Stands until the call has ended in a way that is known."""


_FAILURES: dict[FailKind, str] = {
    "timeout": "it took too long (given by the user)",
    "rate_limit": "too many requests (given by the user)",
    "server_error": "the server failed (given by the user)",
    "empty": "the reply is empty (given by the user)",
    "refused": "the provider withheld the reply (given by the user)",
}
_NOT_THEN = "no sub-call was made: there was none when this code ran first"

_BREAKING = frozenset({"empty", "refused", "cut_off"})


@dataclass(frozen=True, slots=True)
class _Call:
    """One sub-call, as it is about to be made."""

    node: NodeId
    kind: CallKind
    """`rlm_query` has a loop of its own; at the depth limit it is an `llm_query`."""
    model: str
    prompt: str
    context: Context
    line: int
    batch: int | None


class SubCalls:
    """The sub-calls of one code block, numbered in the order the code makes them."""

    def __init__(self, ctx: RunContext, block: NodeId, depth: int, child_loop: ChildLoop) -> None:
        self.usage = Usage()
        """What they have used so far."""
        self._ctx = ctx
        self._block = block
        self._depth = depth
        self._child_loop = child_loop
        self._count = 0

    async def serve(self, request: CallRequest) -> list[CallReply]:
        """Make the calls of a request; the replies in order, failures in their places."""
        first = self._count + 1
        self._count += len(request.prompts)
        try:
            async with asyncio.TaskGroup() as group:
                calls = [
                    group.create_task(self._one(request, index, first + index))
                    for index in range(len(request.prompts))
                ]
        except ExceptionGroup as faults:
            raise faults.exceptions[0] from faults
        return [call.result() for call in calls]

    async def _one(self, request: CallRequest, index: int, number: int) -> CallReply:
        node = below(self._block, number)
        try:
            if self._depth >= self._ctx.settings.max_depth:
                raise LimitReachedError("depth", "sub-calls are off (--max-depth 0)")
            model = self._ctx.book.name_for(request.model, self._depth + 1)
            async with self._ctx.slots[self._depth + 1]:
                return await self._agreed(self._call(request, index, node, model))
        except LimitReachedError as error:
            return CallError("limit", f"no sub-call was made: {error}")
        except UsageError as error:
            return CallError("unknown_model", str(error))

    def _call(self, request: CallRequest, index: int, node: NodeId, model: str) -> _Call:
        prompt, context = request.prompts[index], _context_of(request, index)
        line = request.line if request.cell == self._block else 0
        batch = index if request.batch else None
        if request.kind == "rlm_query" and self._depth + 1 < self._ctx.settings.max_depth:
            return _Call(node, "rlm_query", model, prompt, context, line, batch)
        return _Call(node, "llm_query", model, as_prompt(prompt, context), None, line, batch)

    async def _agreed(self, call: _Call) -> CallReply:
        """Make a call as the user lets it be made."""
        stops, ctx = self._ctx.stops, self._ctx
        if ctx.past is not None and ctx.past.is_too_many(call.node):
            return CallError("limit", _NOT_THEN)
        price = ctx.asker.estimated_price(_request(call))
        about = ctx.moment(call.kind, call.node, prompt=call.prompt, line=call.line)
        wanted = await stops.at(about, price)
        match wanted:
            case Answer(text):
                return self._given(call, text, None)
            case Fail(kind):
                return self._given(call, None, ErrorInfo(kind, _FAILURES[kind]))
            case Edit(text):
                call = replace(call, prompt=text)
            case Retry(model):
                call = replace(call, model=model)
            case _:
                pass
        reply = await (self._plain if call.kind == "llm_query" else self._recursive)(call)
        while isinstance(wanted := await stops.at(self._after(call, reply), price), Retry):
            call = replace(call, model=wanted.model)
            reply = await self._plain(call, has_begun=True)
        return wanted.text if isinstance(wanted, Answer) else reply

    def _after(self, call: _Call, reply: CallReply) -> Moment:
        is_error = isinstance(reply, CallError)
        fault = ("error" if reply.kind not in _BREAKING else reply.kind) if is_error else ""
        return self._ctx.moment(
            call.kind,
            call.node,
            is_after=True,
            prompt=call.prompt,
            answer=reply.message if is_error else reply,
            fault=fault,
        )

    def _given(self, call: _Call, reply: str | None, error: ErrorInfo | None) -> CallReply:
        """What the user gave instead of a call."""
        self._ctx.emit(call.node, _started(call, 0))
        self._ctx.emit(call.node, SubCallFinished(Usage(cost_usd=0.0), 0.0, reply, error))
        return CallError(error.kind, error.message) if error else reply or ""

    async def _plain(self, call: _Call, *, has_begun: bool = False) -> CallReply:
        asked = _request(call)
        tally = Tally()
        was_announced = has_begun

        def announce() -> None:
            nonlocal was_announced
            if was_announced:
                return
            was_announced = True
            tokens = self._ctx.asker.estimated_input(asked)
            self._ctx.emit(call.node, _started(call, tokens))

        reply: str | None = None
        error: ErrorInfo | None = _FAULT
        try:
            answered = await self._ctx.asker.ask(asked, tally, announce)
            reply = answered.text or None
            error = None if answered.text else _why_empty(call.model, answered.finish)
        except ModelError as failure:
            error = ErrorInfo(failure.kind, str(failure))
        except UsageError as failure:
            error = ErrorInfo("unknown_model", str(failure))
        except LimitReachedError as failure:
            if not has_begun:
                raise
            error = ErrorInfo("limit", f"it was not made again: {failure}")
        except asyncio.CancelledError:
            error = ErrorInfo("cancelled", "the call was stopped")
            raise
        finally:
            if was_announced:
                self.usage = self.usage.plus(tally.usage)
                finished = SubCallFinished(
                    tally.usage, round(tally.elapsed, 6), reply, error, tally.retries
                )
                self._ctx.emit(call.node, finished)
        return reply if error is None else CallError(error.kind, error.message)  # type: ignore[return-value]

    async def _recursive(self, call: _Call) -> CallReply:
        ledger = self._ctx.ledger
        ledger.settle(ledger.reserve(0, 0.0, sub_call=True), Usage(cost_usd=0.0))
        self._ctx.emit(call.node, _started(call, 0))
        tally = Tally()
        reply: str | None = None
        error: ErrorInfo | None = _FAULT
        try:
            reply = await self._child_loop(call.node, call.prompt, call.context, call.model, tally)
            error = None
        except LimitReachedError as failure:
            error = ErrorInfo("limit", str(failure))
        except ModelError as failure:
            error = ErrorInfo(failure.kind, str(failure))
        except (ReplError, FrameTooLargeError) as failure:
            error = ErrorInfo("repl", str(failure))
        except asyncio.CancelledError:
            error = ErrorInfo("cancelled", "the call was stopped")
            raise
        finally:
            self.usage = self.usage.plus(tally.usage)
            elapsed = round(tally.elapsed, 6)
            self._ctx.emit(call.node, SubCallFinished(tally.usage, elapsed, reply, error))
        return reply if error is None else CallError(error.kind, error.message)  # type: ignore[return-value]


def _started(call: _Call, input_tokens: int) -> SubCallStarted:
    is_child = call.kind == "rlm_query"
    context = call.context if is_child else None
    return SubCallStarted(
        kind=call.kind,
        model=call.model,
        prompt=call.prompt,
        line=call.line,
        batch=call.batch,
        context_chars=None if context is None else len(_as_text(context)),
        input_tokens=input_tokens,
    )


def _request(call: _Call) -> ModelRequest:
    return ModelRequest(call.model, [Message("user", call.prompt)], "sub", call.node, loop="")


def _context_of(request: CallRequest, index: int) -> Context:
    contexts = request.contexts
    return contexts[index] if contexts is not None and index < len(contexts) else None


def as_prompt(query: str, context: Context) -> str:
    """At the depth limit a recursive call is a plain one over the same text."""
    return query if context is None else f"{_as_text(context)}\n\n{query}"


def _as_text(context: str | dict[str, str]) -> str:
    return context if isinstance(context, str) else "\n\n".join(context.values())


def _why_empty(model: str, finish: str) -> ErrorInfo:
    match finish:
        case "length":
            return ErrorInfo("cut_off", f"{model} used up its output before any text")
        case "content_filter" | "refusal":
            return ErrorInfo("refused", f"{model}'s provider withheld the reply")
        case _:
            return ErrorInfo("empty", f"{model} sent an empty reply")
