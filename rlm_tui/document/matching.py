"""Grows anchors to the longest equal text around them, and chooses what a prompt may come from.

Every match is compared character by character, so a match never claims text that is not equal.
Where several places of the text are equally good, a choice keeps all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rlm_tui.document.anchors import MOST, SURE, Anchor
from rlm_tui.document.stretches import Stretches

_FIRST_STEP = 64
_MOST_TRIED = 20_000
"""Places that are compared for one prompt, at 3 µs each."""

LINE = 16
"""The fewest characters of a whole line that count when nothing around it is equal."""

_FEWEST = 8
"""Without the marks at both ends, so many have to be left: a ruled line proves nothing."""


@dataclass(frozen=True, slots=True)
class Match:
    """A stretch of a prompt that is equal to a stretch of the text."""

    at: int
    """Where it begins in the prompt."""
    until: int
    start: int
    """Where it begins in the text."""
    is_common: bool = False
    """Whether the text may hold it at more places than were looked at."""
    is_line: bool = False
    """Whether it holds a whole line of the text."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A stretch of a prompt, and the places of the text that it may come from."""

    at: int
    until: int
    starts: tuple[int, ...]
    """In order."""
    is_common: bool
    """Whether there may be more of them."""
    lines: tuple[int, int]
    """Its whole lines; what is around them may as well belong to what stands next to it."""


def equal_after(text: str, start: int, prompt: str, at: int) -> int:
    """How many characters are equal from two places on."""
    most = min(len(text) - start, len(prompt) - at)
    length, step = 0, _FIRST_STEP
    while length + step <= most and text.startswith(
        prompt[at + length : at + length + step], start + length
    ):
        length += step
        step *= 2
    while step:
        piece = prompt[at + length : at + length + step]
        if length + step <= most and text.startswith(piece, start + length):
            length += step
        step //= 2
    return length


def equal_before(text: str, start: int, prompt: str, at: int) -> int:
    """How many characters are equal before two places."""
    most = min(start, at)
    length, step = 0, _FIRST_STEP
    while length + step <= most and text.startswith(
        prompt[at - length - step : at - length], start - length - step
    ):
        length += step
        step *= 2
    while step:
        piece = prompt[at - length - step : at - length]
        if length + step <= most and text.startswith(piece, start - length - step):
            length += step
        step //= 2
    return length


def matches_of(text: str, prompt: str, anchors: Iterable[Anchor]) -> list[Match]:
    """The longest matches around anchors, the rarest anchors first.

    A line within a match that a rarer line has led to is not followed to its other places: they
    could only show a part of the same stretch once more.
    """
    reach: dict[int, int] = {}
    """For each distance between text and prompt, how far in the prompt it has been followed."""
    matches: list[Match] = []
    explained = Stretches()
    tried = 0
    ranked = sorted(anchors, key=lambda anchor: (anchor.places.has_more, len(anchor.places.starts)))
    for anchor in ranked:
        at, places = anchor.at, anchor.places
        if anchor.is_line and explained.holds(at, at + anchor.length):
            continue
        if tried > _MOST_TRIED:
            break
        grown: list[Match] = []
        # Of a piece that stands everywhere one place tells what may be made of it.
        is_everywhere = places.has_more and not anchor.is_line
        for start in places.starts[:1] if is_everywhere else places.starts:
            distance = start - at
            if reach.get(distance, -1) > at:
                continue
            tried += 1
            before = equal_before(text, start, prompt, at)
            after = equal_after(text, start, prompt, at)
            reach[distance] = at + after
            has_line = anchor.is_line and after >= anchor.length
            if has_line or before + after >= SURE:
                match = Match(at - before, at + after, start - before, places.has_more, has_line)
                grown.append(match)
        matches += grown
        for match in grown if anchor.is_line else ():
            explained.add(match.at, match.until)
    return matches


def chosen(prompt: str, matches: Iterable[Match]) -> list[Choice]:
    """What a prompt holds of the text, each of its stretches once, in the prompt's order.

    Longer matches go first; what they leave of shorter ones counts if it is long enough. Two
    matches that differ only in blanks and marks around the same words are the same stretch.
    """
    groups: dict[tuple[int, int], list[Match]] = {}
    for match in matches:
        words = _words_of(prompt, match.at, match.until)
        if words[1] - words[0] >= _FEWEST:
            groups.setdefault(words, []).append(match)
    ranked = sorted(groups.values(), key=lambda same: same[0].at - same[0].until)
    taken = Stretches()
    kept: list[tuple[list[Match], int, int]] = []
    for same in ranked:
        at, until = max(match.at for match in same), min(match.until for match in same)
        at, until = _whole_lines(prompt, at, until)
        is_line = any(match.is_line for match in same)
        for first, end in taken.outside(at, until):
            is_whole = (first, end) == (at, until)
            if end - first >= (LINE if is_whole and is_line else SURE):
                taken.add(first, end)
                kept.append((same, first, end))
    choices: list[Choice] = []
    for same, first, end in kept:
        # The beginning of a line is often that of the next line, too: others had the first claim.
        at, until = max(match.at for match in same), min(match.until for match in same)
        at = max([at, *(other for _, other in taken.within(at, first))])
        until = min([until, *(other for other, _ in taken.within(end, until))])
        taken.add(at, until)
        at = _without_breaks(prompt, at, first)
        starts = sorted({match.start + at - match.at for match in same})
        is_common = any(match.is_common for match in same)
        choices.append(Choice(at, until, tuple(starts[:MOST]), is_common, (first, end)))
    return sorted(choices, key=lambda choice: choice.at)


def _whole_lines(prompt: str, at: int, until: int) -> tuple[int, int]:
    """A stretch without short parts of lines at its ends, if it holds a line break."""
    first = prompt.find("\n", at, until)
    begin = first + 1 if 0 <= first - at < SURE else at
    last = prompt.rfind("\n", begin, until)
    end = last + 1 if last >= 0 and until - last <= SURE else until
    return (begin, end) if end - begin >= SURE else (at, until)


def _words_of(prompt: str, at: int, until: int) -> tuple[int, int]:
    """A stretch without the blanks and marks at its ends."""
    while at < until and not prompt[at].isalnum():
        at += 1
    while at < until and not prompt[until - 1].isalnum():
        until -= 1
    return at, until


def _without_breaks(prompt: str, at: int, until: int) -> int:
    """Where a stretch begins without line breaks: they are as likely to end what stands before."""
    while 0 < at < until and prompt[at] in "\r\n":
        at += 1
    return at
