"""A run without a screen: the answer on stdout, what happens meanwhile on stderr."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, Literal

import msgspec

from rlm_tui.codec import encode_line
from rlm_tui.config import is_billed, shown_name
from rlm_tui.errors import RlmTuiError
from rlm_tui.events import (
    CodeFinished,
    IterationFinished,
    LimitNeared,
    LimitReached,
    ModelRequested,
    Outcome,
    Record,
    ReplyRejected,
    RetryScheduled,
    RunStarted,
)
from rlm_tui.header import Header
from rlm_tui.source import (
    AnyNotice,
    Broken,
    Cancel,
    Evaluated,
    ForkChecked,
    Listener,
    LogLine,
    Remark,
    Saved,
    Source,
)
from rlm_tui.trajectory import Trajectory
from rlm_tui.visible import visible_text

EXIT: dict[Outcome, int] = {"answered": 0, "forced": 0, "limited": 3, "failed": 1, "cancelled": 130}

Form = Literal["text", "json", "events"]

_REDRAW_EVERY = 0.1


class Teller:
    """Follows a run and says on stderr what happens."""

    def __init__(self, form: Form) -> None:
        self.header: Header | None = None
        self.trajectory = Trajectory()
        self.session: str | None = None
        self._is_session_whole = True
        self.broken: str | None = None
        self.was_stopped = False
        """Whether the user ended it before it could end itself."""
        self._is_deaf = sys.stdout is None  # pyright: ignore[reportUnnecessaryComparison]
        """Whether nobody reads stdout, or nobody any more."""
        self._unwritten: str | None = None
        """Why stdout did not take everything, where somebody wanted it."""
        self._form = form
        # Both are None in a process that was started with them closed.
        self._is_mute = sys.stderr is None  # pyright: ignore[reportUnnecessaryComparison]
        self._is_terminal = bool(sys.stderr and sys.stderr.isatty())
        self._drawn = 0.0
        self._has_line = False

    def begin(self, header: Header) -> None:
        """Say what is studied, and with which model."""
        self.header = header
        names = ", ".join(document.path for document in header.documents)
        size = sum(document.bytes for document in header.documents)
        self.tell(f"document  {names}, {size:,} bytes")
        models = dict.fromkeys((header.model, header.sub_model))
        self.tell(f"model     {' > '.join(map(shown_name, models))}")
        if self._form == "events":
            self._out(encode_line(header))

    def take(self, records: Sequence[Record]) -> None:
        """Say what the next records tell."""
        for record in records:
            self.trajectory.apply(record)
            if self._form == "events":
                self._out(encode_line(record))
            self._narrate(record)

    def say(self, notice: AnyNotice) -> None:
        """Keep or say what is no event."""
        match notice:
            case Saved():
                self.session, self._is_session_whole = notice.path, notice.is_whole
            case Broken():
                self.broken = notice.text
            case Remark() | LogLine() | Evaluated():
                self.tell(notice.text)
            case ForkChecked():
                pass  # for who has asked

    def _narrate(self, record: Record) -> None:
        match record.event:
            case RunStarted() as event:
                lines, tokens = event.context_lines, event.context_tokens
                self.tell(
                    f"context   {event.context_chars:,} characters, {lines:,} lines, "
                    f"about {tokens:,} tokens"
                )
                self.tell(f"sandbox   {event.sandbox}")
            case ModelRequested() if "." not in record.node:
                self._progress()
            case RetryScheduled() as event:
                self.tell(
                    f"waiting   {event.wait:.1f} s for attempt {event.attempt}: "
                    f"{event.error.message}"
                )
            case ReplyRejected() as event:
                self.tell(f"reply     {event.fault.replace('_', ' ')}; the model was told")
            case CodeFinished(error=error) if error:
                self.tell(f"code {record.node}  {error}")
            case IterationFinished() if "." not in record.node:
                self.tell(self._iteration_line(record.node))
            case LimitNeared() as event:
                self.tell(f"limit     {event.used:,.4g} of {event.allowed:,.4g} {event.limit}")
            case LimitReached() as event:
                self.tell(f"limit     {event.limit} reached")
            case _:
                self._progress()

    def _iteration_line(self, node: str) -> str:
        iteration = self.trajectory.iteration(node)
        calls = sum(len(block.calls) for block in iteration.blocks)
        took = (iteration.ended or 0.0) - iteration.started
        said = f", {calls} sub-calls" if calls else ""
        return f"it {iteration.number:<6} {iteration.state}, {took:.1f} s{said}"

    def _progress(self) -> None:
        if not self._is_terminal or time.monotonic() - self._drawn < _REDRAW_EVERY:
            return
        self._drawn = time.monotonic()
        trajectory = self.trajectory
        turns = len(trajectory.root.iterations)
        spent = trajectory.spent
        text = (
            f"it {turns} · {trajectory.call_count} sub-calls · "
            f"{spent.input_tokens + spent.output_tokens:,} tokens · {trajectory.at:.0f} s"
        )
        self.write(f"\r\x1b[K{text}")
        self._has_line = True

    def tell(self, text: str) -> None:
        """Write lines to stderr, control characters made visible."""
        clear = "\r\x1b[K" if self._has_line else ""
        self._has_line = False
        self.write(f"{clear}{visible_text(text)}\n")

    def write(self, text: str) -> None:
        """Write to stderr as it is, while somebody reads it."""
        if self._is_mute:
            return
        try:
            sys.stderr.write(text)
            sys.stderr.flush()
        except OSError:
            self._is_mute = True  # nobody reads the narration; the answer does not depend on it

    def _out(self, content: bytes) -> None:
        if self._is_deaf:
            return
        try:
            sys.stdout.buffer.write(content)
            sys.stdout.buffer.flush()
        except OSError as error:
            self._is_deaf = True
            if not isinstance(error, BrokenPipeError):
                self._unwritten = error.strerror or str(error)
            # What Python flushes at exit must not fail once more.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def _out_text(self, text: str) -> None:
        if not self._is_deaf and sys.stdout.isatty():
            text = visible_text(text)
        self._out(text.encode("utf-8", "replace") + (b"" if text.endswith("\n") else b"\n"))

    def finish(self) -> int:
        """Write the result; returns the exit status."""
        self._say_end()
        finished = self.trajectory.finished
        outcome = self._outcome
        if self._form == "json":
            self._out(msgspec.json.encode(self.result()) + b"\n")
        elif self._form == "text" and finished is not None and finished.answer is not None:
            self._out_text(finished.answer)
        if self._unwritten is not None:
            self.tell(f"failed    stdout cannot be written: {self._unwritten}")
            outcome = "failed"
        return EXIT[outcome]

    @property
    def _outcome(self) -> Outcome:
        if self.trajectory.finished is not None:
            return self.trajectory.finished.outcome
        return "cancelled" if self.was_stopped else "failed"

    def _say_end(self) -> None:
        finished = self.trajectory.finished
        if finished is None:
            why = "stopped at once" if self.was_stopped else self.broken or "the run broke off"
            self.tell(f"{self._outcome:<9} {why}")
        else:
            spent = finished.usage
            tokens = spent.input_tokens + spent.output_tokens
            self.tell(
                f"{finished.outcome:<9} {finished.elapsed:.1f} s, {spent.requests} requests, "
                f"{tokens:,} tokens"
            )
            if finished.error is not None:
                self.tell(f"because   {finished.error.message}")
            for name, value in finished.partial.items():
                self.tell(f"partial   {name} = {value}")
        if self.session is not None:
            lacks = "" if self._is_session_whole else " (incomplete: its last events are lost)"
            self.tell(f"session   {self.session}{lacks}")

    def result(self) -> dict[str, Any]:
        """The object of `--json`."""
        header, finished = self.header, self.trajectory.finished
        assert header is not None  # noqa: S101 - asked only of a run that began
        usage = finished.usage if finished else self.trajectory.spent
        billed = is_billed(header.model) or is_billed(header.sub_model)
        error = finished.error.message if finished and finished.error else self.broken
        documents = [msgspec.to_builtins(document) for document in header.documents]
        return {
            "answer": finished.answer if finished else None,
            "outcome": self._outcome,
            "question": header.question,
            "document": documents[0],
            **({"documents": documents} if len(documents) > 1 else {}),
            "iterations": len(self.trajectory.root.iterations),
            "sub_calls": self.trajectory.call_count,
            "model": header.model,
            "sub_model": header.sub_model,
            "usage": {
                "requests": usage.requests,
                "input_tokens": usage.input_tokens,
                "output_tokens": usage.output_tokens,
                "cached_tokens": usage.cached_tokens,
                "cost_usd": usage.cost_usd if billed else None,
            },
            "elapsed_s": round(finished.elapsed if finished else self.trajectory.at, 3),
            "session": self.session,
            "sandbox": self.trajectory.started.sandbox if self.trajectory.started else None,
            "error": error,
            **({"partial": finished.partial} if finished and finished.partial else {}),
        }


async def answer(source: Source, form: Form) -> int:
    """Run a source to its end; returns the exit status.

    SIGINT, SIGTERM and SIGHUP stop the run with everything kept; a second one ends it at once.

    Raises:
        RlmTuiError: the run could not begin.
    """
    teller = Teller(form)
    return await follow(source, teller, teller)


async def follow(
    source: Source,
    teller: Teller,
    listener: Listener,
    holds: Callable[[], bool] = lambda: False,
    finish: Callable[[], int] | None = None,
) -> int:
    """Run a source to its end and write the result; returns the exit status.

    Args:
        source: what to run.
        teller: who writes the result.
        listener: who is told everything, and tells the teller.
        holds: asked at SIGINT; when true, it has been used to hold the run, not to stop it.
        finish: writes the result; None for the teller.

    Raises:
        RlmTuiError: the run could not begin.
    """
    running = asyncio.ensure_future(source.run(listener))
    interruptions = 0

    def stop(number: int) -> None:
        nonlocal interruptions
        if number == signal.SIGINT and holds():
            return
        interruptions += 1
        source.send(Cancel())
        if interruptions > 1 or teller.header is None:
            running.cancel()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop, number)
    try:
        await running
    except asyncio.CancelledError:
        if teller.header is None:
            teller.tell("cancelled before the run began; nothing was recorded")
            return EXIT["cancelled"]
        teller.was_stopped = True
    except RlmTuiError as error:
        if teller.header is None:
            raise
        teller.broken = str(error)
    finally:
        await source.close()
    return (finish or teller.finish)()
