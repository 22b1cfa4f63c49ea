"""The documents that a run has studied, where they are still what they were."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from rlm_tui import paths
from rlm_tui.document.facts import identity
from rlm_tui.errors import DocumentError
from rlm_tui.header import DocumentRef
from rlm_tui.studied import StudiedDocuments


def unchanged_path(ref: DocumentRef, beside: Path | None = None) -> Path:
    """Where a document is now: where it was, beside the session, or among those kept here.

    Blocks to read it. Raises DocumentError: it is missing, or is not what was studied any more.
    """
    named = Path(ref.path)
    folders = [beside.parent] if beside is not None else []
    places = [named, *(folder / named.name for folder in (*folders, paths.documents_dir()))]
    changed: Path | None = None
    for path in dict.fromkeys(places):
        try:
            if path.is_file() and identity(path) == (ref.bytes, ref.sha256):
                return path
            changed = changed or (path if path.is_file() else None)
        except OSError as error:
            raise DocumentError(f"{path} cannot be read: {error.strerror}.") from error
    if changed is None:
        raise DocumentError(f"{named} is missing.")
    size = changed.stat().st_size
    if size != ref.bytes:
        raise DocumentError(
            f"{changed} has changed: it has {size:,} bytes, and the run studied {ref.bytes:,}."
        )
    raise DocumentError(f"{changed} has changed since the run studied it: its SHA-256 differs.")


def unchanged_texts(refs: Iterable[DocumentRef], beside: Path | None = None) -> list[str]:
    """The documents as `context` held them.

    Blocks. Raises DocumentError; UsageError for an encoding that is not known here; OSError.
    """
    texts: list[str] = []
    for ref in refs:
        studied = StudiedDocuments([str(unchanged_path(ref, beside))], ref.encoding)
        try:
            studied.unpack()
            texts.append(studied.text())
        finally:
            studied.close()
    return texts
