"""What a branch begins with: the events it shares with its parent, and the way past them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from rlm_tui.config import Settings, limit_setting
from rlm_tui.document.facts import DocumentFacts
from rlm_tui.engine.past import Past, check_repeatable, raised_limits, shared_part
from rlm_tui.engine.shortcut import Shortcut, find_shortcut
from rlm_tui.errors import UsageError
from rlm_tui.events import CodeFinished
from rlm_tui.header import Header
from rlm_tui.repl.checkpoints import Checkpoints
from rlm_tui.session.reader import read_session
from rlm_tui.source import Fork


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
        recording = read_session(Path(fork.session))
        shared = shared_part(recording.records, fork.event)
        shortcut = find_shortcut(shared, checkpoints.names)
        past = Past(shared, shortcut.event if shortcut is not None else 0)
        check_repeatable(past.repeated)
        # What the parent went on to do has code blocks of the same names.
        checkpoints.keep_only({r.node for r in shared if isinstance(r.event, CodeFinished)})
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
            raise UsageError(
                f"{self.parent.document.path} is not what it was when the run was recorded, so no "
                "branch can go on from there; the recording itself can be replayed."
            )
