"""What a run stands on: its documents, the sandbox that holds them, the states of its REPLs.

The next run of the same process takes over what it can use: a branch goes on from the checkpoints
of its parent, another question finds the document where it is.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from rlm_tui.config import SandboxMode
from rlm_tui.document.facts import DocumentFacts
from rlm_tui.engine.tokens import TokenCounter
from rlm_tui.repl.checkpoints import Checkpoints
from rlm_tui.repl.host import Sandbox
from rlm_tui.studied import StudiedDocuments


@dataclass(slots=True)
class Grounds:
    """One run's grounds. Used by one event loop."""

    paths: list[str]
    encoding: str
    mode: SandboxMode
    studied: StudiedDocuments
    documents: list[DocumentFacts]
    sandbox: Sandbox
    counter: TokenCounter
    checkpoints: Checkpoints = field(default_factory=Checkpoints)
    session: Path | None = None
    """The file of the run whose states the checkpoints are."""

    @classmethod
    async def prepare(cls, paths: list[str], encoding: str, mode: SandboxMode) -> Grounds:
        """Read the documents and start the sandbox.

        Raises:
            RlmTuiError: a document cannot be read, or model code cannot be isolated.
        """
        studied = await asyncio.to_thread(StudiedDocuments, paths, encoding)
        counter = TokenCounter()
        unpacking = asyncio.ensure_future(asyncio.to_thread(studied.unpack))
        starting = asyncio.ensure_future(_start(unpacking, studied, mode))
        loading = asyncio.ensure_future(counter.load())
        try:
            await unpacking
            documents = await asyncio.to_thread(studied.examine)
            sandbox = await starting
            await loading
        except BaseException:
            starting.cancel()
            loading.cancel()
            for started in await asyncio.gather(starting, return_exceptions=True):
                if isinstance(started, Sandbox):
                    await started.close()
            studied.close()
            raise
        return cls(paths, encoding, mode, studied, documents, sandbox, counter)

    def is_for(self, paths: list[str], encoding: str, mode: SandboxMode) -> bool:
        """Whether another run could stand on them: the documents are what they were."""
        return (
            (self.paths, self.encoding, self.mode) == (paths, encoding, mode)
            and self.sandbox.is_alive
            and self.studied.is_unchanged()
        )

    async def close(self) -> None:
        """Leave nothing running."""
        self.checkpoints.close()
        await self.sandbox.close()
        self.studied.close()


async def _start(
    unpacking: asyncio.Future[None], studied: StudiedDocuments, mode: SandboxMode
) -> Sandbox:
    """Start the sandbox when the documents are there, which most are at once."""
    await asyncio.wait([unpacking])
    return await Sandbox.start(studied.shared, mode)


class KeptGrounds:
    """Those of the latest run of this process, for the next. Used by one event loop."""

    def __init__(self) -> None:
        self._grounds: Grounds | None = None

    async def put(self, grounds: Grounds) -> None:
        """A run has ended that stood on these."""
        await self.close()
        self._grounds = grounds

    async def take(self, paths: list[str], encoding: str, mode: SandboxMode) -> Grounds | None:
        """What a new run can stand on; None when it has to prepare its own."""
        grounds, self._grounds = self._grounds, None
        if grounds is None or grounds.is_for(paths, encoding, mode):
            return grounds
        await grounds.close()
        return None

    async def close(self) -> None:
        """Leave nothing running."""
        grounds, self._grounds = self._grounds, None
        if grounds is not None:
            await grounds.close()
