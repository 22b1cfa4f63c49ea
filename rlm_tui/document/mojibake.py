"""Text that was decoded twice: UTF-8 read as a Western encoding, and how it was meant."""

from __future__ import annotations

import re
from functools import cache

from rlm_tui.document.shaped import Shaped

_CONTROLS = {chr(byte): bytes([byte]) for byte in range(0x80, 0xA0)}
"""What a program that reads latin-1 makes of bytes that cp1252 has letters for, or nothing."""
_ENOUGH = 3


def repaired(text: str) -> Shaped:
    """The text with what was decoded twice decoded once; the rest stays."""
    if text.isascii():
        return Shaped(text)
    pieces: list[str] = []
    steps: list[tuple[int, int]] = []
    at = size = 0
    for run in _runs().finditer(text):
        meant = _once(run[0])
        if meant is None:
            continue
        steps.append((at, size))
        size += run.start() - at
        at = run.start()
        pieces += (text[steps[-1][0] : at], meant)
        for char in meant:
            steps.append((at, size))
            at, size = at + len(char.encode()), size + 1
    if not pieces:
        return Shaped(text)
    return Shaped("".join([*pieces, text[at:]]), ([*steps, (at, size)],))


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
