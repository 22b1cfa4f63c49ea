"""Expressions whose values are shown at every stop, and what they were at the one before."""

from __future__ import annotations

from dataclasses import dataclass

from rlm_tui.errors import UsageError


@dataclass(slots=True)
class Watch:
    """An expression and what it came to."""

    number: int
    expression: str
    value: str = ""
    """Empty before the first stop."""
    was: str = ""
    """The value at the stop before, where it was another one."""
    is_error: bool = False


class Watches:
    """Those of one screen, in the order in which they were set."""

    def __init__(self) -> None:
        self.all: list[Watch] = []
        self._next = 1

    def toggle(self, expression: str) -> Watch | None:
        """Watch an expression, or no more; the one that was added. Raises UsageError."""
        expression = expression.strip()
        same = [watch for watch in self.all if watch.expression == expression]
        if same:
            self.all.remove(same[0])
            return None
        try:
            compile(expression, "<watch>", "eval")
        except (SyntaxError, ValueError) as error:
            why = error.msg if isinstance(error, SyntaxError) else error
            raise UsageError(f"{expression!r} is not an expression: {why}.") from error
        watch = Watch(self._next, expression)
        self._next += 1
        self.all.append(watch)
        return watch

    def remove(self, numbers: tuple[int, ...] = ()) -> None:
        """Watch these no more; none means all."""
        self.all = [watch for watch in self.all if numbers and watch.number not in numbers]

    def take(self, number: int, value: str, *, is_error: bool) -> None:
        """What an expression comes to at this stop."""
        for watch in self.all:
            if watch.number == number:
                has_changed = bool(watch.value) and value != watch.value
                watch.was = watch.value if has_changed else ""
                watch.value, watch.is_error = value, is_error
