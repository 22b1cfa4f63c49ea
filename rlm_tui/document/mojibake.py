"""Text that was decoded twice: UTF-8 read as a Western encoding, and how it was meant."""

from __future__ import annotations

import re
from functools import cache

_CONTROLS = {chr(byte): bytes([byte]) for byte in range(0x80, 0xA0)}
"""What a program that reads latin-1 makes of bytes that cp1252 has letters for, or nothing."""
_ENOUGH = 3


def repaired(text: str) -> str:
    """The text with what was decoded twice decoded once; the rest stays."""
    return text if text.isascii() else _runs().sub(lambda run: _once(run[0]) or run[0], text)


def is_decoded_twice(sample: str) -> bool:
    """Whether most of a sample's letters outside ASCII are what such reading leaves."""
    runs = [] if sample.isascii() else _runs().findall(sample)
    good = sum(_once(run) is not None for run in runs)
    return good >= _ENOUGH and good * 2 > len(runs)


@cache
def _runs() -> re.Pattern[str]:
    """Letters outside ASCII in a row; 1.5 ms to compile, which most documents do not need."""
    return re.compile(r"[\x80-\uffff]{2,}")


def _once(run: str) -> str | None:
    try:
        return b"".join(map(_byte, run)).decode("utf-8")
    except UnicodeError:
        return None


def _byte(char: str) -> bytes:
    return _CONTROLS.get(char) or char.encode("cp1252")
