"""The pieces of a prompt that are worth looking for, and where in the prompt they begin."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rlm_tui.document.anchors import GRAM, LONGEST_LINE, SURE
from rlm_tui.document.matching import LINE

_SOME = 1_024

_BEFORE_LINE = re.compile(r"\\n|['\"][\])},]*,?\s*[\[({]*(?:\d+,\s*)?['\"]|^\W*\d[\d,]*\W+|^\W+")
"""What stands before a line where lines are listed: a number, a bullet, the quotes of a list."""

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
        first = 0
        for mark in (*_BEFORE_LINE.finditer(line), None):
            last = mark.start() if mark else len(line)
            bare = line[first:last].strip(_AROUND_LINE)
            if LINE <= len(bare) < len(line):
                yield start + line.index(bare, first), bare
            first = mark.end() if mark else last


def cores_of(at: int, until: int) -> range:
    """Where pieces begin of which every long enough part of a stretch holds one whole."""
    return range(min(at + SURE - GRAM, until - SURE), until - GRAM + 1, SURE - GRAM + 1)
