"""The iterations that a branch need not go through again, as a checkpoint holds what they left.

Only the root's loop takes a shortcut, and only behind whole iterations: the one in which the branch
begins to be its own is gone through again, from its checkpoint on.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rlm_tui.engine.asking import Answered
from rlm_tui.engine.limits import shares_passed
from rlm_tui.engine.parsing import parse_reply
from rlm_tui.engine.turn import Turn
from rlm_tui.events import (
    CodeFinished,
    Intervened,
    IterationFinished,
    LimitNeared,
    Message,
    ModelFailed,
    ModelResponded,
    NodeId,
    Record,
    ReplReplaced,
    SubCallFinished,
    SubCallStarted,
    Usage,
    depth_of,
    parent_of,
)
from rlm_tui.trajectory import Iteration, Trajectory


@dataclass(frozen=True, slots=True)
class Spent:
    """What the shortened part has used, as the ledger counts it."""

    usage: Usage
    known_cost: float
    """US dollars, of the requests whose price is known."""
    sub_calls: int
    warned: dict[str, int]
    """How many of the announced shares of each limit were passed."""


@dataclass(frozen=True, slots=True)
class Shortcut:
    """The state of the root's loop behind its first iterations."""

    iterations: int
    event: int
    """How many events it stands for."""
    checkpoint: NodeId | None
    """The block after which the REPL was kept; None when no code had run by then."""
    statements: list[str]
    """What the user ran in the REPL since the checkpoint."""
    history: list[Message]
    told: int
    """How many messages of the history the latest request had."""
    reasons_apart: bool
    errors_in_a_row: int
    children: int
    """How many loops of `rlm_query` there were."""
    spent: Spent


def find_shortcut(records: Sequence[Record], kept: Collection[str]) -> Shortcut | None:
    """The longest shortcut that there is; None when all has to be gone through again.

    Args:
        records: what a branch shares with its parent.
        kept: the blocks after which the REPL's state was kept.
    """
    found: tuple[int, NodeId | None, int] | None = None
    state: NodeId | None = None
    since = 0
    for index, record in enumerate(records):
        if depth_of(record.node):
            continue
        match record.event:
            case CodeFinished(outcome) if outcome not in {"killed", "skipped"}:
                state, since = record.node, index
            case ReplReplaced(checkpoint):
                state, since = checkpoint, index
            case IterationFinished() if state is None or state in kept:
                found = index + 1, state, since
            case _:
                pass
    return _made(records[: found[0]], found[1], found[2]) if found else None


def _made(records: Sequence[Record], checkpoint: NodeId | None, since: int) -> Shortcut:
    trajectory = Trajectory()
    trajectory.apply_all(records)
    last = trajectory.root.iterations[-1]
    turn = _turn_of(trajectory, last)
    return Shortcut(
        iterations=last.number,
        event=len(records),
        checkpoint=checkpoint,
        statements=[
            record.event.before
            for record in records[since:]
            if isinstance(record.event, Intervened)
            and record.event.kind == "set"
            and not depth_of(record.node)
        ],
        history=[
            *last.prompt,
            Message("assistant", turn.told_text),
            Message("user", last.observation),
        ],
        told=last.message_count,
        reasons_apart=turn.reasons_apart,
        errors_in_a_row=_errors_in_a_row(trajectory.root.iterations),
        children=sum(call.kind == "rlm_query" for call in _made_calls(records)),
        spent=_spent(records, trajectory),
    )


def _turn_of(trajectory: Trajectory, iteration: Iteration) -> Turn:
    """An iteration's reply with the user's changes, as the loop had it."""
    response = iteration.response
    finish = response.finish if response else ""
    reply = Answered(iteration.reply, "".join(iteration.reasoning), finish)
    turn = Turn(iteration.id, iteration.kind, reply, parse_reply(reply.text))
    changed = {
        node: change.after
        for node, change in trajectory.interventions
        if change.kind == "edited" and change.told == "ran" and parent_of(node) == iteration.id
    }
    for number, block in enumerate(turn.blocks, 1):
        if (text := changed.get(f"{iteration.id}.{number}")) is not None:
            turn.edits.append((block, text))
    return turn


def _errors_in_a_row(iterations: Sequence[Iteration]) -> int:
    count = 0
    for iteration in reversed(iterations):
        has_raised = any(block.outcome not in {"ok", "skipped"} for block in iteration.blocks)
        if not has_raised and not iteration.faults:
            break
        count += 1
    return count


def _made_calls(records: Sequence[Record]) -> list[SubCallStarted]:
    """The sub-calls that went to a model or a loop, not those that the user answered."""
    given: set[NodeId] = set()
    started: dict[NodeId, SubCallStarted] = {}
    made: list[SubCallStarted] = []
    for record in records:
        match record.event:
            case Intervened(kind="answered" | "failed"):
                given.add(record.node)
            case Intervened(kind="retried") if record.node in started:
                made.append(started[record.node])
            case SubCallStarted() as call if record.node not in given:
                made.append(call)
                started[record.node] = call
            case _:
                pass
    return made


def _spent(records: Sequence[Record], trajectory: Trajectory) -> Spent:
    known_cost = 0.0
    warned: dict[str, int] = {}
    for record in records:
        match record.event:
            case SubCallFinished() if trajectory.call(record.node).loop is not None:
                pass  # what its loop has used is booked already
            case ModelResponded() | ModelFailed() | SubCallFinished() as event:
                known_cost += event.usage.cost_usd or 0.0
            case LimitNeared(limit, used, allowed):
                warned[limit] = shares_passed(used, allowed)
            case _:
                pass
    return Spent(trajectory.spent, known_cost, len(_made_calls(records)), warned)
