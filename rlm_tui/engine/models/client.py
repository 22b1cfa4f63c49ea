"""What the engine asks of a model: a stream of text, then how it ended."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Literal, Protocol

from rlm_tui.events import Message, NodeId, Usage

Role = Literal["root", "sub"]
"""`root` drives a loop, the root's or a child's; `sub` answers one plain sub-call."""


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One chat request."""

    model: str
    messages: list[Message]
    role: Role
    node: NodeId
    """The iteration or sub-call it is made for."""
    loop: NodeId
    """For a `root` request, whose loop it drives: `""`, or the `rlm_query` call's node."""
    child: int | None = None
    """The number of that loop among the run's `rlm_query` calls, from 0; None for the root's."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text of the reply."""

    text: str
    is_reasoning: bool = False


@dataclass(frozen=True, slots=True)
class Ending:
    """The reply is complete."""

    finish: str = "stop"
    """`stop`, `length`, `content_filter`, or another word of the provider's."""
    usage: Usage | None = None
    """None when the provider reports none. `requests` is not filled in."""


class ModelClient(Protocol):
    """One way to reach models."""

    is_language_model: bool
    """False for the offline and scripted models, which are none."""

    async def recognise(self, models: list[str]) -> None:
        """Make sure that the names mean something. Raises UsageError."""
        ...

    async def prepare(self, models: list[str]) -> None:
        """Load what the first request needs.

        Raises:
            ModelError: a model cannot be reached the way things are, such as without a key.
        """
        ...

    async def close(self) -> None:
        """Let go of connections that are kept open."""
        ...

    def stream(self, request: ModelRequest) -> AsyncGenerator[Piece | Ending, None]:
        """The reply in pieces, an `Ending` last. Closing the generator ends the request.

        Raises:
            ModelError: the model did not answer.
        """
        ...
