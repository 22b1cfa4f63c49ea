"""A model that answers from a session: the same request gets the reply that was recorded."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import AsyncGenerator, Iterable

from rlm_tui.engine.models.client import Ending, ModelRequest, Piece
from rlm_tui.errors import ModelError
from rlm_tui.events import (
    ErrorInfo,
    ModelFailed,
    ModelResponded,
    NodeId,
    Record,
    SubCallFinished,
    SubCallStarted,
)

_Taped = ModelResponded | ModelFailed | SubCallFinished


class RecordedModel:
    """Answers a loop's iteration by its node, and a sub-call by its prompt, first come first."""

    is_language_model = False

    def __init__(self, records: Iterable[Record], name: str) -> None:
        self._name = name
        self._iterations: dict[NodeId, _Taped] = {}
        self._calls: defaultdict[str, deque[SubCallFinished]] = defaultdict(deque)
        prompts: dict[NodeId, str] = {}
        for record in records:
            event = record.event
            if isinstance(event, ModelResponded | ModelFailed):
                self._iterations[record.node] = event
            elif isinstance(event, SubCallStarted):
                prompts[record.node] = event.prompt
            elif isinstance(event, SubCallFinished) and record.node in prompts:
                self._calls[prompts[record.node]].append(event)

    async def recognise(self, models: list[str]) -> None:
        """Its name was enough."""

    async def prepare(self, models: list[str]) -> None:
        """Nothing to load."""

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Piece | Ending, None]:
        """The recorded reply in one piece."""
        taped: _Taped | None
        if request.role == "root":
            taped = self._iterations.get(request.node)
        else:
            tape = self._calls.get(request.messages[-1].content)
            taped = tape.popleft() if tape else None
        if taped is None:
            raise ModelError("not_found", f"{self._name} holds no reply to this request")
        if isinstance(taped, ModelResponded):
            if taped.reasoning:
                yield Piece(taped.reasoning, is_reasoning=True)
            yield Piece(taped.text)
            yield Ending(taped.finish, taped.usage)
        elif taped.error is None:
            yield Piece(taped.reply or "") if isinstance(taped, SubCallFinished) else Piece("")
            yield Ending("stop", taped.usage)
        else:
            raise _as_recorded(taped.error)


def _as_recorded(error: ErrorInfo) -> ModelError:
    """The recorded failure; never one that would be tried again."""
    return ModelError("bad_response", f"{error.message} (recorded, {error.kind})")
