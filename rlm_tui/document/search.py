"""A search of a document in a process of its own, as whoever shows the document asks for it.

Used by one event loop. What is found comes as it is found; a pattern that takes too long is given
up, by ending the process.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from array import array
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from rlm_tui.document.contents import Contents
from rlm_tui.document.pattern import Wanted
from rlm_tui.document.search_process import CELL

PATIENCE = 5.0
"""Seconds within which a quarter of a megabyte must be searched."""

_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(1 << 22), "MALLOC_TRIM_THRESHOLD_": str(1 << 24)}
"""Has glibc keep the memory of a piece for the next one: 0.7 s less for a gigabyte."""

_GROWTH = 0.25
"""Seconds between two looks at how far a document is unpacked."""


class Search:
    """One document's search."""

    def __init__(self, contents: Contents, on_change: Callable[[], None]) -> None:
        """Prepare to search.

        Args:
            contents: what to search.
            on_change: called when more is known.
        """
        self.wanted: Wanted | None = None
        """What is searched for; None while nothing is."""
        self.is_done = False
        self.trouble = ""
        """Why not everything was searched."""
        self.total = 0
        """How many hits, or lines, were found so far."""
        self.counts = array("L")
        """The hits in each quarter of a megabyte that was searched."""
        self._contents = contents
        self._on_change = on_change
        self._process: asyncio.subprocess.Process | None = None
        self._waiting: deque[asyncio.Future[dict[str, Any]]] = deque()
        self._tasks: list[asyncio.Future[None]] = []
        self._heard = 0.0

    @property
    def searched_share(self) -> float:
        """How much was searched, from 0 to 1."""
        if self.is_done:
            return 1.0
        return min(len(self.counts) * CELL / max(self._contents.size, 1), 1.0)

    async def begin(self, wanted: Wanted, *, by_line: bool) -> None:
        """Search for something else from now on.

        Args:
            wanted: what to search for.
            by_line: count the lines rather than the hits.
        """
        await self.end()
        self.wanted, self.is_done, self.trouble = wanted, False, ""
        self.total, self.counts = 0, array("L")
        contents = self._contents
        words = [str(contents.fd), str(contents.start), contents.codec]
        self._process = await asyncio.create_subprocess_exec(
            *[sys.executable, "-m", "rlm_tui.document.search_process", *words],
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            pass_fds=[contents.fd],
            env=os.environ | _MEMORY,
        )
        self._heard = asyncio.get_running_loop().time()
        self._tasks = [
            asyncio.ensure_future(self._listen(self._process)),
            asyncio.ensure_future(self._mind(self._process)),
        ]
        await self._ask({"op": "size", "size": contents.size, "is_whole": contents.is_whole})
        await self._ask({"op": "search", "wanted": list(wanted), "by_line": by_line})

    async def next(self, at: int, step: int) -> tuple[int, int, int] | None:
        """The next hit from an offset on (1), or the one before it (-1).

        Its start and end, and which one of all it is, from 1, or 0 while that is not known. None
        when there is none.
        """
        answer = await self._ask({"op": "next", "at": at, "step": step})
        return tuple(answer["hit"]) if answer.get("hit") else None

    async def lines(self, at: int, step: int, count: int) -> list[int] | None:
        """Where lines that are wanted begin: from an offset on (1), or before it (-1) backwards.

        None when the search was given up.
        """
        return (await self._ask({"op": "lines", "at": at, "step": step, "count": count})).get(
            "lines"
        )

    async def spans(
        self, parts: Sequence[tuple[int, int]]
    ) -> dict[tuple[int, int], list[tuple[int, int]]]:
        """Where hits are in some parts of the document, in bytes from the beginning of each.

        Empty when the search was given up.
        """
        answer = await self._ask({"op": "spans", "lines": list(parts)})
        told = zip(parts, answer.get("spans", []), strict=False)
        return {part: [(a, b) for a, b in hits] for part, (_, hits) in told}

    async def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """Ask the process; an empty answer when it is gone."""
        process = self._process
        if process is None or process.stdin is None or self.trouble:
            return {}
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        if not self._waiting and self.is_done:
            self._heard = asyncio.get_running_loop().time()
        self._waiting.append(answer)
        process.stdin.write(json.dumps(question).encode() + b"\n")
        return await answer

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None  # noqa: S101 - started with a pipe
        while line := await process.stdout.readline():
            self._heard = asyncio.get_running_loop().time()
            message = json.loads(line)
            if message["op"] == "counts":
                self.counts.extend(message["counts"])
                self.total += sum(message["counts"])
                self.is_done = message["is_done"]
                self._on_change()
            elif (
                message["op"] != "alive"
                and self._waiting
                and not (answer := self._waiting.popleft()).done()
            ):
                answer.set_result(message)
        if not self.trouble:
            self.trouble = "the search ended by itself"
        self._let_go()
        self._on_change()

    async def _mind(self, process: asyncio.subprocess.Process) -> None:
        """Tell the process how the document grows, and end it when it is silent for too long."""
        contents, size = self._contents, self._contents.size
        is_whole = contents.is_whole
        while True:
            await asyncio.sleep(_GROWTH)
            if (contents.size, contents.is_whole) != (size, is_whole):
                size, is_whole = contents.size, contents.is_whole
                await self._ask({"op": "size", "size": size, "is_whole": is_whole})
            is_busy = bool(self._waiting) or (is_whole and not self.is_done)
            silent = asyncio.get_running_loop().time() - self._heard
            if is_busy and silent > PATIENCE and process.returncode is None:
                self.trouble = "the pattern takes too long"
                process.kill()

    def _let_go(self) -> None:
        while self._waiting:
            if not (answer := self._waiting.popleft()).done():
                answer.set_result({})

    async def end(self) -> None:
        """Search no more."""
        process, self._process = self._process, None
        self.wanted = None
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        self._let_go()
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
