"""The debugger without a screen: words from stdin, what they show on stderr, then the answer."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence

from msgspec.structs import replace

from rlm_tui import breakpoint_words, debug_views
from rlm_tui.breakpoint import Breakpoint
from rlm_tui.code_reading import names_used
from rlm_tui.debug_exchange import Exchange
from rlm_tui.debug_help import help_text
from rlm_tui.debug_input import TypedLines, composed, stdin_descriptor
from rlm_tui.debug_word import (
    AnyWord,
    Back,
    Branch,
    Break,
    Budget,
    Checkpoint,
    Compose,
    Condition,
    Delete,
    Display,
    Enable,
    Execute,
    Find,
    Frames,
    GoTo,
    Help,
    Ignore,
    Info,
    List,
    Look,
    Quit,
    Repeat,
    Restart,
    Then,
    Undisplay,
    Until,
    When,
    WhereAmI,
)
from rlm_tui.debug_words import parse_words
from rlm_tui.errors import UsageError
from rlm_tui.events import (
    BreakpointsChanged,
    Intervened,
    Paused,
    Resumed,
)
from rlm_tui.headless import Form, follow
from rlm_tui.source import (
    Answer,
    Cancel,
    Edit,
    Fail,
    Fork,
    Pause,
    Reject,
    Resume,
    Retry,
    RunRequest,
    RunTo,
    SetBreakpoints,
    Skip,
    Source,
    Step,
)
from rlm_tui.trajectory import CodeBlock, Trajectory

PROMPT = "(rlm) "

_MOST_HERE = 12
"""Names whose values are told at a line."""
_LONGEST_HERE = 60
"""Characters of each."""


class DebugConsole:
    """At each stop of a run, does what the user says."""

    def __init__(self, exchange: Exchange, typed: TypedLines) -> None:
        self._exchange = exchange
        self._typed = typed
        self._past = exchange.past
        self._last_step: Step | Back = Step("into")
        """What an empty line repeats; never what might run to the end."""
        self._until: tuple[str, int] | None = None
        """The code block and the line that `until` is to leave behind."""
        self._temporary: int | None = None
        """The number of the breakpoint that `until` has set."""
        self._displays: dict[int, str] = {}
        self._composes = False
        self._is_hold_wanted = False
        """Whether a hold was asked for that has not come yet."""
        self.fork: Fork | None = None
        """Where a branch is to go on; None while none is wanted."""

    @property
    def _now(self) -> Trajectory:
        return self._exchange.teller.trajectory

    def hold(self) -> bool:
        """Hold a run that goes on.

        False where it is held already, a hold is waited for, or nobody could let it go on.
        """
        if self._composes:
            return True  # the editor's own business
        if self._exchange.is_held or self._exchange.teller.header is None or not os.isatty(0):
            return False
        if self._is_hold_wanted:
            self._tell(["the run is stopped"])
            return False
        self._is_hold_wanted = True
        self._tell(["held before the next thing that runs or costs; ctrl+c again stops the run"])
        self._exchange.order(Pause())
        return True

    async def converse(self) -> None:
        """Do what the user says, at every stop."""
        while True:
            await self._exchange.wait_until(lambda: self._exchange.is_held)
            self._is_hold_wanted = False
            if self._is_in_loop():
                await self._exchange.send(Step("over"), Resumed)
                continue
            await self._at_stop()

    async def _at_stop(self) -> None:
        stop = self._exchange.stop
        await self._forget_temporary()
        self._past.follow()
        self._tell(self._exchange.printed())
        self._tell(self._past.stop())
        await self._show_values_here()
        await self._show_displays()
        while self._exchange.is_held and self._exchange.stop == stop:
            self._exchange.teller.write(PROMPT)
            line = await self._typed.next()
            if line is None:
                self._exchange.teller.write("\n")
                await self._exchange.send(SetBreakpoints([]), BreakpointsChanged)
                await self._exchange.send(Resume(), Resumed)
                return
            try:
                await self._obey(parse_words(line))
            except UsageError as error:
                self._tell([str(error)])

    def _tell(self, rows: Sequence[str]) -> None:
        for row in rows:
            self._exchange.teller.tell(row)

    # Words

    async def _obey(self, word: AnyWord) -> None:
        match word:
            case Repeat():
                await self._obey(self._last_step)
            case Step() | Resume() | RunTo() | Until() | Back():
                if isinstance(word, Step | Back):
                    self._last_step = word
                await self._move(word)
            case Edit() | Answer() | Fail() | Retry() | Skip() | Reject():
                self._needs_present()
                await self._exchange.send(word, Paused, Resumed)
            case Compose():
                self._needs_present()
                await self._compose(word)
            case Break() | Enable() | Delete() | Condition() | Ignore() | Then():
                now = self._now
                items = breakpoint_words.changed(now.breakpoints, word, now.hits)
                if await self._set(items):
                    self._tell(debug_views.breakpoints(items, now.hits))
            case Look() | Execute():
                self._needs_present()
                self._tell([await self._exchange.evaluated(word)])
            case Budget(limits):
                for limit in limits:
                    await self._exchange.send(limit, Intervened)
                self._tell(self._limits())
            case Branch(name):
                await self._leave_for(name)
                await self._end()
            case Cancel() | Quit():
                await self._end()
            case _:
                await self._show(word)

    async def _show(self, word: AnyWord) -> None:
        """Do what changes nothing about the run."""
        match word:
            case WhereAmI():
                self._tell(self._past.where())
            case Frames(by):
                self._tell(self._past.look_at_frame(by))
            case List(first, last):
                self._tell(self._past.listing(first, last))
            case Info():
                self._tell(self._info(word))
            case When(variable):
                self._tell([self._past.when(variable)])
            case GoTo():
                self._tell(self._past.go_to(word, self._exchange.teller.header))
            case Find(pattern, where):
                self._tell(debug_views.found(self._past.trajectory, pattern, where))
            case Checkpoint(name):
                self._tell([self._past.note_checkpoint(name)])
            case Restart(number):
                self._tell(self._past.restart(number))
            case Display():
                await self._display(word)
            case Undisplay(numbers):
                for number in numbers or tuple(self._displays):
                    self._displays.pop(number, None)
            case Help(name):
                self._tell(help_text(name).splitlines())
            case Pause():
                self._tell(["the run is held already"])
            case _:
                name = type(word).__name__.lower()
                raise UsageError(f"{name}: that needs the screen, rlm-tui PATH or rlm-tui replay.")

    async def _end(self) -> None:
        self._exchange.order(Cancel())
        await self._exchange.wait_until(lambda: not self._exchange.is_held)

    async def _leave_for(self, name: str) -> None:
        session = self._exchange.teller.session
        if session is None:
            raise UsageError("A branch begins in a saved run: leave out --no-save.")
        fork = Fork(session, self._past.branch_event, name)
        if trouble := await self._exchange.fork_trouble(fork):
            raise UsageError(trouble)
        self.fork = fork

    def _needs_present(self) -> None:
        if self._past.is_past:
            held = self._exchange.stop
            raise UsageError(f"This is the past; the run is held at event {held}: `c` goes there.")

    async def _move(self, word: Step | Resume | RunTo | Until | Back) -> None:
        if isinstance(word, Back):
            self._tell(self._past.back(word.how))
            return
        if self._past.is_past:
            self._tell(self._past.forward(word))
            return
        match word:
            case Until(""):
                held = self._now.paused
                line = held.line if held is not None and held.before == "line" else 0
                self._until = (self._now.paused_at, line) if line else None
                word = Step("over")
            case Until(spec):
                items = self._now.breakpoints
                items = breakpoint_words.changed(items, Break(spec, once=True))
                if not await self._set(items):
                    return
                self._temporary = items[-1].number
                word = Resume()
            case _:
                pass
        await self._exchange.send(word, Resumed)

    def _is_in_loop(self) -> bool:
        """Whether `until` is still at a line of the loop that it is to leave."""
        trajectory, left = self._now, self._until
        self._until = None
        if left is None or trajectory.paused is None or trajectory.paused.before != "line":
            return False
        if trajectory.paused_at == left[0] and 0 < trajectory.paused.line <= left[1]:
            self._until = left
            return trajectory.paused.breakpoint is None
        return False

    async def _forget_temporary(self) -> None:
        number, self._temporary = self._temporary, None
        items = self._now.breakpoints
        if any(item.number == number for item in items):
            await self._set([item for item in items if item.number != number])

    async def _set(self, items: list[Breakpoint]) -> bool:
        return await self._exchange.send(SetBreakpoints(items), BreakpointsChanged)

    async def _compose(self, word: Compose) -> None:
        held = self._now.paused
        if word.how == "lines":
            text = await self._typed.up_to_dot()
        else:
            is_code = held is not None and held.before in {"code block", "line"}
            is_new = word.what == "answer" and held is not None and held.before.endswith("_query")
            before = "" if held is None or is_new else held.text
            self._composes = True
            try:
                text = await composed(before, ".py" if is_code else ".txt")
            finally:
                self._composes = False
            if text == before:
                raise UsageError("Nothing was changed.")
        made = Edit(text, word.told) if word.what == "edit" else Answer(text, word.pattern)
        await self._exchange.send(made, Paused, Resumed)

    # What is shown

    async def _display(self, word: Display) -> None:
        if word.expression:
            number = max(self._displays, default=0) + 1
            self._displays[number] = word.expression
        await self._show_displays()

    async def _show_values_here(self) -> None:
        """At a line, the values of the names in its block."""
        now = self._now
        block = now.nodes.get(now.paused_at)
        if now.paused is None or now.paused.before != "line" or not isinstance(block, CodeBlock):
            return
        values = await self._exchange.values(names_used(block.code)[:_MOST_HERE])
        shown = " · ".join(f"{name} = {text[:_LONGEST_HERE]}" for name, text in values.items())
        self._tell([f"here    {shown}"] if shown else [])

    async def _show_displays(self) -> None:
        for number, expression in self._displays.items():
            shown = await self._exchange.evaluated(Look(expression))
            self._tell([f"{number}: {expression} = {debug_views.cut(shown)}"])

    def _limits(self) -> list[str]:
        header = self._exchange.teller.header
        return debug_views.limits(self._now, header.settings if header else {})

    def _info(self, word: Info) -> list[str]:
        now = self._now
        match word.topic:
            case "variables":
                return self._past.variables()
            case "breakpoints":
                return debug_views.breakpoints(now.breakpoints, now.hits)
            case "limits":
                return self._limits()
            case "prompt":
                return self._past.prompt()
            case "display":
                rows = [f"{number}: {text}" for number, text in self._displays.items()]
                return rows or ["nothing is displayed; `display EXPR` adds a value"]
            case "checkpoints":
                return self._past.checkpoint_rows()


async def debug(begin: Callable[[RunRequest], Source], request: RunRequest, form: Form) -> int:
    """Run a request to its end, held where the user says; returns the exit status.

    The end of stdin lets the run go on without stops. The first SIGINT in a terminal holds a run
    that goes on; everything else is as `headless.answer` has it. A branch takes the place of its
    run, whose session is kept.

    Args:
        begin: makes the source of a request.
        request: what to run first.
        form: of the result.

    Raises:
        RlmTuiError: the run could not begin.
    """
    typed = TypedLines(stdin_descriptor())
    while True:
        source = begin(request)
        exchange = Exchange(source, form)
        console = DebugConsole(exchange, typed)
        status = await _conversed(source, exchange, console)
        if console.fork is None:
            return status
        request = replace(
            request,
            fork=console.fork,
            paused=True,
            breakpoints=exchange.teller.trajectory.breakpoints,
            settings=replace(request.settings, session=None),  # else it would take its run's file
        )


async def _conversed(source: Source, exchange: Exchange, console: DebugConsole) -> int:
    """One run to its end, or to where a branch leaves it."""

    def finish() -> int:
        return exchange.teller.finish() if console.fork is None else 0

    talking = asyncio.ensure_future(console.converse())
    talking.add_done_callback(lambda _: source.send(Cancel()))  # a fault of ours holds no run
    try:
        return await follow(source, exchange.teller, exchange, console.hold, finish)
    finally:
        talking.cancel()
        await asyncio.wait([talking])
        if not talking.cancelled():
            talking.result()
