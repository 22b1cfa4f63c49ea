"""One ledger for a run: what the whole tree of loops and sub-calls may use, and has used.

A request is reserved before it is sent and settled when it ends, so that calls in parallel cannot
pass a limit together. Half and four fifths of a limit are announced; the whole of it stops every
new call. Time spent paused does not count.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import msgspec

from rlm_tui.config import Settings, limit_setting
from rlm_tui.errors import LimitReachedError
from rlm_tui.events import LimitNeared, LimitReached, Usage

_LIMITS = frozenset(
    {
        "max_iterations",
        "max_sub_calls",
        "max_tokens",
        "max_cost",
        "max_time",
        "max_errors",
    }
)

WARN_AT = (0.5, 0.8)

Tell: TypeAlias = Callable[[LimitNeared | LimitReached], object]


class Clock:
    """Seconds that a run has been running, without its pauses."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._paused_at: float | None = None
        self._paused = 0.0

    @property
    def elapsed(self) -> float:
        """Seconds so far."""
        now = self._paused_at if self._paused_at is not None else time.monotonic()
        return now - self._started - self._paused

    def pause(self) -> None:
        """Stop counting; a second call changes nothing."""
        if self._paused_at is None:
            self._paused_at = time.monotonic()

    def resume(self) -> None:
        """Go on counting."""
        if self._paused_at is not None:
            self._paused += time.monotonic() - self._paused_at
            self._paused_at = None


@dataclass(frozen=True, slots=True)
class Reservation:
    """What a request may use at most, until it is settled."""

    tokens: int
    cost: float


class Ledger:
    """The account of a run. Used by one event loop."""

    def __init__(self, settings: Settings, tell: Tell, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.spent = Usage(cost_usd=0.0)
        self.sub_calls = 0
        self.reached: LimitReached | None = None
        """The limit that stopped the run; None while there is none."""
        self.settings = settings
        """Those in force; a limit can be raised while the run goes on."""
        self._tell = tell
        self._has_told = False
        self._held_tokens = 0
        self._known_cost = 0.0
        """Of the requests whose price is known; the others do not hide it from the limit."""
        self._held_cost = 0.0
        self._warned: dict[str, int] = {}

    def take_over(
        self, usage: Usage, known_cost: float, sub_calls: int, warned: dict[str, int]
    ) -> None:
        """Begin with what the part of a run that a branch shares has used."""
        self.spent = self.spent.plus(usage)
        self._known_cost += known_cost
        self.sub_calls += sub_calls
        self._warned |= warned

    def reserve(self, tokens: int, cost: float | None, *, sub_call: bool = False) -> Reservation:
        """Ask for leave to send a request.

        Args:
            tokens: an estimate of its input and output.
            cost: an estimate in US dollars; None when the price is not known.
            sub_call: whether it counts against the number of sub-calls.

        Raises:
            LimitReachedError: it would go over a limit, or one is reached already.
        """
        self.check()
        settings = self.settings
        if sub_call and self.sub_calls >= settings.max_sub_calls:
            raise self.reach("sub-calls", self.sub_calls, settings.max_sub_calls)
        used_tokens = self.spent.input_tokens + self.spent.output_tokens + self._held_tokens
        if settings.max_tokens is not None and used_tokens + tokens > settings.max_tokens:
            raise self.reach("tokens", used_tokens, settings.max_tokens)
        used_cost = self._known_cost + self._held_cost
        if settings.max_cost is not None and used_cost + (cost or 0.0) > settings.max_cost:
            raise self.reach("cost", used_cost, settings.max_cost)
        if sub_call:
            self.sub_calls += 1
            self.note("sub-calls", self.sub_calls, settings.max_sub_calls)
        reservation = Reservation(tokens, cost or 0.0)
        self._held_tokens += reservation.tokens
        self._held_cost += reservation.cost
        return reservation

    def settle(self, reservation: Reservation, usage: Usage) -> None:
        """Book what a request has used in the end."""
        self._held_tokens -= reservation.tokens
        self._held_cost -= reservation.cost
        self.spent = self.spent.plus(usage)
        self._known_cost += usage.cost_usd or 0.0
        settings = self.settings
        self.note("tokens", self.spent.input_tokens + self.spent.output_tokens, settings.max_tokens)
        self.note("cost", self._known_cost, settings.max_cost)

    def check(self) -> None:
        """Raise LimitReachedError when a limit is reached."""
        limit = self.settings.max_time
        if self.reached is None and limit is not None:
            self.note("time", self.clock.elapsed, limit)
            if self.clock.elapsed >= limit:
                self.reach("time", self.clock.elapsed, limit)
        if self.reached is not None:
            raise LimitReachedError(self.reached.limit, sentence(self.reached))

    def reach(self, limit: str, used: float, allowed: float) -> LimitReachedError:
        """Stop every new call; returns the error to raise. The first limit counts and is told."""
        if self.reached is None:
            self.reached = LimitReached(limit, used, allowed)
            if not self._has_told:
                self._has_told = True
                self._tell(self.reached)
        return LimitReachedError(self.reached.limit, sentence(self.reached))

    def note(self, limit: str, used: float, allowed: float | None) -> None:
        """Announce half and four fifths of a limit, each once."""
        if not allowed:
            return
        passed = shares_passed(used, allowed)
        if passed > self._warned.get(limit, 0) and used < allowed:
            self._warned[limit] = passed
            self._tell(LimitNeared(limit, used, allowed))

    def raise_limit(self, limit: str, value: float) -> str | None:
        """Change a limit by its name in `sentence`; returns what it was, None for no such limit."""
        name = limit_setting(limit)
        if name not in _LIMITS:
            return None
        before: float | None = getattr(self.settings, name)
        kind = float if name in {"max_cost", "max_time"} else int
        self.settings = msgspec.structs.replace(self.settings, **{name: kind(value)})
        self._warned.pop(limit, None)
        if self.reached is not None and self.reached.limit.replace("-", "_") == name[4:]:
            self.reached, self._has_told = None, False
        return "none" if before is None else f"{before:g}"

    def reopen(self) -> LimitReached | None:
        """Lift the limit for the last request that asks for the best answer so far."""
        reached, self.reached = self.reached, None
        return reached

    def close(self, reached: LimitReached | None) -> None:
        """Put the limit back in force; None, of a child's own limit, changes nothing."""
        if reached is not None:
            self.reached = reached


def shares_passed(used: float, allowed: float) -> int:
    """How many of the shares that are announced are used up."""
    return sum(used >= share * allowed for share in WARN_AT)


def sentence(reached: LimitReached) -> str:
    """A limit for people, with the flag that sets it."""
    allowed = reached.allowed
    match reached.limit:
        case "iterations":
            return f"the limit of {allowed:,.0f} iterations is reached (--max-iterations)"
        case "sub-calls":
            return f"the limit of {allowed:,.0f} sub-calls is reached (--max-sub-calls)"
        case "tokens":
            return f"the limit of {allowed:,.0f} tokens is reached (--max-tokens)"
        case "cost":
            return f"the limit of ${allowed:.2f} is reached, ${reached.used:.4f} spent (--max-cost)"
        case "time":
            return f"the time limit of {allowed:g} s is reached (--max-time)"
        case "errors":
            return f"{allowed:,.0f} iterations in a row ended in an error (max_errors)"
        case name:
            return f"the limit {name} is reached"
