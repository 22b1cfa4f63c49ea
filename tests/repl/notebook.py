"""A REPL in real processes, driven from plain functions: a started sandbox serves many tests."""

from __future__ import annotations

import asyncio
import inspect
import itertools
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from rlm_tui.config import SandboxMode
from rlm_tui.repl.cells import CallReply, CallRequest, CellResult, Served
from rlm_tui.repl.host import Sandbox
from rlm_tui.repl.repl import Repl

BUDGET = 60.0
"""Seconds a cell may run: more than any needs on a busy machine."""

Answerer = Callable[[CallRequest], list[CallReply] | Awaitable[list[CallReply]]]


def echoed(request: CallRequest) -> list[CallReply]:
    """Answer each prompt with itself in angle brackets."""
    return [f"<{prompt}>" for prompt in request.prompts]


def unmarked(traceback: str) -> str:
    """A traceback without the rows that mark a place in a line: each Python has its own."""
    return "".join(row for row in traceback.splitlines(keepends=True) if row.strip(" ~^\n"))


@dataclass
class Ran:
    """What a cell did."""

    result: CellResult
    pieces: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """What it printed, as it came: stream and text."""
    requests: list[CallRequest] = field(default_factory=list[CallRequest])

    @property
    def out(self) -> str:
        return "".join(text for stream, text in self.pieces if stream == "stdout")

    @property
    def err(self) -> str:
        return "".join(text for stream, text in self.pieces if stream == "stderr")

    @property
    def answer(self) -> tuple[str, str]:
        """How the cell finished the run, and with what."""
        assert self.result.final is not None, (self.result, self.err)
        return self.result.final.form, self.result.final.text


def unheard(_text: str) -> None:
    """Output is kept anyway."""


async def run(
    repl: Repl,
    code: str,
    *,
    name: str,
    answer: Answerer = echoed,
    heard: Callable[[str], object] = unheard,
    budget: float = BUDGET,
    together: bool = True,
) -> Ran:
    """Run a cell and keep all that it does; `heard` is told of each piece of output as it comes."""
    pieces: list[tuple[str, str]] = []
    requests: list[CallRequest] = []

    async def on_call(request: CallRequest) -> Served:
        requests.append(request)
        replies = answer(request)
        return Served(await replies if inspect.isawaitable(replies) else replies)

    def on_output(stream: str, text: str) -> None:
        pieces.append((stream, text))
        heard(text)

    result = await repl.run(
        name, code, budget=budget, on_output=on_output, on_call=on_call, together=together
    )
    return Ran(result, pieces, requests)


class Notebook:
    """One REPL."""

    def __init__(self, box: Box, repl: Repl) -> None:
        self.repl = repl
        self._box = box
        self._cells = itertools.count(1)

    def run(self, code: str, **options: Any) -> Ran:
        options.setdefault("name", f"1.{next(self._cells)}")
        return self._box.do(run(self.repl, code, **options))

    def ok(self, code: str, **options: Any) -> str:
        """What a cell that must not fail prints to stdout."""
        ran = self.run(code, **options)
        assert ran.result.outcome == "ok", (ran.result, ran.err)
        return ran.out

    def variables(self) -> dict[str, tuple[str, int | None, str]]:
        found = self._box.do(self.repl.variables())
        return {item.name: (item.type, item.size, item.value) for item in found}


class Box:
    """A sandbox with an event loop of its own, which runs only while a method does."""

    def __init__(
        self, *documents: str, mode: SandboxMode = "auto", left_out: Sequence[str] = ()
    ) -> None:
        self._runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        self.sandbox = self.do(Sandbox.start(list(documents), mode, left_out=left_out))

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self._runner.run(work)

    def notebook(self, query: str = "", context: str | dict[str, str] | None = None) -> Notebook:
        return Notebook(self, self.do(self.sandbox.spawn(query, context)))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self.do(self.sandbox.close())
        self._runner.close()
