"""The states that a run's REPLs can go back to: forks of their workers, parked on their sockets.

Of a REPL in Monty it is what the interpreter says of its session, which is no process.
One set serves all loops of a run. A checkpoint is named by the code block after which it was taken.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from rlm_tui.errors import ReplError
from rlm_tui.repl.keeper import Parked
from rlm_tui.repl.repl import Repl

KEPT = 32
"""Checkpoints of a run; beyond that the oldest go. Each is a process."""

_LEAST_FREE = 0.1
"""Of the machine's memory; with less, the oldest go as well."""


class Checkpoints:
    """Used by one event loop."""

    def __init__(self, *, kept: int = KEPT) -> None:
        self._kept = kept
        self._parked: dict[str, Parked] = {}

    @property
    def names(self) -> list[str]:
        """Those that are there, oldest first."""
        return [name for name, repl in self._parked.items() if repl.is_alive]

    async def take(self, name: str, repl: Repl) -> None:
        """Keep the state of a REPL that runs no cell; takes about 2 ms.

        Raises:
            ReplError: it cannot be kept now; the REPL is as it was.
        """
        parked = await repl.parked()
        self.drop(name)
        self._parked[name] = parked
        while len(self._parked) > self._kept or (len(self._parked) > 1 and is_memory_short()):
            self.drop(next(iter(self._parked)))

    async def restore(self, name: str) -> Repl:
        """A REPL in that state; it can be restored again.

        Raises:
            ReplError: there is no such checkpoint, or none any more.
        """
        parked = self._parked.get(name)
        if parked is None:
            raise ReplError(f"there is no checkpoint of block {name} any more")
        return await parked.fork()

    def drop(self, name: str) -> None:
        """Give one up, if it is there."""
        if parked := self._parked.pop(name, None):
            parked.close()

    def keep_only(self, names: Collection[str]) -> None:
        """Give up all others."""
        for name in self._parked.keys() - names:
            self.drop(name)

    def close(self) -> None:
        """Give all of them up."""
        for name in list(self._parked):
            self.drop(name)


def is_memory_short(meminfo: Path = Path("/proc/meminfo")) -> bool:
    """Whether the machine is about to run out of memory; False where that cannot be known."""
    try:
        lines = meminfo.read_text(encoding="ascii").splitlines()
        sizes = {line.split(":")[0]: int(line.split()[1]) for line in lines if line}
        return sizes["MemAvailable"] < _LEAST_FREE * sizes["MemTotal"]
    except (OSError, KeyError, ValueError, IndexError):
        return False
