"""The documents as model code gets them; offsets in them are those of `context`."""

from __future__ import annotations

import codecs
from pathlib import Path

from rlm_tui.repl.guest.mapped import mapped_text

MAP_FROM = 32 * 1024 * 1024
"""Bytes from which an ASCII document is mapped. Below, a copy costs less than 10 ms, and nothing
that happens to the file can touch it."""


def read_context(paths: list[str]) -> str | dict[str, str]:
    """What `context` is: a str for one document, a dict from path to text for several."""
    if len(paths) == 1:
        return read_document(paths[0])
    return {path: read_document(path) for path in paths}


def read_document(path: str) -> str:
    """The text of a document: UTF-8, without its byte order mark. Raises OSError."""
    if Path(path).stat().st_size >= MAP_FROM and (text := mapped_text(path)) is not None:
        return text
    codecs.register_error("one-mark-a-byte", _one_mark_a_byte)
    content = Path(path).read_bytes()
    return content.removeprefix(codecs.BOM_UTF8).decode("utf-8", "one-mark-a-byte")


def _one_mark_a_byte(error: UnicodeError) -> tuple[str, int]:
    """A decoding error handler: every invalid byte is one U+FFFD."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "\ufffd" * (error.end - error.start), error.end
