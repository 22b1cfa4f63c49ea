"""What kind of answer a question wants, and how such an answer is read off a sentence.

Only what a sentence says in a form that leaves little doubt is taken out of it; in all other cases
there is no short answer and the sentence itself has to do.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from rlm_tui.engine.models.offline.vocabulary import NOT_NAMES, PRONOUNS
from rlm_tui.engine.models.offline.words import Term, compiled, is_content, tokens

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
_NAME_PART = r"[A-ZÀ-Þ][\w'\u2019-]*\.?"
NAME = re.compile(
    rf"(?:{_NAME_PART}|\b[A-Z]\.)(?:\s+(?:(?:van|von|de|der|den|di|da|la|le|bin|al|of)\s+){{0,2}}{_NAME_PART})*"
)
BY = re.compile(
    rf"\bby:?\s+(?:the\s+)?({NAME.pattern}(?:(?:,\s+(?:and\s+)?|\s+and\s+){NAME.pattern})*)"
)
_LINKING = re.compile(
    r"\s+(?:is|are|was|were|equals|means|remains|became|stands\s+for|refers\s+to)(?:\s+set\s+to)?:?\s+"
    r"|\s*(?::|=|=>|->|→|--|—|\u2013)\s+"
)
_REASON = re.compile(
    r"\b(?:because|since|so that|in order to|due to|owing to|caused by|as a result|therefore|thus"
    r"|reason|to avoid|to prevent|to allow|to keep|otherwise|subject to)\b",
    re.IGNORECASE,
)
_VERB = re.compile(r"\s+(?:\w+(?<!thi)s|\w+ed|wrote|became|made|led)\b")
_OPENING = " \t\"'`“(#*-"
_SHORT_WORDS = 14
_SHORT_CHARS = 100


_WANTED: tuple[tuple[str, Wanted], ...] = (
    (r"\bwho(?:m|se)?\b|\b(?:which|what) (?:person|author)\b", "person"),
    (r"\bwhen\b|\b(?:what|which) (?:year|date|day|month|time|century)\b", "time"),
    (r"\bhow (?:many|much|old|long|large|big|tall|far|fast|high)\b", "number"),
    (r"\bwhy\b|\bfor what reason\b", "reason"),
    (
        (
            r"^\W*(?:what|who)(?:'s| is| are| was| were) (?:an? |the )?"
            r"[\w'.()-]+(?: [\w'.()-]+)?\W*$"
            r"|^\W*what do(?:es)? .* (?:do|mean|stand for)\W*$|^.*\bmeaning of\b"
        ),
        "meaning",
    ),
    (r"\b(?:what|which|where|how)\b", "value"),
)


def wanted(question: str) -> Wanted:
    """The kind of answer, from the first question word."""
    low = question.lower()
    found = [(m.start(), at) for at, (p, _) in enumerate(_WANTED) if (m := re.search(p, low))]
    return _WANTED[min(found)[1]][1] if found else "value"


QUESTION_WORD: dict[Wanted, str] = {
    "person": "who",
    "time": "when",
    "number": "how many",
    "reason": "why",
    "meaning": "what",
    "value": "what",
}
"""The word of the question that stays unused when a sentence has no such answer."""


_CONDITION = re.compile(
    r"\b(?:when|whenever|after|before|once|until|as soon as|upon|during"
    r"|at the (?:end|beginning))\b",
    re.IGNORECASE,
)


def has_answer(question: str, kind: Wanted, sentence: str, asked: Sequence[Term]) -> bool:
    """Whether a sentence has something of the wanted kind that the question does not have."""
    match kind:
        case "person":
            return bool(_names(sentence, asked))
        case "time":
            if _others(TIME.findall(sentence), asked):
                return True
            is_rule = re.search(
                r"\bwhen (?:is|are|do|does|should|can|must|may|will)\b", question.lower()
            )
            return bool(is_rule and _CONDITION.search(sentence))
        case "number":
            return bool(_others(NUMBER.findall(sentence), asked))
        case "reason":
            return bool(_REASON.search(sentence))
        case "meaning":
            is_deed = re.search(r"\bdo\W*$", question.lower())
            if is_deed:
                return _opens(sentence, asked)
            return defines(sentence, asked) or expansion(question, sentence, asked) is not None
        case "value":
            # One word alone says too little of what is asked about it.
            is_bare = len([term for term in asked if not term.names]) < _TELLING_WORDS
            return not is_bare or short_answer(question, kind, sentence, asked) is not None


_TELLING_WORDS = 2


def defines(sentence: str, asked: Sequence[Term]) -> bool:
    """Whether a sentence says what something is: it begins with it, then has a linking word."""
    end = _end_of_subject(sentence, asked)
    return end is not None and bool(_DEFINING.match(sentence, end))


_DEFINING = re.compile(
    r"[\"'”\u2019`*)\s]*(?:\([^)]*\)\s*)?(?:,[^,]*,)?\s*(?:is|are|was|were|means|refers|denotes"
    r"|stands|describes|provides|allows|:|--|—|\u2013|-\s|=|\(|→)"
)


def _opens(sentence: str, asked: Sequence[Term]) -> bool:
    """Whether a sentence begins with what is asked about and goes on."""
    end = _end_of_subject(sentence, asked)
    return end is not None and bool(_DOING.match(sentence, end))


_DOING = re.compile(
    r"[\"'”\u2019`*)]*(?:\([^)]*\))?\s+(?:\w+ly\s+)?(?:is|are|was|were|can|may|must|will|has|does|\w+[^s\W]s)\b"
)


def adds_something(sentence: str, asked: Sequence[Term]) -> bool:
    """Whether a sentence has words of content that the question does not have."""
    return any(
        is_content(token) and not any(compiled(term).fullmatch(token) for term in asked)
        for token in tokens(sentence)
    )


def head_of(question: str, asked: Sequence[Term]) -> Term | None:
    """The term that `which` or `what` asks for, such as the RFC of "which RFC …"."""
    noun = re.search(r"\b(?:which|what) ([\w-]+)\b", question, re.IGNORECASE)
    if not noun:
        return None
    return next((term for term in asked if term.word.lower() == noun[1].lower()), None)


def _end_of_subject(sentence: str, asked: Sequence[Term]) -> int | None:
    """Where the words of the question end that a sentence begins with; None if it does not."""
    at = re.match(r"[\W_]*(?:(?:the|a|an)\b[\W_]*)?", sentence, re.IGNORECASE)
    start = at.end() if at else 0
    spans = [m.span() for term in asked if (m := compiled(term).search(sentence))]
    if not spans or min(spans)[0] > start:
        return None
    return max(end for _, end in spans)


def expansion(question: str, sentence: str, asked: Sequence[Term]) -> str | None:
    """What letters stand for: the words before them in brackets that begin with these letters."""
    if not re.search(r"\bstands? for\b|\bmean\b|\babbreviat", question.lower()):
        return None
    for term in asked:
        letters = term.word
        if not (letters.isupper() and letters.isalpha() and len(letters) > 1):
            continue
        words = r"[-\s]+(?:(?:of|for|the|and|in|on|to)\s+)?".join(
            rf"{c}[\w\u2019']*" for c in letters
        )
        found = re.search(rf"\b({words})\W{{0,3}}\s*\(\W?{letters}\b", sentence, re.IGNORECASE)
        found = found or re.search(rf"\b{letters}\W{{1,5}}({words})\b", sentence, re.IGNORECASE)
        if found:
            return found[1]
    return None


def short_answer(question: str, kind: Wanted, sentence: str, asked: Sequence[Term]) -> str | None:
    """The answer by itself, where the form of the sentence leaves little doubt."""
    match kind:
        case "person":
            linked = _linked(question, sentence, asked)
            is_name = linked is not None and NAME.match(linked)
            return _person(sentence, asked) or (linked if is_name else None)
        case "time":
            times = _others(TIME.findall(sentence), asked)
            return times[0] if len(times) == 1 else None
        case "number":
            return _number(question, sentence, asked)
        case "reason":
            return None
        case "meaning" | "value":
            found = expansion(question, sentence, asked) or _stranded(question, sentence, asked)
            return (
                found or _labelled(question, sentence, asked) or _linked(question, sentence, asked)
            )


def _others(found: list[str], asked: Sequence[Term]) -> list[str]:
    """What was found without what the question says itself, each once."""
    told = [item for item in found if not any(compiled(term).search(item) for term in asked)]
    return list(dict.fromkeys(told))


def _names(sentence: str, asked: Sequence[Term]) -> list[str]:
    found: list[str] = []
    for match in NAME.finditer(sentence):
        parts = match[0].split()
        while parts and parts[0] in NOT_NAMES:
            parts.pop(0)
        name = " ".join(parts).rstrip(".,") if parts else ""
        opens = len(parts) == 1 and not sentence[: match.start()].strip(_OPENING)
        # Every sentence begins with a capital; before a verb it may be a name.
        if opens and not _VERB.match(sentence, match.end()):
            continue
        is_code = re.search(r"(?<!Mc)(?<!Mac)(?<!De)(?<!Di)(?<!Le)(?<!La)(?<=[a-z])[A-Z]|_", name)
        if len(name) > 1 and not name.isupper() and name[0].isupper() and not is_code:
            found.append(name)
    return _others(found, asked)


def _person(sentence: str, asked: Sequence[Term]) -> str | None:
    by = BY.search(sentence)
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
    numbers = [m for m in NUMBER.finditer(sentence) if _others([m[0]], asked)]
    if unit:
        for noun in filter(None, (unit[2], unit[1])):
            term = next((term for term in asked if term.word.lower() == noun.lower()), None)
            if term is None:
                continue
            for number in numbers:
                if re.match(
                    rf"\s+(?:[\w-]+\s+){{0,2}}?{term.pattern}",
                    sentence[number.end() :],
                    re.IGNORECASE,
                ):
                    return number[0].strip()
    distinct = {m[0].strip() for m in numbers}
    return distinct.pop() if len(distinct) == 1 else None


def _labelled(question: str, sentence: str, asked: Sequence[Term]) -> str | None:
    """`RFC 4122` for "which RFC …", `port 8080` for "what port …"."""
    term = head_of(question, asked)
    if term is None:
        return None
    found = {
        match[0].rstrip(".,;:")
        for match in re.finditer(
            rf"{term.regex}\s+(?:number\s+|no\.\s*)?[#v]?\d[\w.+-]*", sentence, re.IGNORECASE
        )
    }
    return found.pop() if len(found) == 1 else None


_PREPOSITION = re.compile(r"\b(of|from|for|to|with|in|on|by|after|under|into|about|as)\W*$")


def _stranded(question: str, sentence: str, asked: Sequence[Term]) -> str | None:
    """`… is a subclass of ValueError` for "what is … a subclass of?"."""
    end = _PREPOSITION.search(question.lower())
    if end is None:
        return None
    last = max((m.end() for term in asked if (m := compiled(term).search(sentence))), default=0)
    told = re.match(rf"\W{{0,2}}\s*{end[1]}\s+(.+)", sentence[last:])
    return _short(re.split(r"[,;:(]|\.\s", told[1])[0]) if told else None


def _linked(question: str, sentence: str, asked: Sequence[Term]) -> str | None:
    """What stands on the other side of `is`, `:` or `=` from all the words of the question."""
    if re.search(r"\b(?:do|does|did|can|may|should|must|why|how)\b", question.lower()):
        return None
    spans = [m.span() for term in asked if (m := compiled(term).search(sentence))]
    needed = [term for term in asked if not term.names]
    if not spans or not all(compiled(term).search(sentence) for term in needed):
        return None
    first, last = min(s for s, _ in spans), max(e for _, e in spans)
    for link in _LINKING.finditer(sentence):
        between = sentence[last : link.start()] if link.start() >= last else ""
        if link.start() >= last and len(between.split()) <= _BETWEEN:
            return _short(re.split(r"[.;]\s", sentence[link.end() :])[0])
        is_verb = link[0].strip().isalpha()
        if (
            is_verb
            and link.end() <= first
            and re.fullmatch(_LEADING, sentence[link.end() : first].lower())
        ):
            before = _short(sentence[: link.start()], words=8)
            if before and before.split()[0].lower() not in PRONOUNS:
                return before
    return None


_BETWEEN = 2
_LEADING = r"(?:(?:the|a|an|also|now|our|its|known|as|called)\s+)*[\"'“`*]*"


def _short(text: str, words: int = _SHORT_WORDS) -> str | None:
    """A text as an answer by itself; None when it is too long for one."""
    text = text.strip().strip("\"“”'`*").rstrip(".,;:!").strip("\"“”'`*").strip()
    if not text or len(text) > _SHORT_CHARS or len(text.split()) > words:
        return None
    return text
