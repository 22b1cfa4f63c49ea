"""Reads questions after numbers: how many, how often, percentiles, how many an hour."""

from __future__ import annotations

import re
from typing import Any, Literal

from rlm_tui.engine.models.offline import words
from rlm_tui.engine.models.offline.question import Masked, Measure, Question, amount
from rlm_tui.engine.models.offline.things import Thing, things_in
from rlm_tui.engine.models.offline.vocabulary import SPENT

_COUNTING = r"\bhow (?:many|often|frequently)\b|\bnumber of\b|^count\b|\bcount (?:of|the|all|how)\b"
_HAPPENS = (
    r"(?:occurs?|appears?|mentioned|used|found|come up|show up|been|be|repeat(?:ed)?|raised|called"
    r"|said|written|cited|referenced|listed)"
)
_TIMES = (
    r"\bhow (?:often|frequently|many times) (?:do|does|did|is|are|was|were|has|have|can)\s+(.+?)"
    rf"\s+{_HAPPENS}\b"
    r"|\b(?:occurrences?|mentions?|appearances?|instances?|uses|usages?|repetitions) of\s+(.+?)"
    r"(?:\s+(?:in|are|is|does|do|occur|appear)\b|[?.!]*$)"
    r"|\bhow (?:often|many times)\b.*?"
    r"\b(?:contains?|mentions?|uses?|includes?|says?|raises?|calls?)\s+(.+?)[?.!]*$"
    r"|\bnumber of times (?:that )?(.+?)\s+(?:occurs?|appears?|is|are|was)\b"
    r"|\bhow (?:often|many times)\b.*?(⟦\d+⟧)"
)
_LEAD = (
    r"(?:(?:the|a|an|exact|literal)\s+)*(?:(?:word|phrase|string|name|term|text|token|letter"
    r"|character|variable|identifier|function|method|class|keyword|expression)s?\s+(?=\S))?"
)


def counted(q: Masked) -> Question | None:
    """How many …, how often …?"""
    opening = q.search(_COUNTING)
    if not opening:
        return None
    times = q.search(_TIMES)
    if times:
        group = next(at for at, found in enumerate(times.groups(), 1) if found)
        phrase = _phrase(q, times.span(group))
        thing = _only_thing(q, phrase)
        if thing is not None and thing.one not in {"word", "class"}:
            return q.ask("count", thing=thing)
        if phrase:
            return q.ask("count", phrase=phrase)
    return _lines(q) or _things(q, opening)


def _phrase(q: Masked, span: tuple[int, int]) -> str:
    """What is counted, as the question has it."""
    start, end = span
    lead = re.match(_LEAD, q.low[start:end])
    return q.original(start + (lead.end() if lead else 0), end).strip(" ?.!")


def _only_thing(q: Masked, phrase: str) -> Thing | None:
    """The thing that a phrase names, if it names nothing else."""
    if q.quotes:
        return None
    spans = [t for s, e, t in things_in(phrase.lower()) if e - s == len(phrase)]
    return next((thing for thing in spans if thing.unit != "special"), None)


_LINES_THAT = (
    r"\blines?\b(?: of [\w ]+?)?\s+(?:that |which |do |does |are |is )*"
    r"(start(?:s|ing)?|begin(?:s|ning)?|end(?:s|ing)?|contain(?:s|ing)?|mention(?:s|ing)?"
    r"|ha(?:ve|s|ving)|includ(?:es?|ing)|match(?:es|ing)?|us(?:es?|ing)|with|say(?:s|ing)?)"
    r"(?: with| in)?\s+(.+?)(?:\s+in (?:the|this) (?:text|document|file|log))?[?.!]*$"
)


def _lines(q: Masked) -> Question | None:
    """How many lines contain …?"""
    longer = q.search(r"\blines?\b.*\b(longer|shorter|more|fewer|less) than (\d[\d,]*)")
    if longer:
        sign = "<" if longer[1] in {"shorter", "fewer", "less"} else ">"
        return q.ask("count", noun=sign, span=(amount(longer[2]), 0), wants_lines=True)
    found = q.search(_LINES_THAT)
    if not found:
        return None
    phrase = _phrase(q, found.span(2))
    thing = _only_thing(q, phrase)
    anchor: Literal["", "start", "end"] = ""
    if found[1].startswith(("start", "begin")):
        anchor = "start"
    elif found[1].startswith("end"):
        anchor = "end"
    if anchor:
        return q.ask("count", phrase=phrase, wants_lines=True, anchor=anchor)
    if thing is not None:
        return q.ask("count", thing=thing, wants_lines=True)
    if not q.quotes and len(words.terms(phrase)) > 1:
        return q.ask("count", filters=words.terms(phrase), wants_lines=True)
    return q.ask("count", phrase=phrase, wants_lines=True)


def _things(q: Masked, opening: re.Match[str]) -> Question:
    """How many errors …, how many bytes …?"""
    is_distinct = bool(q.search(r"\b(?:different|distinct|unique)\b"))
    near = next((item for item in q.things if item[0] >= opening.end()), None)
    between = words.tokens(q.low[opening.end() : near[0]]) if near else []
    if near and all(word in SPENT or not words.is_content(word) for word in between):
        return q.ask(
            "count",
            thing=near[2],
            also=q.lines_behind(near[0] + 1),
            filters=q.filters(opening[0], q.named_things, "raised called"),
            is_distinct=is_distinct,
        )
    rest = q.filters(opening[0])
    noun = rest[0].word if rest else ""
    return q.ask("count", noun=noun, filters=rest, is_distinct=is_distinct)


_STATISTICS: tuple[tuple[str, Measure], ...] = (
    (r"\b(\d{1,2}(?:\.\d+)?)(?:st|nd|rd|th)?[\s-]*percentiles?\b", "percentile"),
    (r"\bp(\d{2}(?:\.\d+)?)\b", "percentile"),
    (r"\bmedian\b", "percentile"),
    (r"\b(?:mean|average|avg)\b", "mean"),
    (r"\b(?:sum of|total)\b", "sum"),
    (r"\b(?:maximum|max|highest|largest|biggest|greatest|slowest|peak)\b", "maximum"),
    (r"\b(?:minimum|min|lowest|smallest|fastest)\b", "minimum"),
)
_GROUP = (
    r"\b(?:which|what) ([\w-]+) (?:has|have|had|with|shows?|made|earned|spent|is|are)\b",
    r"\b(?:per|by|for each|for every|in each) ([\w-]+)",
)


def measured(q: Masked) -> Question | None:
    """What is the 95th percentile of the latency? Which city has the highest total amount?"""
    if q.search(r"\bhow (?:many|often)\b|\bnumber of\b"):
        return None
    for pattern, measure in _STATISTICS:
        found = q.search(pattern)
        if not found:
            continue
        lines = [item for item in q.things if item[2].unit == "line"]
        rest = q.filters(found[0], *(q.low[start:end] for start, end, _ in lines))
        noun = " ".join(term.word for term in rest)
        if not noun and q.search(r"\b(?:slowest|fastest)\b"):
            noun = "latency"
        if not noun:
            continue
        group = next((m[1] for pattern in _GROUP if (m := q.search(pattern))), "")
        parts: dict[str, Any] = {"percent": float(found[1])} if found.re.groups else {}
        return q.ask(
            "measure",
            filters=[term for term in rest if term.word.lower() != group],
            also=q.lines_behind(0),
            noun=noun,
            measure=measure,
            group=group,
            is_least=bool(q.search(r"\b(?:lowest|smallest|least|fastest)\b")),
            **parts,
        )
    return None


_PERIOD = "(minute|hour|day|date|weekday|month|year)"
_BUSIEST = (
    rf"\bbusiest {_PERIOD}\b",
    (
        rf"\b(?:which|what|in which|on which|on what|during which) {_PERIOD}s?\b.*"
        r"\b(?:most|busiest|fewest|least|highest|peak)\b"
    ),
    rf"\b(?:per|by|each|every|for each) {_PERIOD}\b",
    r"\bwhen (?:do|did|does|were|was|are|is)\b.*\bmost\b",
    r"\bpeak (?:time|hour)s?\b",
)


def busiest(q: Masked) -> Question | None:
    """Which hour has the most errors? When were most of the requests made?"""
    found = next((m for pattern in _BUSIEST if (m := q.search(pattern))), None)
    if not found or q.search(r"\b(?:appear|occur|mention|name|cite|list|use)\w*\b"):
        return None
    if q.search(r"\b(?:average|mean|median|percentile|total|sum)\b"):
        return None
    lines = [thing for _, _, thing in q.things if thing.unit == "line"]
    if not lines and not q.search(r"\b(?:most|busiest|peak|fewest|least|how many|count|number)\b"):
        return None
    period = found[1] if found.re.groups else "hour"
    return q.ask(
        "busiest",
        filters=q.filters(found[0], q.named_things, "happen traffic activity peak fewest"),
        also=q.lines_behind(0),
        period={"date": "day", "weekday": "day"}.get(period, period),
        is_least=bool(q.search(r"\b(?:fewest|least|quietest)\b")),
    )
