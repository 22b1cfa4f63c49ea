"""Settles which of several places a stretch of a prompt comes from, where something says so.

Two things do: a line number right before it, as `grep -n` and the REPL's `grep` put it, and a
stretch next to it whose place is known and whose text goes on with it. Otherwise it stays open.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rlm_tui.document.line_numbers import LineNumbers
from rlm_tui.document.matching import Choice
from rlm_tui.document.spans import Repeat, Span

_NUMBER = re.compile(r"(\d[\d,]{0,15})\D{0,8}\Z")
_NUMBER_ROOM = 24
_NEAR = 64
"""Characters of a prompt that may stand between two stretches that belong together."""

_BREAK = 2
"""Characters of the document between them: a line break."""


def settled(
    text: str, lines: LineNumbers, prompt: str, choices: Sequence[Choice]
) -> tuple[list[Span], list[Repeat]]:
    """The spans of a prompt, in its order, and what stays open."""
    starts: list[int | None] = []
    for choice in choices:
        is_sure = len(choice.starts) == 1 and not choice.is_common
        starts.append(choice.starts[0] if is_sure else _by_number(text, lines, prompt, choice))
    for index in range(1, len(choices)):
        before, start = choices[index - 1], starts[index - 1]
        if starts[index] is None and start is not None:
            starts[index] = _after(text, prompt, before, start, choices[index])
    for index in reversed(range(len(choices) - 1)):
        start = starts[index + 1]
        if starts[index] is None and start is not None:
            starts[index] = _before(text, prompt, choices[index], choices[index + 1], start)
    spans: list[Span] = []
    repeats: list[Repeat] = []
    for choice, start in zip(choices, starts, strict=True):
        at, until = choice.at, choice.until
        if start is None:
            repeats.append(Repeat(at, until, choice.starts, choice.is_common))
        else:
            spans.append(Span(start, start + until - at, at, until))
    return spans, repeats


def _by_number(text: str, lines: LineNumbers, prompt: str, choice: Choice) -> int | None:
    """The place in the line whose number stands before the stretch, counted from 1."""
    number = _NUMBER.search(prompt[max(choice.at - _NUMBER_ROOM, 0) : choice.at])
    if number is None:
        return None
    first = lines.start_of(int(number[1].replace(",", "")) - 1)
    if first is None:
        return None
    end = text.find("\n", first)
    piece = prompt[choice.at : choice.until]
    own = piece.find("\n")
    line = text[first : end if end >= 0 else len(text)]
    within = line.find(piece if own < 0 else piece[:own])
    start = first + within
    return start if within >= 0 and text.startswith(piece, start) else None


def _after(text: str, prompt: str, before: Choice, start: int, choice: Choice) -> int | None:
    """The place that goes on where the stretch before has ended."""
    if choice.at - before.until > _NEAR:
        return None
    end = start + before.until - before.at
    piece = prompt[choice.at : choice.until]
    for gap in range(_BREAK + 1):
        if text[end : end + gap].strip("\r\n"):
            return None
        if text.startswith(piece, end + gap):
            return end + gap
    return None


def _before(text: str, prompt: str, choice: Choice, after: Choice, start: int) -> int | None:
    """The place that ends where the stretch behind begins."""
    if after.at - choice.until > _NEAR:
        return None
    piece = prompt[choice.at : choice.until]
    for gap in range(min(_BREAK, start) + 1):
        if text[start - gap : start].strip("\r\n"):
            return None
        first = start - gap - len(piece)
        if first >= 0 and text.startswith(piece, first):
            return first
    return None
