"""Colours of a document's lines, each on its own: by the file's type, or by a log's levels."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rlm_tui.ui.widgets.highlighting import Span, meaning_of

LONGEST = 2_000
"""Characters of a line that are coloured."""

_LEVEL = re.compile(
    r"\b(?:(?P<error>FATAL|CRITICAL|ERROR|ERR|SEVERE|PANIC|EMERG|ALERT)"
    r"|(?P<waiting>WARN(?:ING)?)|(?P<ok>INFO|NOTICE)|(?P<dim>DEBUG|TRACE|VERBOSE))\b"
)
_WITHIN = 200
"""Characters of a line in which its level stands."""

_SYMBOL = re.compile("[\u2400-\u2421→]+")
_PLAIN = {".log", ".txt", ".out", ""}


class Colours:
    """Colours lines. Without a type of file there are only levels and control characters."""

    def __init__(self, lexer: Any = None) -> None:
        """Colour by a lexer of Pygments, if there is one."""
        self._lexer = lexer

    @classmethod
    def of_file(cls, path: Path) -> Colours:
        """The colours for a file's name. Imports Pygments for most: up to 40 ms."""
        name = path.name
        for ending in (".gz", ".bz2", ".xz", ".zst"):
            name = name.removesuffix(ending)
        if Path(name).suffix.lower() in _PLAIN:
            return cls()
        from pygments.lexers import find_lexer_class_for_filename  # noqa: PLC0415 - as above

        lexer = find_lexer_class_for_filename(name)
        return cls(lexer() if lexer is not None else None)

    def spans(self, text: str, *, is_first: bool) -> Iterator[Span]:
        """What is to be coloured in a row.

        Args:
            text: as it is drawn.
            is_first: whether it is its line's first row.
        """
        text = text[:LONGEST]
        if self._lexer is not None:
            at = 0
            for _, kind, value in self._lexer.get_tokens_unprocessed(text):
                if meaning := meaning_of(kind):
                    yield Span(at, at + len(value), meaning)
                at += len(value)
        elif is_first and (level := _LEVEL.search(text, 0, _WITHIN)):
            yield Span(level.start(), level.end(), level.lastgroup or "")
        if not text.isascii():
            for symbol in _SYMBOL.finditer(text):
                yield Span(symbol.start(), symbol.end(), "faint")
