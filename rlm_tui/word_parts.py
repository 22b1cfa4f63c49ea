"""The parts of the debugger's words: numbers, names, patterns; what is wrong with one is told."""

from __future__ import annotations

import math
import re
from typing import TypeVar

from rlm_tui import breakpoints
from rlm_tui.debug_help import ENTRIES
from rlm_tui.errors import UsageError
from rlm_tui.spelling import nearest
from rlm_tui.typed_pattern import compile_typed

Name = TypeVar("Name", bound=str)

REGEX = re.compile(r"/((?:\\.|[^/\\])+)/")
"""A pattern between slashes; those within it have a backslash before them."""

_NUMBER = re.compile(r"[0-9][0-9,]*")
_LARGEST = 1e15


def refused(word: str, why: str) -> UsageError:
    """What to say of a word that cannot be meant, with the form it has."""
    return UsageError(f"`{word}` {why}; its form is `{ENTRIES[word].usage}`.")


def whole_number(text: str, word: str, *, least: int = 0) -> int:
    """A whole number."""
    if not _NUMBER.fullmatch(text):
        raise refused(word, f"needs a number, not {text[:40]!r}" if text else "needs a number")
    number = int(text.replace(",", "")[:20])
    if not least <= number <= _LARGEST:
        raise refused(word, f"cannot mean {text[:40]}")
    return number


def amount_of(text: str, word: str) -> float:
    """A number, maybe of dollars."""
    try:
        value = float(text.removeprefix("$").replace(",", ""))
    except ValueError:
        raise refused(word, f"needs a number, not {text[:40]!r}") from None
    if not (math.isfinite(value) and 0 <= value <= _LARGEST):
        raise refused(word, f"cannot mean {text[:40]}")
    return value


def numbers_of(rest: str, word: str) -> tuple[int, ...]:
    """Several whole numbers, or none."""
    return tuple(whole_number(part, word, least=1) for part in rest.replace(", ", " ").split())


def one_of(text: str, known: tuple[Name, ...], word: str) -> Name:
    """The one of the known names that was given."""
    for name in known:
        if name == text:
            return name
    hint = nearest(text, known) or f" It is one of {', '.join(known)}."
    raise UsageError(f"`{word}` cannot mean {text[:40]!r}.{hint}")


def needed(rest: str, word: str, what: str) -> str:
    """What follows the word, which must be something."""
    if not rest:
        raise refused(word, f"needs {what}")
    return rest


def spec_of(rest: str, word: str) -> str:
    """What a breakpoint says; a number alone is a line of code."""
    if _NUMBER.fullmatch(rest):
        rest = f"line {whole_number(rest, word, least=1)}"
    try:
        breakpoints.parse(needed(rest, word, "to know where to stop"))
    except (ValueError, OverflowError, RecursionError) as error:
        raise UsageError(
            f"breakpoint {rest[:40]!r} cannot be read; `help b` shows what can be said."
        ) from error
    return rest


def regex_of(text: str, word: str) -> str:
    """A regular expression."""
    try:
        compile_typed(text)
    except ValueError as error:
        raise UsageError(f"`{word}`: /{text[:40]}/ is not a pattern: {error}.") from error
    return text


def for_all(rest: str, word: str) -> tuple[str | None, str]:
    """The pattern of `all /REGEX/`, if that stands first, and what follows it."""
    behind = rest.removeprefix("all").lstrip()
    match = REGEX.match(behind)
    if match is None or not rest.startswith("all"):
        return None, rest
    return regex_of(match[1].replace("\\/", "/"), word), behind[match.end() :].strip()
