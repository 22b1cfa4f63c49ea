"""Serves the sub-calls of one code block: plain ones by the sub-model, `rlm_query` by a child loop.

The calls of a batch run at once, bounded for the whole run; one that fails is that one's error.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from rlm_tui.engine.asking import Tally
from rlm_tui.engine.context import RunContext, below
from rlm_tui.engine.models.client import ModelRequest
from rlm_tui.errors import LimitReachedError, ModelError, ReplError, UsageError
from rlm_tui.events import ErrorInfo, Message, NodeId, SubCallFinished, SubCallStarted, Usage
from rlm_tui.repl.cells import CallError, CallReply, CallRequest
from rlm_tui.repl.wire import FrameTooLargeError

Context: TypeAlias = str | dict[str, str] | None

ChildLoop: TypeAlias = Callable[[NodeId, str, Context, str, Tally], Awaitable[str]]
"""Runs an `rlm_query`: its node, query, context and model, and what takes its usage, whatever
becomes of it. Returns the answer.

Raises LimitReachedError, ModelError, ReplError or FrameTooLargeError."""

_FAULT = ErrorInfo("internal", "rlm-tui itself failed")
"""Stands until the call has ended in a way that is known."""


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
                await self._ctx.stops.before(request.kind, node)
                if request.kind == "rlm_query" and self._depth + 1 < self._ctx.settings.max_depth:
                    return await self._recursive(request, index, node, model)
                return await self._plain(request, index, node, model)
        except LimitReachedError as error:
            return CallError("limit", f"no sub-call was made: {error}")
        except UsageError as error:
            return CallError("unknown_model", str(error))

    async def _plain(self, request: CallRequest, index: int, node: NodeId, model: str) -> CallReply:
        prompt = as_prompt(request.prompts[index], _context_of(request, index))
        message = Message("user", prompt)
        asked = ModelRequest(model, [message], "sub", node, loop="")
        tally = Tally()
        was_announced = False

        def announce() -> None:
            nonlocal was_announced
            was_announced = True
            self._ctx.emit(
                node,
                SubCallStarted(
                    kind="llm_query",
                    model=model,
                    prompt=prompt,
                    line=_line_in(request, self._block),
                    batch=index if request.batch else None,
                    input_tokens=self._ctx.asker.estimated_input(asked),
                ),
            )

        reply: str | None = None
        error: ErrorInfo | None = _FAULT
        try:
            answered = await self._ctx.asker.ask(asked, tally, announce)
            reply = answered.text or None
            error = None if answered.text else _why_empty(model, answered.finish)
        except ModelError as failure:
            error = ErrorInfo(failure.kind, str(failure))
        except asyncio.CancelledError:
            error = ErrorInfo("cancelled", "the call was stopped")
            raise
        finally:
            if was_announced:
                self.usage = self.usage.plus(tally.usage)
                finished = SubCallFinished(
                    tally.usage, round(tally.elapsed, 6), reply, error, tally.retries
                )
                self._ctx.emit(node, finished)
        return reply if error is None else CallError(error.kind, error.message)  # type: ignore[return-value]

    async def _recursive(
        self, request: CallRequest, index: int, node: NodeId, model: str
    ) -> CallReply:
        query, context = request.prompts[index], _context_of(request, index)
        ledger = self._ctx.ledger
        ledger.settle(ledger.reserve(0, 0.0, sub_call=True), Usage(cost_usd=0.0))
        self._ctx.emit(
            node,
            SubCallStarted(
                kind="rlm_query",
                model=model,
                prompt=query,
                line=_line_in(request, self._block),
                batch=index if request.batch else None,
                context_chars=None if context is None else len(_as_text(context)),
            ),
        )
        tally = Tally()
        reply: str | None = None
        error: ErrorInfo | None = _FAULT
        try:
            reply = await self._child_loop(node, query, context, model, tally)
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
            self._ctx.emit(node, SubCallFinished(tally.usage, elapsed, reply, error))
        return reply if error is None else CallError(error.kind, error.message)  # type: ignore[return-value]


def _line_in(request: CallRequest, block: NodeId) -> int:
    """The line of this block that made the call; 0 when an earlier block's function did."""
    return request.line if request.cell == block else 0


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
