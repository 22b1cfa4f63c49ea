"""Reads a question by rules, in English.

What the rules do not know is an open question, for the sub-model's reader.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from rlm_tui.engine.models.offline import words
from rlm_tui.engine.models.offline.grammar_counts import busiest, counted, measured
from rlm_tui.engine.models.offline.grammar_places import defined, located, shown
from rlm_tui.engine.models.offline.grammar_ranks import errors, extreme, listed, ranked
from rlm_tui.engine.models.offline.question import Masked, Question

_READINGS: tuple[Callable[[Masked], Question | None], ...] = (
    shown,
    defined,
    extreme,
    errors,
    busiest,
    ranked,
    counted,
    measured,
    located,
    listed,
)
"""In the order in which they are tried."""

_OVERVIEW = (
    r"\bsummar(?:y|ise|ize)\b|\boverview\b|\btl;?dr\b"
    r"|\bwhat(?: is|'s)? (?:this|the|it)(?: (?:text|document|file|log|book|paper|article))?"
    r"(?: all)? about\b"
    r"|\bmain (?:topics?|points?|ideas?)\b"
    r"|^describe (?:this|the) (?:text|document|file|log)\b"
)
_STATUSES = r"\b([45]\d\d)s\b"


def read_question(text: str) -> Question:
    """Take a question apart."""
    plain = " ".join(text.split())
    if not words.quoted(plain):
        plain = re.sub(r"(?<=\w)['\u2019]s\b", "", plain)
        plain = re.sub(_STATUSES, r"requests with status \1", plain)  # how many 404s
    masked = Masked(plain)
    if masked.search(_OVERVIEW):
        return masked.ask("overview")
    for reading in _READINGS:
        question = reading(masked)
        if question is not None:
            return question
    return masked.ask("open" if masked.terms else "overview")
