"""Where a run can be held: always before something that runs or costs, or right after it.

Everything that is about to run passes `before`, one at a time and in the order in which it came. So
while one thing is held, whatever else would start waits behind it, and calls in flight finish.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import msgspec

from rlm_tui.breakpoint import Breakpoint
from rlm_tui.breakpoints import Breakpoints, Moment
from rlm_tui.engine.decisions import Decision, intervened, why_not
from rlm_tui.engine.limits import Clock
from rlm_tui.engine.past import Past
from rlm_tui.engine.tokens import estimate
from rlm_tui.events import (
    AnyEvent,
    BreakpointHit,
    BreakpointsChanged,
    NodeId,
    Paused,
    Resumed,
)
from rlm_tui.source import Answer, Edit, Fail, Retry, StepKind
from rlm_tui.typed_pattern import TimedPattern

_LINE, _CALL = 1, 2
"""How far inside a loop they lie."""


@dataclass(frozen=True, slots=True)
class Price:
    """What something would cost; estimates."""

    model: str = ""
    input_tokens: int = 0
    cost_usd: float | None = None
    per_token: float | None = None
    """US dollars for one input token."""

    def with_text(self, before: str, after: str) -> Price:
        """The price of the same with another text in it."""
        if not self.model:
            return self
        more = estimate(after) - estimate(before)
        is_known = self.cost_usd is not None and self.per_token is not None
        cost = (self.cost_usd or 0.0) + more * (self.per_token or 0.0) if is_known else None
        return replace(self, input_tokens=self.input_tokens + more, cost_usd=cost)


@dataclass(slots=True)
class _Held:
    """What the run is held before."""

    moment: Moment
    price: Price
    released: asyncio.Future[None]
    decision: Decision | None = None

    @property
    def text(self) -> str:
        if isinstance(self.decision, Edit):
            return self.decision.text
        return _text_of(self.moment)


@dataclass(frozen=True, slots=True)
class _StepFrom:
    """A step that has been asked for, and where it began."""

    how: StepKind
    level: tuple[int, int]

    def ends_at(self, level: tuple[int, int]) -> bool:
        if self.how == "into":
            return True
        if level == self.level and level[1] == _LINE:
            return True  # the REPL knows which lines lie over or out of a function
        return level <= self.level if self.how == "over" else level < self.level


class Stops:
    """The hold of a run. Used by one event loop."""

    def __init__(
        self,
        emit: Callable[[NodeId, AnyEvent], object],
        clock: Clock,
        breakpoints: Breakpoints | None = None,
        past: Past | None = None,
    ) -> None:
        """Make the hold of a run; one that goes on from a recorded one is not held in its past."""
        self._emit = emit
        self._clock = clock
        self._breakpoints = breakpoints or Breakpoints()
        self._past = past
        self.evaluate: Callable[[NodeId, str], Awaitable[object]] | None = None
        """Runs again what the user ran in a REPL."""
        self._wanted: str | None = None
        """Why the next stop is to be made, when a pause was asked for."""
        self._step: _StepFrom | None = None
        self._target: NodeId | None = None
        self._again: NodeId | None = None
        """The sub-call that the user has made once more, to be held at its next reply."""
        self._rules: list[tuple[TimedPattern, Answer | Fail]] = []
        for rule in past.rules if past is not None else ():
            self._add_rule(rule)
        self._gate = asyncio.Lock()
        self._held: _Held | None = None
        self._is_told = False
        """Whether `Paused` was told last, not `Resumed`."""

    # What the run asks

    @property
    def is_idle(self) -> bool:
        """Whether nothing is held, about to be, waited for by a breakpoint, or past."""
        return (
            (self._past is None or self._past.is_over)
            and self._held is None
            and self._wanted is None
            and self._step is None
            and self._target is None
            and not self._breakpoints.all
        )

    @property
    def held(self) -> Moment | None:
        """What the run is held before; None when it is not."""
        return self._held.moment if self._held else None

    @property
    def steps_into(self) -> bool:
        """Whether the very next thing is to be held, such as a line of the code block."""
        return self._step is not None and self._step.how == "into"

    @property
    def line_step(self) -> str:
        """How a code block whose line was held goes on: a `StepKind`, or `go`."""
        if self._past is not None and not self._past.is_over and self._past.lines.step:
            return self._past.lines.step
        if self._wanted is not None:
            return "into"
        return self._step.how if self._step is not None else "go"

    def step_from_call(self, depth: int) -> str:
        """How code is stepped through behind a call that it made at a depth; empty: as it was.

        A step from a call, or out of the code of a child, ends at a line that may not have been
        traced until then.
        """
        step = self._step
        if step is None or not step.level[1]:
            return ""
        if step.level == (depth, _CALL):
            return step.how
        return "into" if step.level[0] > depth else ""

    def lines_of(self, block: NodeId) -> list[int]:
        """The lines of a code block at which a breakpoint waits, or on the way to a first stop."""
        lines = self._breakpoints.lines_of(block)
        if self._past is not None and not self._past.is_over:
            lines = sorted({*lines, *self._past.lines.lines_of(block)})
        return lines

    @property
    def names_lines(self) -> bool:
        """Whether a breakpoint waits at a line of code."""
        return self._breakpoints.names_lines

    async def clear(self) -> None:
        """Wait until nothing is held: for what has begun and goes on, such as another attempt."""
        async with self._gate:
            pass

    async def at(self, moment: Moment, price: Price | None = None) -> Decision | None:
        """Wait here while the run is held; returns what the user wants instead."""
        wanted: Decision | None = None
        if self._past is not None:
            if self.evaluate is not None:
                for code in self._past.statements(moment):
                    await self.evaluate(moment.node, code)
            if self._past.holds(moment):
                return self._past.decision(moment)
            # It has not come to pass, though the user had a say in it.
            wanted = self._past.decision(moment)
            if not (wanted is None or isinstance(wanted, Edit)):
                return wanted  # the user has let it go with that already
        rule = self._rule_for(moment)
        async with self._gate:
            hit = self._hit(moment)
            reason = self._reason_to_stop(moment, hit)
            if reason is None:
                if rule is not None and wanted is None:
                    self._emit(moment.node, intervened(rule, moment.prompt))
                return wanted or rule
            due = price if price is not None and rule is None else Price()
            if isinstance(wanted, Edit):
                due = due.with_text(_text_of(moment), wanted.text)
            held = self._held = _Held(moment, due, _released(), wanted)
            return await self._hold(held, reason, hit) or rule

    def _rule_for(self, moment: Moment) -> Answer | Fail | None:
        if moment.kind not in {"llm_query", "rlm_query"} or moment.is_after:
            return None
        for pattern, rule in self._rules:
            if pattern.find(moment.prompt) is not None:
                return rule
            if pattern.is_too_slow:
                self._rules.remove((pattern, rule))
                self.pause(
                    f"/{pattern.text}/ of your answer took too long to look for, and is gone"
                )
                break
        return None

    def _add_rule(self, rule: Answer | Fail) -> None:
        """Do the same to later calls. Raises ValueError where its pattern is none."""
        if rule.pattern:
            pattern = TimedPattern(rule.pattern)
            self._rules.append((pattern, msgspec.structs.replace(rule, pattern=None)))

    def _hit(self, moment: Moment) -> Breakpoint | None:
        """The breakpoint to stop at; others are noted."""
        stops: Breakpoint | None = None
        for item in self._breakpoints.hit(moment):
            self._emit(moment.node, BreakpointHit(item.number, item.spec))
            if item.action != "log":
                stops = stops or item
        return stops

    def _reason_to_stop(self, moment: Moment, hit: Breakpoint | None) -> str | None:
        if hit is not None:
            slow = self._breakpoints.too_slow_of(hit.number)
            why = f"; /{slow}/ takes too long, which counts as found" if slow else ""
            return f"breakpoint {hit.number} ({hit.spec}){why}"
        if moment.is_after:
            has_been_made_again = moment.node == self._again
            self._again = None if has_been_made_again else self._again
            return "made again" if has_been_made_again else None
        if self._wanted is not None:
            return self._wanted
        if self._step is not None and self._step.ends_at(_level(moment)):
            return "step"
        target = self._target
        if target is not None and (moment.node == target or moment.node.startswith(f"{target}.")):
            return "ran to it"
        return None

    async def _hold(self, held: _Held, reason: str, hit: Breakpoint | None) -> Decision | None:
        self._begin(reason, hit.number if hit else None)
        try:
            await held.released
            while self._wanted is not None and held.decision is None:
                held.released = _released()
                self._begin(self._wanted, None)
                await held.released
        finally:
            if self._is_told:
                self._end(held)
            self._held = None
        return held.decision

    def _begin(self, reason: str, number: int | None) -> None:
        self._wanted = self._step = self._target = None
        self._clock.pause()
        self._is_told = True
        self._tell(reason, number)

    def _end(self, held: _Held) -> None:
        self._clock.resume()
        self._is_told = False
        # Last, because who is told may pause again, as for a disk that is full.
        self._emit(held.moment.node, Resumed())

    def _tell(self, reason: str, number: int | None) -> None:
        held = self._held
        if held is None:
            return
        moment, price = held.moment, held.price
        self._emit(
            moment.node,
            Paused(
                moment.name,
                reason,
                number,
                held.text,
                price.model,
                price.input_tokens,
                price.cost_usd,
                moment.line,
            ),
        )

    # What the user says

    def pause(self, reason: str = "") -> None:
        """Hold the run before the next thing that runs or costs."""
        if not self._is_told and self._wanted is None:
            self._wanted = reason

    def resume(self) -> None:
        """Let it go on."""
        self._wanted = self._step = self._target = None
        self._release()

    def step(self, how: StepKind) -> None:
        """Let it go on to the next stop."""
        if self._held is None:
            self.pause("step")
            return
        self._step = _StepFrom(how, _level(self._held.moment))
        self._release()

    def run_to(self, node: NodeId) -> None:
        """Let it go on until this node is next."""
        self._target = node
        self._release()

    def set_breakpoints(self, breakpoints: list[Breakpoint]) -> None:
        """Have these and no others. Raises UsageError."""
        self._breakpoints.set(breakpoints)
        self._emit("", BreakpointsChanged(breakpoints))

    def decide(self, decision: Decision) -> str | None:
        """Change what is held. Returns why that cannot be, None when it was done."""
        held = self._held
        if held is None or not self._is_told:  # or it was let go a moment ago
            return "the run is not paused"
        why = why_not(decision, held.moment)
        if why is not None:
            return why
        if isinstance(decision, Answer | Fail):
            try:
                self._add_rule(decision)
            except ValueError as error:
                return f"/{decision.pattern}/ is not a pattern: {error}"
        before = held.text
        if isinstance(decision, Retry):
            before = held.price.model or decision.model
            decision = Retry(decision.model or before)
            self._again = held.moment.node
        elif isinstance(decision, Edit):
            held.price = held.price.with_text(before, decision.text)
        held.decision = decision
        self._emit(held.moment.node, intervened(decision, before))
        if isinstance(decision, Edit):
            if self._is_told:  # who was told of it may have let the run go
                self._tell("edited", None)
        else:
            self._step = _StepFrom("into", (0, 0))
            self._release()
        return None

    def _release(self) -> None:
        held = self._held
        if held is None or not self._is_told:
            return
        self._end(held)
        if self._wanted is not None and held.decision is None:
            self._begin(self._wanted, None)
        else:
            held.released.set_result(None)


def _released() -> asyncio.Future[None]:
    """What is done once the run is let go."""
    return asyncio.get_running_loop().create_future()


def _text_of(moment: Moment) -> str:
    if moment.kind in {"code", "line"}:
        return moment.code
    if moment.kind == "answer" or moment.is_after:
        return moment.answer
    return moment.prompt


def _level(moment: Moment) -> tuple[int, int]:
    """How far inside: the depth of the loop, then the loop itself, a line of its code, a call."""
    inside = {"line": _LINE, "llm_query": _CALL, "rlm_query": _CALL}
    depth = moment.node.count(".") // 3
    return depth, inside.get(moment.kind, 0)
