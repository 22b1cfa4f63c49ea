"""What the debugger's words do to a list of breakpoints."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias, assert_never

from msgspec.structs import replace

from rlm_tui.breakpoint import Breakpoint
from rlm_tui.debug_word import Break, Condition, Delete, Enable, Ignore, Then
from rlm_tui.errors import UsageError

BreakpointWord: TypeAlias = Break | Enable | Delete | Condition | Ignore | Then

_IF = re.compile(r"/(?:\\.|[^/\\])+/|\s*\bif\b")
"""A pattern, which may hold the word, or the word that begins a condition."""


def changed(
    breakpoints: Sequence[Breakpoint], word: BreakpointWord, hits: Mapping[int, int] | None = None
) -> list[Breakpoint]:
    """The breakpoints as the word leaves them.

    Args:
        breakpoints: those there are.
        word: what is to be done.
        hits: how often each was hit; hits to be ignored count from now on.

    Raises:
        UsageError: it names one that is not there.
    """
    match word:
        case Break(spec, once):
            number = max((item.number for item in breakpoints), default=0) + 1
            return [*breakpoints, Breakpoint(number, spec, once=once)]
        case Enable(numbers, is_on):
            chosen = _chosen(breakpoints, numbers)
            return [
                replace(item, enabled=is_on) if item.number in chosen else item
                for item in breakpoints
            ]
        case Delete(numbers):
            chosen = _chosen(breakpoints, numbers)
            return [item for item in breakpoints if item.number not in chosen]
        case Condition(number, condition):
            return _with(breakpoints, number, spec=_conditional(breakpoints, number, condition))
        case Ignore(number, count):
            return _with(breakpoints, number, ignore=(hits or {}).get(number, 0) + count)
        case Then(number, action):
            return _with(breakpoints, number, action=action)
        case _:
            assert_never(word)


def _chosen(breakpoints: Sequence[Breakpoint], numbers: Sequence[int]) -> set[int]:
    known = [item.number for item in breakpoints]
    for number in numbers:
        if number not in known:
            there = ", ".join(map(str, known))
            told = f"there are {there}" if known[1:] else f"there is {there}" if known else ""
            raise UsageError(f"There is no breakpoint {number}; {told or 'none is set'}.")
    return set(numbers or known)


def _with(breakpoints: Sequence[Breakpoint], number: int, **changes: str | int) -> list[Breakpoint]:
    _chosen(breakpoints, [number])
    return [replace(item, **changes) if item.number == number else item for item in breakpoints]


def _conditional(breakpoints: Sequence[Breakpoint], number: int, condition: str) -> str:
    spec = next((item.spec for item in breakpoints if item.number == number), "")
    for match in _IF.finditer(spec):
        if not match[0].startswith("/"):
            spec = spec[: match.start()]
            break
    return f"{spec} if {condition}" if condition else spec
