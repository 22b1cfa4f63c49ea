"""Follows a run and tells which parts of its documents each event shows to have been seen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from rlm_tui.document.provenance import Locator
from rlm_tui.document.quotations import Mentions, Quotation, quotations_of
from rlm_tui.document.readings import Reading
from rlm_tui.document.scanning import DocumentScan, Wanted
from rlm_tui.document.sightings import CodeScan, Sighting, Sightings
from rlm_tui.document.spans import Located, Repeat, Span
from rlm_tui.document.stretches import Stretches
from rlm_tui.events import NodeId, Record

_MOST_MATCHES = 200_000
"""Places of a fixed text that are noted."""


class Reader:
    """Reads documents along with a run. Blocks for the passes over the text (`provenance`)."""

    def __init__(self, texts: Sequence[str], paths: Sequence[str] = ()) -> None:
        """Read some documents; their paths, as `context` has them, matter where there are several.

        Without paths it is not known what code did with which of several.
        """
        self._locators = [Locator(text) for text in texts]
        self._paths = list(paths) or [""] * len(texts)
        self._sightings = Sightings(self._paths)

    def take(self, records: Iterable[Record]) -> list[Reading]:
        """What some events show, in their order. Many at once cost little more than one."""
        seen = self._sightings.take(records)
        texts = [one.text for one in seen if not isinstance(one, CodeScan)]
        located = zip(*(locator.locate(texts) for locator in self._locators), strict=True)
        found: list[Reading] = []
        for one in seen:
            if not isinstance(one, CodeScan):
                found += _readings(one, told_apart(next(located)))
            elif any(self._paths) or len(self._locators) == 1:
                for number, scan in enumerate(one.scan.documents):
                    found += self._scanned(one.seq, one.node, scan, number)
        return found

    def quotations(self, answer: str) -> list[tuple[int, Quotation]]:
        """What an answer quotes, each with the number of the document."""
        located = told_apart([locator.locate([answer])[0] for locator in self._locators])
        mentions = Mentions(answer, self._paths)
        found = [
            (number, one)
            for number, (locator, known) in enumerate(zip(self._locators, located, strict=True))
            for one in quotations_of(answer, locator, known, mentions, number)
        ]
        somewhere = {(one.at, one.until) for _, one in found if one.places}
        return [
            (number, one)
            for number, one in found
            if one.places
            or ((one.at, one.until) not in somewhere and (one.kind == "lines" or not number))
        ]

    def _scanned(
        self, seq: int, node: NodeId, scan: DocumentScan, number: int
    ) -> Iterable[Reading]:
        text = self._locators[number].text
        slices = [slice(first, last).indices(len(text))[:2] for first, last in scan.slices]
        whole = [(0, len(text))] if scan.is_whole else []
        if scanned := list(Stretches(whole + slices)):
            yield Reading(seq, node, "scanned", scanned, document=number)
        matched = Stretches()
        for wanted in scan.wanted:
            for start, end in _places_of(wanted, text):
                matched.add(start, end)
        if matched:
            yield Reading(seq, node, "matched", list(matched), document=number)


def told_apart(located: Sequence[Located]) -> list[Located]:
    """What a prompt holds of each document, where the same stretch of it is found in several.

    The longest find counts; of equally long ones it is not known which was meant.
    """
    if len(located) == 1:
        return list(located)
    ranked = sorted(
        (
            (span.until - span.at, number, span)
            for number, one in enumerate(located)
            for span in one.spans
        ),
        key=lambda found: -found[0],
    )
    taken = [Stretches() for _ in located]
    spans: list[list[Span]] = [[] for _ in located]
    repeats = [list(one.repeats) for one in located]
    for _, equal in groupby(ranked, key=lambda found: found[0]):
        left = [(n, span) for _, n, span in equal if not _is_taken(taken, n, span)]
        for number, span in left:
            taken[number].add(span.at, span.until)
        for number, span in left:
            if _is_taken(taken, number, span):
                repeats[number].append(Repeat(span.at, span.until, (span.start,)))
            else:
                spans[number].append(span)
    return [
        Located(tuple(sorted(own, key=lambda span: span.at)), tuple(open_))
        for own, open_ in zip(spans, repeats, strict=True)
    ]


def _is_taken(taken: Sequence[Stretches], number: int, span: Span) -> bool:
    """Whether another document has a part of the same stretch of the prompt."""
    others = (one for other, one in enumerate(taken) if other != number)
    return any(one.meets(span.at, span.until) for one in others)


def _readings(seen: Sighting, located: Sequence[Located]) -> Iterable[Reading]:
    """One for each document that something is known of; one at least."""
    for number, known in enumerate(located):
        if known.spans or known.repeats or not number:
            yield Reading(
                seen.seq,
                seen.node,
                seen.level,
                list(Stretches((span.start, span.end) for span in known.spans)),
                len(known.repeats),
                any(span.is_derived for span in known.spans),
                number,
            )


def _places_of(wanted: Wanted, text: str) -> Iterable[tuple[int, int]]:
    at = 0
    for _ in range(_MOST_MATCHES):
        start = text.find(wanted.text, at)
        if start < 0:
            return
        end = at = start + len(wanted.text)
        if wanted.is_line:
            start = text.rfind("\n", 0, start) + 1
            newline = text.find("\n", end)
            end = at = newline + 1 if newline >= 0 else len(text)
        yield start, end
