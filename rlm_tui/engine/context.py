"""What the loops and sub-calls of one run share."""

from __future__ import annotations

import asyncio
import itertools
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from rlm_tui.breakpoints import Kind, Moment
from rlm_tui.config import Settings
from rlm_tui.engine.asking import Asker
from rlm_tui.engine.limits import Ledger
from rlm_tui.engine.models.book import ModelBook
from rlm_tui.engine.past import Past
from rlm_tui.engine.shortcut import Shortcut
from rlm_tui.engine.stops import Stops
from rlm_tui.events import AnyEvent, NodeId
from rlm_tui.repl.checkpoints import Checkpoints
from rlm_tui.repl.host import Sandbox


class Looked(Protocol):
    """A loop's REPL, as the debugger sees it."""

    async def evaluate(self, code: str) -> tuple[str, bool]:
        """Run code that is not the model's; what it showed, and whether it failed."""
        ...


@dataclass(slots=True)
class RunContext:
    """One run's parts. Used by one event loop."""

    settings: Settings
    emit: Callable[[NodeId, AnyEvent], object]
    book: ModelBook
    ledger: Ledger
    stops: Stops
    asker: Asker
    sandbox: Sandbox
    cells: dict[NodeId, Looked] = field(default_factory=dict[NodeId, "Looked"])
    """The REPLs of the loops that go on, by the loop's node."""
    checkpoints: Checkpoints = field(default_factory=Checkpoints)
    """The states its REPLs can go back to."""
    past: Past | None = None
    """What the run shares with the one it is a branch of; None for an original."""
    shortcut: Shortcut | None = None
    """The way past the first iterations of a branch; None when there is none."""
    slots: defaultdict[int, asyncio.Semaphore] = field(init=False)
    """How many sub-calls may be in flight, by the depth of what they call.

    A bound for each depth: a child that waits for its own calls holds a slot of its depth only, so
    children cannot block one another.
    """
    child_numbers: Iterator[int] = field(default_factory=itertools.count)
    """Numbers the loops of `rlm_query` in the order of their creation, from 0."""

    def moment(self, kind: Kind, node: NodeId, **more: Any) -> Moment:
        """Something that is about to happen, with what has been used so far."""
        spent = self.ledger.spent
        return Moment(
            kind,
            node,
            cost=spent.cost_usd or 0.0,
            tokens=spent.input_tokens + spent.output_tokens,
            calls=self.ledger.sub_calls,
            time=self.ledger.clock.elapsed,
            **more,
        )

    def __post_init__(self) -> None:
        self.slots = defaultdict(lambda: asyncio.Semaphore(self.settings.concurrency))


def below(node: NodeId, number: int) -> NodeId:
    """The node's child of that number."""
    return f"{node}.{number}" if node else str(number)
