"""Regular expressions that a user typed: compiled in one place, with one error and no warnings."""

from __future__ import annotations

import re
import warnings

_PATIENCE = 0.2
"""Seconds that one search may take."""


def compile_typed(text: str, flags: int = 0) -> re.Pattern[str]:
    """The pattern that somebody typed.

    What Python only warns of (`[[`: "possible nested set") is taken as it stands; the warning would
    be written over the screen.

    Raises:
        ValueError: it is not a pattern; the message says why, without a full stop.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return re.compile(text, flags)
        except (re.error, OverflowError, RecursionError) as error:
            raise ValueError(str(error)) from error


class TimedPattern:
    """A pattern that nobody waits for: a search ends after a moment, whatever was typed."""

    def __init__(self, text: str, flags: int = 0, patience: float = _PATIENCE) -> None:
        """Take a pattern. Raises ValueError as `compile_typed` does."""
        import regex  # noqa: PLC0415 - 20 ms where no pattern is typed; `re` cannot be ended

        self.text = text
        self.is_too_slow = False
        """Whether a search had to be ended; then nothing is searched any more."""
        self._patience = patience
        try:
            self._search = regex.compile(text, compile_typed(text, flags).flags).search
        except regex.error as error:
            raise ValueError(str(error)) from error

    def find(self, text: str) -> int | None:
        """Where it begins in a text; None, too, where that could not be told in time."""
        if self.is_too_slow:
            return None
        try:
            match = self._search(text, timeout=self._patience)
        except TimeoutError:
            self.is_too_slow = True
            return None
        return match.start() if match else None

    def may_be_in(self, text: str) -> bool:
        """Whether it is in a text, or that cannot be told in time."""
        return self.find(text) is not None or self.is_too_slow


def is_any_case(text: str) -> bool:
    r"""Whether a pattern asks for any case: it does where nobody typed an upper-case letter.

    The letter after a backslash (`\S`) is none that was asked for.
    """
    letters = re.sub(r"\\.", "", text)
    return letters == letters.lower()
