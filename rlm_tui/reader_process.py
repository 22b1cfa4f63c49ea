"""The process that reads documents along with a run: `python -m rlm_tui.reader_process`.

Its words: a socket with what was unpacked already, the documents as JSON, and the session when
there is one. Records come in as lines of a session, and what is found goes out as lines of `Told`.
After each pass it rests for as long again, so that it never takes a whole core for long.
"""

from __future__ import annotations

import os
import select
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from rlm_tui.codec import decode_records
from rlm_tui.document.background_reader import Told
from rlm_tui.document.reading import Reader
from rlm_tui.document.unpacked import receive_all
from rlm_tui.errors import RlmTuiError
from rlm_tui.events import AnswerProposed, Record, depth_of
from rlm_tui.header import DocumentRef
from rlm_tui.unchanged import unchanged_texts

_PIECE = 1 << 20
_MOST = 1 << 25
"""Bytes of records that are looked at together."""

_LONGEST_REST = 2.0
_NICENESS = 10


def _batches(fd: int) -> Iterator[list[Record]]:
    """The records that come in, as many as there are at a time."""
    held = b""
    is_open = True
    while is_open:
        piece = os.read(fd, _PIECE)
        is_open = bool(piece)
        held += piece
        is_full = len(held) > _MOST
        if is_open and not is_full and select.select([fd], [], [], 0)[0]:
            continue
        whole, newline, held = held.rpartition(b"\n")
        if newline:
            yield decode_records(whole)


def _tell(told: Told) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(told) + b"\n")
    sys.stdout.buffer.flush()


def _told(reader: Reader, records: list[Record]) -> Told:
    told = Told(reader.take(records), seq=records[-1].seq)
    for record in records:
        if isinstance(record.event, AnswerProposed) and not depth_of(record.node):
            told.quotations += [
                (record.seq, one.at, one.until, one.kind, list(one.places), one.has_more, document)
                for document, one in reader.quotations(record.event.answer)
            ]
    return told


def main() -> None:
    """Read along until stdin ends."""
    os.nice(_NICENESS)
    fd, documents, *session = sys.argv[1:]
    with socket.socket(fileno=int(fd)) as unpacked:
        receive_all(unpacked)
    refs = msgspec.json.decode(documents, type=list[DocumentRef])
    try:
        texts = unchanged_texts(refs, Path(session[0]) if session else None)
    except (RlmTuiError, OSError) as error:
        _tell(Told(trouble=str(error)))
        return
    _tell(Told(sizes=list(map(len, texts))))
    reader = Reader(texts, [ref.path for ref in refs])
    for records in _batches(0):
        began = time.monotonic()
        _tell(_told(reader, records))
        time.sleep(min(time.monotonic() - began, _LONGEST_REST))


if __name__ == "__main__":
    main()
