"""Reads questions after rankings and lists: top 5, most often, longest, list all, which errors."""

from __future__ import annotations

import re
from typing import Any

from rlm_tui.engine.models.offline import words
from rlm_tui.engine.models.offline.question import AMOUNT, Masked, Question, amount
from rlm_tui.engine.models.offline.things import BY_NAME
from rlm_tui.engine.models.offline.vocabulary import ADJECTIVES

_WHEN = r"\bwhen\b|\b(?:at )?what times?\b"
_ERRORS = r"\b(error (?:codes?|kinds?|types?|messages?)|errors?|failures?|wrong)\b"
_RANKED_ERRORS = (
    r"\b(?:most|top|repeat\w*|frequent\w*|common\w*|often|rank\w*|main|recurr\w*|dominant)\b"
)
_ALL_ERRORS = (
    r"^(?:which|what) (?:kinds? of |types? of )?(?:errors?|failures?)(?: \w+){0,3}?"
    r" (?:are there|were there|occur\w*|happen\w*|repeat\w*|appear\w*|logged|recorded|exist)\b"
    r"|\bwhat (?:all )?(?:went|goes|is going) wrong\b"
    r"|^(?:list|show|give)(?: me)?(?: all)?(?: the)?(?: different)? (?:errors?|failures?)\b"
    r"|^(?:list|show|give)(?: me)?(?: all)?(?: the)?(?: different)? error (?:codes|kinds|types)\b"
)
_OTHER_NOUN = r"\b(?:which|what|top \w+) (?!errors?|failures?|are|is|the|kind|type|error)\w+"
_ERROR_WORDS = "code codes kind kinds type types message messages main dominant recurring wrong"


def errors(q: Masked) -> Question | None:
    """Which errors repeat most, and when?"""
    named = q.search(_ERRORS)
    if not named or q.search(r"^when\b|\bhow (?:many|often)\b|\bnumber of\b|\bcount\b|\blines?\b"):
        return None
    wants_when = bool(q.search(_WHEN))
    if not q.search(_ALL_ERRORS):
        if not q.search(_RANKED_ERRORS) or named[1] == "wrong":
            return None
        if q.search(_OTHER_NOUN) and not wants_when:
            return None
    top = q.search(rf"\b(?:top|the) ({AMOUNT})\b|\b({AMOUNT}) most\b")
    return q.ask(
        "errors",
        filters=q.filters(named[0], top[0] if top else "", _ERROR_WORDS),
        top=amount(next(filter(None, top.groups()))) if top else 0,
        wants_when=wants_when,
    )


_LONG = r"longest|shortest"
_SIZED = "line|word|sentence|paragraph"


def extreme(q: Masked) -> Question | None:
    """Which line is the longest?"""
    found = q.search(rf"\b(?P<which>{_LONG}) (?P<what>{_SIZED})\b") or q.search(
        rf"\b(?:which|what) (?P<what>{_SIZED}) is (?:the )?(?P<which>{_LONG})\b"
    )
    if not found:
        return None
    return q.ask("extreme", thing=BY_NAME[found["what"]], is_least=found["which"] == "shortest")


_USUAL = (
    "common|frequent|often|popular|active|repeated|used|mentioned|numerous|called|raised|imported"
    "|cited|frequently|commonly"
)
_RANKED = (
    rf"\btop[\s-]+({AMOUNT})\b|\b({AMOUNT})\s+(?:most|least)\b|\btop\b"
    rf"|\b(?:most|least)[\s-]+(?:\w+ly |often )?(?:{_USUAL})\b"
    r"|\b(?:appears?|occurs?|repeats?|used|raised|mentioned|imported|called|comes? up|shows? up)"
    r"\s+(?:the )?(?:most|least)\b"
    r"|\b(?:has|have|had|with|makes?|made|cause[sd]?|gets?|got|sent|sends?|received?s?)"
    r" (?:the )?(?:most|fewest|least)\b"
    r"|\brarest\b|\branke?d?(?:ing)?\b|\bmost\b.*\boften\b|\bby (?:count|frequency)\b"
)
_NOUN_BEHIND = (
    rf"\btop[\s-]+(?:{AMOUNT})?\s*|\b(?:{AMOUNT})\s+(?:most|least)\s+\w+\s+",
    r"\b(?:which|what)\b\s+(?!is\b|are\b|was\b|were\b)",
    rf"\b(?:most|least)[\s-]+(?:\w+ly )?(?:{_USUAL})\s+|\brarest\s+",
    r"\b(?:rank|list|count|show)\s+(?:all |the )*",
)


def ranked(q: Masked) -> Question | None:
    """Which IP addresses appear most often? Top 5 words."""
    found = q.search(_RANKED)
    if not found or q.search(r"\bhow many\b"):
        return None
    behind = next((m for pattern in _NOUN_BEHIND if (m := q.search(pattern))), None)
    start = behind.end() if behind else 0
    top = next(filter(None, found.groups()), "")
    rest = q.filters(found[0], q.named_things)
    parts: dict[str, Any] = {
        "top": amount(top) if top else 0,
        "is_least": bool(q.search(r"\b(?:least|fewest|rarest)\b")),
        "filters": rest,
    }
    things = [item for item in q.things if item[0] >= start] or q.things
    noun = re.match(r"\s*(?:the )?(?:\d+ |different |distinct |unique )*([\w-]+)", q.low[start:])
    between = words.tokens(q.low[start : things[0][0]]) if things else []
    if things and (not noun or ADJECTIVES.issuperset(between)):
        first, _, thing = things[0]
        return q.ask("rank", thing=thing, also=q.lines_behind(first + 1), **parts)
    if not noun:
        return None
    also = [thing for thing in q.lines_behind(0) if thing.one != "request"]
    return q.ask("rank", noun=rest[0].word if rest else noun[1], also=also, **parts)


_COMMAND = (
    r"^(?:please )?(?:list|show|give|enumerate|extract|name|print|find)"
    r"(?: me)?(?: all| every| each| the| of)*\b"
)
_WHICH = r"^(?:which|what)(?: are)?(?: all)?(?: the)?(?: different| distinct| unique)*\b"
_PRESENT = (
    r"^\s*(?:are|does|do|did|were|occur|appear|exist|can|is)?\b.*\b(?:are there|defined|listed"
    r"|mentioned|used|imported|occur|appear|exist|found|import|define|contain|have|mention"
    r"|raise[ds]?|named?|log(?:ged)?|use)\b"
)
_NEAR = 14
"""Characters that may stand between the opening and what is to be listed."""


def listed(q: Masked) -> Question | None:
    """List all dates. Which functions are defined?"""
    command = q.search(_COMMAND)
    opening = command or q.search(_WHICH)
    if not opening or not q.things:
        return None
    begin, end, thing = q.things[0]
    if begin - opening.end() > _NEAR:
        return None
    is_plural = q.low[begin:end].endswith("s") and not q.low[begin:end].endswith("ss")
    is_present = q.search(r"^what are (?:all )?(?:the )?") or re.search(_PRESENT, q.low[end:])
    if not command and not (is_plural and is_present):
        return None
    return q.ask(
        "list",
        thing=thing,
        also=q.lines_behind(begin + 1),
        filters=q.filters(
            opening[0], q.named_things, "import imports use raise raised contain define named"
        ),
        is_distinct=True,
    )
