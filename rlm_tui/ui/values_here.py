"""The values of the names in a code block, as they are where the block is held."""

from __future__ import annotations

from rlm_tui.code_reading import is_helper, names_used
from rlm_tui.ui.widgets.watch_pane import Watched

_MOST = 12
"""Names that are looked at; those that are set first come first."""
_LONGEST = 80
"""Characters of a value; all of it is in the variables once the block has ended, or by `p`."""


class ValuesHere:
    """The values at the latest stop inside a block, and which of them are new or others."""

    def __init__(self) -> None:
        self.block = ""
        """The block that they are of; empty for none."""
        self._values: dict[str, str] = {}
        self._before: dict[str, str] = {}
        self._left = 0

    def begin(self, block: str, code: str) -> list[str]:
        """Stop in a block; the names whose values are to be asked for."""
        self._before = self._values if block == self.block else {}
        self.block, self._values = block, {}
        names = names_used(code)[:_MOST]
        self._left = len(names)
        return names

    def end(self) -> None:
        """The run is not held inside a block any more."""
        self.block, self._values, self._before = "", {}, {}

    def take(self, name: str, value: str, *, is_error: bool) -> bool:
        """What a name comes to; an error where it is not set. Whether that was the last of them."""
        self._left -= 1
        if not is_error and not is_helper(name, value):
            self._values[name] = value
        return self._left <= 0

    @property
    def rows(self) -> list[Watched]:
        """The names that are set, with what they were at the stop before where that differs."""
        rows: list[Watched] = []
        for name, value in self._values.items():
            before = self._before.get(name, value)
            rows.append(Watched(name, _cut(value), _cut(before) if before != value else ""))
        return rows


def _cut(value: str) -> str:
    return value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…"
