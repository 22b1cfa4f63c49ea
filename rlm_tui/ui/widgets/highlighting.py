"""Colours Python by what its words are; Pygments finds them, the theme gives the colours."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

LONGEST = 50_000
"""Characters of code that are coloured; longer code is shown plain."""


class Span(NamedTuple):
    """Some characters of a line, and what they are."""

    start: int
    end: int
    meaning: str
    """`keyword`, `string`, `number`, `name` or `dim`."""


@functools.cache
def meaning_of(kind: Any) -> str:
    """What a kind of token of Pygments is; empty for plain text."""
    from pygments.token import (  # noqa: PLC0415 - there is a kind, so it is imported
        Comment,
        Keyword,
        Name,
        Number,
        Operator,
        String,
    )

    meanings = (
        (Comment, "dim"),
        (String, "string"),
        (Number, "number"),
        (Keyword, "keyword"),
        (Operator.Word, "keyword"),
        (Name.Builtin, "name"),
        (Name.Function, "name"),
        (Name.Class, "name"),
        (Name.Tag, "name"),
    )
    return next((meaning for base, meaning in meanings if kind in base), "")


@functools.lru_cache(maxsize=64)
def python_spans(code: str) -> tuple[tuple[Span, ...], ...]:
    """The coloured spans of each line of some code; the first call imports Pygments, 25 ms."""
    lines: list[list[Span]] = [[] for _ in range(code.count("\n") + 1)]
    if len(code) > LONGEST:
        return tuple(map(tuple, lines))
    from pygments.lexers import (  # noqa: PLC0415 - not before code is shown
        get_lexer_by_name,  # pyright: ignore[reportUnknownVariableType]
    )

    line, column = 0, 0
    # `get_tokens` leaves out carriage returns first, which would shift the spans.
    for _, kind, text in get_lexer_by_name("python").get_tokens_unprocessed(code):
        meaning = meaning_of(kind)
        for index, part in enumerate(text.split("\n")):
            if index:
                line, column = line + 1, 0
            if part and meaning and line < len(lines):
                lines[line].append(Span(column, column + len(part), meaning))
            column += len(part)
    return tuple(map(tuple, lines))
