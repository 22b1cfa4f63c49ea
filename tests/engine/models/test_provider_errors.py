from __future__ import annotations

import time
from email.utils import formatdate

import pytest

from tests.engine.models.conftest import failure
from tests.servers import (
    SERVER_ERROR,
    TOO_LONG,
    UNAUTHORIZED,
    UNKNOWN_MODEL,
    Failure,
    too_many_requests,
)

KEY = "sk-live-0123456789abcdef"


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (UNAUTHORIZED, "auth", "wants a key. Set OPENAI_API_KEY"),
        (Failure(402, "Top up."), "auth", "no credit left: Top up."),
        (Failure(403, "Not for you."), "auth", "does not allow m with this key: Not for you."),
        (UNKNOWN_MODEL, "not_found", "has no model m; check the name"),
        (TOO_LONG, "context_too_long", "too long for m: This model's maximum context length"),
        (Failure(413, "Huge."), "context_too_long", "too long for m: Huge."),
        (too_many_requests("7"), "rate_limit", "asks for fewer requests: Slow down."),
        (
            Failure(429, "You exceeded your current quota.", "insufficient_quota"),
            "auth",
            "no credit left",
        ),
        (SERVER_ERROR, "server_error", "failed (status 500): The server had an error."),
        (Failure(502, body=b"<html><b>Bad</b> gateway</html>"), "server_error", "(status 502)"),
        (Failure(503, "Busy."), "server_error", "failed (status 503): Busy."),
        (Failure(504, "Late."), "timeout", "took too long (status 504): Late."),
        (
            Failure(400, "Rejected.", "content_policy_violation"),
            "refused",
            "refused the request for its content: Rejected.",
        ),
        (Failure(400, "Odd."), "bad_response", "did not take the request (status 400): Odd."),
        (Failure(422, "Odd."), "bad_response", "did not take the request (status 422): Odd."),
    ],
)
async def test_a_failure_is_one_request_and_one_sentence(server, providers, answer, kind, words):
    """Litellm would send most of these three times, a 422 four times."""
    server.answer_with(answer)
    error = await failure(providers)
    assert error.kind == kind
    assert words in str(error)
    assert len(server.requests) == 1
    assert "litellm" not in str(error).lower()
    assert "\n" not in str(error)


async def test_a_host_that_is_asked_too_often_says_when_to_come_back(server, providers):
    server.answer_with([too_many_requests("7"), too_many_requests(formatdate(time.time() + 30))])
    assert (await failure(providers)).retry_after == 7
    assert (await failure(providers)).retry_after == pytest.approx(30, abs=3)


@pytest.mark.parametrize("status", [401, 403, 429, 500])
async def test_no_error_holds_a_key(server, providers, monkeypatch, status):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("SOME_SECRET", "hunter2")
    told = f"Bad key {KEY}, or {KEY[:9]}****cdef, hunter2, Bearer abcdefghijkl, " + "x" * 400 + KEY
    server.answer_with(Failure(status, told))
    error = str(await failure(providers))
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
    assert not any(part in error for part in (KEY[:9], "hunter2", "abcdefghijkl"))
    assert len(error) < 450


async def test_a_refused_key_is_named_by_its_variable(server, providers, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    server.answer_with(UNAUTHORIZED)
    assert str(await failure(providers)) == (
        f"{server.url} refused the key in OPENAI_API_KEY; check it or use another with --env-file."
    )
