"""What a model's name means to litellm: which provider, which server, and which key it takes.

Every function is given the module litellm, which takes seconds to import; see `providers`.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from rlm_tui.errors import UsageError

_SERVERS: dict[str, tuple[str, str | None]] = {
    "ollama": ("OLLAMA_API_BASE", "http://localhost:11434"),
    "ollama_chat": ("OLLAMA_API_BASE", "http://localhost:11434"),
    "lm_studio": ("LM_STUDIO_API_BASE", "http://localhost:1234/v1"),
    "hosted_vllm": ("HOSTED_VLLM_API_BASE", "http://localhost:8000/v1"),
    "llamafile": ("LLAMAFILE_API_BASE", "http://127.0.0.1:8080/v1"),
    "lemonade": ("LEMONADE_API_BASE", "http://localhost:8000/api/v1"),
    "docker_model_runner": (
        "DOCKER_MODEL_RUNNER_API_BASE",
        "http://localhost:22088/engines/llama.cpp",
    ),
    "xinference": ("XINFERENCE_API_BASE", "http://127.0.0.1:9997/v1"),
    "litellm_proxy": ("LITELLM_PROXY_API_BASE", None),
    "custom_openai": ("CUSTOM_OPENAI_API_BASE", None),
    "openai_like": ("OPENAI_LIKE_API_BASE", None),
    "openai": ("OPENAI_BASE_URL", None),
}
"""Providers that are or may be a server of the user's: the variable with its address, and where it
listens by itself. Left without an address, litellm sends what is meant for lm_studio, hosted_vllm
and others to api.openai.com, and the document with it (seen in 1.106)."""

_WITH_CREDENTIAL_FILES = frozenset({"bedrock", "sagemaker", "sagemaker_chat", "vertex_ai"})
"""Providers whose credentials may lie in files that litellm's check does not know."""

_OTHER_STEMS = {"gemini": "GOOGLE", "huggingface": "HF", "bedrock": "AWS", "sagemaker": "AWS"}
"""How variables begin that do not begin with the provider's name."""

_CHAT_MODES = frozenset({"chat", "completion", "responses", None})


class ChunkStream(Protocol):
    """What litellm answers to a request for a stream."""

    completion_stream: Any
    """The provider's own chunks; None until they are first asked for."""
    received_finish_reason: str | None
    """None at the end of a stream whose `finish_reason` litellm made up."""

    async def fetch_stream(self) -> object:
        """Send the request, where that waits for the first chunk."""
        ...

    def __aiter__(self) -> AsyncIterator[Any]: ...

    async def __anext__(self) -> Any: ...

    async def aclose(self) -> None:
        """Close the response."""
        ...


class Litellm(Protocol):
    """What is used of litellm; its own types are for the most part unknown to a type checker."""

    BadRequestError: type[Exception]
    model_cost: Mapping[str, Mapping[str, Any]]
    provider_list: Sequence[str]
    in_memory_llm_clients_cache: Any

    async def acompletion(self, **options: Any) -> ChunkStream:
        """Send a request; with `stream=True` the reply comes in chunks."""
        ...

    def get_llm_provider(self, model: str) -> tuple[str, str, str | None, str | None]:
        """The model's name there, its provider, key and base. Raises BadRequestError."""
        ...

    def validate_environment(self, model: str) -> Mapping[str, Any]:
        """`missing_keys` are the variables that the provider needs and the environment lacks."""
        ...


@dataclass(frozen=True, slots=True)
class Route:
    """How a model is reached."""

    model: str
    """For litellm."""
    provider: str
    base: str | None
    """None for the provider's own servers."""

    @property
    def key_variable(self) -> str:
        """The environment variable that holds its key; empty when none is found."""
        set_ones = (n for n in _key_variables(self.provider) if os.environ[n].strip())
        return next(set_ones, "")


def plain_route(name: str, api_base: str | None) -> Route | None:
    """The route of a bare name at a server of the user's, which needs no litellm to find."""
    if api_base is None or "/" in name or not name.strip():
        return None
    return Route(f"openai/{name}", "openai", api_base)


def find_route(litellm: Litellm, name: str, api_base: str | None) -> Route:
    """How a model is reached.

    Args:
        litellm: the module.
        name: as the user gave it.
        api_base: the base URL of an OpenAI-compatible server. A name that begins with no provider's
            is the server's own.

    Raises:
        UsageError: the name means nothing, or not a chat model, or needs an address.
    """
    prefix, slash, rest = name.partition("/")
    if not name.strip() or (slash and not rest):
        raise UsageError(f"The model name {name!r} is not complete; write PROVIDER/NAME.")
    if api_base is not None and not (slash and prefix in litellm.provider_list):
        return Route(f"openai/{name}", "openai", api_base)
    provider = _provider(litellm, name)
    if provider is None:
        raise UsageError(f"{name!r} is no model that litellm knows.{_hint(litellm, name)}")
    mode = litellm.model_cost.get(name, {}).get("mode")
    if mode not in _CHAT_MODES:
        raise UsageError(f"{name!r} is no chat model; litellm knows it for {mode}.")
    if provider not in _SERVERS:
        return Route(name, provider, api_base)
    variable, default = _SERVERS[provider]
    base = api_base or os.environ.get(variable) or default
    if base is None and provider != "openai":
        raise UsageError(f"{name!r} needs the address of its server: give it with --api-base.")
    return Route(name, provider, base)


def missing_variables(litellm: Litellm, route: Route) -> list[str]:
    """The variables without which a provider cannot be asked; empty ones do not count as set."""
    if route.base is not None or route.provider in _WITH_CREDENTIAL_FILES:
        return []
    needed: list[str] = litellm.validate_environment(route.model)["missing_keys"]
    missing = [name for name in needed if not os.environ.get(name)]
    if not missing and not route.key_variable:
        # litellm is content with variables that are there and empty.
        missing = _key_variables(route.provider)
    return missing


def _key_variables(provider: str) -> list[str]:
    """The variables in the environment that are named like this provider's key, likeliest first."""
    stems = (provider.upper(), _OTHER_STEMS.get(provider, provider.upper()))
    names = [n for n in os.environ if n.startswith(stems) and n.endswith(("_KEY", "_TOKEN"))]
    return sorted(names, key=lambda name: name != f"{stems[0]}_API_KEY")


def _provider(litellm: Litellm, name: str) -> str | None:
    try:
        return litellm.get_llm_provider(name)[1]
    except litellm.BadRequestError:
        return None


def _hint(litellm: Litellm, name: str) -> str:
    """The nearest name that means something, or what a name looks like."""
    prefix, slash, rest = name.partition("/")
    if slash:
        providers = [str.__str__(each) for each in litellm.provider_list]  # some are enum members
        near = difflib.get_close_matches(prefix, providers, n=1)
        candidates = [f"{each}/{rest}" for each in near]
    elif name in litellm.model_cost:  # known, but only behind its provider
        candidates = [f"{litellm.model_cost[name].get('litellm_provider')}/{name}"]
    else:
        candidates = difflib.get_close_matches(name, ["offline", *litellm.model_cost], n=5)
    for candidate in candidates:
        if candidate == "offline" or _provider(litellm, candidate):
            return f" Did you mean {candidate}?"
    return " Write PROVIDER/NAME, such as ollama/llama3.2, or give a server with --api-base."
