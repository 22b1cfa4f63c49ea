"""A server that answers as OpenAI does, and an environment without anybody's keys."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from rlm_tui.engine.models.client import Ending, ModelRequest, Piece
from rlm_tui.engine.models.providers import Providers
from rlm_tui.errors import ModelError
from rlm_tui.events import Message
from tests.servers import ChatServer


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """The keys and servers of whoever runs the tests are out of reach."""
    for name in list(os.environ):
        if name.endswith(("_KEY", "_TOKEN", "_API_BASE", "_BASE_URL")):
            monkeypatch.delenv(name)


@pytest.fixture
def server() -> Iterator[ChatServer]:
    """A server; say what it answers with `answer_with`."""
    with ChatServer() as running:
        yield running


@pytest.fixture
async def make_providers(server: ChatServer) -> AsyncIterator[Callable[..., Providers]]:
    """Makes providers whose base URL is the server's; their connections are closed in the end."""

    def make(api_base: str | None = server.url, timeout: float = 20.0) -> Providers:
        return Providers(api_base=api_base, timeout=timeout)

    yield make
    await Providers().close()


@pytest.fixture
def providers(make_providers: Callable[..., Providers]) -> Providers:
    """The models behind the server."""
    return make_providers()


def request(model: str = "m", *contents: str) -> ModelRequest:
    messages = [Message("user", content) for content in contents or ("hi",)]
    return ModelRequest(model, messages, "root", "1", "")


async def ask(providers: Providers, model: str = "m", *contents: str) -> tuple[list[Piece], Ending]:
    """The whole reply."""
    *pieces, ending = [item async for item in providers.stream(request(model, *contents))]
    assert isinstance(ending, Ending)
    assert all(isinstance(piece, Piece) for piece in pieces)
    return pieces, ending  # type: ignore[return-value]


async def failure(providers: Providers, model: str = "m") -> ModelError:
    """What asking raises."""
    with pytest.raises(ModelError) as caught:
        await ask(providers, model)
    return caught.value
