"""A chat-completions server on 127.0.0.1 that does as it is told, and remembers what it was asked.

It speaks what OpenAI-compatible hosts speak, and misbehaves in the ways they do. It runs an event
loop in a thread of its own, so any test can use it, with a loop or without.

    with ChatServer({"root-model": [Reply("first"), Reply("second")], "sub-model": echo}) as server:
        ...  # talk to server.url
        assert server.requests[0].model == "root-model"
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Self, TypeAlias

PATIENCE = 10.0
"""Seconds that `ChatServer.wait_until` waits for a state before it says that it did not come."""

UsagePlace = Literal["last", "alone", "first", "every"]
"""`last`: on the chunk with the finish reason; `alone`: on a chunk after it with `choices: []`, as
OpenAI sends it; `first`: on the first chunk; `every`: on each chunk, growing."""

End = Literal["done", "no_done", "cut", "close", "hang"]
"""`done`: `[DONE]`, as it should be; `no_done`: the body ends properly without it; `cut`: the
connection is reset in the middle of the body; `close`: the same, in an answer whose length only the
end of the connection tells; `hang`: nothing more comes."""


def usage(prompt: int, completion: int, cached: int | None = None) -> dict[str, Any]:
    """A `usage` object as OpenAI writes it."""
    told: dict[str, Any] = {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }
    if cached is not None:
        told["prompt_tokens_details"] = {"cached_tokens": cached}
    return told


@dataclass(frozen=True)
class Reply:
    """A streamed reply."""

    text: str | Sequence[str] = "ok"
    """A list is sent in these pieces, a string in one."""
    reasoning: Sequence[str] = ()
    """Pieces of `reasoning_content`, sent first."""
    refusal: Sequence[str] = ()
    """Pieces of `refusal`, sent after the text."""
    finish: str | None = "stop"
    """None: no chunk has a finish reason."""
    usage: Mapping[str, Any] | None = field(default_factory=lambda: usage(10, 5))
    """None: not reported, though it was asked for."""
    usage_place: UsagePlace = "alone"
    delay: float = 0.0
    """Seconds before each piece but the first."""
    raw: Sequence[bytes] = ()
    """Sent as they are after the pieces, before the end."""
    end: End = "done"


@dataclass(frozen=True)
class Failure:
    """An error in the place of a reply, in OpenAI's form."""

    status: int
    message: str = "it failed"
    code: str | None = None
    type: str = "invalid_request_error"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes | None = None
    """The whole body, in place of OpenAI's form."""


@dataclass(frozen=True)
class Hang:
    """Not even headers."""


@dataclass(frozen=True)
class WithoutStreamOptions:
    """Refuses requests that have `stream_options`, as some hosts do; else answers."""

    answer: Reply


UNAUTHORIZED = Failure(401, "Incorrect API key provided.", code="invalid_api_key")
UNKNOWN_MODEL = Failure(404, "The model does not exist.", code="model_not_found")
TOO_LONG = Failure(
    400,
    "This model's maximum context length is 8192 tokens. However, your messages resulted in "
    "9000 tokens.",
    code="context_length_exceeded",
)
SERVER_ERROR = Failure(500, "The server had an error.", type="server_error")


def page(body: bytes, content_type: str = "text/html") -> Failure:
    """A good status with a body that is no stream of chunks."""
    return Failure(200, body=body, headers={"content-type": content_type})


def too_many_requests(retry_after: str) -> Failure:
    """A 429 that says when to come back."""
    headers = {"retry-after": retry_after}
    return Failure(429, "Slow down.", "rate_limit_exceeded", "requests", headers)


@dataclass
class Request:
    """What was asked, and what became of it."""

    path: str
    headers: dict[str, str] = field(repr=False)
    """Names in lower case."""
    body: dict[str, Any] = field(repr=False)
    pieces_sent: int = 0
    is_answered: bool = False
    """The whole answer was sent."""
    is_dropped: bool = False
    """The client left before that."""

    @property
    def model(self) -> str:
        return self.body.get("model", "")

    @property
    def messages(self) -> list[dict[str, Any]]:
        return self.body.get("messages", [])

    @property
    def prompt(self) -> str:
        """The last message."""
        return self.messages[-1]["content"] if self.messages else ""


Answer: TypeAlias = Reply | Failure | Hang | WithoutStreamOptions
Answerer: TypeAlias = Callable[[Request], Answer]
Answers: TypeAlias = Answer | Sequence[Answer] | Answerer
"""One answer for all requests, or answers in turn (the last one again and again), or a function."""


class ChatServer:
    """Serves `POST …/chat/completions` until it is closed."""

    def __init__(self, answers: Answers | Mapping[str, Answers] = Reply()) -> None:
        """Set up what is answered; a mapping goes by the request's model."""
        self.requests: list[Request] = []
        self._answers = answers
        self._turns: dict[str | None, int] = {}
        self._changed = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self.connections: set[_Connection] = set()
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, name="chat server")

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def url(self) -> str:
        """The base URL."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"

    def answer_with(self, answers: Answers | Mapping[str, Answers]) -> None:
        """Answer like this from now on."""
        self._answers = answers
        self._turns.clear()

    def wait_until(self, state: Callable[[], bool], patience: float = PATIENCE) -> None:
        """Wait for something to be true of the requests. Raises AssertionError if it does not."""
        with self._changed:
            came = self._changed.wait_for(state, patience)
        assert came, f"not within {patience} s; the last requests: {self.requests[-5:]}"

    async def until(self, state: Callable[[], bool], patience: float = PATIENCE) -> None:
        """As `wait_until`, for a test that must not block its loop."""
        await asyncio.to_thread(self.wait_until, state, patience)

    async def _start(self) -> None:
        self._server = await self._loop.create_server(lambda: _Connection(self), "127.0.0.1", 0)

    async def _stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for connection in list(self.connections):
            connection.end()
        tasks = [connection.task for connection in self.connections if connection.task]
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # the transports tell their protocols that they are gone

    def changed(self) -> None:
        """Wake those who wait."""
        with self._changed:
            self._changed.notify_all()

    def answer_to(self, request: Request) -> Answer:
        """What the test wants done."""
        answers, key = self._answers, None
        if isinstance(answers, Mapping):
            key = request.model
            if key not in answers:
                return UNKNOWN_MODEL
            answers = answers[key]
        if callable(answers):
            return answers(request)
        if isinstance(answers, Sequence):
            turn = self._turns.get(key, 0)
            self._turns[key] = turn + 1
            return answers[min(turn, len(answers) - 1)]
        return answers


class _Connection(asyncio.Protocol):
    """One client; answers its requests one after the other."""

    def __init__(self, server: ChatServer) -> None:
        self.task: asyncio.Task[None] | None = None
        self._server = server
        self._reader = asyncio.StreamReader(limit=1 << 26)
        self._transport: asyncio.Transport | None = None
        self._request: Request | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._transport = transport
        self._server.connections.add(self)
        self.task = asyncio.get_running_loop().create_task(self._serve())

    def data_received(self, data: bytes) -> None:
        self._reader.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._reader.feed_eof()
        request = self._request
        if request is not None and not request.is_answered:
            request.is_dropped = True
        self.end()
        self._server.connections.discard(self)
        self._server.changed()

    def end(self) -> None:
        if self.task is not None:
            self.task.cancel()
        if self._transport is not None:
            self._transport.close()

    async def _serve(self) -> None:
        while request := await self._read():
            self._request = request
            self._server.requests.append(request)
            answer = self._server.answer_to(request)
            self._server.changed()
            if isinstance(answer, WithoutStreamOptions):
                answer = _without_stream_options(answer, request)
            is_open = await self._answer(answer, request)
            self._server.changed()
            if not is_open:
                return

    async def _read(self) -> Request | None:
        try:
            head = await self._reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return None
        first, *lines = head.decode("latin-1").strip().split("\r\n")
        headers = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines)
        }
        body = await self._reader.readexactly(int(headers.get("content-length", 0)))
        return Request(first.split()[1], headers, json.loads(body) if body else {})

    async def _answer(self, answer: Reply | Failure | Hang, request: Request) -> bool:
        """Whether the connection may be used again."""
        if isinstance(answer, Hang):
            await asyncio.Event().wait()
        elif isinstance(answer, Failure):
            self._send(answer.status, _error_body(answer), answer.headers)
        else:
            return await self._stream(answer, request)
        request.is_answered = True
        return True

    def _send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        length = {"content-type": "application/json", "content-length": str(len(body))}
        self._write(_head(status, length | dict(headers)) + body)

    async def _stream(self, reply: Reply, request: Request) -> bool:
        is_chunked = reply.end != "close"
        length = {"transfer-encoding": "chunked"} if is_chunked else {"connection": "close"}
        self._write(_head(200, {"content-type": "text/event-stream"} | length))

        def send(piece: bytes) -> None:
            self._write(b"%x\r\n%b\r\n" % (len(piece), piece) if is_chunked else piece)

        for number, chunk in enumerate(_chunks(reply, request)):
            if number and reply.delay:
                await asyncio.sleep(reply.delay)
            send(b"data: %b\n\n" % json.dumps(chunk).encode())
            request.pieces_sent += 1
            self._server.changed()
            await asyncio.sleep(0)
        for piece in reply.raw:
            send(piece)
        if reply.end == "hang":
            await asyncio.Event().wait()
        if reply.end == "done":
            send(b"data: [DONE]\n\n")
        if reply.end in {"done", "no_done"}:
            self._write(b"0\r\n\r\n")
        request.is_answered = True
        if reply.end in {"cut", "close"}:
            assert self._transport is not None
            self._transport.close()
            return False
        return True

    def _write(self, piece: bytes) -> None:
        assert self._transport is not None
        self._transport.write(piece)


def _head(status: int, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} Whatever", *(f"{k}: {v}" for k, v in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _error_body(failure: Failure) -> bytes:
    if failure.body is not None:
        return failure.body
    told = {"message": failure.message, "type": failure.type, "code": failure.code, "param": None}
    return json.dumps({"error": told}).encode()


def _without_stream_options(answer: WithoutStreamOptions, request: Request) -> Reply | Failure:
    if "stream_options" in request.body:
        return Failure(400, "Unrecognized request argument supplied: stream_options")
    return answer.answer


def _pieces(reply: Reply) -> list[dict[str, Any]]:
    text = [reply.text] if isinstance(reply.text, str) else reply.text
    return [
        *({"reasoning_content": piece} for piece in reply.reasoning),
        *({"content": piece} for piece in text if piece),
        *({"content": None, "refusal": piece} for piece in reply.refusal),
    ]


def _chunks(reply: Reply, request: Request) -> list[dict[str, Any]]:
    """The reply's chunks, as OpenAI cuts them: role, pieces, finish reason, usage."""
    is_asked = bool((request.body.get("stream_options") or {}).get("include_usage"))
    told = reply.usage if is_asked or reply.usage_place != "alone" else None
    deltas = [{"role": "assistant", "content": ""}, *_pieces(reply)]
    chunks = [_chunk(request, [_choice(delta)]) for delta in deltas]
    if reply.finish is not None:
        chunks.append(_chunk(request, [_choice({}, reply.finish)]))
    if told is None:
        return chunks
    match reply.usage_place:
        case "alone":
            chunks.append(_chunk(request, []) | {"usage": told})
        case "last":
            chunks[-1]["usage"] = told
        case "first":
            chunks[0]["usage"] = told
        case "every":
            for number, chunk in enumerate(chunks, 1):
                output = told["completion_tokens"] * number // len(chunks)
                chunk["usage"] = {**told, "completion_tokens": output}
    return chunks


def _choice(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "finish_reason": finish}


def _chunk(request: Request, choices: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": int(time.time()),
        "model": request.model,
        "choices": choices,
    }
