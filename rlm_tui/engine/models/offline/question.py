"""Reads a question: what is to be done, to what, and which lines count.

English only. What the grammar here does not know is an open question, for the sub-model's reader.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from rlm_tui.engine.models.offline import words
from rlm_tui.engine.models.offline.things import BY_NAME, Thing, things_in
from rlm_tui.engine.models.offline.words import Term

Kind = Literal[
    "count",
    "rank",
    "list",
    "measure",
    "busiest",
    "errors",
    "locate",
    "define",
    "show",
    "extreme",
    "overview",
    "open",
]
Measure = Literal["percentile", "mean", "maximum", "minimum", "sum"]

_SPENT = frozenset(
    """
    many number total count counts often frequently frequent common commonly most least top first last
    different distinct unique present defined define definition exist altogether overall there
    appears occurring mention order ordered ranked rank repeat repeated repeats busiest hour hours
    time times earliest latest following
    popular active rarest listing every all everything rare shortest longest average mean median
    percentile maximum minimum max min highest lowest largest smallest biggest slowest fastest sum per
    p50 p90 p95 p99 line lines log text extract enumerate frequency logged recorded imported declared implemented
    """.split()
)
"""Words that the grammar itself uses up, beside the scaffold."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question, taken apart."""

    text: str
    kind: Kind
    terms: list[Term]
    """All its content words."""
    filters: list[Term] = field(default_factory=list[Term])
    """Those that the lines have to have which count."""
    thing: Thing | None = None
    """What is counted, listed, ranked or located, where its form is known."""
    also: list[Thing] = field(default_factory=list[Thing])
    """Other things that the lines have to have."""
    noun: str = ""
    """What is asked for in the question's words, where its form is not known."""
    phrase: str = ""
    """A literal that is counted, located or defined."""
    top: int = 0
    """How many are wanted; 0 when it does not say."""
    is_distinct: bool = False
    is_least: bool = False
    wants_lines: bool = False
    """Count lines rather than occurrences."""
    anchor: Literal["", "start", "end"] = ""
    """Where in a line the phrase has to stand."""
    position: Literal["", "first", "last"] = ""
    measure: Measure = "mean"
    percent: float = 50
    span: tuple[int, int] = (0, 0)
    """The lines that are to be shown."""
    period: str = ""
    """`hour`, `day`, `minute`, `month`: what a time is rounded to."""
    wants_when: bool = False


def read_question(text: str) -> Question:
    """Take a question apart."""
    text = re.sub(r"(?<=\w)['’]s\b", " 's", " ".join(text.split()))
    text = text.replace(" 's", "") if not words.quoted(text) else text.replace(" 's", "'s")
    masked = _Masked(text)
    for reading in _READINGS:
        question = reading(masked)
        if question is not None:
            return question
    return Question(text, "open", words.terms(text))


class _Masked:
    """A question in lower case, with its quotes masked so that no rule reads into them."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.quotes = words.quoted(text)
        numbers = iter(range(len(self.quotes)))
        self.cased = re.sub(
            words.QUOTED, lambda _: f"⟦{next(numbers)}⟧", text
        )
        self.low = self.cased.lower()
        self.terms = words.terms(text)

    def original(self, start: int, end: int) -> str:
        """A span as the question has it, quotes put back."""
        return re.sub(r"⟦(\d+)⟧", lambda m: self.quotes[int(m[1])], self.cased[start:end]).strip()

    def filters(self, *spent: str) -> list[Term]:
        """The content words outside the spans that were understood."""
        used = {token.lower() for span in spent for token in words.tokens(span)} | _SPENT
        quoted = set(self.quotes)
        return [
            term
            for term in self.terms
            if term.word in quoted or term.word.lower() not in used
        ]

    def search(self, pattern: str) -> re.Match[str] | None:
        """Search the lower-cased question."""
        return re.search(pattern, self.low)


_NUMBERS = {
    word: number
    for number, word in enumerate(
        "one two three four five six seven eight nine ten eleven twelve".split(), 1
    )
}
_COUNTED = r"\d+|" + "|".join(_NUMBERS)


def _amount(word: str) -> int:
    return _NUMBERS.get(word) or int(word.replace(",", ""))


# Readings, in the order in which they are tried


def _show(q: _Masked) -> Question | None:
    """What is on line 42? Show lines 10 to 20."""
    found = q.search(
        r"\blines? (?:number )?(\d[\d,]*)(?:\s*(?:-|–|to|through|until|and)\s*(?:line )?(\d[\d,]*))?"
    )
    if not found or not q.search(r"^(?:what|show|print|quote|read|give|display|which)\b|\bsays?\b"):
        return None
    if q.search(r"\bhow many\b|\b(?:longer|shorter|more|fewer|less) than\b"):
        return None
    first = _amount(found[1])
    return Question(q.text, "show", q.terms, span=(first, _amount(found[2]) if found[2] else first))


_AND_WHEN = r"\bwhen\b|\bat what times?\b|\bwhat times?\b"


def _errors(q: _Masked) -> Question | None:
    """Which errors repeat most, and when?"""
    named = q.search(r"\b(errors?|failures?|error (?:codes?|kinds?|types?|messages?))\b")
    if not named or q.search(r"\bhow (?:many|often)\b|\bnumber of\b|\bcount\b|\blines?\b"):
        return None
    is_ranked = q.search(
        r"\b(?:most|top|repeat\w*|frequent\w*|common\w*|often|rank\w*|main|recurr\w*|dominant)\b"
    )
    is_open_list = q.search(r"^(?:which|what) (?:kinds? of |types? of )?(?:errors?|failures?)\b") or q.search(
        r"\b(?:kinds?|types?) of (?:errors?|failures?)\b"
    )
    if not is_ranked and not is_open_list:
        return None
    if q.search(r"\b(?:which|what|top \w+) (?!errors?|failures?|are|is|the|kind|type|error)\w+") and not q.search(
        _AND_WHEN
    ):
        return None
    top = q.search(rf"\b(?:top|the) ({_COUNTED})\b|\b({_COUNTED}) most\b")
    filters = q.filters(named[0], "code codes kind kinds type types message messages main dominant recurring")
    return Question(
        q.text,
        "errors",
        q.terms,
        filters=filters,
        top=_amount(next(filter(None, top.groups()))) if top else 0,
        wants_when=bool(q.search(_AND_WHEN)),
    )


_PERIOD = r"(minute|hour|day|date|weekday|month|year)"


def _busiest(q: _Masked) -> Question | None:
    """Which hour has the most errors? When were most of the requests made?"""
    found = (
        q.search(rf"\bbusiest {_PERIOD}\b")
        or q.search(rf"\b(?:which|what|in which|on which|on what|during which) {_PERIOD}s?\b.*\b(?:most|busiest|fewest|least|highest|peak)\b")
        or q.search(rf"\b(?:per|by|each|every|for each) {_PERIOD}\b")
        or q.search(r"\bwhen (?:do|did|does|were|was|are|is)\b.*\bmost\b")
        or q.search(r"\bpeak (?:time|hour)s?\b")
    )
    if not found:
        return None
    period = found[1] if found.re.groups else "hour"
    things = [thing for _, _, thing in things_in(q.low) if thing.unit == "line"]
    if not things and not q.search(r"\b(?:most|busiest|peak|fewest|least|how many|count|number)\b"):
        return None
    return Question(
        q.text,
        "busiest",
        q.terms,
        filters=q.filters(found[0], *(q.low[s:e] for s, e, _ in things_in(q.low)), "happen traffic activity peak fewest"),
        also=[thing for thing in things if thing.one != "record"],
        period={"date": "day", "weekday": "day"}.get(period, period),
        is_least=bool(q.search(r"\b(?:fewest|least|quietest)\b")),
    )


_STATISTICS: tuple[tuple[str, Measure], ...] = (
    (r"\b(\d{1,2}(?:\.\d+)?)(?:st|nd|rd|th)?[\s-]*percentiles?\b", "percentile"),
    (r"\bp(\d{2}(?:\.\d+)?)\b", "percentile"),
    (r"\bmedian\b", "percentile"),
    (r"\b(?:mean|average|avg)\b", "mean"),
    (r"\b(?:maximum|max|highest|largest|biggest|greatest|slowest|peak)\b", "maximum"),
    (r"\b(?:minimum|min|lowest|smallest|fastest)\b", "minimum"),
    (r"\b(?:sum of|total)\b", "sum"),
)


def _measured(q: _Masked) -> Question | None:
    """What is the 95th percentile of the latency?"""
    for pattern, measure in _STATISTICS:
        found = q.search(pattern)
        if not found or q.search(r"\bhow (?:many|often)\b|\bnumber of\b"):
            continue
        percent = float(found[1]) if found.re.groups else 50.0
        rest = q.filters(found[0])
        noun = " ".join(term.word for term in rest)
        if not noun and not q.search(r"\b(?:slowest|fastest)\b"):
            continue
        if q.search(r"\bslowest|fastest\b"):
            noun = noun or "latency"
        return Question(
            q.text, "measure", q.terms, filters=rest, noun=noun, measure=measure, percent=percent
        )
    return None


def _extreme(q: _Masked) -> Question | None:
    """Which line is the longest?"""
    found = q.search(r"\b(longest|shortest) (line|word|sentence|paragraph)\b") or q.search(
        r"\b(?:which|what) (line|word|sentence|paragraph) is (?:the )?(longest|shortest)\b"
    )
    if not found:
        return None
    which, what = sorted(found.groups(), key=lambda word: word not in {"longest", "shortest"})
    return Question(
        q.text, "extreme", q.terms, thing=BY_NAME[what], is_least=which == "shortest"
    )


_RANKED = (
    rf"\btop[\s-]+({_COUNTED})\b|\b({_COUNTED})\s+(?:most|least)\b|\btop\b"
    r"|\b(?:most|least)[\s-]+(?:\w+ly |often )?(?:common|frequent|often|popular|active|repeated|used|mentioned"
    r"|numerous|called|raised|imported|cited|frequently|commonly)\b"
    r"|\b(?:appears?|occurs?|repeats?|used|raised|mentioned|imported|called|comes? up|shows? up)\s+(?:the )?(?:most|least)\b"
    r"|\b(?:has|have|had|with|makes?|made|cause[sd]?|gets?|got|sent|sends?|received?s?) (?:the )?(?:most|fewest|least)\b"
    r"|\brarest\b|\branke?d?(?:ing)?\b|\bmost\b.*\boften\b|\bby (?:count|frequency)\b"
)


def _ranked(q: _Masked) -> Question | None:
    """Which IP addresses appear most often? Top 5 words."""
    found = q.search(_RANKED)
    if not found or q.search(r"\bhow many\b"):
        return None
    start = _asked_at(q)
    things = [item for item in things_in(q.low) if item[0] >= start] or things_in(q.low)
    amount = next(filter(None, (found[1], found[2])), "")
    question = Question(
        q.text,
        "rank",
        q.terms,
        top=_amount(amount) if amount else 0,
        is_least=bool(q.search(r"\b(?:least|fewest|rarest)\b")),
    )
    noun = re.match(r"\s*(?:the )?(?:\d+ |different |distinct |unique )*([\w-]+(?: [\w-]+)?)", q.low[start:])
    if things and (things[0][0] - start <= 24 or not noun):
        begin, end, thing = things[0]
        spent = [q.low[s:e] for s, e, _ in things]
        return replace(
            question,
            thing=thing,
            also=[other for _, _, other in things[1:] if other.unit == "line" and other.one != "record"],
            filters=q.filters(found[0], *spent),
        )
    if not noun:
        return None
    rest = q.filters(found[0])
    return replace(question, noun=rest[0].word if rest else noun[1], filters=rest)


def _asked_at(q: _Masked) -> int:
    """Where the noun that is asked for begins."""
    found = (
        q.search(rf"\btop[\s-]+(?:{_COUNTED})?\s*|\b(?:{_COUNTED})\s+(?:most|least)\s+\w+\s+")
        or q.search(r"\b(?:which|what)\b\s+(?!is\b|are\b|was\b|were\b)")
        or q.search(r"\b(?:most|least)[\s-]+(?:\w+ly )?(?:common|frequent|often|popular|active|repeated|used|mentioned|cited|raised|imported)\s+|\brarest\s+")
        or q.search(r"\b(?:rank|list|count|show)\s+(?:all |the )*")
    )
    return found.end() if found else 0


_TIMES = (
    r"\bhow (?:often|frequently|many times) (?:do|does|did|is|are|was|were|has|have|can)\s+(.+?)"
    r"\s+(?:occurs?|appears?|mentioned|used|found|come up|show up|been|be|repeat(?:ed)?|raised|called|said|written|cited|referenced|listed)\b"
    r"|\b(?:occurrences?|mentions?|appearances?|instances?|uses|usages?|repetitions) of\s+(.+?)(?:\s+(?:in|are|is|does|do|occur|appear)\b|[?.!]*$)"
    r"|\bhow (?:often|many times)\b.*?\b(?:contains?|mentions?|uses?|includes?|says?|raises?|calls?)\s+(.+?)[?.!]*$"
    r"|\bnumber of times (?:that )?(.+?)\s+(?:occurs?|appears?|is|are|was)\b"
    r"|\bhow (?:often|many times)\b.*?(⟦\d+⟧)"
)
_LEAD = r"^(?:(?:the|a|an|exact|literal)\s+)*(?:(?:word|phrase|string|name|term|text|token|letter|character|variable|identifier|function|method|class|keyword|expression)s?\s+(?=\S))?"


def _counted(q: _Masked) -> Question | None:
    """How many …, how often …"""
    opening = q.search(r"\bhow (?:many|often|frequently)\b|\bnumber of\b|^count\b|\bcount (?:of|the|all|how)\b")
    if not opening:
        return None
    times = q.search(_TIMES)
    if times:
        index = next(i for i in range(1, len(times.groups()) + 1) if times[i])
        span = q.cased[times.start(index) : times.end(index)]
        phrase = re.sub(_LEAD, "", span, flags=re.IGNORECASE)
        phrase = re.sub(r"⟦(\d+)⟧", lambda m: q.quotes[int(m[1])], phrase).strip(" ?.!")
        thing = next((t for s, e, t in things_in(phrase.lower()) if (s, e) == (0, len(phrase))), None)
        if thing is not None and thing.unit != "special" and not q.quotes and thing.one not in {"word", "class"}:
            return Question(q.text, "count", q.terms, thing=thing)
        if phrase:
            return Question(q.text, "count", q.terms, phrase=phrase)
    return _counted_lines(q) or _counted_things(q, opening)


def _counted_lines(q: _Masked) -> Question | None:
    """How many lines contain …"""
    longer = q.search(r"\blines?\b.*\b(longer|shorter|more|fewer|less) than (\d[\d,]*)")
    if longer:
        sign = "<" if longer[1] in {"shorter", "fewer", "less"} else ">"
        return Question(q.text, "count", q.terms, noun=sign, span=(_amount(longer[2]), 0), wants_lines=True)
    found = q.search(
        r"\blines?\b(?: of [\w ]+?)?\s+(?:that |which |do |does |are |is )*(start(?:s|ing)?|begin(?:s|ning)?|end(?:s|ing)?|contain(?:s|ing)?|"
        r"mention(?:s|ing)?|ha(?:ve|s|ving)|includ(?:es?|ing)|match(?:es|ing)?|us(?:es?|ing)|with|say(?:s|ing)?)"
        r"(?: with| in)?\s+(.+?)[?.!]*$"
    )
    if not found:
        return None
    span = q.cased[found.start(2) : found.end(2)]
    phrase = re.sub(_LEAD, "", span, flags=re.IGNORECASE)
    phrase = re.sub(r"\s+in (?:the|this) (?:text|document|file|log)$", "", phrase)
    phrase = re.sub(r"⟦(\d+)⟧", lambda m: q.quotes[int(m[1])], phrase).strip(" ?.!")
    thing = next((t for s, e, t in things_in(phrase.lower()) if e - s >= len(phrase) - 4), None)
    if thing is not None and thing.unit != "special" and not q.quotes:
        return Question(q.text, "count", q.terms, thing=thing, wants_lines=True)
    if not q.quotes and len(words.terms(phrase)) > 1:
        return Question(q.text, "count", q.terms, filters=words.terms(phrase), wants_lines=True)
    anchor: Literal["", "start", "end"] = (
        "start" if found[1][:5] in {"start", "begin"} else "end" if found[1][:3] == "end" else ""
    )
    return Question(q.text, "count", q.terms, phrase=phrase, wants_lines=True, anchor=anchor)


def _counted_things(q: _Masked, opening: re.Match[str]) -> Question:
    is_distinct = bool(q.search(r"\b(?:different|distinct|unique)\b"))
    things = things_in(q.low)
    start = opening.end()
    near = next((item for item in things if item[0] >= start), None)
    between = q.low[start : near[0]] if near else ""
    if near and len([w for w in words.tokens(between) if words.is_content(w) and w not in _SPENT]) == 0:
        spent = [q.low[s:e] for s, e, _ in things]
        return Question(
            q.text,
            "count",
            q.terms,
            thing=near[2],
            also=[t for s, _, t in things if s > near[0] and t.unit == "line" and t.one != "record"],
            filters=q.filters(opening[0], *spent, "raised called"),
            is_distinct=is_distinct,
        )
    rest = q.filters(opening[0])
    noun = rest[0].word if rest else ""
    return Question(q.text, "count", q.terms, noun=noun, filters=rest, is_distinct=is_distinct)


def _defined(q: _Masked) -> Question | None:
    """Where is X defined? What does def X do?"""
    name = r"(?:the |a |an )?((?:def |function |method |class |variable |constant |module )?[\w.⟦⟧()-]+(?: (?:function|method|class|variable|constant))?)"
    found = (
        q.search(rf"\b(?:where|on (?:which|what) line) (?:is|are|was)\s+{name}\s+(?:first )?(?:defined|declared|implemented|assigned|set)\b")
        or q.search(r"\bwhat does (?:the )?((?:def|function|method|class) [\w.⟦⟧()]+)\s+(?:do|return|mean|take)\b")
        or q.search(r"\bwhat does (?:the )?([\w.⟦⟧]+(?:\(\)| (?:function|method|class)))\s+(?:do|return|take)\b")
        or q.search(rf"\b(?:definition|signature|implementation|docstring) of\s+{name}")
        or q.search(rf"\b(?:arguments?|parameters?) (?:does|do|of|for)\s+{name}")
        or q.search(rf"^(?:define|show (?:me )?(?:the )?(?:definition|code|source) (?:of|for))\s+{name}")
    )
    if not found:
        return None
    raw = q.original(*found.span(1))
    named = re.sub(r"^(?:def|function|method|class|variable|constant|module) | (?:function|method|class|variable|constant)$", "", raw)
    return Question(q.text, "define", q.terms, phrase=named.removesuffix("()").rpartition(".")[2])


def _located(q: _Masked) -> Question | None:
    """On which line …, where … mentioned?"""
    is_line = q.search(r"\b(?:on |in |at )?(?:which|what) lines?\b|\bline numbers?\b")
    is_place = q.search(r"\bwhere\b.*\b(?:mentioned|appears?|occurs?|stated|written|found in|used|come up|in the (?:text|file|document|log))\b")
    edge = q.search(
        r"\b(first|last|earliest|latest|final)\b.*\b(?:mention\w*|occur\w*|appear\w*|lines?|time|entry|used?|seen)\b"
        r"|\b(?:mentioned|appears?|occurs?|used|seen|logged)\s+(first|last)\b"
    )
    if not is_line and not is_place and not (edge and q.search(r"\b(?:where|when|which|what|find|show)\b")):
        return None
    position: Literal["", "first", "last"] = ""
    if edge:
        word = next(filter(None, edge.groups()))
        position = "last" if word in {"last", "latest", "final"} else "first"
    things = [item for item in things_in(q.low) if item[2].one != "line"]
    spent = [q.low[s:e] for s, e, _ in things]
    filters = q.filters(*spent, "mention mentions mentioned occurrence occurrences appear appears occur entry seen used final")
    phrase = q.quotes[0] if q.quotes else ""
    thing = things[0][2] if things and not phrase and things[0][2].unit != "special" else None
    if not filters and thing is None and not phrase:
        return None
    return Question(
        q.text, "locate", q.terms, filters=filters, phrase=phrase, thing=thing, position=position
    )


def _listed(q: _Masked) -> Question | None:
    """List all dates. Which functions are defined?"""
    opening = q.search(
        r"^(?:please )?(?:list|show|give|enumerate|extract|name|print|find)(?: me)?(?: all| every| each| the| of)*\b"
        r"|^(?:which|what)(?: are)?(?: all)?(?: the)?(?: different| distinct| unique)*\b"
    )
    if not opening:
        return None
    things = things_in(q.low)
    if not things or things[0][0] - opening.end() > 14:
        return None
    is_command = not q.low.startswith(("which", "what"))
    begin, end, thing = things[0]
    plural = q.low[begin:end].endswith("s") and not q.low[begin:end].endswith("ss")
    if not is_command and (
        not plural
        or not (
            q.search(r"^what are (?:all )?(?:the )?")
            or re.search(
                r"^\s*(?:are|does|do|did|were|occur|appear|exist|can|is)?\b.*\b(?:are there|defined|listed|mentioned|used"
                r"|imported|occur|appear|exist|found|import|define|contain|have|mention|raise[ds]?|named?|log(?:ged)?|use)\b",
                q.low[end:],
            )
        )
    ):
        return None
    spent = [q.low[s:e] for s, e, _ in things]
    return Question(
        q.text,
        "list",
        q.terms,
        thing=thing,
        also=[t for _, _, t in things[1:] if t.unit == "line" and t.one != "record"],
        filters=q.filters(opening[0], *spent, "import imports use raise raised contain define named"),
        is_distinct=True,
    )


def _overview(q: _Masked) -> Question | None:
    """What is this file about?"""
    if not q.terms or q.search(
        r"\bsummar(?:y|ise|ize)\b|\boverview\b|\btl;?dr\b"
        r"|\bwhat(?: is|'s)? (?:this|the|it)(?: (?:text|document|file|log|book|paper|article))?(?: all)? about\b"
        r"|\bmain (?:topics?|points?|ideas?)\b|^describe (?:this|the) (?:text|document|file|log)\b"
    ):
        return Question(q.text, "overview", q.terms)
    return None


_READINGS: tuple[Callable[[_Masked], Question | None], ...] = (
    _overview,
    _show,
    _defined,
    _extreme,
    _errors,
    _busiest,
    _ranked,
    _counted,
    _measured,
    _located,
    _listed,
)
