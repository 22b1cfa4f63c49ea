"""`llm_query` and its kin: a request to the engine, and a wait that other threads can share.

Any number of threads may wait at once. One of them reads the socket for all (the others sleep),
and hands the reading on when it has its own reply. So does an event loop whose tasks wait.
"""

from __future__ import annotations

import itertools
import sys
import threading
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from types import FrameType, MethodType
from typing import TYPE_CHECKING, Any, Protocol

from rlm_tui.repl.guest.awaitable import Replies, Reply
from rlm_tui.repl.guest.interrupts import Interrupts
from rlm_tui.repl.wire import Channel, Frame

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Future

CELL_PREFIX = "<repl "
"""How the file name of every cell starts."""


_GLANCE = 0.05
"""Seconds after which a waiting thread looks whether it still has to wait."""


class SubCallError(Exception):
    """A sub-call failed; `kind` is the reason in one word."""

    __module__ = "__main__"  # where model code finds it, and what its tracebacks then call it

    def __init__(self, message: str, kind: str = "error") -> None:
        super().__init__(message)
        self.kind = kind


class Ahead(Protocol):
    """What is known of the code that makes calls; see `Together`."""

    def take(self, caller: FrameType, message: Frame) -> str | SubCallError | None:
        """The reply to a single call that was asked for ahead; None when it was not."""
        ...

    def is_awaited(self, caller: FrameType) -> bool:
        """Whether the call that this frame is making stands where a coroutine must."""
        ...


class _Slot:
    """A request that waits for its replies."""

    __slots__ = ("replies", "size", "trace", "wake")

    def __init__(self, size: int, wake: Callable[[], object] | None = None) -> None:
        self.size = size
        self.replies: list[Any] | None = None
        self.wake = wake
        """Told, from any thread, that the replies are there."""
        self.trace: Frame | None = None
        """How the code that asked is stepped through from here, and where it is held."""

    def fill(self, replies: list[Any], trace: Frame | None = None) -> None:
        """Take the replies."""
        self.replies, self.trace = replies, trace
        if self.wake is not None:
            self.wake()


class Calls:
    """The sub-calls of one worker, made while a cell runs."""

    def __init__(self, channel: Channel, shield: Interrupts, flush: Callable[[], None]) -> None:
        self.ahead: Ahead | None = None
        self.on_look: Callable[[Frame], object] | None = None
        """Takes what the user wants to see while a call is waited for."""
        self.on_trace: Callable[[str, Sequence[int]], object] = lambda _how, _lines: None
        """Told how the code that waited is stepped through from here, and at which lines held."""
        self._looker: int | None = None
        """The thread that shows it."""
        self._channel = channel
        self._shield = shield
        self._flush = flush
        self._is_open = False
        self._gate = threading.Lock()
        """Held to send a call, so that none goes out when the cell has ended."""
        self._numbers = itertools.count(1)
        self._slots: dict[int, _Slot] = {}
        self._turn = threading.Condition()
        self._is_reading = False
        self._waiting_loops: Counter[AbstractEventLoop] = Counter()
        """How many calls each event loop waits for."""

    def open(self) -> None:
        """A cell begins."""
        self._is_open = True

    def close(self) -> None:
        """The cell has ended: no more calls, and no thread that it left behind reads or waits."""
        with self._gate:
            self._is_open = False
        ended = {"error": {"kind": "cancelled", "message": "the code block has ended"}}
        with self._turn:
            for slot in list(self._slots.values()):
                if slot.replies is None:
                    slot.fill([ended] * slot.size)
            self._turn.notify_all()
            self._turn.wait_for(lambda: not self._is_reading)

    def llm_query(self, prompt: str, model: str | None = None) -> str:
        """Ask the sub-model. Raises SubCallError."""
        return self._single("llm_query", prompt, model=model)

    def llm_query_batched(
        self, prompts: Sequence[str], model: str | None = None, *, raise_errors: bool = False
    ) -> list[Any]:
        """Ask the sub-model several things at once; the replies in order.

        A failed call's place holds its SubCallError; with `raise_errors` the first one is raised.
        """
        return self._batch("llm_query", prompts, {"model": model}, raise_errors=raise_errors)

    def rlm_query(self, query: str, context: Any = None, model: str | None = None) -> str:
        """Answer a question over `context` (None: all of this one) in a REPL of its own."""
        contexts = None if context is None else [context_of(context)]
        return self._single("rlm_query", query, model=model, contexts=contexts)

    def rlm_query_batched(
        self,
        queries: Sequence[str],
        contexts: Sequence[Any] | None = None,
        model: str | None = None,
        *,
        raise_errors: bool = False,
    ) -> list[Any]:
        """Several `rlm_query` at once; `contexts` has one for each query, or is None."""
        more = {"model": model} | contexts_for(queries, contexts)
        return self._batch("rlm_query", queries, more, raise_errors=raise_errors)

    def hold(self, frame: FrameType) -> str:
        """Wait before a line until the user lets it run; returns how to go on."""
        place = {"cell": cell_of(frame.f_code.co_filename), "line": frame.f_lineno}
        ((reply,),) = self.ask([{"kind": "line", "prompts": [""], "batch": False, **place}])
        return "go" if isinstance(reply, SubCallError) else reply

    @contextmanager
    def refused(self) -> Generator[None]:
        """Let this thread make no calls meanwhile."""
        self._looker = threading.get_ident()
        try:
            yield
        finally:
            self._looker = None

    def kind_of(self, function: object) -> str | None:
        """`llm_query` or `rlm_query` when this is the function of that name."""
        name = self._name_of(function)
        return name if name in {"llm_query", "rlm_query"} else None

    def is_batch(self, function: object) -> bool:
        """Whether it is one of the functions that take several prompts."""
        return (self._name_of(function) or "").endswith("_batched")

    def _name_of(self, function: object) -> str | None:
        if type(function) is MethodType and function.__self__ is self:
            return function.__func__.__name__
        return None

    def _single(self, kind: str, prompt: str, **more: Any) -> Any:
        if not isinstance(prompt, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"{kind}() needs a str, not {type(prompt).__name__}")
        _require_name(kind, more["model"])
        message: Frame = {"kind": kind, "prompts": [prompt], "batch": False, **more}
        caller, loop = sys._getframe(2), _running_loop()  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - inspect takes 20 ms
        reply = self.ahead.take(caller, message) if self.ahead else None
        if reply is None:
            message |= _calling_line()
            if loop is not None and self.ahead and self.ahead.is_awaited(caller):
                return self._later(message, loop, _only)
            reply = _only(self.ask([message])[0])
        elif isinstance(reply, SubCallError):
            raise reply
        return reply if loop is None else Reply(reply)

    def _batch(
        self, kind: str, prompts: Sequence[str], more: Frame, *, raise_errors: bool
    ) -> list[Any]:
        prompts = [prompts] if isinstance(prompts, str) else list(prompts)
        for prompt in prompts:
            if not isinstance(prompt, str):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise TypeError(f"{kind}_batched() needs strings, not {type(prompt).__name__}")
        _require_name(f"{kind}_batched", more["model"])
        caller, loop = sys._getframe(2), _running_loop()  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - as above
        finish = _all_or_raise if raise_errors else list[Any]
        message = {"kind": kind, "prompts": prompts, "batch": True, **more} | _calling_line()
        if loop is not None and prompts and self.ahead and self.ahead.is_awaited(caller):
            return self._later(message, loop, finish)  # type: ignore[return-value]
        replies = finish(self.ask([message])[0] if prompts else [])
        return replies if loop is None else Replies(replies)

    def ask(self, messages: list[Frame]) -> list[list[Any]]:
        """Make several requests at once; the replies to each, failures as errors in their places.

        Raises SubCallError when the cell has ended, and FrameTooLargeError.
        """
        self._flush()
        slots = [_Slot(len(message["prompts"])) for message in messages]
        with self._shield:
            numbers: list[int] = []
            try:
                for slot, message in zip(slots, messages, strict=True):
                    numbers.append(self._send(message, slot))
                for slot in slots:
                    self._wait(slot)
            finally:
                for number in numbers:
                    self._slots.pop(number, None)
        return [self._taken(slot) for slot in slots]

    def _taken(self, slot: _Slot) -> list[Any]:
        if slot.trace:
            self.on_trace(slot.trace["how"], slot.trace["lines"])
        return _told(slot)

    def _send(self, message: Frame, slot: _Slot) -> int:
        number = next(self._numbers)
        with self._gate:
            if not self._is_open:
                raise SubCallError(
                    "the code block that could make sub-calls has ended", "cancelled"
                )
            if threading.get_ident() == self._looker:
                raise SubCallError("no sub-call is made to look at a value", "cancelled")
            self._slots[number] = slot
            try:
                self._channel.send({"op": "call", "call": number} | message)
            except BaseException:
                del self._slots[number]
                raise
        return number

    async def _later(
        self, message: Frame, loop: AbstractEventLoop, finish: Callable[[list[Any]], Any]
    ) -> Any:
        """A request that an event loop waits for, and its other tasks go on meanwhile."""
        self._flush()
        arrived = loop.create_future()
        slot = _Slot(len(message["prompts"]), lambda: _wake(loop, arrived))
        with self._shield:
            number = self._send(message, slot)
        self._waiting_loops[loop] += 1
        loop.add_reader(self._channel.sock, self._read_in_loop)
        try:
            await arrived
        finally:
            self._slots.pop(number, None)
            self._waiting_loops[loop] -= 1
            if not self._waiting_loops[loop]:
                del self._waiting_loops[loop]
                loop.remove_reader(self._channel.sock)
        return finish(self._taken(slot))

    def _read_in_loop(self) -> None:
        with self._shield:
            with self._turn:
                if self._is_reading:
                    return
                self._is_reading = True
            try:
                while self._channel.has_message or self._channel.is_readable_within(0):
                    self._read()
            finally:
                with self._turn:
                    self._is_reading = False
                    self._turn.notify_all()

    def _wait(self, slot: _Slot) -> None:
        """Wait for the replies, or for an interrupt, which the caller's shield then lets through.

        Nothing here can be interrupted halfway, so no lock and no turn is ever left taken.
        """
        while slot.replies is None and not self._shield.is_due:
            with self._turn:
                if self._is_reading:
                    self._turn.wait(_GLANCE)
                    continue
                self._is_reading = True
            try:
                while slot.replies is None and not self._shield.is_due:
                    self._read()
                while self._channel.has_message:  # no event loop would hear of what is read already
                    self._read()
            finally:
                with self._turn:
                    self._is_reading = False
                    self._turn.notify_all()

    def _read(self) -> None:
        if not self._channel.has_message and not self._channel.is_readable_within(_GLANCE):
            return
        message = self._channel.next_message()
        if message is None:
            return
        if message["op"] == "evaluate" and self.on_look is not None:
            self.on_look(message)
        if message["op"] != "result":
            return
        with self._turn:
            slot = self._slots.get(message["call"])
            if slot is not None and slot.replies is None:
                slot.fill(message["replies"], message.get("trace"))
                self._turn.notify_all()


def _require_name(function: str, model: object) -> None:
    if model is not None and not isinstance(model, str):
        raise TypeError(f"{function}(): model is a name, not {type(model).__name__}")


def _told(slot: _Slot) -> list[Any]:
    return [
        SubCallError(reply["error"]["message"], reply["error"]["kind"])
        if "error" in reply
        else reply["text"]
        for reply in slot.replies or []
    ]


def _all_or_raise(replies: list[Any]) -> list[Any]:
    for reply in replies:
        if isinstance(reply, SubCallError):
            raise reply
    return replies


def _only(replies: list[Any]) -> str:
    (reply,) = _all_or_raise(replies)
    return reply


def _running_loop() -> AbstractEventLoop | None:
    """The event loop that runs in this thread; without importing asyncio, which takes 30 ms."""
    asyncio = sys.modules.get("asyncio")
    if asyncio is None:
        return None
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _wake(loop: AbstractEventLoop, arrived: Future[None]) -> None:
    def arrive() -> None:
        if not arrived.done():
            arrived.set_result(None)

    if not loop.is_closed():
        loop.call_soon_threadsafe(arrive)


def _calling_line() -> Frame:
    """The cell and line in it that the call comes from; `""` and 0 when no cell is on the stack."""
    frame = sys._getframe(1)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - as above
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(CELL_PREFIX):
            return {"cell": cell_of(name), "line": frame.f_lineno}
        frame = frame.f_back
    return {"cell": "", "line": 0}


def cell_of(filename: str) -> str:
    """The name of a cell, of the file name of its code."""
    return filename[len(CELL_PREFIX) : -1]


def contexts_for(queries: Sequence[str], contexts: Sequence[Any] | None) -> Frame:
    """The contexts of a batch of `rlm_query`. Raises ValueError unless each query has one."""
    if contexts is None:
        return {}
    if len(contexts) != len(queries):
        raise ValueError(f"{len(queries)} queries need as many contexts, not {len(contexts)}")
    return {"contexts": [None if one is None else context_of(one) for one in contexts]}


def context_of(value: Any) -> Any:
    """A context as it travels: a str, or a dict of them; anything else by its `str()`."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, dict):
        return {str(key): str(text) for key, text in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(value, list):
        return "\n".join(map(str, value))  # pyright: ignore[reportUnknownArgumentType]
    return str(value)
