"""A model that answers from a session: the same request gets the reply that was recorded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncGenerator, Iterable
from typing import cast

import msgspec

from rlm_tui.engine.models.client import Ending, ModelClient, ModelRequest, Piece
from rlm_tui.engine.models.scripted import ScriptedModel
from rlm_tui.errors import ModelError, ModelErrorKind
from rlm_tui.events import (
    ModelFailed,
    ModelResponded,
    NodeId,
    Record,
    SubCallFinished,
    SubCallStarted,
)


class _RecordedError(ModelError):
    """A failure that was final when it was recorded, and is so again."""

    @property
    def is_retryable(self) -> bool:
        """It is not."""
        return False


class RecordedModel:
    """Answers an iteration by its node, a sub-call by its prompt: its own first, then any other."""

    is_language_model = False

    def __init__(self, records: Iterable[Record], name: str, *, knows_nodes: bool = False) -> None:
        """Take a recording.

        Args:
            records: its events.
            name: what it is called in a sentence.
            knows_nodes: whether a sub-call with another prompt than it had gets its reply all the
                same, because it surely is that call.
        """
        self._name = name
        self._knows_nodes = knows_nodes
        self._iterations: dict[NodeId, ModelResponded | ModelFailed] = {}
        self._calls: defaultdict[str, dict[NodeId, SubCallFinished]] = defaultdict(dict)
        prompts: dict[NodeId, str] = {}
        ends: dict[NodeId, SubCallFinished] = {}
        for record in records:
            event = record.event
            if isinstance(event, ModelResponded | ModelFailed):
                self._iterations[record.node] = event
            elif isinstance(event, SubCallStarted) and event.kind == "llm_query":
                prompts[record.node] = event.prompt
            elif isinstance(event, SubCallFinished):
                earlier = ends.get(record.node)  # of a call that was made again
                usage = earlier.usage.plus(event.usage) if earlier else event.usage
                ends[record.node] = msgspec.structs.replace(event, usage=usage)
        for node, prompt in prompts.items():
            if node in ends:
                self._calls[prompt][node] = ends[node]
        self._by_node = {node: ends[node] for node in prompts if node in ends}

    def holds(self, request: ModelRequest) -> bool:
        """Whether it has a reply to a request."""
        if request.role == "root":
            return request.node in self._iterations
        return self._taped_call(request, takes=False) is not None

    async def recognise(self, models: list[str]) -> None:
        """Its name was enough."""

    async def prepare(self, models: list[str]) -> None:
        """Nothing to load."""

    async def close(self) -> None:
        """Nothing is open."""

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Piece | Ending, None]:
        """The recorded reply in one piece."""
        if request.role == "root":
            taped = self._iterations.get(request.node)
        else:
            taped = self._taped_call(request, takes=True)
        if taped is None:
            raise ModelError("not_found", f"{self._name} holds no reply to this request")
        if isinstance(taped, ModelResponded):
            if taped.reasoning:
                yield Piece(taped.reasoning, is_reasoning=True)
            yield Piece(taped.text)
            yield Ending(taped.finish, taped.usage)
        elif taped.error is not None:
            raise _RecordedError(cast("ModelErrorKind", taped.error.kind), taped.error.message)
        else:
            yield Piece(taped.reply or "")
            yield Ending("stop", taped.usage)

    def _taped_call(self, request: ModelRequest, *, takes: bool) -> SubCallFinished | None:
        calls = self._calls.get(request.messages[-1].content)
        if not calls:
            return self._by_node.get(request.node) if self._knows_nodes else None
        node = request.node if request.node in calls else next(iter(calls))
        return calls.pop(node) if takes else calls[node]


class PastModel:
    """Answers what a recording holds, and leaves everything else to the model itself."""

    def __init__(self, past: RecordedModel, model: ModelClient) -> None:
        self.is_language_model = model.is_language_model
        self._past = past
        self._model = model

    async def recognise(self, models: list[str]) -> None:
        """As the model does."""
        await self._model.recognise(models)

    async def prepare(self, models: list[str]) -> None:
        """As the model does."""
        await self._model.prepare(models)

    async def close(self) -> None:
        """As the model does."""
        await self._model.close()

    def pass_over(self, request: ModelRequest) -> None:
        """Have the model count a request that it is not asked."""
        if isinstance(self._model, ScriptedModel):
            self._model.pass_over(request)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Piece | Ending, None]:
        """The recorded reply, or the model's."""
        if self._past.holds(request):
            self.pass_over(request)
            stream = self._past.stream(request)
        else:
            stream = self._model.stream(request)
        try:
            async for item in stream:
                yield item
        finally:
            await stream.aclose()
