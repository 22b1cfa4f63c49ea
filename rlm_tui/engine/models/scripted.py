"""A model whose replies are written down: for tests, the tutorial and bug reports.

The JSON file holds `root`, the replies of the loop in order (the last one is repeated), `child`, a
list of such lists for recursive children in the order they come, and for sub-calls `sub`, whose
first rule with a matching regex answers, else `sub_default`.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec
from msgspec import Struct

from rlm_tui.engine.models.client import Ending, ModelRequest, Piece
from rlm_tui.errors import ModelError, ModelErrorKind, UsageError
from rlm_tui.events import NodeId
from rlm_tui.typed_pattern import compile_typed

ScriptError = Literal["timeout", "rate_limit", "server_error", "empty"]

_MESSAGES: dict[str, str] = {
    "timeout": "the model did not answer in time (scripted)",
    "rate_limit": "the model asks for fewer requests (scripted)",
    "server_error": "the model's server failed (scripted)",
}


class Scripted(Struct, frozen=True, forbid_unknown_fields=True):
    """One reply of a loop, or the failure in its place."""

    reply: str = ""
    error: ScriptError | None = None
    delay: float = 0.0
    """Seconds before it."""


class Rule(Struct, frozen=True, forbid_unknown_fields=True):
    """What sub-calls with a matching prompt are answered."""

    match: str
    reply: str = ""
    error: ScriptError | None = None
    delay: float = 0.0


Line: TypeAlias = str | Scripted


class Script(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    root: list[Line]
    sub: list[Rule] = []
    sub_default: str = "ok"
    child: list[list[Line]] = []
    chunk_delay: float = 0.0
    """Seconds between the pieces of a reply."""


class ScriptedModel:
    """Replays a script. Counts the requests of each loop; keeps no other state."""

    is_language_model = False

    def __init__(self, path: Path) -> None:
        """Read the script. Raises UsageError when it cannot be used."""
        try:
            self._script = script = msgspec.json.decode(path.read_bytes(), type=Script)
            self._rules = [(compile_typed(rule.match, re.DOTALL), rule) for rule in script.sub]
        except OSError as error:
            raise UsageError(f"The script {path} cannot be read: {error.strerror}.") from error
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise UsageError(f"The script {path} is not a script: {error}.") from error
        except ValueError as error:
            raise UsageError(f"The script {path} has a bad regex: {error}.") from error
        if not self._script.root:
            raise UsageError(f"The script {path} has no replies: `root` is empty.")
        self._counts: dict[NodeId, int] = {}

    async def recognise(self, models: list[str]) -> None:
        """Its name was enough."""

    async def prepare(self, models: list[str]) -> None:
        """Nothing to load."""

    async def close(self) -> None:
        """Nothing is open."""

    def pass_over(self, request: ModelRequest) -> None:
        """Somebody else has answered this request of a loop."""
        if request.role == "root":
            self._next_line(request)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Piece | Ending, None]:
        """The next line of the script, or the rule's reply, in words."""
        if request.role == "root":
            line = self._next_line(request)
        else:
            line = self._answer(request.messages[-1].content)
        if line.delay:
            await asyncio.sleep(line.delay)
        if line.error is not None and line.error != "empty":
            kind: ModelErrorKind = line.error
            raise ModelError(kind, _MESSAGES[line.error])
        text = "" if line.error else line.reply
        for word in re.findall(r"\S*\s*", text)[:-1]:
            yield Piece(word)
            await asyncio.sleep(self._script.chunk_delay)
        yield Ending()

    def _next_line(self, request: ModelRequest) -> Scripted:
        lines = self._script.root
        if request.child is not None:
            of_child = self._script.child[request.child : request.child + 1]
            lines = (of_child[0] if of_child else None) or lines
        count = self._counts[request.loop] = self._counts.get(request.loop, 0) + 1
        line = lines[min(count, len(lines)) - 1]
        return Scripted(reply=line) if isinstance(line, str) else line

    def _answer(self, prompt: str) -> Scripted:
        for pattern, rule in self._rules:
            match = pattern.search(prompt)
            if match:
                return Scripted(_filled(rule.reply, match), rule.error, rule.delay)
        return Scripted(reply=self._script.sub_default.replace("{prompt}", prompt))


def _filled(reply: str, match: re.Match[str]) -> str:
    """A reply with its groups and `{prompt}` filled in."""

    def filling(place: re.Match[str]) -> str:
        if place[1] is None:
            return match.string
        number = int(place[1])
        return (match[number] or "") if number <= match.re.groups else ""

    return re.sub(r"\\(\d+)|\{prompt\}", filling, reply)
