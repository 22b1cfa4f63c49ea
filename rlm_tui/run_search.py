"""Finding a pattern in what a run said: its code, prompts, output, answers and variables."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import NamedTuple

from rlm_tui.errors import UsageError
from rlm_tui.events import NodeId, VariablesChanged
from rlm_tui.trajectory import CodeBlock, Iteration, SubCall, Trajectory
from rlm_tui.typed_pattern import TimedPattern, is_any_case

_MOST_LISTED = 50
_PIECE = 1 << 16
"""Characters that are searched at once, in whole lines."""
_BEFORE = 24
"""Characters of its line that are shown before what was found."""
_LONGEST = 160


class Find(NamedTuple):
    """A place of the run that holds what was looked for."""

    node: NodeId
    part: str
    """`code`, `prompt`, `output`, `answer` or `variable`."""
    line: str
    """What it says, from a little before the first place in it."""


class RunSearch:
    """A search through a run; it goes on for as long as it is let, so nothing waits for it."""

    def __init__(self, trajectory: Trajectory, pattern: str, where: str = "") -> None:
        """Look for a pattern in one part of each node, or in all.

        In any case, unless an upper-case letter was typed, as in the document.

        Raises:
            ValueError: it is no pattern.
        """
        flags = re.IGNORECASE if is_any_case(pattern) else re.NOFLAG
        self.found: list[Find] = []
        """The first places, in the order of the run."""
        self.left = 0
        """How many there are beyond."""
        self._pattern = TimedPattern(pattern, flags | re.MULTILINE)
        self._steps = self._search(list(trajectory.nodes.values()), where)

    def go_on(self, seconds: float = float("inf")) -> bool:
        """Search for about so long; whether it is over.

        Raises:
            UsageError: the pattern takes too long to look for.
        """
        until = time.monotonic() + seconds
        for _ in self._steps:
            if self._pattern.is_too_slow:
                raise UsageError(
                    f"/{self._pattern.text[:60]}/ takes too long to look for; a pattern in which "
                    "less is repeated inside of what is repeated will do."
                )
            if time.monotonic() > until:
                return False
        return True

    def _search(self, nodes: list[Iteration | CodeBlock | SubCall], where: str) -> Iterator[None]:
        for node in nodes:
            for part, text in _texts(node):
                if where not in {"", part}:
                    continue
                for piece in _pieces(text):
                    at = self._pattern.find(piece)
                    if at is not None:
                        self._note(Find(node.id, part, _excerpt(piece, at)))
                        break
                    yield
                yield

    def _note(self, find: Find) -> None:
        if len(self.found) < _MOST_LISTED:
            self.found.append(find)
        else:
            self.left += 1


def _texts(node: Iteration | CodeBlock | SubCall) -> list[tuple[str, str]]:
    match node:
        case Iteration():
            sent = "\n".join(message.content for message in node.prompt[-1:])
            return [("prompt", sent), ("answer", node.reply)]
        case CodeBlock():
            output = "".join(piece.text for piece in node.output)
            changes = node.changes or VariablesChanged()
            kept = (*changes.new, *changes.changed)
            variables = "\n".join(f"{item.name} = {item.value}" for item in kept)
            texts = [("code", node.code), ("output", f"{output}{node.error}")]
            return [*texts, ("variable", variables)]
        case SubCall():
            return [("prompt", node.prompt), ("answer", node.reply)]


def _pieces(text: str) -> Iterator[str]:
    """A text in pieces that end with a line, or a very long line alone."""
    start = 0
    while len(text) - start > _PIECE:
        end = text.rfind("\n", start, start + _PIECE)
        end = end if end > start else text.find("\n", start + _PIECE)
        if end < 0:
            break
        yield text[start:end]
        start = end + 1
    yield text[start:]


def _excerpt(text: str, at: int) -> str:
    """The line of a place, from a little before it, as far as it is shown."""
    begin, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
    line = text[begin : end if end >= 0 else len(text)]
    start = max(at - begin - _BEFORE, 0)
    shown = line[start : start + _LONGEST].strip()
    before = "…" if line[:start].strip() else ""
    return f"{before}{shown}{'…' if len(line) > start + _LONGEST else ''}"
