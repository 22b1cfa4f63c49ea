"""The documents of a run: opened, unpacked, examined, handed to the REPL, and watched meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from rlm_tui.document.change import change_of
from rlm_tui.document.contents import Contents
from rlm_tui.document.facts import DocumentFacts, examine
from rlm_tui.repl.guest.documents import SharedDocument, read_document

_POLL = 1.0
"""Seconds between two looks at the files."""


class StudiedDocuments:
    """Open documents; the text of each stays readable until `close`."""

    def __init__(self, paths: Sequence[str], encoding: str) -> None:
        """Open the documents. Raises DocumentError, and UsageError for the encoding."""
        self._contents: list[Contents] = []
        try:
            for path in paths:
                self._contents.append(Contents(Path(path), encoding))
        except BaseException:
            self.close()
            raise

    def unpack(self) -> None:
        """Bring all of each text. Blocks."""
        for contents in self._contents:
            contents.unpack()

    def examine(self) -> list[DocumentFacts]:
        """Read each once. Blocks; not while it unpacks. Raises DocumentError."""
        return [examine(contents) for contents in self._contents]

    @property
    def shared(self) -> list[SharedDocument]:
        """How the REPL reads them, once they are unpacked."""
        return [
            SharedDocument(
                str(contents.path),
                contents.codec,
                contents.start,
                -1 if contents.fd == contents.file_fd else contents.fd,
            )
            for contents in self._contents
        ]

    def text(self) -> str:
        """The first document as the REPL has it. Raises OSError."""
        return read_document(self.shared[0])

    @property
    def remarks(self) -> list[str]:
        """What is to be said of the documents, once they are unpacked."""
        return [f"{c.path} is not whole: {c.trouble}." for c in self._contents if c.trouble]

    def is_unchanged(self) -> bool:
        """Whether the files are still those that were opened."""
        return not any(map(change_of, self._contents))

    async def watch(self, tell: Callable[[str], None]) -> None:
        """Tell when a document changes on disk, once for each kind of change; never returns."""
        told: set[str] = set()
        while True:
            for contents in self._contents:
                change = await asyncio.to_thread(change_of, contents)
                sentence = f"{contents.path} {change}; the run goes on with what it has read."
                if change and sentence not in told:
                    told.add(sentence)
                    tell(sentence)
            await asyncio.sleep(_POLL)

    def close(self) -> None:
        """Let the files go."""
        for contents in self._contents:
            contents.close()
