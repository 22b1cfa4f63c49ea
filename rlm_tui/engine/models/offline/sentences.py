"""Cuts a text into sentences that know their lines.

Wrapped lines of prose are joined, comment marks taken off; log lines, rows, list items, headings and
code stay lines. Line numbers count from the first line given, as `grep -n` would.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_MARK = re.compile(r"^\s*(?:#+|//+!?|\*|--|;+|>|\.\.)\s+")
_STARTS_ANEW = re.compile(
    r"""
    \s*(?:
        [-*•+]\s | \(?[\dA-Za-z]{1,2}[.)]\s | [#=~|+-]{2,} | \#{1,6}\s | >>> | \$\s | @\w | :\w+:
        | (?:async\s+)?(?:def|class)\s | (?:import|from|return|raise|if|elif|else|for|while|try)\b.*:?$
        | \[?\d{4}-\d\d-\d\d | \d\d:\d\d | [A-Z][a-z]{2}\s+\d+\s\d\d: | \d+\.\d+\.\d+\.\d+\s
        | [{\[<"'|] | [A-Z][\w/-]*(?:[ ][\w/-]+){0,3}\s*(?::|=|--)\s | [\w-]+\s*(?::|=|--)\s
        | \S.*\S[ ]{3,}\S.*\S[ ]{3,}\S
    )
    """,
    re.VERBOSE,
)
_NO_PROSE = re.compile(r"[;{}]\s*$|^\s*[\w.]+\s*=\s|\)\s*:\s*$")
_ABBREVIATION = re.compile(
    r"(?:\b(?:[A-Z]|Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|vs|etc|e\.g|i\.e|cf|al|Inc|Ltd|Co|Corp|No|Fig|Vol|pp?|a\.k\.a)"
    r"|\bapprox)\.$"
)
_END = re.compile(r"[.!?][\"'”’)\]]*(?=\s+[^\sa-z])")
_LONGEST = 900
"""Characters of a sentence; a text without punctuation is cut at this length."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, or a line that stands for itself."""

    text: str
    first: int
    """The number of the line in which it begins."""
    last: int
    block: int
    """Sentences of one paragraph have the same."""
    is_line: bool = False
    """A line of a log, a table, a list or of code, rather than a sentence of prose."""


def sentences(text: str, first_line: int = 1) -> list[Sentence]:
    """All sentences of a text, in order."""
    found: list[Sentence] = []
    run: list[tuple[int, str]] = []
    block = 0
    width = 0
    for number, line in enumerate(text.split("\n"), first_line):
        bare = _MARK.sub("", line.rstrip()).strip() if line.strip() else ""
        if not bare or not any(map(str.isalnum, bare)):
            found += _cut(run, block)
            run, width = [], 0
            block += 1
            continue
        if run and not _goes_on(run[-1][1], line, bare, width):
            found += _cut(run, block)
            run = []
        width = max(width, len(line))
        run.append((number, line.rstrip()))
    return found + _cut(run, block)


def _goes_on(previous: str, line: str, bare: str, width: int) -> bool:
    """Whether a line is the wrapped rest of the one before it."""
    unmarked = _MARK.sub("", line)
    if _STARTS_ANEW.match(unmarked) or _NO_PROSE.search(previous):
        return False
    if bool(_MARK.match(previous)) != bool(_MARK.match(line)) and not _STARTS_ANEW.match(previous):
        return False
    shift = len(line) - len(line.lstrip()) - (len(previous) - len(previous.lstrip()))
    if bare[0].islower() and shift >= 0:
        return len(previous) > 0.5 * max(width, 60)
    first_word = bare.split(maxsplit=1)[0]
    return len(previous) > 40 and len(previous) + 1 + len(first_word) > 0.85 * max(width, 60)


def _cut(run: list[tuple[int, str]], block: int) -> list[Sentence]:
    """The sentences of lines that belong together."""
    if not run:
        return []
    joined, starts = "", []
    for number, line in run:
        bare = _MARK.sub("", line).strip()
        starts.append((len(joined) + bool(joined), number))
        joined += (" " if joined else "") + bare
    found: list[Sentence] = []
    at = 0
    for end in [*_ends(joined), len(joined)]:
        piece = joined[at:end]
        text = piece.strip()
        if text:
            begin = at + len(piece) - len(piece.lstrip())
            stop = begin + len(text)
            first = max(number for place, number in starts if place <= begin)
            last = max(number for place, number in starts if place < stop)
            found.append(Sentence(text, first, last, block, is_line=len(run) == 1))
        at = end
    return found


def _ends(text: str) -> list[int]:
    """Where sentences end."""
    ends: list[int] = []
    at = 0
    for match in _END.finditer(text):
        if match[0][0] == "." and _ABBREVIATION.search(text, at, match.start() + 1):
            continue
        ends.append(match.end())
        at = match.end()
    cuts: list[int] = []
    previous = 0
    for end in [*ends, len(text)]:
        while end - previous > _LONGEST:
            space = text.rfind(" ", previous, previous + _LONGEST)
            previous = space + 1 if space > previous else previous + _LONGEST
            cuts.append(previous)
        cuts.append(end)
        previous = end
    return cuts[:-1]
