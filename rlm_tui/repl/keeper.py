"""What a REPL needs of whoever started it, and the states that are kept of REPLs."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rlm_tui.repl.repl import Repl


class Keeper(Protocol):
    """Who started the worker."""

    is_monty: bool
    """Whether states are kept by what the interpreter says of them, and not by forks."""

    @property
    def is_alive(self) -> bool:
        """Whether REPLs can be had from it."""
        ...

    async def spawn(
        self, query: str, context: str | dict[str, str] | None = None, state: str = ""
    ) -> Repl:
        """A new REPL, or one in a state that was kept. Raises ReplError."""
        ...

    def signal(self, pid: int, number: signal.Signals) -> None:
        """Have a signal sent to the worker."""
        ...

    async def settled(self) -> None:
        """Wait until every signal so far has been sent on."""
        ...

    def end_of(self, pid: int) -> str:
        """How the worker ended, as far as it is known."""
        ...

    def adopt(self) -> Repl:
        """A REPL for a worker that is about to be forked from another."""
        ...

    def allow_fork(self, pid: int) -> None:
        """Have the worker's next fork let through."""
        ...

    def forget(self, repl: Repl) -> None:
        """The worker is not needed any more."""
        ...


class Parked(Protocol):
    """The state of a REPL that can be gone back to, as often as one likes."""

    @property
    def is_alive(self) -> bool:
        """Whether it still can."""
        ...

    async def fork(self) -> Repl:
        """A REPL in that state. Raises ReplError."""
        ...

    def close(self) -> None:
        """Give it up."""
        ...


class KeptRepl:
    """A state that is no process: what Monty said of its session."""

    def __init__(
        self, keeper: Keeper, query: str, context: str | dict[str, str] | None, state: str
    ) -> None:
        """Keep a state; query and context are those that the REPL was given."""
        self._keeper = keeper
        self._query = query
        self._context = context
        self._state = state

    @property
    def is_alive(self) -> bool:
        """Whether it can be gone back to."""
        return self._keeper.is_alive

    async def fork(self) -> Repl:
        """A REPL in that state. Raises ReplError."""
        return await self._keeper.spawn(self._query, self._context, self._state)

    def close(self) -> None:
        """Give it up."""
        self._state = ""
