"""What an answer quotes of the document: line numbers, quoted words, and passages taken over."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from rlm_tui.document.anchors import find_places
from rlm_tui.document.provenance import Locator
from rlm_tui.document.spans import Located
from rlm_tui.document.stretches import Stretches

_LINES = re.compile(
    r"""(?ix) \b (?:lines?|ll?\.|L (?=\d)) \s* [#:]? \s*
    (?P<first> \d{1,3}(?:,\d{3})+ | \d+)
    (?: \s* (?:-|\u2013|to|through|\.\.) \s* (?P<last> \d{1,3}(?:,\d{3})+ | \d+))?"""
)
_MORE_LINES = re.compile(r"(?:\s*,\s*(?:and\s+)?|\s+and\s+)(\d{1,3}(?:,\d{3})+|\d+)(?!\d)")
_QUOTED = re.compile(
    r"\u201c([^\u201d]+)\u201d|\u00ab([^\u00bb]+)\u00bb|\u2018([^\u2019]+)\u2019"
    r"|\"([^\"\n]+)\"|`([^`\n]+)`|(?<!\w)'([^'\n]+)'(?!\w)"
)
_FEWEST = 4
"""Characters of a quotation that is looked for."""


@dataclass(frozen=True, slots=True)
class Quotation:
    """A part of an answer that speaks of a place in the document."""

    at: int
    """Where it stands in the answer."""
    until: int
    kind: Literal["lines", "quote", "passage"]
    places: tuple[tuple[int, int], ...]
    """Where the document has it, in characters; none for what is said to be there and is not."""
    has_more: bool = False
    """Whether it has it at more places than these."""


def quotations_of(answer: str, locator: Locator, located: Located) -> list[Quotation]:
    """What an answer quotes, in its order.

    Args:
        answer: the answer.
        locator: finds text in the document.
        located: what is known of where the answer as a whole comes from.
    """
    found = [*_line_quotations(answer, locator), *_quoted(answer, locator)]
    taken = Stretches((one.at, one.until) for one in found if one.places)
    for span in located.spans:
        if taken.outside(span.at, span.until):
            place = (span.start, span.end)
            found.append(Quotation(span.at, span.until, "passage", (place,)))
    return sorted(found, key=lambda one: (one.at, one.until))


def _line_quotations(answer: str, locator: Locator) -> list[Quotation]:
    found: list[Quotation] = []
    for match in _LINES.finditer(answer):
        first = _number(match["first"])
        last = _number(match["last"]) if match["last"] else first
        found.append(_lines(match.start(), match.end(), first, last, locator))
        at = match.end()
        while not match["last"] and (more := _MORE_LINES.match(answer, at)):
            number = _number(more[1])
            found.append(_lines(more.start(1), more.end(1), number, number, locator))
            at = more.end()
    return found


def _lines(at: int, until: int, first: int, last: int, locator: Locator) -> Quotation:
    start = locator.lines.start_of(first - 1)
    end = locator.lines.start_of(last)
    size = len(locator.text)
    if start is None or start >= size or last < first:
        return Quotation(at, until, "lines", ())
    return Quotation(at, until, "lines", ((start, size if end is None else end),))


def _number(word: str) -> int:
    return int(word.replace(",", ""))


def _quoted(answer: str, locator: Locator) -> list[Quotation]:
    found: list[Quotation] = []
    for match in _QUOTED.finditer(answer):
        group = match.lastindex or 0
        quote = match[group].strip()
        if len(quote) < _FEWEST:
            continue
        at = match.start(group) + match[group].index(quote)
        places = find_places(locator.text, quote)
        stretches = tuple((start, start + len(quote)) for start in places.starts)
        found.append(Quotation(at, at + len(quote), "quote", stretches, places.has_more))
    return found
