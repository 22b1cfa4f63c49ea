"""The sub-model's part: answers a question from the text in its prompt, by quoting it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from rlm_tui.engine.models.offline.sentences import Sentence, sentences
from rlm_tui.engine.models.offline.wanted import (
    QUESTION_WORD,
    Wanted,
    defines,
    has_answer,
    short_answer,
    wanted,
)
from rlm_tui.engine.models.offline.words import Term, compiled, terms

NOT_STATED = "not stated"
"""How a reply begins that has no answer."""

_QUOTE_CHARS = 280
_ANAPHOR = re.compile(r"\W*(?:it|its|he|she|his|her|they|their|this|these|those|that)\b", re.IGNORECASE)
_TIE = 0.05


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence that bears on the question."""

    sentence: Sentence
    unused: list[str]
    """The words of the question it does not have, its question word included."""
    score: float
    before: Sentence | None = None
    """The sentence that says what its `it` or `they` is."""


def answer(question: str, text: str, first_line: int = 1, counts: dict[str, int] | None = None) -> str:
    """Answer from a text alone.

    Args:
        question: in plain words.
        text: what to read.
        first_line: the number of its first line.
        counts: how often the question's words occur in the whole document; None when not known.
    """
    asked = terms(question)
    kind = wanted(question)
    if not asked:
        return f"{NOT_STATED}\nnot used: the question names nothing to look for"
    found = findings(question, asked, kind, sentences(text, first_line), counts or {})
    if not found:
        return f"{NOT_STATED}\nnot used: {', '.join(term.word for term in asked)}"
    best = found[0]
    lines = [_answer_line(question, kind, best, asked)]
    for finding in found[:3]:
        if finding is not best and finding.score < 0.8 * best.score:
            break
        if finding.before is not None:
            lines.append(quote(finding.before))
        lines.append(quote(finding.sentence))
    lines.append(f"not used: {', '.join(best.unused) or 'none'}")
    return "\n".join(lines)


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
    return short_answer(question, kind, best.sentence.text, asked) or _clipped(best.sentence.text)


def _clipped(text: str) -> str:
    return text if len(text) <= _QUOTE_CHARS else text[:_QUOTE_CHARS].rsplit(" ", 1)[0] + " …"


def findings(
    question: str,
    asked: Sequence[Term],
    kind: Wanted,
    parts: Sequence[Sentence],
    counts: dict[str, int],
) -> list[Finding]:
    """The sentences that have words of the question, best first."""
    weights = _weights(asked, counts)
    mean = sum(weights.values()) / len(weights)
    has = [{t.word for t in asked if compiled(t).search(part.text)} for part in parts]
    found: list[Finding] = []
    for at, part in enumerate(parts):
        if not has[at]:
            continue
        used = set(has[at])
        before: Sentence | None = None
        near: set[str] = set()
        for back in (1, 2):
            if at >= back and parts[at - back].block == part.block:
                near |= has[at - back]
                if back == 1 and has[at - 1] - used and _ANAPHOR.match(part.text):
                    before = parts[at - 1]
                    used |= has[at - 1]
        if at + 1 < len(parts) and parts[at + 1].block == part.block:
            near |= has[at + 1]
        unused = [term.word for term in asked if term.word not in used]
        score = sum(weights[word] for word in has[at])
        score += 0.8 * sum(weights[word] for word in used - has[at])
        score += 0.3 * sum(weights[word] for word in near - used)
        score += 0.2 * mean * _pairs(asked, part.text)
        if has_answer(kind, part.text, asked):
            score += (0.5 if kind != "value" else 0) * mean
        elif QUESTION_WORD[kind]:
            unused.append(QUESTION_WORD[kind])
        if kind == "value" and defines(part.text, asked):
            score += 0.3 * mean
        if part.text.endswith("?"):
            score -= mean
        found.append(Finding(part, unused, score, before))
    return sorted(found, key=lambda finding: (-finding.score, finding.sentence.first))


def _weights(asked: Sequence[Term], counts: dict[str, int]) -> dict[str, float]:
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
        for first, second in zip(asked, asked[1:], strict=False)
    )
