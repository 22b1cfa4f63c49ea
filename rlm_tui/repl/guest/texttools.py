r"""The text helpers that model code finds in its REPL.

Offsets are characters. Line numbers count from 1, both ends included, as `grep -n` shows them; only
`\n` ends a line, and a text that ends in one has no empty last line.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Literal

_NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:\.\d+)?(?![\w.]*\d)")
_WORD = re.compile(r"[^\W\d_][\w'-]*")
_HEADING = re.compile(r"^#{1,6}[ \t]+\S.*$|^[^\s#=-].*\n(?:={3,}|-{3,})[ \t\r]*$", re.MULTILINE)
_CLOSING_MARKS = re.compile(r"[ \t]+#+[ \t\r]*$")
_LOOKS_BEYOND_THE_LINE = re.compile(r"\\[ADWZ]|\[\^|\(\?<?[!=]|\(\?>|[*+?}]\+|\(\?[a-z]*s")
"""What is searched line by line, at 0.1 s for 20 MB.

Anchors of the text, lookaround (`x(?!\\s)` before a newline) and what never gives back can miss a
line that matches on its own; `x[^|]*y` may read on to the end of the text from every x.
"""


def fast_find(text: str, pattern: str) -> int:
    """The offset of the first occurrence of a literal; -1 when there is none."""
    return text.find(pattern)


def fast_contains(text: str, pattern: str) -> bool:
    """Whether a literal occurs."""
    return pattern in text


def fast_find_all(
    text: str,
    pattern: str,
    limit: int | None = None,
    ignore_case: bool = False,  # noqa: FBT001, FBT002
) -> list[int]:
    """The offsets of all occurrences of a literal that do not overlap, at most `limit`."""
    if not pattern:
        return []
    if ignore_case:
        found = (match.start() for match in re.finditer(re.escape(pattern), text, re.IGNORECASE))
        return [offset for offset, _ in zip(found, _up_to(limit), strict=False)]
    offsets: list[int] = []
    at = text.find(pattern)
    while at >= 0 and (limit is None or len(offsets) < limit):
        offsets.append(at)
        at = text.find(pattern, at + len(pattern))
    return offsets


def _up_to(limit: int | None) -> Iterator[int]:
    count = 0
    while limit is None or count < limit:
        yield count
        count += 1


class TextTools:
    """The helpers over `context`. With several documents, name the text: `grep("x", text=…)`."""

    def __init__(self, context: Callable[[], Any]) -> None:
        self._context = context

    @property
    def context_chars(self) -> int:
        """How long the text is, or all of several together."""
        whole = self._context()
        return len(whole) if isinstance(whole, str) else sum(map(len, whole.values()))

    def _text(self, text: str | None) -> str:
        chosen = self._context() if text is None else text
        if isinstance(chosen, str):
            return chosen
        raise TypeError(
            "context is a dict of several documents; name one, such as text=context[path]"
        )

    def grep(
        self,
        regex: str,
        ignore_case: bool = False,  # noqa: FBT001, FBT002 - the signature is a contract
        limit: int | None = None,
        text: str | None = None,
    ) -> list[tuple[int, str]]:
        """The lines in which a regex matches, as (line number, line)."""
        flags = re.IGNORECASE if ignore_case else re.NOFLAG
        whole, alone = re.compile(regex, flags | re.MULTILINE), re.compile(regex, flags)
        body = self._text(text)
        if _LOOKS_BEYOND_THE_LINE.search(regex):
            found = _matching_lines(body, alone)
        else:
            found = _lines_of_matches(body, whole, alone)
        return [item for item, _ in zip(found, _up_to(limit), strict=False)]

    def find_lines(
        self,
        text: str,
        mode: Literal["phrase", "any", "all"] = "phrase",
        ignore_case: bool = True,  # noqa: FBT001, FBT002 - as above
    ) -> list[tuple[int, str]]:
        """The lines that hold a phrase, or any or all of its words, as (line number, line)."""
        if mode == "phrase":
            return self.grep(re.escape(text), ignore_case)
        words = text.split()
        if mode == "any":
            return self.grep("|".join(map(re.escape, words)), ignore_case) if words else []
        if mode == "all":
            rarest = max(words, key=len, default="")
            patterns = [
                re.compile(re.escape(w), re.IGNORECASE if ignore_case else 0) for w in words
            ]
            found = self.grep(re.escape(rarest), ignore_case) if words else []
            return [item for item in found if all(p.search(item[1]) for p in patterns)]
        raise ValueError(f'mode is "phrase", "any" or "all", not {mode!r}')

    def lines(self, first: int, last: int, text: str | None = None) -> list[str]:
        """The lines from `first` to `last`, without their ends."""
        body, first = self._text(text), max(first, 1)
        if last < first:
            return []
        start = _after_newlines(body, first - 1, 0)
        piece = body[start : _after_newlines(body, last - first + 1, start)]
        return piece.removesuffix("\n").split("\n") if piece else []

    def count(self, text: str, ignore_case: bool = False) -> int:  # noqa: FBT001, FBT002
        """How often a literal occurs, not overlapping."""
        if not text:
            return 0
        if ignore_case:
            return len(fast_find_all(self._text(None), text, ignore_case=True))
        return self._text(None).count(text)

    def chunks(self, size: int, overlap: int = 0, text: str | None = None) -> list[str]:
        """The text in pieces of `size` characters, each begun `overlap` before the last ends."""
        if size <= 0 or not 0 <= overlap < size:
            raise ValueError("chunks() needs size > 0 and 0 <= overlap < size")
        body = self._text(text)
        step = size - overlap
        return [body[at : at + size] for at in range(0, max(len(body) - overlap, 1), step) if body]

    def sections(self, text: str | None = None) -> list[tuple[int, str, str]]:
        """The parts under Markdown headings, as (line number, heading, text of the part)."""
        body = self._text(text)
        heads = list(_HEADING.finditer(body))
        if not heads:
            return [(1, "", body)] if body else []
        found: list[tuple[int, str, str]] = []
        if body[: heads[0].start()].strip():
            found.append((1, "", body[: heads[0].start()]))
        line, counted = 1, 0
        for head, following in zip(heads, [*heads[1:], None], strict=True):
            line += body.count("\n", counted, head.start())
            counted = head.start()
            title = _CLOSING_MARKS.sub("", head[0].partition("\n")[0].lstrip("#")).strip()
            end = following.start() if following else len(body)
            found.append((line, title, body[head.start() : end]))
        return found

    def word_frequency(self, limit: int = 50, text: str | None = None) -> list[tuple[str, int]]:
        """The most frequent words, lower-cased, as (word, count)."""
        return Counter(_WORD.findall(self._text(text).lower())).most_common(limit)

    def group_count(
        self, regex: str | None = None, limit: int | None = None, text: str | None = None
    ) -> list[tuple[str, int]]:
        """What a regex captures (its first group, else all of it) with counts, most first.

        Without a regex: the lines, with every number in them read as `#`.
        """
        body = self._text(text)
        if regex is None:
            counts = Counter(re.sub(r"\d+", "#", line) for line in body.split("\n") if line)
        else:
            pattern = re.compile(regex, re.MULTILINE)
            found = (m[1] if pattern.groups else m[0] for m in pattern.finditer(body))
            counts = Counter(text for text in found if text is not None)
        return counts.most_common(limit)

    def numeric_stats(
        self, regex: str | None = None, text: str | None = None
    ) -> dict[str, float | int | str]:
        """Count, sum, range, mean and percentiles of the numbers a regex captures (None: of all).

        A percentile is the nearest rank: the smallest value that at least that share of the values
        do not exceed.
        """
        pattern = _NUMBER if regex is None else re.compile(regex, re.MULTILINE)
        values: list[float] = []
        for match in pattern.finditer(self._text(text)):
            try:
                value = float(match[1] if pattern.groups else match[0])
            except (TypeError, ValueError):
                continue
            if math.isfinite(value):  # "nan" and "inf" are words here
                values.append(value)
        if not values:
            return {"count": 0}
        values.sort()
        told: dict[str, float | int | str] = {
            "count": len(values),
            "sum": math.fsum(values),
            "min": values[0],
            "max": values[-1],
            "mean": math.fsum(values) / len(values),
        }
        for share in (50, 90, 95, 99):
            told[f"p{share}"] = values[max(math.ceil(share / 100 * len(values)), 1) - 1]
        told["percentiles"] = "nearest rank"
        return told


def _matching_lines(body: str, pattern: re.Pattern[str]) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(body.removesuffix("\n").split("\n") if body else [], 1):
        if pattern.search(line):
            yield number, line


def _lines_of_matches(
    body: str, whole: re.Pattern[str], alone: re.Pattern[str]
) -> Iterator[tuple[int, str]]:
    """Searches the text as a whole, which is fast, and lets each line found decide for itself.

    A match in the whole text may cross lines that match on their own, so after each the search
    goes on in the very next line.
    """
    number, counted, at = 1, 0, 0
    while at <= len(body) and (match := whole.search(body, at)):
        start = body.rfind("\n", 0, match.start()) + 1
        end = body.find("\n", match.start())
        end = len(body) if end < 0 else end
        if start == len(body):
            return  # behind the last newline there is no line
        number += body.count("\n", counted, start)
        counted = start
        line = body[start:end]
        if alone.search(line):
            yield number, line
        at = end + 1


def _after_newlines(body: str, count: int, start: int) -> int:
    """The offset behind the next `count` newlines; the end of the text when there are fewer."""
    block = 1 << 20
    while count and (inside := body.count("\n", start, start + block)) < count:
        if start >= len(body):
            return len(body)
        count -= inside
        start += block
    for _ in range(count):
        start = body.index("\n", start) + 1
    return min(start, len(body))
