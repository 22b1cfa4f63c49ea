"""One REPL: a worker process, as the engine sees it. Cells run one after another.

All methods belong to one event loop.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import time
from collections import deque
from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from rlm_tui.codec import printable
from rlm_tui.errors import ReplError
from rlm_tui.events import Variable
from rlm_tui.repl.cells import (
    CallError,
    CallRequest,
    CellResult,
    OnCall,
    OnOutput,
    Served,
    printable_changes,
    printable_final,
    printable_request,
    printable_variable,
    result_frame,
)
from rlm_tui.repl.keeper import Keeper, KeptRepl, Parked
from rlm_tui.repl.link import GuestLink, connect
from rlm_tui.repl.running import ENDED, RunningCell, learnt
from rlm_tui.repl.said import Done, Evaluated, Forked, Kept, Output, Ready, Variables
from rlm_tui.repl.wire import OUTPUT_LIMIT, STOPPED, Frame, FrameTooLargeError, WireError

HARD_AFTER = 1.0
"""Seconds after an interrupt until a second one."""

KILL_AFTER = 2.0
"""Seconds after an interrupt until the worker is killed."""

_ANSWER_TIMEOUT = 10.0


_Answer = TypeVar("_Answer", Ready, Forked, Kept, Evaluated, Variables)


class Repl:
    """One worker. Cells run one after another."""

    def __init__(self, keeper: Keeper) -> None:
        self.pid = 0
        self._keeper = keeper
        self._wire: GuestLink | None = None
        self._questions: deque[tuple[type[Struct], asyncio.Future[Any]]] = deque()
        self._cell: RunningCell[Done] | None = None
        self._budget = 60.0
        self._query = ""
        self._context: str | dict[str, str] | None = None

    @property
    def is_alive(self) -> bool:
        """Whether it can run another cell."""
        return self._wire is not None and not self._wire.closed.done()

    @property
    def is_running(self) -> bool:
        """Whether it runs a cell."""
        return self._cell is not None

    async def connect(self, sock: socket.socket) -> None:
        """Take over our end of the worker's socket."""
        self._wire = await connect(sock, self._on_message)

    async def set_up(
        self, query: str, context: str | dict[str, str] | None, state: str = ""
    ) -> None:
        """Fill the namespace, or go on from a state. Raises ReplError or FrameTooLargeError."""
        self._query, self._context = query, context
        setup: Frame = {"op": "setup", "query": query, "context": context}
        if state:
            setup["state"] = state
        ready = await self._ask(setup, Ready)
        self.pid = ready.pid
        if ready.why:
            raise ReplError(f"the REPL could not be set up: {ready.why}")

    async def greet(self) -> None:
        """Wait until a forked worker says that it is there. Raises ReplError."""
        self.pid = (await self._answer(self._idle(), Ready)).pid

    async def variables(self) -> list[Variable]:
        """The variables that code has made. Only between cells. Raises ReplError."""
        told = await self._ask({"op": "variables"}, Variables)
        return [printable_variable(item) for item in told.items]

    async def evaluate(self, code: str) -> tuple[str, bool]:
        """Run code where the running cell waits for a call; what it showed, whether it failed.

        Raises:
            ReplError: the worker is gone, or does not answer.
        """
        if self._wire is None or self._cell is None:
            raise ReplError("no code block is running in the REPL")
        self._wire.send({"op": "evaluate", "code": code})
        answer: asyncio.Future[Evaluated] = asyncio.get_running_loop().create_future()
        self._questions.append((Evaluated, answer))
        ends = [answer, self._wire.closed]
        await asyncio.wait(ends, timeout=_ANSWER_TIMEOUT, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            raise ReplError(f"the REPL gave no answer within {_ANSWER_TIMEOUT:.0f} s")
        return printable(answer.result().text), answer.result().failed

    async def parked(self) -> Parked:
        """This state, to be gone back to. Only between cells. Raises ReplError."""
        if not self._keeper.is_monty:
            return await self.fork()
        kept = await self._ask({"op": "keep"}, Kept)
        if kept.why:
            raise ReplError(f"the REPL's state could not be kept: {kept.why}")
        return KeptRepl(self._keeper, self._query, self._context, kept.state)

    async def fork(self) -> Repl:
        """Another REPL that is in every way as this one is now. Only between cells.

        Nobody needs to talk to it: it costs what the two come to differ by. So a fork is a
        checkpoint of this REPL, and a fork of that is the REPL restored.

        Raises:
            ReplError: it cannot be had; this one is as it was.
        """
        wire = self._idle()
        twin = self._keeper.adopt()
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                await twin.connect(ours)
                self._keeper.allow_fork(self.pid)
                wire.send_with_socket({"op": "fork"}, theirs)
            told, greeted = await asyncio.gather(
                self._answer(wire, Forked), twin.greet(), return_exceptions=True
            )
            if isinstance(told, BaseException):
                raise told
            if told.why:
                raise ReplError(f"the REPL could not be forked: {told.why}")
            if greeted is not None:
                raise greeted
        except OSError as error:
            twin.close()
            raise ReplError(f"the REPL could not be forked: {error}") from error
        except BaseException:
            twin.close()
            raise
        return twin

    async def _ask(self, message: Frame, kind: type[_Answer]) -> _Answer:
        wire = self._idle()
        wire.send(message)
        return await self._answer(wire, kind)

    async def _answer(self, wire: GuestLink, kind: type[_Answer]) -> _Answer:
        answer: asyncio.Future[_Answer] = asyncio.get_running_loop().create_future()
        self._questions.append((kind, answer))
        await asyncio.wait(
            [answer, wire.closed], timeout=_ANSWER_TIMEOUT, return_when=asyncio.FIRST_COMPLETED
        )
        if answer.done():
            return answer.result()
        if not wire.closed.done():
            wire.close("it does not answer")
            self._keeper.signal(self.pid, signal.SIGKILL)
        raise ReplError(f"the REPL is gone: {self._end()}")

    def _idle(self) -> GuestLink:
        """The socket of a worker that runs no cell. Raises ReplError."""
        if self._wire is None or self._wire.closed.done():
            raise ReplError("the REPL is not running")
        if self._cell is not None:
            raise ReplError("a code block is still running in the REPL")
        return self._wire

    def _end(self) -> str:
        assert self._wire is not None  # noqa: S101 - only asked of a connected worker
        reason = self._wire.closed.result()
        return self._keeper.end_of(self.pid) if reason == ENDED else reason

    async def run(
        self,
        name: str,
        code: str,
        *,
        budget: float,
        on_output: OnOutput,
        on_call: OnCall,
        together: bool = True,
        step: str = "",
        lines: Sequence[int] = (),
    ) -> CellResult:
        """Run a cell to its end.

        Args:
            name: the cell's name in tracebacks.
            code: its text.
            budget: seconds of its own running time, waiting for sub-calls not counted.
            on_output: takes what it prints.
            on_call: answers its sub-calls, several at a time.
            step: `into` to be held before its first line, by a request of kind `line`.
            lines: those of its lines at which it is to be held.
            together: whether independent sub-calls of a loop may be made ahead, as one batch.

        Cancelling this coroutine interrupts the cell and waits until it has stopped; so does an
        exception that `on_call` raises, which is raised here then. Raises ReplError when the worker
        is gone, or runs another cell.
        """
        wire = self._idle()
        loop = asyncio.get_running_loop()
        cell = self._cell = RunningCell(name, on_output, on_call, loop.create_future())
        self._budget = budget
        started = time.monotonic()
        try:
            tracing = {"step": step, "lines": [*lines]}
            wire.send({"op": "run", "cell": name, "code": code, "together": together} | tracing)
            self._clock_on(cell)
            await self._until_ended(cell, wire)
        except FrameTooLargeError:
            return CellResult("error", 0.0, "the code block is too large to be run")
        finally:
            cell.stop_clock()
            self._cell = None
            await cell.end_calls()
        if cell.fault is not None:
            raise cell.fault
        elapsed = time.monotonic() - started
        if not cell.done.done():
            why = cell.interrupted or await learnt(self._end, self._keeper.settled)
            return CellResult("killed", elapsed, why, None, cell.dropped)
        done = cell.done.result()
        if done.outcome == "ended":
            wire.close(ENDED)
            why = cell.interrupted or printable(done.error)
            return CellResult("killed", elapsed, why, None, done.dropped + cell.dropped)
        stopped = done.outcome == "interrupted" or (
            done.outcome == "error" and cell.interrupted is not None
        )
        return CellResult(
            outcome="interrupted" if stopped else done.outcome,
            elapsed=elapsed,
            error=cell.interrupted or "interrupted" if stopped else printable(done.error),
            final=None if stopped else printable_final(done.final),
            dropped=done.dropped + cell.dropped,
            changes=printable_changes(done.changes),
        )

    async def _until_ended(self, cell: RunningCell[Done], wire: GuestLink) -> None:
        ends = [cell.done, wire.closed]
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            self.interrupt("the run was stopped")
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            raise
        finally:
            if cell.interrupted is not None:
                await self._keeper.settled()  # or a signal on its way would hit the next cell

    def interrupt(self, reason: str) -> None:
        """Stop the running cell: answer its calls with an error, then signal, then kill.

        Its variables stay when it gives in to a signal.
        """
        cell = self._cell
        if cell is None or cell.interrupted is not None:
            return
        cell.interrupted = reason
        cell.cancel_calls()
        loop = asyncio.get_running_loop()
        self._keeper.signal(self.pid, signal.SIGINT)

        def again() -> None:
            if self._cell is cell and not cell.done.done():
                self._keeper.signal(self.pid, signal.SIGINT)
                loop.call_later(KILL_AFTER - HARD_AFTER, kill)

        def kill() -> None:
            if self._cell is cell and not cell.done.done():
                self._keeper.signal(self.pid, signal.SIGKILL)

        loop.call_later(HARD_AFTER, again)

    def close(self) -> None:
        """End the worker."""
        if self._wire is not None:
            self._wire.close("closed")
        if self.pid:
            self._keeper.signal(self.pid, signal.SIGKILL)
        self._keeper.forget(self)

    # What the worker says.

    def _on_message(self, message: Frame) -> None:
        match message["op"]:
            case "output":
                self._on_output(msgspec.convert(message, Output))
            case "call":
                self._on_call(msgspec.convert(message, CallRequest))
            case "done":
                self._on_done(msgspec.convert(message, Done))
            case "ready":
                self._on_answer(msgspec.convert(message, Ready))
            case "forked":
                self._on_answer(msgspec.convert(message, Forked))
            case "kept":
                self._on_answer(msgspec.convert(message, Kept))
            case "evaluated":
                self._on_answer(msgspec.convert(message, Evaluated))
            case "variables":
                self._on_answer(msgspec.convert(message, Variables))
            case operation:
                raise WireError(f"unknown operation {operation[:40]!r}")

    def _on_answer(self, answer: Struct) -> None:
        if not self._questions or type(answer) is not self._questions[0][0]:
            raise WireError("it answered what it was not asked")
        _, asked = self._questions.popleft()
        if not asked.done():
            asked.set_result(answer)

    def _on_output(self, output: Output) -> None:
        cell = self._cell
        if cell is None:
            return
        room = OUTPUT_LIMIT - cell.kept
        text = output.text[:room]
        cell.dropped += len(output.text) - len(text)
        cell.kept += len(text)
        if text:
            cell.on_output(output.stream, printable(text))

    def _on_call(self, request: CallRequest) -> None:
        cell = self._cell
        if cell is None or request.call in cell.numbers:
            raise WireError(f"call {request.call} came twice or outside a cell")
        if not request.batch and len(request.prompts) != 1:
            raise WireError(f"call {request.call} is a single one of {len(request.prompts)}")
        if request.contexts is not None and len(request.contexts) != len(request.prompts):
            raise WireError(f"call {request.call} has not one context for each prompt")
        cell.numbers.add(request.call)
        cell.stop_clock()
        call = asyncio.ensure_future(cell.on_call(printable_request(request)))
        cell.calls[request.call] = call
        call.add_done_callback(lambda call: self._on_replies(cell, request, call))
        if cell.own_time >= self._budget:
            self._stop_late()
        if cell.interrupted is not None:
            call.cancel()

    def _on_replies(
        self, cell: RunningCell[Done], request: CallRequest, call: asyncio.Future[Served]
    ) -> None:
        del cell.calls[request.call]
        fault = None if call.cancelled() else call.exception()
        if self._cell is not cell or self._wire is None:
            return
        if fault is not None:
            cell.fault = cell.fault or fault
            self.interrupt("a sub-call could not be served")
        if not cell.calls:
            self._clock_on(cell)
        if call.cancelled() or fault is not None:
            stopped = CallError("cancelled", STOPPED)
            served = Served([stopped] * len(request.prompts))
        else:
            served = call.result()
        try:
            self._wire.send(result_frame(request, served))
        except FrameTooLargeError as error:
            too_large = CallError("bad_response", f"the reply is too large: {error}")
            self._wire.send(result_frame(request, Served([too_large] * len(request.prompts))))

    def _on_done(self, done: Done) -> None:
        cell = self._cell
        if cell is None or done.cell != cell.name:
            raise WireError(f"cell {done.cell[:40]!r} is not running")
        if not cell.done.done():
            cell.done.set_result(done)

    def _clock_on(self, cell: RunningCell[Done]) -> None:
        cell.start_clock(self._budget, self._stop_late)

    def _stop_late(self) -> None:
        self.interrupt(f"the code block ran longer than {self._budget:g} s")
