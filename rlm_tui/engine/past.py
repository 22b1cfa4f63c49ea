"""The part of a recorded run that a branch shares with it.

A branch runs the whole loop again from its beginning: the models' replies come from the recording
(`PastModel`), so nothing is asked and nothing is spent, the code runs again in a new REPL, and what
the user changed then is changed again. What happens is not recorded a second time. From the first
thing that the recording does not hold on, the run is live.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import msgspec

from rlm_tui.breakpoints import Moment
from rlm_tui.errors import SessionError
from rlm_tui.events import (
    AnswerProposed,
    AnyEvent,
    BreakpointHit,
    BreakpointsChanged,
    CodeFinished,
    CodeStarted,
    Intervened,
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
)
from rlm_tui.source import Answer, Edit, Fail, Reject, Skip


def shared_part(records: Sequence[Record], event: int) -> list[Record]:
    """The events up to `event` that a branch can share: those before the run came to an end.

    Raises:
        SessionError: a code block among them was stopped, so its REPL cannot be had again.
    """
    kept: list[Record] = []
    started: dict[NodeId, int] = {}
    for record in records[:event]:
        if _is_end(record):
            break
        if isinstance(record.event, CodeStarted):
            started[record.node] = record.seq
        if isinstance(record.event, CodeFinished) and record.event.outcome in {
            "interrupted",
            "killed",
        }:
            raise SessionError(
                f"Code block {record.node} was stopped when it ran, so its REPL cannot be had "
                f"again: a branch can begin at event {started[record.node] - 1} at the latest."
            )
        kept.append(record)
    return kept


def _is_end(record: Record) -> bool:
    """Whether a run comes to its end with this, which a branch may not."""
    event, is_root = record.event, "." not in record.node
    if isinstance(event, RunFinished | LimitReached):
        return True
    if isinstance(event, IterationStarted):
        return is_root and event.kind == "forced"
    return is_root and isinstance(event, AnswerProposed | ModelFailed)


class Past:
    """What a branch has in common with its parent. Used by one event loop."""

    def __init__(self, records: Sequence[Record]) -> None:
        self.records = records
        self._unheard: Counter[tuple[NodeId, type[AnyEvent]]] = Counter()
        """How many events of each kind happen again and are not to be told."""
        self._printed: Counter[tuple[NodeId, str]] = Counter()
        """Characters of output that are printed again, likewise."""
        self._done: set[tuple[NodeId, str]] = set()
        self._changed: defaultdict[NodeId, list[Intervened]] = defaultdict(list)
        for record in records:
            self._learn(record.node, record.event)

    def _learn(self, node: NodeId, event: AnyEvent) -> None:
        match event:
            case ReplOutput():
                self._printed[node, event.stream] += len(event.text)
            case Intervened():
                self._changed[node].append(event)
            case Paused() | Resumed() | BreakpointsChanged() | BreakpointHit():
                pass  # a branch is not held in its past
            case _:
                self._unheard[node, type(event)] += 1
        match event:
            case ModelResponded():
                self._done.add((node, "request"))
            case CodeStarted():
                self._done.add((node, "code"))
            case SubCallFinished():
                self._done.add((node, "call"))
            case SubCallStarted() if event.kind == "rlm_query":
                self._done.add((node, "call"))
            case AnswerProposed():
                self._done.add((node, "answer"))
            case _:
                pass

    # What the run asks

    def heard_anew(self, node: NodeId, event: AnyEvent) -> AnyEvent | None:
        """What of an event is to be recorded; None when all of it is known."""
        if isinstance(event, ReplOutput):
            known = min(self._printed[node, event.stream], len(event.text))
            self._printed[node, event.stream] -= known
            return (
                msgspec.structs.replace(event, text=event.text[known:])
                if (len(event.text) > known)
                else None
            )
        if isinstance(event, ModelDelta):
            return None if self._unheard[node, ModelDelta] else event
        if self._unheard[node, type(event)] > 0:
            self._unheard[node, type(event)] -= 1
            return None
        return event

    def holds(self, moment: Moment) -> bool:
        """Whether this has happened in the recording already."""
        kind = "call" if moment.kind in {"llm_query", "rlm_query"} else moment.kind
        if kind == "line":
            return True
        if kind == "answer" and any(
            item.kind == "rejected" for item in self._changed.get(moment.node, ())
        ):
            return True
        return (moment.node, kind) in self._done

    def statements(self, node: NodeId) -> list[str]:
        """What the user ran in the REPL there; told once."""
        items = self._changed.get(node, [])
        told = [item.before for item in items if item.kind == "set"]
        self._changed[node] = [item for item in items if item.kind != "set"]
        return told

    def decision(self, moment: Moment) -> Edit | Answer | Fail | Skip | Reject | None:
        """What the user wanted there, told once."""
        items = self._changed.get(moment.node, [])
        for item in items:
            if (made := _decision_of(item)) is not None:
                items.remove(item)
                return made
        return None


def _decision_of(item: Intervened) -> Edit | Answer | Fail | Skip | Reject | None:
    match item.kind:
        case "edited":
            return Edit(item.after, item.told or "ran")
        case "answered":
            return Answer(item.after)
        case "failed":
            return msgspec.convert({"kind": item.after}, Fail)
        case "skipped":
            return Skip()
        case "rejected":
            return Reject(item.after)
        case _:
            return None
