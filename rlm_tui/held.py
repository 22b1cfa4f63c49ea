"""What comes next where one stands in a run: what it is held before, live or in a recording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rlm_tui.events import (
    AnswerProposed,
    CodeStarted,
    ModelRequested,
    NodeId,
    Paused,
    Record,
    SubCallStarted,
    parent_of,
)
from rlm_tui.trajectory import Trajectory

_COSTS = frozenset({"model request", "llm_query", "rlm_query"})


@dataclass(frozen=True, slots=True)
class Held:
    """Something that has not happened yet."""

    node: NodeId
    next: Paused
    """What a live run tells of it; of what is recorded, made from what came."""
    is_recorded: bool = False
    """Whether it lies in the past, so that going on costs nothing."""

    @property
    def is_sent(self) -> bool:
        """Whether it goes to a model."""
        return self.next.before in _COSTS

    @property
    def is_call(self) -> bool:
        """Whether it is a sub-call that has not been made."""
        return self.next.before in {"llm_query", "rlm_query"}

    @property
    def is_code(self) -> bool:
        """Whether it is code that is about to run, or in the middle of running."""
        return self.next.before in {"code block", "line"}

    @property
    def is_over(self) -> bool:
        """Whether it has happened, and what follows from it comes next."""
        return self.next.before == "reply" or self.next.before.startswith("what follows")

    @property
    def block(self) -> NodeId:
        """The code block it is, or that it is asked from; empty for what is no part of one."""
        if self.is_code:
            return self.node
        return parent_of(self.node) if self.is_call or self.next.before == "reply" else ""

    @property
    def where(self) -> str:
        """Where that is, for a sentence: `before llm_query #3`."""
        before, parts = self.next.before, self.node.split(".")
        match before:
            case "llm_query" | "rlm_query":
                return f"before {before} #{parts[-1]}"
            case "reply":
                return f"before the reply of #{parts[-1]}"
            case "line":
                return f"at line {self.next.line} of code {self.node}"
            case "code block":
                return f"before code {self.node}"
            case "model request":
                return f"before the model request of it {parts[-1]}"
            case "answer":
                return "before the answer is taken"
            case "what follows the code block":
                return f"after code {self.node}"
            case "what follows the request" | "what follows the model request":
                return f"after the reply of it {parts[-1]}"
            case _:
                return f"before {before}"

    @property
    def price(self) -> str:
        """What going on costs, for the status line."""
        if self.is_recorded:
            return "next step is recorded: free"
        if not self.is_sent:
            return "next step costs nothing"
        colon = ":" if self.next.cost_usd is None else ""
        return f"next step{colon} {amount(self.next.cost_usd)}"


def amount(cost_usd: float | None) -> str:
    """An estimate of dollars: `~$0.0006`, `free`, or `price unknown`."""
    if cost_usd is None:
        return "price unknown"
    if not cost_usd:
        return "free"
    return f"~${cost_usd:.4f}" if cost_usd < 1 else f"~${cost_usd:.2f}"


def held_at(
    trajectory: Trajectory, records: Sequence[Record], position: int, *, is_live: bool = False
) -> Held | None:
    """What comes next behind the first `position` records, whose fold is given; None if nothing.

    Args:
        trajectory: the state there.
        records: all of the run.
        position: where one stands.
        is_live: whether the end of the records is where the run itself stands.
    """
    if trajectory.paused is not None:
        is_now = is_live and position == len(records)
        return Held(trajectory.paused_at, trajectory.paused, not is_now)
    if position >= len(records):
        return None
    paused = _about(records[position])
    return None if paused is None else Held(records[position].node, paused, is_recorded=True)


def _about(record: Record) -> Paused | None:
    """What a live run would have told before something that happened."""
    match record.event:
        case ModelRequested() as event:
            text = event.messages[-1].content if event.messages else ""
            return Paused(
                "model request", text=text, model=event.model, input_tokens=event.input_tokens
            )
        case CodeStarted(code):
            return Paused("code block", text=code)
        case SubCallStarted() as event:
            return Paused(
                event.kind,
                text=event.prompt,
                model=event.model,
                input_tokens=event.input_tokens,
                line=event.line,
            )
        case AnswerProposed() as event:
            return Paused("answer", text=event.answer)
        case _:
            return None
