"""The moments of a recorded run: where a live one could have been held, for stepping through it.

The rules are those of a live run (`engine/stops.py`): a step ends before something that ran or
cost, or at a breakpoint. Which breakpoints a moment hits follows from the moments before it, so
going forward and back meets the same stops.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from rlm_tui.breakpoint import Breakpoint
from rlm_tui.breakpoints import Breakpoints, IsInPrompt, Kind, Moment
from rlm_tui.events import (
    AnswerProposed,
    CodeFinished,
    CodeStarted,
    ErrorInfo,
    ModelFailed,
    ModelRequested,
    ModelResponded,
    NodeId,
    Paused,
    Record,
    ReplOutput,
    Resumed,
    SubCallFinished,
    SubCallStarted,
    Usage,
    VariablesChanged,
)
from rlm_tui.source import StepKind

Level: TypeAlias = tuple[int, int]

_LINE, _CALL = 1, 2
_INSIDE: dict[Kind, int] = {"line": _LINE, "llm_query": _CALL, "rlm_query": _CALL}
_WITHHELD = frozenset({"content_filter", "refusal"})
_FAULTS = frozenset({"empty", "refused", "cut_off"})


def level_of(moment: Moment) -> Level:
    """How far inside: the depth of the loop, then the loop itself, a line of its code, a call."""
    return moment.node.count(".") // 3, _INSIDE.get(moment.kind, 0)


@dataclass(frozen=True, slots=True)
class Place:
    """Where one stands for a moment."""

    position: int
    """How many records lie before it."""
    moment: Moment


@dataclass(frozen=True, slots=True)
class Stop:
    """Where a step ends, and why."""

    position: int
    reason: str
    breakpoint: int | None = None


@dataclass(slots=True)
class _Code:
    """A code block that has started."""

    code: str
    output: list[str] = field(default_factory=list[str])
    changed: frozenset[str] = frozenset()


class _Fold:
    """Makes moments of records, with what had been used by then."""

    def __init__(self) -> None:
        self._codes: dict[NodeId, _Code] = {}
        self._calls: dict[NodeId, SubCallStarted] = {}
        self._spent = Usage()
        self._call_count = 0
        self._at = 0.0
        self._held_since: float | None = None
        self._held = 0.0

    def place(self, record: Record, offset: int) -> Place | None:
        """The moment that a record tells of; None for one that tells of none."""
        node, event = record.node, record.event
        self._at = record.at
        match event:
            case ModelRequested():
                text = event.messages[-1].content if event.messages else ""
                return self._before(offset, "request", node, prompt=text)
            case ModelResponded():
                self._spent = self._spent.plus(event.usage)
                return self._after(
                    offset, "request", node, answer=event.text, fault=_fault_of(event)
                )
            case ModelFailed():
                self._spent = self._spent.plus(event.usage)
                return self._after(offset, "request", node, fault="error")
            case CodeStarted():
                self._codes[node] = _Code(event.code)
                return self._before(offset, "code", node, code=event.code)
            case ReplOutput():
                self._code(node).output.append(event.text)
            case VariablesChanged():
                names = (variable.name for variable in (*event.new, *event.changed))
                self._code(node).changed = frozenset((*names, *event.gone))
            case CodeFinished():
                return self._after_code(offset, node, event)
            case SubCallStarted():
                self._calls[node] = event
                place = self._before(offset, event.kind, node, prompt=event.prompt)
                self._call_count += 1
                return place
            case SubCallFinished():
                return self._after_call(offset, node, event)
            case AnswerProposed():
                return self._before(offset, "answer", node, answer=event.answer)
            case Paused():
                self._held_since = record.at
                if event.before == "line":
                    moment = self._moment("line", node, line=event.line, code=event.text)
                    return Place(offset + 1, moment)
            case Resumed():
                if self._held_since is not None:
                    self._held += record.at - self._held_since
                    self._held_since = None
            case _:
                pass
        return None

    def _code(self, node: NodeId) -> _Code:
        return self._codes.setdefault(node, _Code(""))

    def _after_code(self, offset: int, node: NodeId, event: CodeFinished) -> Place:
        code = self._codes.pop(node, _Code(""))
        return self._after(
            offset,
            "code",
            node,
            output="".join(code.output),
            fault="" if event.outcome == "ok" else "error",
            changed=code.changed,
        )

    def _after_call(self, offset: int, node: NodeId, event: SubCallFinished) -> Place | None:
        started = self._calls.pop(node, None)
        if started is None:
            return None
        if started.kind == "llm_query":
            self._spent = self._spent.plus(event.usage)
        said = event.reply if event.error is None else event.error.message
        return self._after(
            offset,
            started.kind,
            node,
            prompt=started.prompt,
            answer=said or "",
            fault=_kind_of(event.error),
        )

    def _before(self, offset: int, kind: Kind, node: NodeId, **more: str) -> Place:
        return Place(offset, self._moment(kind, node, **more))

    def _after(self, offset: int, kind: Kind, node: NodeId, **more: str | frozenset[str]) -> Place:
        return Place(offset + 1, self._moment(kind, node, is_after=True, **more))

    def _moment(
        self, kind: Kind, node: NodeId, **more: str | bool | int | frozenset[str]
    ) -> Moment:
        spent = self._spent
        return Moment(
            kind,
            node,
            cost=spent.cost_usd or 0.0,
            tokens=spent.input_tokens + spent.output_tokens,
            calls=self._call_count,
            time=self._at - self._held,
            **more,  # pyright: ignore[reportArgumentType]
        )


def _fault_of(reply: ModelResponded) -> str:
    if reply.finish == "length":
        return "cut_off"
    if reply.finish in _WITHHELD:
        return "refused"
    return "" if reply.text.strip() else "empty"


def _kind_of(error: ErrorInfo | None) -> str:
    if error is None:
        return ""
    return error.kind if error.kind in _FAULTS else "error"


class Moments:
    """The moments of a run, in order, and the breakpoints that they hit."""

    def __init__(self) -> None:
        self.places: list[Place] = []
        self._positions: list[int] = []
        self._fold = _Fold()
        self._taken = 0
        self._wanted: list[Breakpoint] = []
        self._is_in_prompt: IsInPrompt | None = None
        self._breakpoints = Breakpoints()
        self._asked = 0
        """How many of the moments the breakpoints have been asked about."""
        self._hits: dict[int, Breakpoint] = {}
        """By index, the breakpoint to stop at."""

    def extend(self, records: Sequence[Record]) -> None:
        """Take in what is new of a run's records, all of which are given."""
        for offset in range(self._taken, len(records)):
            place = self._fold.place(records[offset], offset)
            if place is not None:
                self.places.append(place)
                self._positions.append(place.position)
        self._taken = max(self._taken, len(records))

    def set_breakpoints(
        self, breakpoints: list[Breakpoint], is_in_prompt: IsInPrompt | None = None
    ) -> None:
        """Have these and no others. Raises UsageError."""
        if breakpoints == self._wanted and is_in_prompt == self._is_in_prompt:
            return
        fresh = Breakpoints(is_in_prompt) if is_in_prompt else Breakpoints()
        fresh.set(breakpoints)
        self._wanted, self._is_in_prompt = list(breakpoints), is_in_prompt
        self._breakpoints, self._asked = fresh, 0
        self._hits.clear()

    @property
    def hits(self) -> dict[int, int]:
        """How often each breakpoint is hit in all of the run so far."""
        self._ask()
        return self._breakpoints.hits

    def _ask(self) -> None:
        for index in range(self._asked, len(self.places)):
            for item in self._breakpoints.hit(self.places[index].moment):
                if item.action != "log":
                    self._hits.setdefault(index, item)
        self._asked = len(self.places)

    def next_at(self, position: int) -> Moment | None:
        """What is about to happen at a position; None where nothing is."""
        first, last = self._indices_at(position)
        moments = (self.places[index].moment for index in range(first, last))
        return next((moment for moment in moments if not moment.is_after), None)

    def _indices_at(self, position: int) -> tuple[int, int]:
        return bisect_left(self._positions, position), bisect_right(self._positions, position)

    def level_at(self, position: int) -> Level:
        """How far inside one is at a position: where its latest moment was."""
        index = bisect_right(self._positions, position) - 1
        return level_of(self.places[index].moment) if index >= 0 else (0, 0)

    # Where steps end

    def forward(self, position: int, how: StepKind) -> Stop | None:
        """Where a step from a position ends; None when the run has no such place."""
        level = self.level_at(position)
        return self._search(range(self._indices_at(position)[1], len(self.places)), how, level)

    def back(self, position: int, how: StepKind) -> Stop | None:
        """The stop before a position at which a step of that kind could have ended."""
        level = self.level_at(position)
        return self._search(range(self._indices_at(position)[0] - 1, -1, -1), how, level)

    def next_hit(self, position: int) -> Stop | None:
        """The next breakpoint hit behind a position."""
        return self._search(range(self._indices_at(position)[1], len(self.places)))

    def previous_hit(self, position: int) -> Stop | None:
        """The last breakpoint hit before a position."""
        return self._search(range(self._indices_at(position)[0] - 1, -1, -1))

    def to_node(self, position: int, node: NodeId) -> Stop | None:
        """Where a node, or the first thing below it, comes next; a breakpoint may come before."""
        self._ask()
        for index in range(self._indices_at(position)[1], len(self.places)):
            moment = self.places[index].moment
            if index in self._hits:
                return self._stop_at(index)
            if not moment.is_after and f"{moment.node}.".startswith(f"{node}."):
                return Stop(self._positions[index], "ran to it")
        return None

    def event_before(self, node: NodeId) -> int | None:
        """How many events lie before a node begins; None when nothing of it could be held."""
        for index, place in enumerate(self.places):
            if place.moment.node == node and not place.moment.is_after:
                return self._positions[index]
        return None

    def _search(
        self, indices: range, how: StepKind | None = None, level: Level = (0, 0)
    ) -> Stop | None:
        self._ask()
        for index in indices:
            if index in self._hits:
                return self._stop_at(index)
            moment = self.places[index].moment
            if how is not None and not moment.is_after and _ends(how, level, level_of(moment)):
                return Stop(self._positions[index], "step")
        return None

    def _stop_at(self, index: int) -> Stop:
        item = self._hits[index]
        reason = f"breakpoint {item.number} ({item.spec})"
        return Stop(self._positions[index], reason, item.number)


def _ends(how: StepKind, level: Level, there: Level) -> bool:
    """Whether a step that began at a level ends at another."""
    if how == "into":
        return True
    if there == level and level[1] == _LINE:
        return True
    return there <= level if how == "over" else there < level
