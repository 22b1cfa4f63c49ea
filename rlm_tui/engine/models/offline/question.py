"""A question, taken apart: what is to be done, to what, and which lines count."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from rlm_tui.engine.models.offline import words
from rlm_tui.engine.models.offline.things import Thing, things_in
from rlm_tui.engine.models.offline.vocabulary import DEEDS, SPENT
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
    group: str = ""
    """The noun by whose values a measure is compared."""


class Masked:
    """A question in lower case, with its quotes masked so that no rule reads into them."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.quotes = words.quoted(text)
        numbers = iter(range(len(self.quotes)))
        self.cased = re.sub(words.QUOTED, lambda _: f"⟦{next(numbers)}⟧", text)
        self.low = self.cased.replace("İ", "I").lower()
        """As long as `cased`: of all letters, only that one grows."""
        self.terms = words.terms(text)
        self.things = things_in(self.low)

    def search(self, pattern: str) -> re.Match[str] | None:
        """Search the lower-cased question."""
        return re.search(pattern, self.low)

    def original(self, start: int, end: int) -> str:
        """A span as the question has it, quotes put back."""
        return re.sub(r"⟦(\d+)⟧", lambda m: self.quotes[int(m[1])], self.cased[start:end]).strip()

    def filters(self, *spent: str, deeds: bool = False) -> list[Term]:
        """The content words outside the spans that were understood.

        Args:
            *spent: those spans.
            deeds: whether verbs such as `went` count.
        """
        used = {token.lower() for span in spent for token in words.tokens(span)} | SPENT
        used |= frozenset[str]() if deeds else DEEDS
        quoted = set(self.quotes)
        return [term for term in self.terms if term.word in quoted or term.word.lower() not in used]

    @property
    def named_things(self) -> str:
        """Everything by which it names things."""
        return " ".join(self.low[start:end] for start, end, _ in self.things)

    def lines_behind(self, start: int) -> list[Thing]:
        """The kinds of lines that it names from an offset on, such as error lines."""
        return [
            thing
            for at, _, thing in self.things
            if at >= start and thing.unit == "line" and thing.one != "record"
        ]

    def ask(self, kind: Kind, **parts: Any) -> Question:
        """The question as one of a kind."""
        return replace(Question(self.text, kind, self.terms), **parts)


_NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve"
_AMOUNTS = {word: number for number, word in enumerate(_NUMBERS.split())}
AMOUNT = rf"\d[\d,]*|{'|'.join(_AMOUNTS)}"
"""A number in figures or words."""


def amount(text: str) -> int:
    """The number that `AMOUNT` found."""
    return _AMOUNTS[text] if text in _AMOUNTS else int(text.replace(",", ""))
