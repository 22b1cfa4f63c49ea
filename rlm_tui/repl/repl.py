"""One REPL: a worker process, as the engine sees it. Cells run one after another.

All methods belong to one event loop.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import time
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import msgspec
from msgspec import Struct

from rlm_tui.errors import ReplError
from rlm_tui.events import printable
from rlm_tui.repl.cells import (
    CallError,
    CallReply,
    CallRequest,
    CellResult,
    Final,
    OnCall,
    OnOutput,
    Variable,
)
from rlm_tui.repl.link import GuestLink, connect
from rlm_tui.repl.wire import OUTPUT_LIMIT, Frame, FrameTooLargeError, WireError

HARD_AFTER = 1.0
"""Seconds after an interrupt until a second one."""

KILL_AFTER = 2.0
"""Seconds after an interrupt until the worker is killed."""

_ANSWER_TIMEOUT = 10.0


class Keeper(Protocol):
    """Who started the worker."""

    def signal(self, pid: int, number: signal.Signals) -> None:
        """Have a signal sent to the worker."""
        ...

    def end_of(self, pid: int) -> str:
        """How the worker ended, as far as it is known."""
        ...

    def forget(self, repl: Repl) -> None:
        """The worker is not needed any more."""
        ...


class _Output(Struct, frozen=True):
    stream: Literal["stdout", "stderr"]
    text: str


class _Done(Struct, frozen=True):
    cell: str
    outcome: Literal["ok", "error", "interrupted"]
    error: str
    final: Final | None
    dropped: int
    elapsed: float


@dataclass(slots=True)
class _Cell:
    """The cell that is running."""

    name: str
    on_output: OnOutput
    on_call: OnCall
    done: asyncio.Future[_Done]
    kept: int = 0
    dropped: int = 0
    numbers: set[int] = field(default_factory=set[int])
    """The calls it has made so far."""
    calls: dict[int, asyncio.Task[None]] = field(default_factory=dict[int, asyncio.Task[None]])
    own_time: float = 0.0
    running_since: float | None = None
    out_of_time: asyncio.TimerHandle | None = None
    interrupted: str | None = None
    """Why it is being stopped."""


class Repl:
    """One worker. Cells run one after another."""

    def __init__(self, keeper: Keeper) -> None:
        self.pid = 0
        self._keeper = keeper
        self._wire: GuestLink | None = None
        self._replies: asyncio.Queue[Frame] = asyncio.Queue()
        self._cell: _Cell | None = None
        self._budget = 60.0

    @property
    def is_alive(self) -> bool:
        """Whether it can run another cell."""
        return self._wire is not None and not self._wire.closed.done()

    async def connect(self, sock: socket.socket) -> None:
        """Take over our end of the worker's socket."""
        self._wire = await connect(sock, self._on_message)

    async def set_up(self, query: str, context: str | dict[str, str] | None) -> None:
        """Fill the namespace. Raises ReplError or FrameTooLargeError."""
        ready = await self._ask({"op": "setup", "query": query, "context": context})
        self.pid = int(ready["pid"])

    async def variables(self) -> list[Variable]:
        """The variables that code has made. Only between cells. Raises ReplError."""
        reply = await self._ask({"op": "variables"})
        return msgspec.convert(reply["items"], list[Variable])

    async def _ask(self, message: Frame) -> Frame:
        if self._wire is None:
            raise ReplError("the REPL is not running")
        self._wire.send(message)
        answer = asyncio.ensure_future(self._replies.get())
        await asyncio.wait(
            [answer, self._wire.closed],
            timeout=_ANSWER_TIMEOUT,
            return_when=asyncio.FIRST_COMPLETED,
        )
        if answer.done():
            return answer.result()
        answer.cancel()
        why = self._end() if self._wire.closed.done() else "it does not answer"
        raise ReplError(f"the REPL is gone: {why}")

    def _end(self) -> str:
        assert self._wire is not None  # noqa: S101 - only asked of a connected worker
        reason = self._wire.closed.result()
        return self._keeper.end_of(self.pid) if reason == "its process ended" else reason

    async def run(
        self, name: str, code: str, *, budget: float, on_output: OnOutput, on_call: OnCall
    ) -> CellResult:
        """Run a cell to its end.

        Args:
            name: the cell's name in tracebacks.
            code: its text.
            budget: seconds of its own running time, waiting for sub-calls not counted.
            on_output: takes what it prints.
            on_call: answers its sub-calls, several at a time.

        Cancelling this coroutine interrupts the cell and waits until it has stopped.
        """
        wire = self._wire
        if wire is None or wire.closed.done():
            raise ReplError("the REPL is not running")
        loop = asyncio.get_running_loop()
        cell = self._cell = _Cell(name, on_output, on_call, loop.create_future())
        self._budget = budget
        started = time.monotonic()
        try:
            wire.send({"op": "run", "cell": name, "code": code})
            self._clock_on(cell)
            try:
                await self._until_ended(cell, wire)
            except asyncio.CancelledError:
                self.interrupt("the run was stopped")
                await self._until_ended(cell, wire)
                raise
        except FrameTooLargeError:
            return CellResult("error", 0.0, "the code block is too large to be run")
        finally:
            self._clock_off(cell)
            for task in cell.calls.values():
                task.cancel()
            self._cell = None
        elapsed = time.monotonic() - started
        if not cell.done.done():
            return CellResult(
                "killed", elapsed, cell.interrupted or self._end(), None, cell.dropped
            )
        done = cell.done.result()
        stopped = done.outcome == "interrupted"
        return CellResult(
            outcome=done.outcome,
            elapsed=elapsed,
            error=cell.interrupted or "interrupted" if stopped else printable(done.error),
            final=None if stopped else _printable_final(done.final),
            dropped=max(done.dropped, 0) + cell.dropped,
        )

    @staticmethod
    async def _until_ended(cell: _Cell, wire: GuestLink) -> None:
        await asyncio.wait([cell.done, wire.closed], return_when=asyncio.FIRST_COMPLETED)

    def interrupt(self, reason: str) -> None:
        """Stop the running cell: answer its calls with an error, then signal, then kill.

        Its variables stay when it gives in to a signal.
        """
        cell = self._cell
        if cell is None or cell.interrupted is not None:
            return
        cell.interrupted = reason
        for task in cell.calls.values():
            task.cancel()
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
                self._on_output(msgspec.convert(message, _Output))
            case "call":
                self._on_call(msgspec.convert(message, CallRequest))
            case "done":
                self._on_done(msgspec.convert(message, _Done))
            case "ready" | "variables":
                self._replies.put_nowait(message)
            case operation:
                raise WireError(f"unknown operation {operation[:40]!r}")

    def _on_output(self, output: _Output) -> None:
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
        cell.numbers.add(request.call)
        self._clock_off(cell)
        task = asyncio.ensure_future(self._serve(cell, request))
        cell.calls[request.call] = task
        if cell.interrupted is not None:
            task.cancel()

    async def _serve(self, cell: _Cell, request: CallRequest) -> None:
        replies: list[CallReply]
        stopped = CallError("cancelled", "the code block was stopped")
        try:
            replies = await cell.on_call(request)
        except asyncio.CancelledError:
            replies = [stopped] * len(request.prompts)
        del cell.calls[request.call]
        if self._cell is not cell or self._wire is None:
            return
        if not cell.calls:
            self._clock_on(cell)
        told: list[dict[str, Any]] = [
            {"text": reply}
            if isinstance(reply, str)
            else {"error": {"kind": reply.kind, "message": reply.message}}
            for reply in replies
        ]
        self._wire.send({"op": "result", "call": request.call, "replies": told})

    def _on_done(self, done: _Done) -> None:
        cell = self._cell
        if cell is None or done.cell != cell.name:
            raise WireError(f"cell {done.cell[:40]!r} is not running")
        if not cell.done.done():
            cell.done.set_result(done)

    # The time a cell runs itself.

    def _clock_on(self, cell: _Cell) -> None:
        if cell.running_since is None and not cell.done.done():
            cell.running_since = time.monotonic()
            left = max(self._budget - cell.own_time, 0.0)
            why = f"the code block ran longer than {self._budget:g} s"
            loop = asyncio.get_running_loop()
            cell.out_of_time = loop.call_later(left, self.interrupt, why)

    @staticmethod
    def _clock_off(cell: _Cell) -> None:
        if cell.running_since is not None:
            cell.own_time += time.monotonic() - cell.running_since
            cell.running_since = None
        if cell.out_of_time is not None:
            cell.out_of_time.cancel()
            cell.out_of_time = None


def _printable_final(final: Final | None) -> Final | None:
    if final is None:
        return None
    return Final(final.form, printable(final.text), final.variable, final.type)
