"""What an answer quotes of the document: line numbers, quoted words, and passages taken over."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
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
_LINES_BEHIND_NAME = re.compile(r":(?P<first>\d+)(?:-(?P<last>\d+))?(?!\d|:\d\d)")
_BETWEEN = re.compile(r"\s+(?:of|in|from)\s+[^\w\s]{0,2}$")
"""What stands between a line number and the document it is of."""
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


class Mentions:
    """Where an answer names documents: which of several it speaks of when it tells line numbers."""

    def __init__(self, answer: str, paths: Sequence[str]) -> None:
        """Look for the documents by their paths, and by their names where no two have the same."""
        self._answer = answer
        self._is_alone = len(paths) == 1
        names = [PurePath(path).name for path in paths]
        spoken = [
            (word, number)
            for number, (path, name) in enumerate(zip(paths, names, strict=True))
            for word in {path, name if names.count(name) == 1 else path} - {""}
        ]
        self.all = sorted(
            (match.start(), match.end(), number)
            for word, number in spoken
            for match in re.finditer(rf"(?<![\w./-]){re.escape(word)}(?![\w/-])", answer)
        )
        """Where each stands, and the number of the document."""

    def are_of(self, document: int, at: int, until: int) -> bool:
        """Whether a document is meant where the answer tells a line number."""
        return self._is_alone or self._meant(at, until) == document

    def _meant(self, at: int, until: int) -> int | None:
        for start, _, number in self.all:
            if start >= until and _BETWEEN.fullmatch(self._answer, until, start):
                return number
        first = self._answer.rfind("\n", 0, at) + 1
        before = [number for start, end, number in self.all if start >= first and end <= at]
        line_end = self._answer.find("\n", until)
        last = len(self._answer) if line_end < 0 else line_end
        behind = [number for start, _, number in self.all if until <= start < last]
        earlier = [number for start, _, number in self.all if start < first]
        return next(iter(before[-1:] + behind[:1] + earlier[-1:]), None)


def quotations_of(
    answer: str,
    locator: Locator,
    located: Located,
    mentions: Mentions | None = None,
    document: int = 0,
) -> list[Quotation]:
    """What an answer quotes, in its order.

    Args:
        answer: the answer.
        locator: finds text in the document.
        located: what is known of where the answer as a whole comes from.
        mentions: where the answer names documents; None where there is only this one.
        document: the number of this one.
    """
    mentions = mentions or Mentions(answer, [""])
    quoted = [_settled(quote, located) for quote in _quoted(answer, locator)]
    found = [*_line_quotations(answer, locator, mentions, document), *quoted]
    taken = Stretches((one.at, one.until) for one in found if one.places)
    for span in located.spans:
        if taken.outside(span.at, span.until):
            place = (span.start, span.end)
            found.append(Quotation(span.at, span.until, "passage", (place,)))
    return sorted(found, key=lambda one: (one.at, one.until))


def _line_quotations(
    answer: str, locator: Locator, mentions: Mentions, document: int
) -> list[Quotation]:
    found: list[Quotation] = []
    for _, end, number in mentions.all:
        match = _LINES_BEHIND_NAME.match(answer, end)
        if match and number == document:
            first = _number(match["first"])
            last = _number(match["last"]) if match["last"] else first
            found.append(_lines(match.start("first"), match.end(), first, last, locator))
    for match in _LINES.finditer(answer):
        if not mentions.are_of(document, match.start(), match.end()):
            continue
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


def _settled(quote: Quotation, located: Located) -> Quotation:
    """The quotation, at one place where it is a part of a longer passage that is from there."""
    for span in located.spans if len(quote.places) > 1 else ():
        if not span.is_derived and span.at <= quote.at and quote.until <= span.until:
            start = span.start + quote.at - span.at
            place = (start, start + quote.until - quote.at)
            return replace(quote, places=(place,), has_more=False)
    return quote


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
