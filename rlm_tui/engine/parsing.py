"""Finds the code blocks and the final answer in a model's reply.

Fences follow CommonMark (section 4.5) with three differences that models make necessary: any
indentation is allowed and taken off the code; a fence line inside a triple-quoted string of the
code belongs to the code when the string is closed behind it; and a fence line with a language
inside an open block ends that block and opens the next. Spans are characters of the reply.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import Literal

RUNNABLE = frozenset({"", "repl", "python", "py", "python3", "ipython"})
"""Languages of fences whose code is run; the empty one is a bare fence."""

_FENCE = re.compile(r"^([ \t]*)(`{3,}|~{3,})[ \t]*([^`\n]*)$")
_FINAL = re.compile(r"^[ \t]*(FINAL|FINAL_VAR)[ \t]*\(", re.MULTILINE)
_THINKING = re.compile(r"\s*<think>.*?(?:</think>|\Z)", re.DOTALL)


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


def parse_reply(reply: str) -> ParsedReply:
    """Take a reply apart."""
    thinking = _THINKING.match(reply)
    blocks, prose = _fences(reply, thinking.end() if thinking else 0)
    final, has_unclosed = _first_final(reply, prose)
    return ParsedReply(
        blocks=[block for block in blocks if block.is_runnable],
        foreign=[block for block in blocks if not block.is_runnable],
        final=final,
        has_unclosed_final=has_unclosed,
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


def _fences(reply: str, at: int) -> tuple[list[Block], list[tuple[int, int]]]:
    """The fenced blocks from an offset on, and the spans of the prose between them."""
    blocks: list[Block] = []
    prose: list[tuple[int, int]] = []
    opened: _Open | None = None
    prose_start = at
    while at < len(reply):
        end = reply.find("\n", at)
        line_end = len(reply) if end < 0 else end
        line = reply[at:line_end].rstrip("\r")
        following = line_end + 1
        fence = _FENCE.match(line)
        if opened is None:
            if fence:
                prose.append((prose_start, at))
                opened = _opened(fence, following)
        elif fence and _ends(opened, fence, reply, following):
            blocks.append(_block(opened, at, is_closed=True))
            # A line with a language opens the next block; one without only closes.
            opened = _opened(fence, following) if fence[3].strip() else None
            prose_start = following
        else:
            opened.lines.append(line)
            opened.string = _string_after(line, opened.string)
        at = following
    if opened is not None:
        blocks.append(_block(opened, len(reply), is_closed=False))
    else:
        prose.append((min(prose_start, len(reply)), len(reply)))
    return blocks, prose


def _opened(fence: re.Match[str], start: int) -> _Open:
    words = fence[3].split()
    return _Open(fence[1], fence[2], words[0].lower().strip("{}.") if words else "", start)


def _ends(opened: _Open, fence: re.Match[str], reply: str, following: int) -> bool:
    """Whether a fence line ends the open block."""
    mark = fence[2]
    if mark[0] != opened.mark[0] or len(mark) < len(opened.mark):
        return False
    if opened.language not in RUNNABLE:
        return not fence[3].strip()
    if opened.string:
        closed_at = reply.find(opened.string, following)
        return closed_at < 0 or reply.find("\n" + opened.indent + opened.mark, closed_at) < 0
    return True


def _block(opened: _Open, end: int, *, is_closed: bool) -> Block:
    lines = [line.removeprefix(opened.indent) for line in opened.lines]
    return Block("\n".join(lines), opened.language, opened.start, end, is_closed)


def _string_after(line: str, inside: str) -> str:
    """The triple quotes of the string that is open behind a line of Python; empty for none."""
    at = 0
    while at < len(line):
        if inside:
            close = line.find(inside, at)
            while close > 0 and line[close - 1] == "\\":
                close = line.find(inside, close + 1)
            if close < 0:
                return inside
            at, inside = close + 3, ""
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
    has_unclosed = False
    for start, end in prose:
        for match in _FINAL.finditer(reply, start, end):
            if match.start() > start and reply[match.start() - 1] != "\n":
                continue
            form: Literal["FINAL", "FINAL_VAR"] = "FINAL" if match[1] == "FINAL" else "FINAL_VAR"
            close = closing_bracket(reply, match.end(), end)
            if close is None:
                has_unclosed = True
                continue
            content = unquoted(reply[match.end() : close])
            return ProseFinal(form, content, (match.start(1), close + 1)), has_unclosed
    return None, has_unclosed


def closing_bracket(text: str, start: int, end: int) -> int | None:
    """Where the round bracket that was opened before `start` closes, before `end`.

    Brackets inside quoted strings do not count, but an apostrophe is no quote: one opens a string
    only where a word cannot go on, and only if the string ends.
    """
    close = _balanced(text, start, end, heeds_quotes=True)
    return _balanced(text, start, end, heeds_quotes=False) if close is None else close


def _balanced(text: str, start: int, end: int, *, heeds_quotes: bool) -> int | None:
    depth, at = 1, start
    while at < end:
        char = text[at]
        if char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
            if not depth:
                return at
        elif heeds_quotes and char in "\"'" and not (at > start and text[at - 1].isalnum()):
            at = _after_string(text, at, end, is_first=not text[start:at].strip())
            continue
        at += 1
    return None


def _after_string(text: str, at: int, end: int, *, is_first: bool) -> int:
    """Behind the string that a quote opens; behind the quote when none ends."""
    triple = text[at : at + 3]
    if triple in {'"""', "'''"}:
        close = text.find(triple, at + 3, end)
        if close >= 0:
            return close + 3
    quote, place = text[at], at + 1
    while place < end and text[place] != quote:
        # Only a string that is the whole answer may run over several lines.
        if text[place] == "\n" and not is_first:
            return at + 1
        place += 2 if text[place] == "\\" else 1
    return place + 1 if place < end else at + 1


def unquoted(content: str) -> str:
    """An answer without the quotes around it; one without quotes as it is, trimmed."""
    content = content.strip()
    if len(content) > 1 and content[-1] in "\"'":
        try:
            value = ast.literal_eval(content)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            value = None
        if isinstance(value, str):
            return value
        inner = content[1:-1]
        if content[0] == content[-1] and content[0] not in inner:
            return inner
    return content
