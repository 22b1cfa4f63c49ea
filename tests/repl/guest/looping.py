"""Runs a cell as a worker would, with calls that are answered in this process.

together, alone = both_ways("[llm_query(c) for c in 'abc']")
"""

from __future__ import annotations

import contextlib
import io
import sys
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rlm_tui.repl.guest.calls import Calls, SubCallError
from rlm_tui.repl.guest.cell import compiled, install_echo, is_cell, run_codes, told_error
from rlm_tui.repl.guest.together import Together

NAME = "<repl 1.1>"


Replying = Callable[[str], "str | SubCallError"]


def reply_to(prompt: str) -> str | SubCallError:
    """A reply that depends on all of the prompt; one prompt in forty fails."""
    number = zlib.crc32(prompt.encode())
    if number % 40 == 0:
        return SubCallError(f"no reply to {prompt[:40]}", "timeout")
    return f"r{number % 5} {number % 97}"


class FakeCalls(Calls):
    """Calls that are answered here, and kept."""

    def __init__(self, replies: Replying = reply_to) -> None:
        self.ahead = None
        self.requests: list[dict[str, Any]] = []
        self._reply_to = replies

    def ask(self, messages: list[dict[str, Any]]) -> list[list[Any]]:
        self.requests += messages
        return [[self._reply_to(prompt) for prompt in message["prompts"]] for message in messages]

    async def _later(self, message, loop, finish):
        return finish(self.ask([message])[0])

    @property
    def prompts(self) -> Counter[tuple[str, str, str]]:
        return Counter(
            (message["kind"], prompt, repr(context))
            for message in self.requests
            for prompt, context in zip(
                message["prompts"],
                message.get("contexts") or [None] * len(message["prompts"]),
                strict=True,
            )
        )

    @property
    def sizes(self) -> list[int]:
        """How many calls each request was for."""
        return [len(message["prompts"]) for message in self.requests]

    @property
    def lines(self) -> list[int]:
        return [message["line"] for message in self.requests]


class Watch:
    """Sees whether code of a cell raises an exception that is not just the end of an iterator.

    It takes the place of the tracer that measures coverage.
    """

    def __init__(self) -> None:
        self.has_raised = False

    def __enter__(self) -> None:
        self._before = sys.gettrace()
        sys.settrace(self._enter)

    def __exit__(self, *_: object) -> None:
        sys.settrace(self._before)

    def _enter(self, frame: Any, _event: str, _argument: object) -> Any:
        return self._look if is_cell(frame.f_code.co_filename) else None

    def _look(self, _frame: object, event: str, argument: Any) -> Any:
        if event == "exception" and argument[0] is not StopIteration:
            self.has_raised = True
        return self._look


@dataclass
class Outcome:
    """All that can be seen of a cell that has run."""

    calls: FakeCalls
    printed: str
    error: str
    has_raised: bool
    """Whether there was an exception in the code, caught or not."""
    variables: dict[str, str]


_SHOWN = (str, int, float, bool, type(None), list, dict, set, tuple)


def ran(code: str, *earlier: str, together: bool = True, replies: Replying = reply_to) -> Outcome:
    """Run cells in this process; the outcome of the last one."""
    calls = FakeCalls(replies)
    knows = Together(calls)
    knows.install()
    knows.is_on = together
    namespace: dict[str, Any] = {
        "__name__": "__main__",
        "llm_query": calls.llm_query,
        "llm_query_batched": calls.llm_query_batched,
        "rlm_query": calls.rlm_query,
        "SubCallError": SubCallError,
        "context": "the text of\nthe document",
    }
    printed, error = io.StringIO(), ""
    with contextlib.redirect_stdout(printed):
        install_echo(printed.write)
        for number, cell in enumerate(earlier):
            run_codes(compiled(cell, f"<repl 0.{number}>", knows.marked), namespace)
        calls.requests.clear()
        watch = Watch()
        try:
            with contextlib.nullcontext() if together else watch:
                run_codes(compiled(code, NAME, knows.marked), namespace)
        except Exception as raised:  # noqa: BLE001 - whatever the code raises
            error = told_error(raised)[0]
    shown = {
        name: repr(value)
        for name, value in namespace.items()
        if type(value) in _SHOWN and name != "__builtins__"
    }
    return Outcome(calls, printed.getvalue(), error, watch.has_raised, shown)


def both_ways(code: str, *earlier: str, replies: Replying = reply_to) -> tuple[Outcome, Outcome]:
    """Run a cell together and one call after another, and hold what was seen against each other."""
    together = ran(code, *earlier, together=True, replies=replies)
    alone = ran(code, *earlier, together=False, replies=replies)
    assert together.printed == alone.printed
    assert together.error == alone.error
    assert together.variables == alone.variables
    more = together.calls.prompts - alone.calls.prompts
    assert alone.calls.prompts - together.calls.prompts == Counter()
    assert not more or alone.has_raised
    return together, alone
