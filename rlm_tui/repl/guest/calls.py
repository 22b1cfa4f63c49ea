"""`llm_query` and its kin: a request to the engine, and a wait that other threads can share.

Any number of threads may wait at once. One of them reads the socket for all (the others sleep),
and hands the reading on when it has its own reply.
"""

from __future__ import annotations

import itertools
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any

from rlm_tui.repl.guest.interrupts import Interrupts
from rlm_tui.repl.wire import Channel, Frame

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


class _Slot:
    """A request that waits for its replies."""

    __slots__ = ("replies", "size")

    def __init__(self, size: int) -> None:
        self.size = size
        self.replies: list[Any] | None = None


class Calls:
    """The sub-calls of one worker, made while a cell runs."""

    def __init__(self, channel: Channel, shield: Interrupts, flush: Callable[[], None]) -> None:
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
                    slot.replies = [ended] * slot.size
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
        contexts = None if context is None else [_context_of(context)]
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
        more: Frame = {"model": model}
        if contexts is not None:
            if len(contexts) != len(queries):
                raise ValueError(
                    f"{len(queries)} queries need as many contexts, not {len(contexts)}"
                )
            more["contexts"] = [None if c is None else _context_of(c) for c in contexts]
        return self._batch("rlm_query", queries, more, raise_errors=raise_errors)

    def _single(self, kind: str, prompt: str, **more: Any) -> str:
        if not isinstance(prompt, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"{kind}() needs a str, not {type(prompt).__name__}")
        _require_name(kind, more["model"])
        (reply,) = self._ask({"kind": kind, "prompts": [prompt], "batch": False, **more})
        if isinstance(reply, SubCallError):
            raise reply
        return reply

    def _batch(
        self, kind: str, prompts: Sequence[str], more: Frame, *, raise_errors: bool
    ) -> list[Any]:
        prompts = [prompts] if isinstance(prompts, str) else list(prompts)
        for prompt in prompts:
            if not isinstance(prompt, str):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise TypeError(f"{kind}_batched() needs strings, not {type(prompt).__name__}")
        _require_name(f"{kind}_batched", more["model"])
        if not prompts:
            return []
        replies = self._ask({"kind": kind, "prompts": prompts, "batch": True, **more})
        if raise_errors:
            for reply in replies:
                if isinstance(reply, SubCallError):
                    raise reply
        return replies

    def _ask(self, message: Frame) -> list[Any]:
        self._flush()
        cell, line = _calling_line()
        slot = _Slot(len(message["prompts"]))
        with self._shield:
            number = next(self._numbers)
            try:
                with self._gate:
                    if not self._is_open:
                        raise SubCallError(
                            "the code block that could make sub-calls has ended", "cancelled"
                        )
                    self._slots[number] = slot
                    self._channel.send(
                        {"op": "call", "call": number, "cell": cell, "line": line} | message
                    )
                self._wait(slot)
            finally:
                self._slots.pop(number, None)
        return [
            SubCallError(reply["error"]["message"], reply["error"]["kind"])
            if "error" in reply
            else reply["text"]
            for reply in slot.replies or []
        ]

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
            finally:
                with self._turn:
                    self._is_reading = False
                    self._turn.notify_all()

    def _read(self) -> None:
        if not self._channel.has_message and not self._channel.is_readable_within(_GLANCE):
            return
        message = self._channel.next_message()
        if message is None or message["op"] != "result":
            return
        with self._turn:
            slot = self._slots.get(message["call"])
            if slot is not None and slot.replies is None:
                slot.replies = message["replies"]
                self._turn.notify_all()


def _require_name(function: str, model: object) -> None:
    if model is not None and not isinstance(model, str):
        raise TypeError(f"{function}(): model is a name, not {type(model).__name__}")


def _calling_line() -> tuple[str, int]:
    """The cell and line in it that the call comes from; `("", 0)` when no cell is on the stack."""
    frame = sys._getframe(1)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - inspect takes 20 ms
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(CELL_PREFIX):
            return name[len(CELL_PREFIX) : -1], frame.f_lineno
        frame = frame.f_back
    return "", 0


def _context_of(value: Any) -> Any:
    """A context as it travels: a str, or a dict of them; anything else by its `str()`."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, dict):
        return {str(key): str(text) for key, text in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(value, list):
        return "\n".join(map(str, value))  # pyright: ignore[reportUnknownArgumentType]
    return str(value)
