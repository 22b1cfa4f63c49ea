"""Cuts a text into sentences that know their lines.

Wrapped lines of prose are joined, comment marks taken off; log lines, rows, list items, headings
and code stay lines. Line numbers count from the first line given, as `grep -n` would.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_MARK = re.compile(r"^\s*(?:#+|//+!?|\*|--|;+|>|\.\.)\s+")
_STARTS_ANEW = re.compile(
    r"""
    \s*(?:
        [-*•+]\s | \(?[\dA-Za-z]{1,2}[.)]\s | [#=~|+-]{2,} | \#{1,6}\s | >>> | \$\s | @\w | :\w+:
        | (?:async\s+)?(?:def|class)\s
        | (?:import|from|return|raise|if|elif|else|for|while|try)\b.*:?$
        | \[?\d{4}-\d\d-\d\d | \d\d:\d\d | [A-Z][a-z]{2}\s+\d+\s\d\d: | \d+\.\d+\.\d+\.\d+\s
        | [{\[<|] | "[^"]*"[,:]\s?["\d{\[]
        | [A-Z][\w/-]*(?:[ ][\w/-]+){0,3}\s*(?::|=|--)\s | [\w-]+\s*(?::|=|--)\s
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
_END = re.compile(r"[.!?][\"'”\u2019)\]]*(?=\s+[^\sa-z])")
_UNDERLINE = re.compile(r"\s*(?:={3,}|-{3,}|\*{3,}|~{3,}|\^{3,})\s*")
_CODE = re.compile(
    r"^\s*(?:def |class |import |from \S+ import|return\b|#include|const |var )", re.MULTILINE
)
_TITLE = 70
"""A heading is shorter."""
_WIDTH = 60
"""The least width at which prose is taken to be wrapped."""
_FULL = 0.85
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
    indent: int = 0
    is_heading: bool = False
    """Whether a line of `===`, `---` or `***` underlines it, or `#` stands before it."""

    @property
    def leads(self) -> bool:
        """Whether it introduces what follows: `… as follows:`."""
        return self.text.endswith(":")

    @property
    def is_fragment(self) -> bool:
        """Whether it has no end as a sentence has, such as a heading or a comment above code."""
        return not self.text.rstrip("\"'”\u2019)]`*_").endswith((".", "!", "?"))


def sentences(text: str, first_line: int = 1) -> list[Sentence]:
    """All sentences of a text, in order."""
    found: list[Sentence] = []
    run: list[tuple[int, str]] = []
    is_code = bool(_CODE.search(text))
    block = 0
    width = 0
    for number, line in enumerate(text.split("\n"), first_line):
        bare = _MARK.sub("", line.rstrip()).strip() if line.strip() else ""
        if len(run) == 1 and run[0][0] == number - 1 and _UNDERLINE.fullmatch(line):
            above, title = run[0]
            found.append(Sentence(title.strip(), above, above, block, is_heading=True))
            run, width = [], 0
            block += 1
            continue
        if not bare or not any(map(str.isalnum, bare)):
            found += _cut(run, block, is_code=is_code)
            run, width = [], 0
            block += 1
            continue
        if run and not _goes_on(run[-1][1], line, bare, width):
            found += _cut(run, block, is_code=is_code)
            run = []
        width = max(width, len(line))
        run.append((number, line.rstrip()))
    return found + _cut(run, block, is_code=is_code)


def _goes_on(previous: str, line: str, bare: str, width: int) -> bool:
    """Whether a line is the wrapped rest of the one before it."""
    unmarked = _MARK.sub("", line)
    if _STARTS_ANEW.match(unmarked) or _NO_PROSE.search(previous):
        return False
    if bool(_MARK.match(previous)) != bool(_MARK.match(line)) and not _STARTS_ANEW.match(previous):
        return False
    shift = len(line) - len(line.lstrip()) - (len(previous) - len(previous.lstrip()))
    full = max(width, _WIDTH)
    if bare[0].islower() and shift >= 0:
        return len(previous) > full / 2
    # Else it is one if its first word had no room on the line before.
    return len(previous) + 1 + len(bare.split(maxsplit=1)[0]) > _FULL * full


def _cut(run: list[tuple[int, str]], block: int, *, is_code: bool) -> list[Sentence]:
    """The sentences of lines that belong together."""
    if not run:
        return []
    joined = ""
    starts: list[tuple[int, int]] = []
    for number, line in run:
        bare = _MARK.sub("", line).strip()
        starts.append((len(joined) + bool(joined), number))
        joined += (" " if joined else "") + bare
    indent = len(run[0][1]) - len(run[0][1].lstrip())
    # A single # is a comment in code, and a heading elsewhere.
    marks = r"#{2,6}\s+\S" if is_code else r"#{1,6}\s+\S"
    is_heading = len(run) == 1 and bool(re.match(marks, run[0][1])) and len(joined) < _TITLE
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
            found.append(Sentence(text, first, last, block, indent, is_heading))
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
