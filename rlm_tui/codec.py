"""The lines of a session file: a header or a record as one JSON object."""

from __future__ import annotations

import json

import msgspec
from msgspec import Struct

from rlm_tui.events import Record
from rlm_tui.header import Header

_encoder = msgspec.json.Encoder()
_record_decoder = msgspec.json.Decoder(Record)
_header_decoder = msgspec.json.Decoder(Header)


def printable(text: str) -> str:
    """The text with lone surrogates replaced by U+FFFD, so that it has a UTF-8 form."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def encode_line(item: Struct) -> bytes:
    """One line of a session file, newline included; what has no UTF-8 form is U+FFFD in it."""
    try:
        return _encoder.encode(item) + b"\n"
    except UnicodeEncodeError:  # the name of a file, or an argument, that is no UTF-8
        return printable(json.dumps(msgspec.to_builtins(item), ensure_ascii=False)).encode() + b"\n"


def decode_header(line: bytes) -> Header:
    """The first line of a session file. Raises ValueError, or RecursionError for a deep nest."""
    return _header_decoder.decode(line)


def decode_record(line: bytes) -> Record:
    """Any later line of a session file. Raises as `decode_header` does."""
    return _record_decoder.decode(line)


def decode_records(lines: bytes) -> list[Record]:
    """Many whole lines at once, about 800,000 a second. Raises as `decode_header` does."""
    return _record_decoder.decode_lines(lines)
