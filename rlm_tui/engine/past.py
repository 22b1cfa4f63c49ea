"""The part of a recorded run that a branch shares with it.

A branch runs the loop again from its beginning, or from a checkpoint that is still there
(`shortcut`): the models' replies come from the recording (`PastModel`), so nothing is asked and
nothing is spent, the code runs again, and what the user changed then is changed again. What happens
is not recorded a second time. From the first thing that the recording does not hold on, the run is
live.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import msgspec

from rlm_tui.breakpoints import Kind, Moment
from rlm_tui.engine.decisions import decision_of
from rlm_tui.engine.past_lines import PastLines
from rlm_tui.errors import SessionError
from rlm_tui.events import (
    AnswerProposed,
    AnyEvent,
    BreakpointHit,
    BreakpointsChanged,
    CellOutcome,
    CodeFinished,
    CodeStarted,
    Intervened,
    Intervention,
    IterationStarted,
    LimitReached,
    ModelDelta,
    ModelFailed,
    ModelResponded,
    NodeId,
    Paused,
    Record,
    ReplOutput,
    Resumed,
    RunFinished,
    SubCallFinished,
    SubCallStarted,
    VariablesChanged,
    parent_of,
)
from rlm_tui.source import Answer, Edit, Fail, Reject, Skip

_FITTING: dict[Kind, frozenset[Intervention]] = {
    "request": frozenset({"edited"}),
    "code": frozenset({"edited", "skipped"}),
    "llm_query": frozenset({"edited", "answered", "failed"}),
    "rlm_query": frozenset({"edited", "answered", "failed"}),
    "answer": frozenset({"answered", "rejected"}),
}
"""What the user can do about each kind of moment."""


def shared_part(records: Sequence[Record], event: int) -> list[Record]:
    """The events up to `event` that a branch can share: those before the run came to an end."""
    kept: list[Record] = []
    for record in records[:event]:
        if _is_end(record):
            break
        kept.append(record)
    while kept and isinstance(kept[-1].event, Paused | BreakpointHit):
        kept.pop()  # the branch has stops of its own
    return kept


def check_repeatable(records: Sequence[Record]) -> None:
    """Make sure that going through these events again leads to the same REPL.

    Raises:
        SessionError: code among them was stopped, or changed in the middle of a line.
    """
    started: dict[NodeId, int] = {}
    at_line = False
    for record in records:
        match record.event:
            case CodeStarted():
                started[record.node] = record.seq
            case CodeFinished(outcome="interrupted" | "killed"):
                raise _cannot(f"Code {record.node} was stopped when it ran", started, record)
            case Paused(before):
                at_line = before == "line"
            case Intervened(kind="set") if at_line:
                why = f"A statement of yours ran in the middle of code {record.node}"
                raise _cannot(why, started, record)
            case _:
                pass


def raised_limits(records: Sequence[Record]) -> dict[str, float]:
    """The limits that the user raised, and to what."""
    raised: dict[str, float] = {}
    for record in records:
        if isinstance(record.event, Intervened) and record.event.kind == "raised_limit":
            name, _, value = record.event.after.rpartition(" ")
            raised[name] = float(value)
    return raised


def _rules_of(records: Sequence[Record]) -> list[Answer | Fail]:
    rules: list[Answer | Fail] = []
    for event in (record.event for record in records):
        if isinstance(event, Intervened) and event.pattern:
            decision = decision_of(event)
            if isinstance(decision, Answer | Fail):
                rules.append(msgspec.structs.replace(decision, pattern=event.pattern))
    return rules


def _cannot(why: str, started: dict[NodeId, int], record: Record) -> SessionError:
    last = started.get(record.node, record.seq) - 1
    return SessionError(
        f"{why}, so its REPL cannot be had again: a branch can begin at event {last} at the latest."
    )


def _is_end(record: Record) -> bool:
    """Whether a run comes to its end with this, which a branch may not."""
    event, is_root = record.event, "." not in record.node
    if isinstance(event, RunFinished | LimitReached):
        return True
    if isinstance(event, IterationStarted):
        return is_root and event.kind == "forced"
    return is_root and isinstance(event, AnswerProposed | ModelFailed)


@dataclass(slots=True)
class _Printed:
    """What a code block printed on one stream, and how much of it has been heard again."""

    pieces: list[str] = field(default_factory=list[str])
    heard: int = 0
    _text: str | None = None

    @property
    def text(self) -> str:
        if self._text is None:
            self._text = "".join(self.pieces)
        return self._text

    def hear(self, text: str) -> tuple[str, bool]:
        """What is new of some text, and whether the rest is what was printed then."""
        known = self.text[self.heard : self.heard + len(text)]
        self.heard += len(known)
        return text[len(known) :], text.startswith(known)


class Past:
    """What a branch has in common with its parent. Used by one event loop."""

    def __init__(
        self, records: Sequence[Record], passed_over: int = 0, next_one: Record | None = None
    ) -> None:
        """Take what a branch shares with its parent.

        Args:
            records: all of that.
            passed_over: how many of them it does not go through again.
            next_one: what came next in the parent.
        """
        self.records = records
        self.repeated = records[passed_over:]
        """What is gone through again."""
        self.on_differing: Callable[[NodeId], object] = lambda _: None
        """Told each code block that did something else than it did then, once."""
        self._differing: set[NodeId] = set()
        self._unheard: Counter[tuple[NodeId, type[AnyEvent]]] = Counter()
        """How many events of each kind happen again and are not to be told."""
        self._printed: defaultdict[tuple[NodeId, str], _Printed] = defaultdict(_Printed)
        self._outcomes: dict[NodeId, CellOutcome] = {}
        self.rules = _rules_of(records)
        """The answers and failures of the user that are for later sub-calls, too."""
        self._done: set[tuple[NodeId, str]] = set()
        self._changed: defaultdict[tuple[NodeId, bool], list[Intervened]] = defaultdict(list)
        """What the user wanted instead, by node, and whether of what had happened there."""
        self._statements: defaultdict[tuple[NodeId, str], list[str]] = defaultdict(list)
        """What the user ran in a REPL, by what was held then."""
        self._paused = ""
        self.held_at: NodeId | None = None
        """Where the parent was held when the branch left it; None when it went on."""
        self._prompts: dict[NodeId, str] = {}
        self._variables: defaultdict[NodeId, list[VariablesChanged]] = defaultdict(list)
        self.lines = PastLines()
        """On the way to the line at which it is held, if it is one."""
        self.is_over = not self.repeated
        """Whether something has happened that the recording does not hold."""
        for record in (*records[:1], *self.repeated[not passed_over :]):  # the run starts once
            self._learn(record.node, record.event)
            self.lines.learn(record.node, record.event)
        self.lines.end(next_one)

    def _learn(self, node: NodeId, event: AnyEvent) -> None:
        match event:
            case ReplOutput():
                self._printed[node, event.stream].pieces.append(event.text)
                return
            case Intervened(kind="set"):
                self._statements[node, self._paused].append(event.before)
                return
            case Intervened():
                self._changed[node, self._paused == "reply"].append(event)
                return
            case Paused(before):
                self._paused, self.held_at = before, node
                return  # a branch is not held in its past
            case Resumed():
                self._paused, self.held_at = "", None
                return
            case BreakpointsChanged() | BreakpointHit():
                return
            case ModelResponded() | ModelFailed():
                self._done.add((node, "request"))
            case CodeFinished(outcome):
                self._done.add((node, "code"))
                self._outcomes[node] = outcome
            case SubCallFinished():
                self._done.add((node, "call"))
            case AnswerProposed():
                self._done.add((node, "answer"))
            case CodeStarted():
                self._done.add((node, "begun"))
            case SubCallStarted(kind, _, prompt):
                self._prompts[node] = prompt
                if kind == "rlm_query":
                    self._done.add((node, "begun"))
            case VariablesChanged():
                self._variables[node].append(event)
            case _:
                pass
        self._unheard[node, type(event)] += 1

    # What the run asks

    def heard_anew(self, node: NodeId, event: AnyEvent) -> AnyEvent | None:
        """What of an event is to be recorded; None when all of it is known."""
        self._compare(node, event)
        self.lines.hear(node, event)
        match event:
            case ReplOutput(stream, text) if (node, stream) in self._printed:
                rest, is_same = self._printed[node, stream].hear(text)
                if not is_same or (rest and node in self._outcomes):
                    self._differs(node)
                is_known = not rest or node in self._outcomes  # what has ended is told as it was
                return None if is_known else msgspec.structs.replace(event, text=rest)
            case ReplOutput() if node in self._outcomes:
                self._differs(node)
                return None
            case ModelDelta() if self._unheard[node, ModelDelta]:
                return None
            case _ if self._unheard[node, type(event)] > 0:
                self._unheard[node, type(event)] -= 1
                return None
            case _:
                return event

    def _compare(self, node: NodeId, event: AnyEvent) -> None:
        """Note where code does something else than it did then."""
        match event:
            case CodeFinished(outcome) if node in self._outcomes:
                printed = [item for key, item in self._printed.items() if key[0] == node]
                is_short = any(item.heard < len(item.text) for item in printed)
                if is_short or outcome != self._outcomes[node]:
                    self._differs(node)
            case SubCallStarted(_, _, prompt) if self._prompts.get(node, prompt) != prompt:
                self._differs(parent_of(node))
            case VariablesChanged() if self._variables.get(node):
                if self._variables[node].pop(0) != event:
                    self._differs(node)
            case _:
                pass

    def _differs(self, node: NodeId) -> None:
        if node not in self._differing:
            self._differing.add(node)
            self.on_differing(node)

    def holds(self, moment: Moment) -> bool:
        """Whether this has happened in the recording already."""
        held = self._holds(moment)
        if not held and not moment.is_after:
            self.is_over = True
        return held

    def _holds(self, moment: Moment) -> bool:
        match moment.kind:
            case "line" if self.is_over:
                return moment.node in self._outcomes
            case "line":
                return not self.lines.is_last(moment)
            case "llm_query" | "rlm_query" if not moment.is_after:
                return self.has_call(moment.node)
            case "llm_query" | "rlm_query":
                return (moment.node, "call") in self._done
            case "code" if not moment.is_after:
                return (moment.node, "begun") in self._done
            case "answer" if self._fitting(moment):
                return True
            case kind:
                return (moment.node, kind) in self._done

    def has_call(self, node: NodeId) -> bool:
        """Whether a sub-call was made; of a recursive one, whether it was begun."""
        return (node, "call") in self._done or (node, "begun") in self._done

    def is_too_many(self, node: NodeId) -> bool:
        """Whether a sub-call is one that its code block did not make when it ran."""
        block = parent_of(node)
        if block not in self._outcomes or self.has_call(node):
            return False
        self._differs(block)
        return True

    def statements(self, moment: Moment) -> list[str]:
        """What the user ran in the REPL there; told once."""
        return self._statements.pop((moment.node, moment.name), [])

    def decision(self, moment: Moment) -> Edit | Answer | Fail | Skip | Reject | None:
        """What the user wanted there at last, told once."""
        items = self._fitting(moment)
        if not items:
            return None
        changed = self._changed[moment.node, moment.is_after]
        changed[:] = [item for item in changed if item not in items]
        return decision_of(items[-1])

    def _fitting(self, moment: Moment) -> list[Intervened]:
        kinds = _FITTING.get(moment.kind, frozenset())
        changed = self._changed.get((moment.node, moment.is_after), ())
        return [item for item in changed if item.kind in kinds]
