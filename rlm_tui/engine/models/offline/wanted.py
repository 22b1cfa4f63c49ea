"""What kind of answer a question wants, and how such an answer is read off a sentence.

Only what a sentence says in a form that leaves little doubt is taken out of it; in all other cases
there is no short answer and the sentence itself has to do.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from rlm_tui.engine.models.offline.words import Term, compiled

Wanted = Literal["person", "time", "number", "reason", "meaning", "value"]

_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)"
)
TIME = re.compile(
    rf"""\b(?:
        \d{{4}}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?Z?)?
        | \d{{1,2}}(?:st|nd|rd|th)?[-\ ](?:of\ )?{_MONTH}\.?,?[-\ ]\d{{4}}
        | {_MONTH}\.?\ \d{{1,2}}(?:st|nd|rd|th)?(?:,?\ \d{{4}})?
        | {_MONTH}\.?\ \d{{4}}
        | \d{{1,2}}\ {_MONTH}
        | (?:(?:the\ )?(?:early|late|mid)[-\ ])?\d{{3}}0s
        | (?:spring|summer|autumn|fall|winter)\ (?:of\ )?\d{{4}}
        | (?:1[0-9]|20)\d\d
        | \d{{1,2}}:\d\d(?::\d\d)?(?:\ ?[ap]\.?m\b\.?)?
        | (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day
    )\b""",
    re.VERBOSE,
)
_NUMBER_WORD = (
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen"
    r"|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
    r"|hundred|thousand|million|billion|dozen)"
)
NUMBER = re.compile(
    rf"(?<![\w.])(?:[$€£]\s?)?-?\d[\d,]*(?:\.\d+)?(?:\s?%)?(?![\w])"
    rf"|\b{_NUMBER_WORD}(?:[-\s]{_NUMBER_WORD})*\b",
    re.IGNORECASE,
)
_NAME_PART = r"[A-ZÀ-Þ][\w'’-]*\.?"
NAME = re.compile(
    rf"(?:{_NAME_PART}|\b[A-Z]\.)(?:\s+(?:(?:van|von|de|der|den|di|da|la|le|bin|al|of)\s+){{0,2}}{_NAME_PART})*"
)
_BY = re.compile(rf"\bby:?\s+(?:the\s+)?({NAME.pattern}(?:(?:,\s+(?:and\s+)?|\s+and\s+){NAME.pattern})*)")
_LINKING = re.compile(
    r"\s+(?:is|are|was|were|equals|means|remains|became|stands\s+for|refers\s+to)(?:\s+set\s+to)?:?\s+"
    r"|\s*(?::|=|=>|->|→|--|—|–)\s+"
)
_REASON = re.compile(
    r"\b(?:because|since|so that|in order to|due to|owing to|caused by|as a result|therefore|thus"
    r"|reason|to avoid|to prevent|to allow|to keep|otherwise|subject to)\b",
    re.IGNORECASE,
)
_PRONOUNS = frozenset("it this that these those there he she they which what who here".split())
_NOT_NAMES = frozenset(
    "The A An In On At It This That These Those If When While For From To By As And Or But We He She "
    "They You I Its His Her Their Our No Not All Some Most See Note Author Authors".split()
)
_SHORT_WORDS = 14
_SHORT_CHARS = 100


def wanted(question: str) -> Wanted:
    """The kind of answer, from the question's own words."""
    low = question.lower()
    if re.search(r"\bwho(?:m|se)?\b|\b(?:which|what) (?:person|author)\b", low):
        return "person"
    if re.search(r"\bwhen\b|\b(?:what|which) (?:year|date|day|month|time|century)\b", low):
        return "time"
    if re.search(r"\bhow (?:many|much|old|long|large|big|tall|far|fast|high)\b", low):
        return "number"
    if re.search(r"\bwhy\b|\bfor what reason\b", low):
        return "reason"
    if re.search(
        r"^\W*(?:what|who)(?:'s| is| are| was| were) (?:an? |the )?[\w'’.()_-]+(?: [\w'’.()_-]+)?\W*$"
        r"|\bstands? for\b|\bwhat does .* mean\b|\bmeaning of\b|\bdefin(?:e|ition)\b",
        low,
    ):
        return "meaning"
    return "value"


QUESTION_WORD: dict[Wanted, str] = {
    "person": "who",
    "time": "when",
    "number": "how many",
    "reason": "why",
    "meaning": "what",
    "value": "",
}
"""The word of the question that stays unused when a sentence has no such answer."""


def has_answer(kind: Wanted, sentence: str, asked: Sequence[Term]) -> bool:
    """Whether a sentence has something of the wanted kind that the question does not have."""
    match kind:
        case "person":
            return bool(_names(sentence, asked))
        case "time":
            return bool(_others(TIME.findall(sentence), asked))
        case "number":
            return bool(_others(NUMBER.findall(sentence), asked))
        case "reason":
            return bool(_REASON.search(sentence))
        case "meaning":
            return defines(sentence, asked)
        case "value":
            return True


def defines(sentence: str, asked: Sequence[Term]) -> bool:
    """Whether a sentence says what something is: it begins with it, and goes on with a linking word."""
    end = _end_of_subject(sentence, asked)
    if end is None:
        return False
    rest = sentence[end:]
    return bool(
        re.match(
            r"[\"'”’`*)\s]*(?:\([^)]*\)\s*)?(?:,[^,]*,)?\s*(?:is|are|was|were|means|refers|denotes"
            r"|stands|describes|provides|allows|:|--|—|–|-\s|=|\(|→)",
            rest,
        )
    )


def _end_of_subject(sentence: str, asked: Sequence[Term]) -> int | None:
    """Where the words of the question end that the sentence begins with; None if it does not."""
    at = re.match(r"[\W_]*(?:(?:the|a|an)\b[\W_]*)?", sentence, re.IGNORECASE)
    start = at.end() if at else 0
    ends = [m.end() for term in asked if (m := compiled(term).search(sentence))]
    begins = [m.start() for term in asked if (m := compiled(term).search(sentence))]
    if not ends or len(ends) < len(asked) or min(begins) > start:
        return None
    return max(ends)


def short_answer(question: str, kind: Wanted, sentence: str, asked: Sequence[Term]) -> str | None:
    """The answer by itself, where the form of the sentence leaves little doubt."""
    match kind:
        case "person":
            return _person(sentence, asked)
        case "time":
            times = _others(TIME.findall(sentence), asked)
            return times[0] if len(times) == 1 else None
        case "number":
            return _number(question, sentence, asked)
        case "reason":
            return None
        case "meaning" | "value":
            return _labelled(question, sentence, asked) or _linked(question, sentence, asked)


def _others(found: list[str], asked: Sequence[Term]) -> list[str]:
    """What was found without what the question says itself, each once."""
    told = [item for item in found if not any(compiled(term).search(item) for term in asked)]
    return list(dict.fromkeys(told))


def _names(sentence: str, asked: Sequence[Term]) -> list[str]:
    found: list[str] = []
    for match in NAME.finditer(sentence):
        parts = match[0].split()
        while parts and parts[0] in _NOT_NAMES:
            parts.pop(0)
        name = " ".join(parts).rstrip(".,") if parts else ""
        if len(name) > 1 and not name.isupper() and name[0].isupper():
            found.append(name)
    return _others(found, asked)


def _person(sentence: str, asked: Sequence[Term]) -> str | None:
    by = _BY.search(sentence)
    if by and not any(compiled(term).search(by[1]) for term in asked):
        return by[1].rstrip(".,")
    label = re.match(rf"\W*(?:Author|Maintainer|Owner)s?:?\s+({NAME.pattern})", sentence)
    if label:
        return label[1].rstrip(".,")
    names = _names(sentence, asked)
    if len(names) == 1 and sentence.lstrip("\"'“# ").startswith(names[0]):
        return names[0]
    return None


def _number(question: str, sentence: str, asked: Sequence[Term]) -> str | None:
    unit = re.search(r"\bhow (?:many|much)\s+([\w-]+)(?:\s+([\w-]+))?", question, re.IGNORECASE)
    numbers = [m for m in NUMBER.finditer(sentence)]
    numbers = [m for m in numbers if _others([m[0]], asked)]
    if unit:
        for noun in filter(None, (unit[2], unit[1])):
            term = next((term for term in asked if term.word.lower() == noun.lower()), None)
            if term is None:
                continue
            for number in numbers:
                if re.match(rf"\s+(?:[\w-]+\s+){{0,2}}?{term.pattern}", sentence[number.end() :], re.I):
                    return number[0].strip()
    distinct = {m[0].strip() for m in numbers}
    return distinct.pop() if len(distinct) == 1 else None


def _labelled(question: str, sentence: str, asked: Sequence[Term]) -> str | None:
    """`RFC 4122` for "which RFC …", `port 8080` for "what port …"."""
    noun = re.search(r"\b(?:which|what) ([\w-]+)\b", question, re.IGNORECASE)
    if not noun or noun[1].lower() in {"is", "are", "was", "were", "does", "did", "do"}:
        return None
    term = next((term for term in asked if term.word.lower() == noun[1].lower()), None)
    if term is None:
        return None
    found = {
        match[0].rstrip(".,;:")
        for match in re.finditer(
            rf"{term.regex}\s+(?:number\s+|no\.\s*)?[#v]?\d[\w.-]*", sentence, re.IGNORECASE
        )
    }
    return found.pop() if len(found) == 1 else None


def _linked(question: str, sentence: str, asked: Sequence[Term]) -> str | None:
    """What stands on the other side of `is`, `:` or `=` from all the words of the question."""
    if not re.search(r"\b(?:what|which)(?:'s|\s+(?:is|are|was|were)\b|\s+[\w-]+)|\?", question, re.I):
        return None
    spans = [m.span() for term in asked if (m := compiled(term).search(sentence))]
    if not spans or len(spans) < len(asked):
        return None
    first, last = min(s for s, _ in spans), max(e for _, e in spans)
    for link in _LINKING.finditer(sentence):
        if link.start() >= last and link.start() - last <= 30:
            return _short(sentence[link.end() :])
        if link.end() <= first:
            before = _short(sentence[: link.start()], words=8)
            if before and before.split()[0].lower() not in _PRONOUNS:
                return before
    return None


def _short(text: str, words: int = _SHORT_WORDS) -> str | None:
    """A text as an answer by itself; None when it is too long for one."""
    text = text.strip().strip("\"“”'`*").rstrip(".,;:!").strip("\"“”'`*").strip()
    if not text or len(text) > _SHORT_CHARS or len(text.split()) > words:
        return None
    return text
