"""The sub-model's part: answers a question from the text in its prompt, by quoting it."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rlm_tui.engine.models.offline.sentences import Sentence, sentences
from rlm_tui.engine.models.offline.vocabulary import MAKING
from rlm_tui.engine.models.offline.wanted import (
    BY,
    QUESTION_WORD,
    Wanted,
    adds_something,
    defines,
    has_answer,
    head_of,
    short_answer,
    wanted,
)
from rlm_tui.engine.models.offline.words import Term, compiled, terms

NOT_STATED = "not stated"
"""How a reply begins that has no answer."""

_QUOTE_CHARS = 280
_ANAPHOR = re.compile(
    r"\W*(?:it|its|he|she|his|her|they|their|this|these|those|that)\b", re.IGNORECASE
)
_DEED = re.compile(r"(?:ed|en|wn|un|lt|made)\s+$")
_ALMOST = 0.8
"""Of the best score: what is quoted beside the best."""
_GAP = 3
"""Lines that an `it` may stand behind what it means."""
_ITEMS = 12
"""Sentences that a heading or a leading line may stand above."""
_BLOCKS = 4


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence that bears on the question."""

    sentence: Sentence
    unused: list[str]
    """The words of the question it does not have, its question word included."""
    score: float
    before: Sentence | None = None
    """The sentence that it cannot be understood without."""
    after: Sentence | None = None
    """The next line, where it is no whole sentence, such as a comment above code."""


def answer(
    question: str,
    text: str,
    first_line: int = 1,
    *,
    counts: Mapping[str, int] | None = None,
    source: str = "",
) -> str:
    """Answer from a text alone.

    Args:
        question: in plain words.
        text: what to read.
        first_line: the number of its first line.
        counts: how often the question's words occur in the whole document; None when not known.
        source: the name of the document, whose words count as those of every sentence.
    """
    asked = terms(question)
    kind = wanted(question)
    if not asked:
        return f"{NOT_STATED}\nnot used: the question names nothing to look for"
    parts = sentences(text, first_line)
    found = findings(question, asked, kind, parts, counts=counts, source=source)
    if not found:
        return f"{NOT_STATED}\nnot used: {', '.join(term.word for term in asked)}"
    best = found[0]
    lines = [_answer_line(question, kind, best, asked)]
    for finding in found[:3]:
        if finding is not best and finding.score < _ALMOST * best.score:
            break
        if finding.before is not None:
            lines.append(quote(finding.before))
        lines.append(quote(finding.sentence))
        if finding.after is not None and finding is best:
            lines.append(quote(finding.after))
    lines.append(f"not used: {', '.join(best.unused) or 'none'}")
    return "\n".join(lines)


def told(question: str, texts: Sequence[tuple[str, Sequence[Sentence]]]) -> str:
    """A final answer from some texts, for a person to read.

    Args:
        question: in plain words.
        texts: the name of each document (empty for the only one), and sentences of it.
    """
    asked = terms(question)
    kind = wanted(question)
    found = [
        (finding, name)
        for name, parts in texts
        for finding in (findings(question, asked, kind, parts, source=name) if asked else ())
    ]
    if not found:
        return "Nothing found: no line that was read has the question's words."
    found.sort(key=lambda pair: -pair[0].score)
    best = found[0][0]
    first = _answer_line(question, kind, best, asked)
    if best.unused:
        unused = ", ".join(best.unused)
        first = f"Not stated in the question's words (not used: {unused}). Closest passages:"
    quotes = [
        "  " + (f"{name}, " if name else "") + quote(finding.sentence).strip()
        for finding, name in found[:3]
        if finding.score >= _ALMOST * best.score
    ]
    return "\n".join([first, *quotes])


def quote(sentence: Sentence) -> str:
    """A sentence with its lines, as evidence."""
    text = sentence.text
    if len(text) > _QUOTE_CHARS:
        text = text[:_QUOTE_CHARS].rsplit(" ", 1)[0] + " …"
    if sentence.first == sentence.last:
        return f'  line {sentence.first:,}: "{text}"'
    return f'  lines {sentence.first:,}-{sentence.last:,}: "{text}"'


def _answer_line(question: str, kind: Wanted, best: Finding, asked: Sequence[Term]) -> str:
    if best.unused:
        return NOT_STATED
    text = best.sentence.text
    return short_answer(question, kind, text, asked) or _clipped(re.sub(r"^[-*•+]\s+", "", text))


def _clipped(text: str) -> str:
    return text if len(text) <= _QUOTE_CHARS else text[:_QUOTE_CHARS].rsplit(" ", 1)[0] + " …"


def findings(
    question: str,
    asked: Sequence[Term],
    kind: Wanted,
    parts: Sequence[Sentence],
    *,
    counts: Mapping[str, int] | None = None,
    source: str = "",
) -> list[Finding]:
    """The sentences that have words of the question, best first."""
    weights = _weights(asked, counts or {})
    mean = sum(weights.values()) / len(weights)
    has = [_words_in(part.text, asked, kind) for part in parts]
    named = _words_in(source, asked, "value")
    head = head_of(question, asked)
    found: list[Finding] = []
    for at, part in enumerate(parts):
        if not has[at]:
            continue
        before = _introduction(parts, has, at)
        used = has[at] | named | (has[before] if before is not None else set[str]())
        near = _near(parts, has, at) - used
        used |= {term.word for term in asked if term.names and used & set(term.names)}
        unused = [
            term.word
            for term in asked
            if term.word not in used or (term is head and term.word not in has[at])
        ]
        score = sum(weights[word] for word in has[at])
        score += 0.8 * sum(weights[word] for word in used - has[at])
        score += 0.3 * sum(weights[word] for word in near - used)
        score += 0.2 * mean * _pairs(asked, part.text)
        if has_answer(question, kind, part.text, asked) and adds_something(part.text, asked):
            score += (0.5 if kind != "value" else 0) * mean
        else:
            unused.append(QUESTION_WORD[kind])
        if kind == "value" and defines(part.text, asked):
            score += 0.3 * mean
        if head is not None and head.word in has[at]:
            score += 0.5 * mean
        if part.text.endswith("?"):
            score -= mean
        follows = part.is_fragment and at + 1 < len(parts) and parts[at + 1].first <= part.last + 2
        found.append(
            Finding(
                part,
                unused,
                score,
                None if before is None else parts[before],
                parts[at + 1] if follows else None,
            )
        )
    return sorted(found, key=lambda finding: (-finding.score, finding.sentence.first))


def _words_in(text: str, asked: Sequence[Term], kind: Wanted) -> set[str]:
    """The question's words that a sentence has."""
    has = {term.word for term in asked if compiled(term).search(text)}
    if (
        has
        and kind == "person"
        and (by := BY.search(text))
        and not _DEED.search(text[: by.start()])
    ):
        # "Original code by Kevin O'Connor" says who wrote it; "prepared by" is another deed.
        has |= {term.word for term in asked if term.word.lower() in MAKING}
    return has


def _introduction(parts: Sequence[Sentence], has: Sequence[set[str]], at: int) -> int | None:
    """The sentence that a sentence cannot be understood without, if it has more of the words.

    That is the one before an `it` or `they`; a line that leads to a list or stands less indented
    right before; or the heading above.
    """
    part = parts[at]
    if at and _ANAPHOR.match(part.text) and part.first - parts[at - 1].last <= _GAP:
        return at - 1 if has[at - 1] - has[at] else None
    for back in range(at - 1, max(at - _ITEMS, -1), -1):
        other = parts[back]
        if other.is_heading or (other.leads and part.block <= other.block + 1):
            return back if has[back] - has[at] else None
        if other.block == part.block - 1 and other.indent < part.indent:
            return back  # such as a signature above what is said about it
        if other.block < part.block - _BLOCKS:
            break
    return None


def _near(parts: Sequence[Sentence], has: Sequence[set[str]], at: int) -> set[str]:
    """The words in the neighbours within the paragraph, or right beside it."""
    near: set[str] = set()
    part = parts[at]
    for other in (at - 2, at - 1, at + 1):
        if not 0 <= other < len(parts):
            continue
        apart = max(part.first - parts[other].last, parts[other].first - part.last)
        if parts[other].block == part.block or apart < _GAP:
            near |= has[other]
    return near


def _weights(asked: Sequence[Term], counts: Mapping[str, int]) -> dict[str, float]:
    """How much each word counts: rare ones more, by their counts; else literals a little more."""
    most = max(counts.values(), default=0)
    weights: dict[str, float] = {}
    for term in asked:
        if term.word in counts:
            weights[term.word] = math.log(1 + 10 * (most + 1) / max(counts[term.word], 1))
        else:
            weights[term.word] = 1.5 if term.is_exact or term.word[:1].isupper() else 1.0
    return weights


def _pairs(asked: Sequence[Term], text: str) -> int:
    """How many neighbours in the question are neighbours in the text, too."""
    return sum(
        bool(re.search(rf"{first.regex}\W+(?:\w+\W+)?{second.pattern}", text, re.IGNORECASE))
        for first, second in itertools.pairwise(asked)
    )
