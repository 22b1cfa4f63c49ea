"""Every real model, through litellm; the only module that imports it.

Importing litellm takes 2 to 2.5 s and 165 MB, so it is done once, in a worker thread, when a model
first needs it. What litellm hides is brought to light again: which usage is the provider's own and
which litellm counted, whether a reply came to its end, and what a model refused.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import os
import sys
import threading
import warnings
from collections.abc import AsyncGenerator
from typing import Any, ClassVar, TypeVar, cast

from rlm_tui.engine.models.client import Ending, ModelRequest, Piece
from rlm_tui.engine.models.provider_errors import (
    HOW_TO_GIVE_KEY,
    Target,
    cut_off,
    no_chat,
    rejects_option,
    translate,
)
from rlm_tui.engine.models.provider_names import (
    ChunkStream,
    Litellm,
    Route,
    find_route,
    missing_variables,
    plain_route,
)
from rlm_tui.engine.models.tap import Tap
from rlm_tui.errors import ModelError, UsageError

_PLACEHOLDER_KEY = "no-key"
"""Sent to an own server that wants none, since clients insist on having one."""

_ENVIRONMENT = {
    # Anything but "True" makes the import fetch the price table from GitHub.
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    # The same for a table of Anthropic's header names, at the first request.
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    # In its mode "DEV" the import reads a .env file that happens to lie about.
    "LITELLM_MODE": "PRODUCTION",
    "LITELLM_LOG": "CRITICAL",
    # Anything else has it replace sys.excepthook (1.83: "False", too).
    "JSON_LOGS": "",
}

_ABANDONED = r"coroutine '.*(async_|acompletion|amake_call).*' was never awaited"

_SETTINGS: dict[str, object] = {
    "suppress_debug_info": True,  # else it prints banners
    "set_verbose": False,
    "telemetry": False,
    "cache": None,
    "callbacks": [],
    "success_callback": [],
    "failure_callback": [],
    # With True a 422 is answered by sending the same request three times more (seen in 1.106).
    "drop_params": False,
    # With aiohttp litellm 1.83 takes a cut connection for the end of the reply.
    "disable_aiohttp_transport": True,
    # A hundred equal pieces are a table's rule or a row of zeros more often than a model gone mad.
    "REPEATED_STREAMING_CHUNK_LIMIT": sys.maxsize,
}

_LOGGERS = ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy", "openai", "httpx", "httpcore", "aiohttp")

_T = TypeVar("_T")

_loading = threading.Lock()


def load() -> Litellm:
    """Import litellm, quietly and without touching the network; waits for who does so already."""
    with _loading:
        return _load()


@functools.cache
def _load() -> Litellm:
    os.environ.update(_ENVIRONMENT)
    import litellm  # noqa: PLC0415 - 2 s

    # A request that is cancelled in its first milliseconds leaves one behind in a worker thread.
    warnings.filterwarnings("ignore", _ABANDONED, RuntimeWarning)
    for name, value in _SETTINGS.items():
        setattr(litellm, name, value)
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.handlers[:] = [logging.NullHandler()]
        logger.propagate = False
        logger.setLevel(logging.CRITICAL)
    return cast("Litellm", litellm)


@functools.cache
def _warm_up() -> None:
    """Make a request that stays in this process.

    The first request of all holds its event loop for about 0.6 s; after this one it is 0.05 s.
    """
    litellm = load()
    httpx, openai = cast("Any", sys.modules["httpx"]), cast("Any", sys.modules["openai"])
    chunk = b'data: {"choices":[{"index":0,"delta":{"content":"."},"finish_reason":"stop"}]}\n\n'

    def answer(_request: object) -> object:
        return httpx.Response(200, headers={"content-type": "text/event-stream"}, content=chunk)

    async def ask() -> None:
        http_client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
        client = openai.AsyncOpenAI(
            api_key="-", base_url="http://nowhere/v1", http_client=http_client
        )
        async with client:
            stream = await litellm.acompletion(
                model="openai/-",
                messages=[{"role": "user", "content": "."}],
                client=client,
                stream=True,
            )
            async for _ in stream:
                pass

    asyncio.run(ask())


async def _next(stream: ChunkStream) -> Any:
    return await anext(stream, None)


class Providers:
    """Asks the models of all providers that litellm knows. Used by one event loop."""

    is_language_model = True
    _in_flight: ClassVar[set[asyncio.Future[ChunkStream]]] = set()
    """The requests of all runs in this process."""

    def __init__(self, *, api_base: str | None = None, timeout: float = 120.0) -> None:
        """Prepare; nothing is loaded yet.

        Args:
            api_base: the base URL of an OpenAI-compatible server, for all models.
            timeout: seconds without a sign before a request is given up.
        """
        self._api_base = api_base
        self._timeout = timeout
        self._routes: dict[str, Route] = {}
        self._without_options: set[str] = set()
        """Models whose host rejects `stream_options`."""
        self._closing: set[asyncio.Future[None]] = set()

    async def recognise(self, models: list[str]) -> None:
        """Make sure that the names mean something.

        Raises:
            UsageError: a name belongs to no provider, or the base URL is none.
        """
        if self._api_base is not None and not self._api_base.startswith(("http://", "https://")):
            raise UsageError(
                f"The API base {self._api_base!r} is no URL; it begins with http:// or https://."
            )
        await asyncio.to_thread(self._find_routes, models)

    async def prepare(self, models: list[str]) -> None:
        """Load what the first request needs, and see that the keys are there.

        Raises:
            ModelError: a key is missing.
        """
        await asyncio.to_thread(self._prepare, models)

    async def close(self) -> None:
        """Close the connections that are kept for the next request; safe to call twice.

        litellm keeps them for the whole process, so they stay while another run uses some.
        """
        if "litellm" not in sys.modules or self._in_flight:
            return
        # Its own close_litellm_async_clients leaves OpenAI's clients open (1.83).
        cache = load().in_memory_llm_clients_cache
        for client in list(cache.cache_dict.values()):
            with contextlib.suppress(RuntimeError):  # it belongs to a loop that has ended
                close = getattr(client, "close", None)
                closing = close() if close is not None else None
                if closing is not None:
                    await closing
        cache.flush_cache()

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Piece | Ending, None]:
        """The reply in pieces, an `Ending` last. Raises ModelError."""
        route = await self._known_route(request.model)
        target = self._target(request.model, route)
        opening = asyncio.ensure_future(self._open(request, route))
        self._in_flight.add(opening)
        finish = "stop"
        try:
            stream = await self._patiently(opening, target)
            tap = Tap(stream.completion_stream)
            if tap.is_listening:
                stream.completion_stream = tap
            while True:
                try:
                    chunk = await self._patiently(asyncio.ensure_future(_next(stream)), target)
                except ModelError:
                    if not tap.is_over:
                        raise
                    chunk = None  # whether it ended well is told below
                if chunk is None:
                    break
                for choice in chunk.choices[:1]:
                    finish = choice.finish_reason or finish
                    reasoning = getattr(choice.delta, "reasoning_content", None)
                    if reasoning:
                        yield Piece(reasoning, is_reasoning=True)
                    if choice.delta.content:
                        yield Piece(choice.delta.content)
                for words in tap.take_refusal():
                    # Not as text: what stands in for an answer must not read like one.
                    yield Piece(words, is_reasoning=True)
        finally:
            self._in_flight.discard(opening)
            await self._close_what(opening)
        if getattr(stream, "received_finish_reason", finish) is None and not tap.saw_done:
            raise no_chat(target, tap.what_came) if tap.what_came else cut_off(target)
        yield Ending("refusal" if tap.has_refusal else finish, tap.usage)

    async def _patiently(self, task: asyncio.Future[_T], target: Target) -> _T:
        """The result of a task within the time that a sign may take.

        The task is cancelled at most once, however often we are: a second cancellation meets httpx
        while it closes the connection, which then stays open (0.28: 21 of 288 requests).
        """
        try:
            done, _ = await asyncio.wait({task}, timeout=self._timeout)
            if not done:
                raise translate(TimeoutError(), target)
            return task.result()
        except ModelError:
            raise
        except Exception as error:  # a border: behind litellm 166 providers raise anything at all
            raise translate(error, target) from error
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait({task})

    async def _close_what(self, opening: asyncio.Future[ChunkStream]) -> None:
        """End the request; without this it stays open on the server, and the bill runs."""
        if opening.done() and not opening.cancelled() and opening.exception() is None:
            # litellm swallows a cancellation that comes meanwhile, so it is kept from it.
            closing = asyncio.ensure_future(opening.result().aclose())
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)
            await asyncio.shield(closing)

    async def _open(self, request: ModelRequest, route: Route) -> ChunkStream:
        options: dict[str, Any] = {
            "model": route.model,
            "messages": [{"role": m.role, "content": m.content} for m in request.messages],
            "stream": True,
            "stream_options": {"include_usage": True},
            "timeout": 2 * self._timeout,  # ours comes first; its default is 6,000 s
            "max_retries": 0,  # the default sends a failed request three times
            "num_retries": 0,
        }
        if route.base is not None:
            options["api_base"] = route.base
            if not route.key_variable:
                options["api_key"] = _PLACEHOLDER_KEY
        if route.model in self._without_options:
            del options["stream_options"]
        stream: ChunkStream | None = None
        try:
            stream = await load().acompletion(**options)
        except Exception as error:
            if "stream_options" not in options or not rejects_option(error, "stream_options"):
                raise
            self._without_options.add(route.model)
            del options["stream_options"]
        if stream is None:  # not in the handler: its error would be the next one's context
            stream = await load().acompletion(**options)
        if stream.completion_stream is None:
            await stream.fetch_stream()
        return stream

    def _target(self, name: str, route: Route) -> Target:
        variable = route.key_variable
        return Target(
            model=name,
            provider=route.provider,
            base=route.base,
            key=variable or f"{route.provider.upper()}_API_KEY",
            has_key=route.base is None or bool(variable),
            timeout=self._timeout,
        )

    async def _known_route(self, name: str) -> Route:
        if name not in self._routes:
            try:
                await asyncio.to_thread(self._find_routes, [name])
            except UsageError as error:
                raise ModelError("not_found", str(error)) from error
        return self._routes[name]

    def _find_routes(self, models: list[str]) -> None:
        for name in models:
            if name not in self._routes:
                self._routes[name] = plain_route(name, self._api_base) or find_route(
                    load(), name, self._api_base
                )

    def _prepare(self, models: list[str]) -> None:
        self._find_routes(models)
        for name in models:
            route = self._routes[name]
            missing = missing_variables(load(), route)
            if missing:
                word = " or " if route.provider == "gemini" else " and "
                raise ModelError(
                    "auth",
                    f"There is no key for {name}: set {word.join(missing)}, {HOW_TO_GIVE_KEY}",
                )
        _warm_up()
