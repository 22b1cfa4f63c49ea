from __future__ import annotations

import pytest

from rlm_tui.engine.models.provider_names import find_route
from rlm_tui.engine.models.providers import load
from rlm_tui.errors import ModelError, UsageError
from tests.engine.models.conftest import ask

KEY = "sk-live-0123456789abcdef"


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("m", "m"),
        ("claude-sonnet-4-5", "claude-sonnet-4-5"),
        ("openai/m", "m"),
        ("qwen/qwen3-8b", "qwen/qwen3-8b"),
        ("hosted_vllm/m", "m"),
        ("lm_studio/qwen/q", "qwen/q"),
    ],
)
async def test_at_a_base_url_a_name_without_a_provider_is_the_servers_own(
    server, providers, name, sent
):
    await providers.recognise([name])
    await ask(providers, name)
    assert server.requests[0].model == sent


@pytest.mark.parametrize("name", ["ollama/m", "lm_studio/m", "hosted_vllm/m", "bedrock/m"])
async def test_a_local_provider_needs_no_key(make_providers, name):
    await make_providers(api_base=None).prepare([name])


@pytest.mark.parametrize("present", [None, "", " "])
async def test_a_missing_key_is_named_before_the_first_request(
    make_providers, monkeypatch, present
):
    if present is not None:
        monkeypatch.setenv("OPENAI_API_KEY", present)
    with pytest.raises(ModelError) as caught:
        await make_providers(api_base=None).prepare(["gpt-5"])
    assert caught.value.kind == "auth"
    assert str(caught.value) == (
        "There is no key for gpt-5: set OPENAI_API_KEY, "
        "or name a file that does with --env-file, or try --model offline."
    )


async def test_a_present_key_is_enough(make_providers, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    await make_providers(api_base=None).prepare(["claude-sonnet-4-5"])


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("gtp-5", "'gtp-5' is no model that litellm knows. Did you mean gpt-5?"),
        ("ofline", "Did you mean offline?"),
        ("opnai/gpt-4o", "Did you mean openai/gpt-4o?"),
        ("deepseek-chat", "Did you mean deepseek/deepseek-chat?"),
        ("nosuch/model", "Write PROVIDER/NAME"),
        ("text-embedding-3-small", "is no chat model; litellm knows it for embedding."),
        ("custom_openai/m", "needs the address of its server: give it with --api-base."),
        ("openai/", "is not complete; write PROVIDER/NAME."),
        ("", "is not complete; write PROVIDER/NAME."),
    ],
)
async def test_a_name_that_means_nothing_is_refused_with_what_helps(make_providers, name, told):
    with pytest.raises(UsageError) as caught:
        await make_providers(api_base=None).recognise([name])
    assert told in str(caught.value)


@pytest.mark.parametrize("name", ["gpt-5", "openai/some-new-model", "ollama/llama3.2"])
async def test_a_name_with_a_known_provider_is_recognised(make_providers, name):
    await make_providers(api_base=None).recognise([name])


@pytest.mark.parametrize(
    ("name", "default"),
    [("lm_studio/m", "http://localhost:1234/v1"), ("hosted_vllm/m", "http://localhost:8000/v1")],
)
def test_a_local_server_without_an_address_is_not_looked_for_at_openai(monkeypatch, name, default):
    """Litellm sends these to api.openai.com, and the document with them."""
    assert find_route(load(), name, None).base == default
    variable = name.partition("/")[0].upper() + "_API_BASE"
    monkeypatch.setenv(variable, "http://10.0.0.1/v1")
    assert find_route(load(), name, None).base == "http://10.0.0.1/v1"
