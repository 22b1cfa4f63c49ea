"""Reads questions after places: which lines, where defined, what stands on line 42."""

from __future__ import annotations

import re
from typing import Literal

from rlm_tui.engine.models.offline.question import Masked, Question, amount

_SPAN = (
    r"\blines? (?:number )?(\d[\d,]*)"
    r"(?:\s*(?:-|–|to|through|until|and)\s*(?:line )?(\d[\d,]*))?"  # noqa: RUF001 - a dash
)


def shown(q: Masked) -> Question | None:
    """What is on line 42? Show lines 10 to 20."""
    found = q.search(_SPAN)
    if not found or not q.search(r"^(?:what|show|print|quote|read|give|display|which)\b|\bsays?\b"):
        return None
    if q.search(r"\bhow many\b|\b(?:longer|shorter|more|fewer|less) than\b"):
        return None
    first = amount(found[1])
    return q.ask("show", span=(first, amount(found[2]) if found[2] else first))


_SORTS = "def|function|method|class|variable|constant|module"
_NAME = rf"(?:the |a |an )?((?:(?:{_SORTS}) )?[\w.⟦⟧()-]+(?: (?:{_SORTS}))?)"
_DEFINED = (
    (
        rf"\b(?:where|on (?:which|what) line) (?:is|are|was)\s+{_NAME}\s+(?:first )?"
        r"(?:defined|declared|implemented|assigned|set)\b"
    ),
    r"\bwhat does (?:the )?((?:def|function|method|class) [\w.⟦⟧()]+)\s+(?:do|return|mean|take)\b",
    r"\bwhat does (?:the )?([\w.⟦⟧]+(?:\(\)| (?:function|method|class)))\s+(?:do|return|take)\b",
    r"^what does (?:the )?([\w.⟦⟧]+)\s+do\b",
    rf"\b(?:definition|signature|implementation|docstring) of\s+{_NAME}",
    rf"\b(?:arguments?|parameters?) (?:does|do|of|for)\s+{_NAME}",
    rf"^(?:define|show (?:me )?(?:the )?(?:definition|code|source) (?:of|for))\s+{_NAME}",
)


def defined(q: Masked) -> Question | None:
    """Where is X defined? What does def X do?"""
    found = next((m for pattern in _DEFINED if (m := q.search(pattern))), None)
    if not found:
        return None
    named = q.original(*found.span(1))
    named = re.sub(rf"^(?:{_SORTS}) | (?:{_SORTS})$", "", named).removesuffix("()")
    return q.ask("define", phrase=named.rpartition(".")[2] or named)


_MENTIONED = (
    r"\b(?:mentioned|appears?|occurs?|stated|written|found in|used|come up"
    r"|in the (?:text|file|document|log))\b"
)
_EDGE = (
    r"^when (?:was|did|were) (?:the )?(first|last|latest|earliest)\b"
    r"|\b(first|last|earliest|latest|final)\b.*"
    r"\b(?:mention\w*|occur\w*|appear\w*|lines?|time|entry|used?|seen)\b"
    r"|\b(?:mentioned|appears?|occurs?|used|seen|logged)\s+(first|last)\b"
)
_ABOUT_PLACES = (
    "mention mentions mentioned occurrence occurrences appear appears occur entry seen used final "
    "first last earliest latest"
)


def located(q: Masked) -> Question | None:
    """On which line …? Where is … mentioned? When was the last …?"""
    is_line = q.search(r"\b(?:on |in |at )?(?:which|what) lines?\b|\bline numbers?\b")
    # Where something may or must be is no question after a line.
    is_place = q.search(rf"\bwhere\b(?! (?:may|can|should|must)\b).*{_MENTIONED}")
    edge = q.search(_EDGE)
    is_edge = edge and q.search(r"\b(?:where|when|which|what|find|show)\b")
    if not (is_line or is_place or is_edge):
        return None
    position: Literal["", "first", "last"] = ""
    if edge:
        word = next(filter(None, edge.groups()))
        position = "last" if word in {"last", "latest", "final"} else "first"
    phrase = q.quotes[0] if q.quotes else ""
    things = [] if phrase else [t for _, _, t in q.things if t.unit != "special"]
    filters = q.filters(q.named_things, _ABOUT_PLACES, deeds=True)
    if not filters and not things and not phrase:
        return None
    return q.ask(
        "locate",
        filters=filters,
        phrase=phrase,
        thing=things[0] if things else None,
        position=position,
        wants_when=q.low.startswith("when"),
    )
