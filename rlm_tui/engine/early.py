"""Starts the first code block of a reply as soon as its closing fence has streamed in.

What follows the code is prose, and waiting for it would be waiting for nothing. A reply of which
code has run is not asked for again: should the stream fail, what has arrived is the reply.
"""

from __future__ import annotations

import ast
import asyncio
import warnings

from rlm_tui.engine.cells import Cells, Ran
from rlm_tui.engine.context import below
from rlm_tui.engine.parsing import Block, parse_reply
from rlm_tui.engine.stops import Stops
from rlm_tui.events import NodeId


class EarlyStart:
    """The first block of one reply. Used by one event loop."""

    def __init__(self, cells: Cells, stops: Stops, node: NodeId) -> None:
        self._cells = cells
        self._stops = stops
        self._node = below(node, 1)
        self._block: Block | None = None
        self._running: asyncio.Future[Ran] | None = None

    def hear(self, text: str) -> bool:
        """Look at the reply so far; returns whether code of it runs by now."""
        if self._running is None and self._stops.is_idle and self._cells.repl.is_alive:
            self._block = _first_whole(text)
            if self._block is not None:
                code = self._block.code
                self._running = asyncio.ensure_future(self._cells.run_block(self._node, code))
        return self._running is not None

    async def take(self, blocks: list[Block]) -> asyncio.Future[Ran] | None:
        """The run of the first of a whole reply's blocks, if that was started.

        Where the whole reply reads otherwise than its beginning did, the block is stopped.
        """
        if self._block is not None and blocks and blocks[0].code == self._block.code:
            return self._running
        await self.stop()
        return None

    async def stop(self) -> None:
        """Stop the block, and wait until it has stopped; what becomes of it is nobody's concern."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)


def _first_whole(text: str) -> Block | None:
    """The first block to run, when nothing that may follow can change it.

    A fence inside a string that is still open may turn out to be part of the string, so what does
    not compile has to wait.
    """
    lines = text[: text.rfind("\n") + 1]
    blocks = parse_reply(lines).blocks
    if not blocks or not blocks[0].is_closed:
        return None
    try:
        with warnings.catch_warnings(action="ignore"):
            ast.parse(blocks[0].code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return blocks[0]
