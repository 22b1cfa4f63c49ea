"""The pieces of a prompt that are worth looking for, and where in the prompt they begin."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rlm_tui.document.anchors import GRAM, LONGEST_LINE, SURE
from rlm_tui.document.matching import LINE

_SOME = 1_024

_BETWEEN_LINES = re.compile(
    r"\\n|['\"][\])},]*,?\s*[\[({]*(?:\d+,\s*)?['\"]|['\"]\s*:\s*['\"]"
    r"|^\W*(?:[Ll]ine\s+)?\d[\d,]*\W+"
)
"""What stands before or between lines where they are listed: a number, the quotes of a list."""

_BULLETS = " \t>*+-#|•"
_AROUND_LINE = " \t\r'\"[](){},"

Lines = Iterator[tuple[int, str]]
"""Where each begins in the prompt, and its text."""


def lines_of(prompt: str, at: int, until: int) -> Lines:
    """The lines of a stretch, without the blanks around them."""
    for line in prompt[at:until].split("\n"):
        bare = line.strip()
        if LINE <= len(bare) <= LONGEST_LINE:
            yield at + len(line) - len(line.lstrip()), bare
        at += len(line) + 1


def some_lines_of(prompt: str, at: int, until: int) -> Lines:
    """One line of a stretch for each thousand characters."""
    for near in range(at, until, _SOME):
        first = prompt.find("\n", near, until) + 1
        last = prompt.find("\n", first, until)
        if 0 < first < last:
            yield from lines_of(prompt, first, last)


def listed_lines_of(prompt: str, at: int, until: int) -> Lines:
    """What may be lines of the text where a prompt lists them: numbered, quoted, in one line."""
    for start, line in lines_of(prompt, at, until):
        pieces = [0, len(line)]
        for mark in _BETWEEN_LINES.finditer(line):
            pieces[-1:] = [mark.start(), mark.end(), len(line)]
        # Behind a bullet, digits may be the line's own: `- 12:04:17 ERROR`.
        candidates = {line, *(line[a:b] for a, b in zip(pieces[::2], pieces[1::2], strict=True))}
        for candidate in candidates:
            bare = candidate.lstrip(_BULLETS).strip(_AROUND_LINE)
            if LINE <= len(bare) < len(line):
                yield start + line.index(bare), bare


def cores_of(at: int, until: int) -> range:
    """Where pieces begin of which every long enough part of a stretch holds one whole."""
    return range(min(at + SURE - GRAM, until - SURE), until - GRAM + 1, SURE - GRAM + 1)
