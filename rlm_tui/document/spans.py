"""What is known of where a prompt comes from: spans of the document, and repeated text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the document that stands in a prompt; places are characters."""

    start: int
    end: int
    at: int
    """Where it stands in the prompt."""
    until: int
    is_derived: bool = False
    """Whether blanks, marks or case differ."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """A stretch of a prompt that the document holds more than once."""

    at: int
    until: int
    starts: tuple[int, ...]
    """Places it may be from."""
    has_more: bool = False
    """Whether there may be others."""


@dataclass(frozen=True, slots=True)
class Located:
    """What is known of where a prompt comes from."""

    spans: tuple[Span, ...] = ()
    """In the order of the prompt."""
    repeats: tuple[Repeat, ...] = ()

    @property
    def is_unknown(self) -> bool:
        """Whether no place of the document is known to stand in it."""
        return not self.spans

    def plus(self, other: Located) -> Located:
        """Both together, where a node is told more than one text."""
        return Located(self.spans + other.spans, self.repeats + other.repeats)
