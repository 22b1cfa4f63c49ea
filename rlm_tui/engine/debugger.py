"""Does what the user tells a run: pause, step, change what is held, look, raise a limit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import assert_never

from rlm_tui.engine.context import RunContext
from rlm_tui.errors import ReplError, UsageError
from rlm_tui.events import Intervened, NodeId, depth_of
from rlm_tui.source import (
    Answer,
    AnyCommand,
    AnyNotice,
    Cancel,
    CheckFork,
    Edit,
    Evaluate,
    Evaluated,
    Fail,
    Pause,
    RaiseLimit,
    Reject,
    Remark,
    Resume,
    Retry,
    RunTo,
    SetBreakpoints,
    Skip,
    Step,
)

_NO_STEPS = (
    "Monty runs a code block without stops at its lines; the next stop is its first sub-call, or "
    "what follows the block."
)
_NO_LINES = (
    "A breakpoint at a line is not reached in Monty, which has no stops at lines; one at the "
    "block's sub-calls is (such as llm_query)."
)


class Debugger:
    """The user's hand on one run. Used by one event loop."""

    def __init__(
        self,
        ctx: RunContext,
        say: Callable[[AnyNotice], object],
        cancel: Callable[[], object],
        check_fork: Callable[[CheckFork], Awaitable[AnyNotice]],
    ) -> None:
        """Take what a run is made of, and what else can be done to it.

        Args:
            ctx: the run's parts.
            say: tells the user.
            cancel: stops the run.
            check_fork: finds out whether a branch could begin.
        """
        self._ctx = ctx
        self._say = say
        self._cancel = cancel
        self._check_fork = check_fork
        self._looking: set[asyncio.Task[None]] = set()
        self._is_monty = ctx.sandbox.is_monty
        if self._is_monty and ctx.stops.names_lines:
            say(Remark(_NO_LINES, "warning"))

    def obey(self, command: AnyCommand) -> None:
        """Carry out a command; what cannot be done is said."""
        stops = self._ctx.stops
        match command:
            case Cancel():
                self._cancel()
            case Pause():
                stops.pause("you asked for it")
            case Resume():
                stops.resume()
            case Step(how):
                held = stops.held
                is_before_code = held is not None and held.kind == "code" and not held.is_after
                if self._is_monty and how == "into" and is_before_code:
                    self._say(Remark(_NO_STEPS, "warning"))
                stops.step(how)
            case RunTo(node):
                stops.run_to(node)
            case SetBreakpoints(breakpoints):
                try:
                    stops.set_breakpoints(breakpoints)
                except UsageError as error:
                    self._refuse(str(error))
                    return
                if self._is_monty and stops.names_lines:
                    self._say(Remark(_NO_LINES, "warning"))
            case Edit() | Answer() | Fail() | Retry() | Skip() | Reject():
                if why := stops.decide(command):
                    self._refuse(f"{type(command).__name__.lower()}: {why}.")
            case Evaluate():
                self._begin(self._look(command))
            case CheckFork():
                self._begin(self._check(command))
            case RaiseLimit(limit, value):
                self._raise_limit(limit, value)
            case _:
                assert_never(command)

    def _refuse(self, why: str) -> None:
        self._say(Remark(why, "error"))

    def _begin(self, doing: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(doing)
        self._looking.add(task)
        task.add_done_callback(self._looking.discard)

    async def _check(self, command: CheckFork) -> None:
        self._say(await self._check_fork(command))

    async def _look(self, command: Evaluate) -> None:
        held = self._ctx.stops.held
        if held is None:
            self._say(Evaluated(command.id, "the run is not paused", is_error=True))
            return
        cells = self._ctx.cells.get(loop_of(held.node))
        if cells is None:
            self._say(Evaluated(command.id, "its REPL is not there any more", is_error=True))
            return
        try:
            text, is_error = await cells.evaluate(command.code)
        except ReplError as error:
            text, is_error = str(error), True
        if command.is_statement and not is_error:
            self._ctx.emit(held.node, Intervened("set", command.code, text))
        self._say(Evaluated(command.id, text, is_error))

    def _raise_limit(self, limit: str, value: float) -> None:
        before = self._ctx.ledger.raise_limit(limit, value)
        if before is None:
            self._refuse(f"there is no limit called {limit}.")
            return
        self._ctx.emit("", Intervened("raised_limit", f"{limit} {before}", f"{limit} {value:g}"))


def loop_of(node: NodeId) -> NodeId:
    """The loop that a node belongs to: `""` for the root's, else the call that began it."""
    return ".".join(node.split(".")[: 3 * depth_of(node)])
