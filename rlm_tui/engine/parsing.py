"""Finds the code blocks and the final answer in a model's reply.

Fences follow CommonMark (section 4.5) with three differences that models make necessary: any
indentation is allowed and taken off the code; a fence line inside a triple-quoted string of the
code belongs to the code when the string is closed behind it; and a fence line with a language
inside an open block ends that block and opens the next. Spans are characters of the reply.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

RUNNABLE = frozenset({"", "repl", "python", "py", "python3", "ipython"})
"""Languages of fences whose code is run; the empty one is a bare fence."""

_FENCE = re.compile(r"^([ \t]*)(`{3,}|~{3,})([^`\n]*)$")
_FINAL = re.compile(r"(?:^|</think>)[ \t]*(FINAL|FINAL_VAR)[ \t]*\(", re.MULTILINE)
_THINKING = re.compile(r"\s*<think>.*?(?:</think>|\Z)|.*?^[ \t]*</think>", re.DOTALL | re.MULTILINE)
"""Reasoning that stands in the reply. Some chat templates write the opening tag themselves."""

_TRIES = 8
"""How many FINAL( without a closing bracket are looked at: each costs a walk to the end."""

_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")
_BRACKET = re.compile(r"[()]")
_BRACKET_OR_QUOTE = re.compile(r"""[()"']""")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a reply."""

    code: str
    language: str
    start: int
    """Where its code starts in the reply."""
    end: int
    """Where its code ends, before the closing fence."""
    is_closed: bool = True

    @property
    def is_runnable(self) -> bool:
        """Whether its language says that it is for the REPL."""
        return self.language in RUNNABLE


@dataclass(frozen=True, slots=True)
class ProseFinal:
    """An answer given in the prose of a reply."""

    form: Literal["FINAL", "FINAL_VAR"]
    content: str
    """The answer itself, or the variable's name."""
    span: tuple[int, int]
    """From the F to behind the closing bracket."""


@dataclass(frozen=True, slots=True)
class ParsedReply:
    """What a reply holds."""

    blocks: list[Block] = field(default_factory=list[Block])
    """The blocks to run, in order."""
    foreign: list[Block] = field(default_factory=list[Block])
    """Blocks in other languages."""
    final: ProseFinal | None = None
    """The first answer in the prose."""
    has_unclosed_final: bool = False
    """Whether a FINAL( in the prose has no closing bracket."""
    start: int = 0
    """Where the reply proper begins, behind reasoning that stands in it."""


def parse_reply(reply: str) -> ParsedReply:
    """Take a reply apart."""
    thinking = _THINKING.match(reply)
    start = thinking.end() if thinking else 0
    blocks, prose = _fences(reply, start)
    final, has_unclosed = _first_final(reply, prose)
    return ParsedReply(
        blocks=[block for block in blocks if block.is_runnable],
        foreign=[block for block in blocks if not block.is_runnable],
        final=final,
        has_unclosed_final=has_unclosed,
        start=start,
    )


# Fences


@dataclass(slots=True)
class _Open:
    """A block whose end has not been met."""

    indent: str
    mark: str
    language: str
    start: int
    lines: list[str] = field(default_factory=list[str])
    string: str = ""
    """The quotes of the triple-quoted string that the code is inside of."""


class _Finder:
    """Finds strings from offsets that only grow, so that the text is walked once for each."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._places: dict[str, int] = {}

    def find(self, wanted: str, start: int) -> int:
        place = self._places.get(wanted, 0)
        if 0 <= place < start or wanted not in self._places:
            place = self._places[wanted] = self._text.find(wanted, start)
        return place


def _fences(reply: str, at: int) -> tuple[list[Block], list[tuple[int, int]]]:
    """The fenced blocks from an offset on, and the spans of the prose between them."""
    blocks: list[Block] = []
    prose: list[tuple[int, int]] = []
    opened: _Open | None = None
    prose_start = at
    finder = _Finder(reply)
    while at < len(reply):
        end = reply.find("\n", at)
        line_end = len(reply) if end < 0 else end
        line = reply[at:line_end].rstrip("\r")
        following = min(line_end + 1, len(reply))
        fence = _FENCE.match(line)
        if opened is None:
            if fence:
                prose.append((prose_start, at))
                opened = _opened(fence, following)
        elif fence and _ends(opened, fence, finder, following):
            blocks.append(_block(opened, at, is_closed=True))
            # A line with a language opens the next block; one without only closes.
            opened = _opened(fence, following) if fence[3].strip() else None
            prose_start = following
        else:
            opened.lines.append(line)
            opened.string = _string_after(line, opened.string)
        at = line_end + 1
    if opened is not None:
        blocks.append(_block(opened, len(reply), is_closed=False))
    else:
        prose.append((prose_start, len(reply)))
    return blocks, prose


def _opened(fence: re.Match[str], start: int) -> _Open:
    words = fence[3].split()
    return _Open(fence[1], fence[2], words[0].lower().strip("{}.") if words else "", start)


def _ends(opened: _Open, fence: re.Match[str], finder: _Finder, following: int) -> bool:
    """Whether a fence line ends the open block."""
    mark = fence[2]
    if mark[0] != opened.mark[0] or len(mark) < len(opened.mark):
        return False
    if opened.language not in RUNNABLE:
        return not fence[3].strip()
    if opened.string:
        closed_at = finder.find(opened.string, following)
        return closed_at < 0 or finder.find("\n" + opened.indent + opened.mark, closed_at) < 0
    return True


def _block(opened: _Open, end: int, *, is_closed: bool) -> Block:
    lines = [_dedented(line, opened.indent) for line in opened.lines]
    return Block("\n".join(lines), opened.language, opened.start, end, is_closed)


def _dedented(line: str, indent: str) -> str:
    """The line without as much of the indentation as it has."""
    if line.startswith(indent):
        return line[len(indent) :]
    stripped = line.lstrip(" \t")
    return stripped if len(line) - len(stripped) < len(indent) else line


def _string_after(line: str, inside: str) -> str:
    """The triple quotes of the string that is open behind a line of Python; empty for none."""
    at = 0
    while at < len(line):
        if inside:
            if line[at] == "\\":
                at += 2
            elif line.startswith(inside, at):
                at, inside = at + 3, ""
            else:
                at += 1
        elif line[at] == "#":
            return ""
        elif line.startswith(('"""', "'''"), at):
            inside, at = line[at : at + 3], at + 3
        elif line[at] in "\"'":
            at = _after_short_string(line, at)
        else:
            at += 1
    return inside


def _after_short_string(line: str, at: int) -> int:
    quote = line[at]
    at += 1
    while at < len(line) and line[at] != quote:
        at += 2 if line[at] == "\\" else 1
    return at + 1


# FINAL in prose


def _first_final(reply: str, prose: list[tuple[int, int]]) -> tuple[ProseFinal | None, bool]:
    tries = 0
    for match, end in _openings(reply, prose):
        close = closing_bracket(reply, match.end(), end)
        if close is not None:
            form: Literal["FINAL", "FINAL_VAR"] = "FINAL" if match[1] == "FINAL" else "FINAL_VAR"
            content = unquoted(reply[match.end() : close])
            return ProseFinal(form, content, (match.start(1), close + 1)), tries > 0
        tries += 1
        if tries == _TRIES:
            break
    return None, tries > 0


def _openings(reply: str, prose: list[tuple[int, int]]) -> Iterator[tuple[re.Match[str], int]]:
    """Each FINAL( in the prose, and where that piece of prose ends."""
    for start, end in prose:
        # The tag that ends the reasoning lies in front of the prose.
        for match in _FINAL.finditer(reply, max(start - len("</think>"), 0), end):
            if match.start(1) >= start:
                yield match, end


def closing_bracket(text: str, start: int, end: int) -> int | None:
    """Where the round bracket that was opened before `start` closes, before `end`.

    Brackets inside quoted strings do not count, but an apostrophe is no quote: one opens a string
    only where a word cannot go on, and only if the string ends.
    """
    close = _balanced(text, start, end, heeds_quotes=True)
    return _balanced(text, start, end, heeds_quotes=False) if close is None else close


def _balanced(text: str, start: int, end: int, *, heeds_quotes: bool) -> int | None:
    marks = _BRACKET_OR_QUOTE if heeds_quotes else _BRACKET
    strings = _Strings(text, start, end)
    depth, at = 1, start
    while mark := marks.search(text, at, end):
        place, at = mark.start(), mark.end()
        if mark[0] == "(":
            depth += 1
        elif mark[0] == ")":
            depth -= 1
            if not depth:
                return place
        elif place == start or not (text[place - 1].isalnum() or text[place - 1] in ")]"):
            at = strings.end_of(place)
    return None


class _Strings:
    """The quoted strings of an answer. Each part of the text is walked once for each quote."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self._text = text
        self._end = end
        self._first = end - len(text[start:end].lstrip())
        self._hopeless = {'"': 0, "'": 0}
        """Up to where no string of this quote ends."""

    def end_of(self, at: int) -> int:
        """Behind the string that a quote opens; behind the quote when none ends."""
        text, end = self._text, self._end
        triple = text[at : at + 3]
        if triple in {'"""', "'''"}:
            close = text.find(triple, at + 3, end)
            if close >= 0:
                return close + 3
        quote, place = text[at], at + 1
        if at < self._hopeless[quote]:
            return place
        # Only a string that is the whole answer may run over several lines.
        line_end = text.find("\n", at, end) if at > self._first else end
        last = line_end if line_end >= 0 else end
        while place < last and text[place] != quote:
            place += 2 if text[place] == "\\" else 1
        if place < last:
            return place + 1
        self._hopeless[quote] = last
        return at + 1


def unquoted(content: str) -> str:
    """An answer without the quotes around it; one without quotes as it is, trimmed."""
    content = content.strip()
    if len(content) > 1 and content[-1] in "\"'":
        try:
            with warnings.catch_warnings(action="ignore"):  # such as of "\\d"
                value = ast.literal_eval(content)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            value = None
        if isinstance(value, str):
            return value
        inner = content[1:-1]
        if content[0] == content[-1] and content[0] not in _APOSTROPHE.sub("", inner):
            return inner
    return content
