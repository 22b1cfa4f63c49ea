"""Between the debugger without a screen and a run: orders, and the signs that they were obeyed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence

from rlm_tui import debug_views
from rlm_tui.code_reading import is_helper
from rlm_tui.debug_past import Past
from rlm_tui.debug_word import Execute, Look
from rlm_tui.events import BreakpointHit, Event, Paused, Record, ReplOutput
from rlm_tui.header import Header
from rlm_tui.headless import Form, Teller
from rlm_tui.source import (
    AnyCommand,
    AnyNotice,
    CheckFork,
    Evaluate,
    Evaluated,
    Fork,
    ForkChecked,
    Remark,
    Source,
)

_PRINTED_ROWS = 20


class Exchange:
    """The listener of a run that is debugged. Used by one event loop."""

    def __init__(self, source: Source, form: Form) -> None:
        self.teller = Teller(form)
        self.past = Past()
        self.stop = 0
        """The `seq` of the latest `Paused`; 0 before the first."""
        self._source = source
        self._news = asyncio.Event()
        self._happened: set[type[Event]] = set()
        """What has happened since the last order."""
        self._is_refused = False
        self._shown: Evaluated | None = None
        self._checked: ForkChecked | None = None
        self._number = 0
        self._printed: list[str] = []

    # What the source tells

    def begin(self, header: Header) -> None:
        """The run exists."""
        self.teller.begin(header)

    def take(self, records: Sequence[Record]) -> None:
        """Follow the run."""
        self.teller.take(records)
        self.past.extend(records)
        for record in records:
            self._happened.add(type(record.event))
            match record.event:
                case Paused():
                    self.stop = record.seq
                case ReplOutput(text=text):
                    self._printed.append(text)
                case BreakpointHit(number, spec) if self._only_notes(number):
                    self.teller.tell(f"hit       {record.node}, breakpoint {number} ({spec})")
                case _:
                    pass
        self._news.set()

    def say(self, notice: AnyNotice) -> None:
        """Keep what was asked for; the rest is told."""
        if isinstance(notice, Evaluated):
            self._shown = notice
        elif isinstance(notice, ForkChecked):
            self._checked = notice
        else:
            self._is_refused |= isinstance(notice, Remark) and notice.severity == "error"
            self.teller.say(notice)
        self._news.set()

    def _only_notes(self, number: int) -> bool:
        items = self.teller.trajectory.breakpoints
        return any(item.number == number and item.action == "log" for item in items)

    @property
    def is_held(self) -> bool:
        """Whether the run is held."""
        return self.teller.trajectory.paused is not None

    def printed(self) -> list[str]:
        """What the code has printed since this was asked last, as far as it is shown."""
        lines = "".join(self._printed).splitlines()
        self._printed.clear()
        left = len(lines) - _PRINTED_ROWS
        rows = [f"printed | {debug_views.cut(line)}" for line in lines[-_PRINTED_ROWS:]]
        return [f"printed | … {left:,} lines before", *rows] if left > 0 else rows

    # What it is told

    def order(self, command: AnyCommand) -> None:
        """Send a command."""
        self._source.send(command)

    async def send(self, command: AnyCommand, *signs: type[Event]) -> bool:
        """Send a command and wait for a sign that it was carried out; false when it was not."""
        self._happened.clear()
        self._is_refused = False
        self.order(command)
        await self.wait_until(lambda: self._is_refused or not self._happened.isdisjoint(signs))
        return not self._is_refused

    async def evaluated(self, word: Look | Execute) -> str:
        """What a value is, or a statement printed."""
        if isinstance(word, Execute):
            return (await self._evaluated(word.statement, is_statement=True)).text or "done"
        return (await self._evaluated(word.code, is_statement=False)).text or "None"

    async def values(self, names: Iterable[str]) -> dict[str, str]:
        """The values of those names that have one where the run is held."""
        told = {name: await self._evaluated(name, is_statement=False) for name in names}
        return {
            name: shown.text
            for name, shown in told.items()
            if not shown.is_error and not is_helper(name, shown.text)
        }

    async def _evaluated(self, code: str, *, is_statement: bool) -> Evaluated:
        self._number += 1
        number, self._shown = self._number, None
        self.order(Evaluate(number, code, is_statement))
        while (shown := self._shown) is None or shown.id != number:
            await self._next_news()
        return shown

    async def fork_trouble(self, fork: Fork) -> str:
        """Why no branch can begin there; empty when one can."""
        self._checked = None
        self.order(CheckFork(fork))
        await self.wait_until(lambda: self._checked is not None)
        return self._checked.trouble if self._checked is not None else ""

    async def wait_until(self, is_so: Callable[[], bool]) -> None:
        """Wait until what is told makes something true."""
        while not is_so():
            await self._next_news()

    async def _next_news(self) -> None:
        self._news.clear()
        await self._news.wait()
