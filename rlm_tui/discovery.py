"""Which model to use when the user names none: a provider with a key, a local server, or offline.

Names are those of litellm's table. Nothing but the loopback interface is asked, and only the ports
on which these servers listen by default.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass

KEYS: tuple[tuple[str, str], ...] = (
    ("OPENAI_API_KEY", "openai/gpt-5"),
    ("ANTHROPIC_API_KEY", "anthropic/claude-sonnet-5"),
    ("GEMINI_API_KEY", "gemini/gemini-2.5-flash"),
    ("MISTRAL_API_KEY", "mistral/mistral-medium-latest"),
    ("GROQ_API_KEY", "groq/openai/gpt-oss-120b"),
)
"""By the variable that holds a provider's key, the model used with it; the first that is set."""

SERVERS: tuple[tuple[str, int], ...] = (("Ollama", 11434), ("LM Studio", 1234), ("vLLM", 8000))
"""Local servers with an OpenAI-compatible interface, and the ports they listen on."""

_PATIENCE = 0.3
_LONGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class Found:
    """A model that can be used, and why."""

    model: str
    api_base: str | None
    origin: str
    """The variable or the server."""


def find_model(environ: Mapping[str, str]) -> Found | None:
    """The model to use when none was named; None when only the offline model is left."""
    for variable, model in KEYS:
        if environ.get(variable, "").strip():
            return Found(model, None, variable)
    for name, port in SERVERS:
        model = _first_model(port)
        if model is not None:
            where = f"127.0.0.1:{port}"
            return Found(f"openai/{model}", f"http://{where}/v1", f"{name} at {where}")
    return None


def _first_model(port: int) -> str | None:
    """The first model that a server on a port of this machine lists; None when there is no such."""
    with socket.socket() as sock:
        sock.settimeout(_PATIENCE)
        if sock.connect_ex(("127.0.0.1", port)):
            return None
    import http.client  # noqa: PLC0415 - 15 ms that are not needed where nothing listens

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
    try:
        connection.request("GET", "/v1/models")
        answer = json.loads(connection.getresponse().read(_LONGEST))
        name = answer["data"][0]["id"]
    except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError, RecursionError):
        return None  # something else listens there
    finally:
        connection.close()
    return name if isinstance(name, str) and name else None
