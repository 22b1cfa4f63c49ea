"""The first line of a session file: what a run is about."""

from __future__ import annotations

from msgspec import Struct

FORMAT = 1
"""The major version of the session format; a reader refuses a larger one."""

_LABEL = 24
"""Characters of a name that a title has room for."""


class DocumentRef(Struct, frozen=True, omit_defaults=True):
    """Which document a run is about; its text is never in a session."""

    path: str
    bytes: int
    """Of the file, compressed or not, as of `sha256`."""
    sha256: str
    encoding: str = "utf-8"
    """Python's name for it."""
    packing: str = ""
    """`gzip`, `bzip2`, `xz`, `zstd`, or empty."""
    invalid: int = 0
    """Bytes that are no text; each is one U+FFFD."""


class Header(Struct, frozen=True, tag="header", tag_field="type"):
    """The first line of a session file."""

    format: int
    run: str
    """Twelve hexadecimal digits that name the run."""
    started: str
    """UTC, ISO 8601."""
    program: str
    """The version of rlm-tui that wrote the file."""
    question: str
    document: DocumentRef
    model: str
    sub_model: str
    settings: dict[str, str | int | float | bool | None] = {}
    """The options in force that are not at their defaults."""
    more_documents: list[DocumentRef] = []
    """The others, where a run is about several."""
    parent: str | None = None
    """The run this one is a branch of, by its `run`; None for an original."""
    parent_event: int | None = None
    """The `seq` of the parent's last event that this branch shares."""

    name: str = ""
    """What the user calls this branch; empty for nothing."""

    @property
    def label(self) -> str:
        """What a title calls the run: `mine · run e00a`, or `run e00a`."""
        name = self.name if len(self.name) <= _LABEL else f"{self.name[: _LABEL - 1]}…"
        return f"{name} · run {self.run[:4]}" if name else f"run {self.run[:4]}"

    @property
    def documents(self) -> list[DocumentRef]:
        """All documents of the run, in order."""
        return [self.document, *self.more_documents]
