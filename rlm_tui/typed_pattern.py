"""Regular expressions that a user typed: compiled in one place, with one error and no warnings."""

from __future__ import annotations

import re
import warnings


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


def is_any_case(text: str) -> bool:
    r"""Whether a pattern asks for any case: it does where nobody typed an upper-case letter.

    The letter after a backslash (`\S`) is none that was asked for.
    """
    letters = re.sub(r"\\.", "", text)
    return letters == letters.lower()
