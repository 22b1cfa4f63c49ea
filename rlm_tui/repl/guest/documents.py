"""The documents as model code gets them; offsets in them are those of `context`."""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rlm_tui.repl.guest.mapped import mapped_text

MAP_FROM = 32 * 1024 * 1024
"""Bytes from which an ASCII document is mapped. Below, a copy costs less than 10 ms, and nothing
that happens to the file can touch it."""


class SharedDocument(NamedTuple):
    """A document and where its text is read from."""

    path: str
    """What it is called, and where it lies unless there is an `fd`."""
    codec: str = "utf-8"
    start: int = -1
    """The bytes of its byte order mark, which are no text; -1 for whether UTF-8's is there."""
    fd: int = -1
    """An open file with the text, for what had to be unpacked or converted first."""


def words_of(documents: Iterable[SharedDocument]) -> list[str]:
    """The documents as words of a command line."""
    return [str(word) for document in documents for word in document]


def documents_of(words: Sequence[str]) -> list[SharedDocument]:
    """What `words_of` put into words."""
    fours = (words[at : at + 4] for at in range(0, len(words), 4))
    return [SharedDocument(path, codec, int(start), int(fd)) for path, codec, start, fd in fours]


def read_context(documents: Sequence[SharedDocument]) -> str | dict[str, str]:
    """What `context` is: a str for one document, a dict from path to text for several."""
    if len(documents) == 1:
        return read_document(documents[0])
    return {document.path: read_document(document) for document in documents}


def read_document(document: SharedDocument) -> str:
    """The text of a document, without its byte order mark. Raises OSError."""
    fd = os.open(document.path, os.O_RDONLY | os.O_CLOEXEC) if document.fd < 0 else document.fd
    # A file that was given is left open: it may be read again.
    with open(fd, "rb", buffering=0, closefd=document.fd < 0) as file:
        size = os.fstat(fd).st_size
        if size >= MAP_FROM and document.start <= 0 and (text := mapped_text(fd)) is not None:
            return text
        codecs.register_error("one-mark-a-byte", _one_mark_a_byte)
        os.lseek(fd, max(document.start, 0), os.SEEK_SET)
        content = file.readall()
    if document.start < 0:
        content = content.removeprefix(codecs.BOM_UTF8)
    return content.decode(document.codec, "one-mark-a-byte")


def _one_mark_a_byte(error: UnicodeError) -> tuple[str, int]:
    """A decoding error handler: every invalid byte is one U+FFFD."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "\ufffd" * (error.end - error.start), error.end
