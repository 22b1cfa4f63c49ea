"""Listens to a provider's own chunks on their way into litellm, for what litellm does not tell.

litellm makes up a finish reason for a stream that was cut off, counts tokens itself where none were
reported, and drops refusals (seen in 1.83 and 1.106). 1.110 raises where a stream ends without a
finish reason, also where the provider said `[DONE]`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, cast

from rlm_tui.events import Usage

_DONE = b"[DONE]"


class Tap:
    """Stands in for a stream of chunks: objects of the openai package, litellm's, or dicts."""

    def __init__(self, source: Any) -> None:
        """Listen to a stream that nobody has read from yet."""
        self.saw_done = False
        """Whether `data: [DONE]` came; always False where the response's bytes are out of reach."""
        self.has_refusal = False
        self.is_over = False
        """Whether the stream came to its end; what litellm raises then is its own judgement."""
        self._source = source
        self.is_listening = hasattr(source, "__aiter__")
        """False for the few streams that are no asynchronous ones, such as botocore's."""
        self._chunks: AsyncIterator[Any] | None = aiter(source) if self.is_listening else None
        self._count = 0
        self._usage: Usage | None = None
        self._refusal: list[str] = []
        self._bytes_seen = 0
        self._tail = b""
        self._content_type = ""
        response = getattr(source, "response", None)
        if hasattr(response, "aiter_bytes"):
            self._listen_to(response)

    @property
    def usage(self) -> Usage | None:
        """The largest figures that were reported, in whichever chunks; None when none were."""
        return self._usage

    @property
    def what_came(self) -> str:
        """What a response without a single chunk was instead; empty when there was a chunk."""
        if self._count or not self._bytes_seen:
            return ""
        return f"{self._bytes_seen} bytes of {self._content_type or 'no known type'}"

    def take_refusal(self) -> Iterator[str]:
        """The words of a refusal that have come since the last call."""
        while self._refusal:
            yield self._refusal.pop(0)

    def __aiter__(self) -> AsyncIterator[Any]:
        return self

    async def __anext__(self) -> Any:
        if self._chunks is None:
            raise StopAsyncIteration
        try:
            chunk = await anext(self._chunks)
        except StopAsyncIteration:
            self.is_over = True
            raise
        self._count += 1
        self._note_usage(_part(chunk, "usage"))
        choices = cast("list[Any]", _part(chunk, "choices") or [])
        for choice in choices[:1]:
            refusal: object = _part(_part(choice, "delta"), "refusal")
            if isinstance(refusal, str) and refusal:
                self.has_refusal = True
                self._refusal.append(refusal)
        return chunk

    async def aclose(self) -> None:
        """Close the response."""
        for each in (self._chunks, self._source):
            close = getattr(each, "aclose", None) or getattr(each, "close", None)
            closing: Any = close() if close is not None else None
            if closing is not None:
                await closing

    def _note_usage(self, told: object) -> None:
        if told is None:
            return
        so_far = self._usage or Usage()
        cached = _part(_part(told, "prompt_tokens_details"), "cached_tokens")
        # Reports are running totals (OpenAI, xAI) or come in halves (Anthropic): the larger holds.
        self._usage = Usage(
            input_tokens=max(so_far.input_tokens, _count(_part(told, "prompt_tokens"))),
            output_tokens=max(so_far.output_tokens, _count(_part(told, "completion_tokens"))),
            cached_tokens=max(so_far.cached_tokens, _count(cached)),
        )

    def _listen_to(self, response: Any) -> None:
        """Read along with whoever iterates over the response's bytes."""
        self._content_type = str(getattr(response, "headers", {}).get("content-type", ""))
        read = response.aiter_bytes
        response.aiter_bytes = lambda: _ReadAlong(read(), self._hear)

    def _hear(self, piece: bytes) -> None:
        self._bytes_seen += len(piece)
        self.saw_done = self.saw_done or _DONE in self._tail + piece
        self._tail = piece[-len(_DONE) :]


class _ReadAlong:
    """Not a generator: an abandoned one closes its inner one while the collector does so, too."""

    def __init__(self, pieces: AsyncIterator[bytes], hear: Callable[[bytes], None]) -> None:
        self._pieces = pieces
        self._hear = hear

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        piece = await anext(self._pieces)
        self._hear(piece)
        return piece


def _part(whole: Any, name: str) -> Any:
    return whole.get(name) if isinstance(whole, dict) else getattr(whole, name, None)  # type: ignore[reportUnknownMemberType]


def _count(told: object) -> int:
    return int(told) if isinstance(told, int | float) and told > 0 else 0
