"""What a branch begins with: the events it shares with its parent, and the way past them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from rlm_tui.config import Settings, limit_setting
from rlm_tui.document.contents import check_readable
from rlm_tui.document.facts import DocumentFacts, identity
from rlm_tui.engine.models.book import ModelBook
from rlm_tui.engine.past import Past, check_repeatable, raised_limits, shared_part
from rlm_tui.engine.shortcut import Shortcut, find_shortcut
from rlm_tui.errors import RlmTuiError, UsageError
from rlm_tui.events import BreakpointHit, CodeFinished, NodeId, Record
from rlm_tui.header import Header
from rlm_tui.repl.checkpoints import Checkpoints
from rlm_tui.session.reader import Recording, read_session
from rlm_tui.source import Fork, Remark
from rlm_tui.studied import StudiedDocuments


@dataclass(frozen=True, slots=True)
class Branch:
    """A run that goes on from within a recorded one."""

    parent: Header
    past: Past
    shortcut: Shortcut | None
    """The way past the first iterations; None when all are gone through again."""
    limits: dict[str, float]
    """Those that the user had raised by then."""

    @classmethod
    def begin(cls, fork: Fork, checkpoints: Checkpoints) -> Branch:
        """Read the parent and find the way to where the branch leaves it. Blocks.

        Args:
            fork: where that is.
            checkpoints: states of the parent's REPLs; those that the branch does not share go.

        Raises:
            SessionError: the parent cannot be read, or its REPL cannot be had again.
        """
        branch = cls.read(fork, checkpoints.names)
        # What the parent went on to do has code blocks of the same names.
        shared = branch.past.records
        checkpoints.keep_only({r.node for r in shared if isinstance(r.event, CodeFinished)})
        return branch

    @classmethod
    def read(cls, fork: Fork, kept: Collection[str] | None = None) -> Branch:
        """Find the way, and change nothing. Blocks.

        Args:
            fork: where the branch leaves its parent.
            kept: the blocks after which the REPL's state was kept; None where that is so of all.

        Raises:
            SessionError: as for `begin`.
        """
        recording = read_session(Path(fork.session))
        shared = shared_part(recording.records, fork.event)
        if kept is None:
            kept = {record.node for record in shared}
        shortcut = find_shortcut(shared, kept)
        past = Past(shared, shortcut.event if shortcut is not None else 0, _next(recording, shared))
        check_repeatable(past.repeated)
        return cls(recording.header, past, shortcut, raised_limits(shared))

    def settings(self, given: Settings) -> Settings:
        """The settings with the limits as the user had raised them."""
        for limit, value in self.limits.items():
            name = limit_setting(limit)
            now: float | None = getattr(given, name)
            if now is not None and now < value:
                given = replace(given, **{name: type(now)(value)})
        return given

    def check(self, documents: list[DocumentFacts]) -> None:
        """Refuse to go on about documents that are not what they were. Raises UsageError."""
        before = [document.sha256 for document in self.parent.documents]
        if before != [document.ref.sha256 for document in documents]:
            raise _is_another(self.parent.document.path)

    def check_files(self) -> None:
        """Refuse likewise, by reading the documents. Blocks. Raises UsageError; DocumentError."""
        for document in self.parent.documents:
            path = Path(document.path)
            size = check_readable(path).st_size
            if size != document.bytes or identity(path)[1] != document.sha256:
                raise _is_another(document.path)


def fork_trouble(
    fork: Fork,
    settings: Settings,
    kept: Collection[str] | None = None,
    documents: StudiedDocuments | None = None,
) -> str:
    """Why a branch cannot begin, in a sentence; empty when it can. Blocks, and changes nothing.

    Args:
        fork: where it leaves its parent.
        settings: of the branch.
        kept: the blocks after which the REPL's state was kept; None where that is so of all.
        documents: what the parent has open; None to read the files.
    """
    try:
        branch = Branch.read(fork, kept)
        if documents is None or not documents.is_unchanged():
            branch.check_files()
        ModelBook(settings, read_records=lambda path: read_session(path).records).check()
    except RlmTuiError as error:
        return str(error)
    return ""


def differs(block: NodeId) -> Remark:
    """What is said of code that was gone through again, and did something else."""
    return Remark(
        f"Code {block} did something else when it ran again than it did in the recording (it may "
        "read the clock, or its threads race), so its variables may be others.",
        "warning",
    )


def _next(recording: Recording, shared: Sequence[Record]) -> Record | None:
    """What came next in the parent; a breakpoint that was hit is told with its stop."""
    rest = recording.records[len(shared) :]
    return next((record for record in rest if not isinstance(record.event, BreakpointHit)), None)


def _is_another(path: str) -> UsageError:
    return UsageError(
        f"{path} is not what it was when the run was recorded, so no "
        "branch can go on from there; the recording itself can be replayed."
    )
