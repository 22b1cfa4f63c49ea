from __future__ import annotations

from email.utils import formatdate

import pytest

from rlm_tui.engine.models.provider_failure import read_failure, seconds_to_wait

NOW = 1_700_000_000.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"Retry-After": " 0.5 "}, 0.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": formatdate(NOW + 30, usegmt=True)}, 30),
        ({"retry-after": formatdate(NOW - 30, usegmt=True)}, 0),
        ({"retry-after": "-3"}, 0),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_the_time_to_wait_is_a_number_or_a_date(headers, seconds):
    assert seconds_to_wait(headers, NOW) == seconds


class MidStreamFallbackError(Exception):
    status_code = 500


class RateLimitError(Exception):
    status_code = 429


class ConnectError(Exception):
    pass


def test_what_a_wrapper_holds_counts_not_its_own_status():
    error = MidStreamFallbackError("litellm.MidStreamFallbackError: no")
    error.original_exception = ValueError("no JSON")
    failure = read_failure(error)
    assert (failure.status, failure.words) == (None, "no JSON")


def test_a_status_that_no_response_came_with_is_none():
    error = RateLimitError("litellm.RateLimitError: OpenAIException - Connection error.")
    error.__cause__ = ConnectError()
    assert read_failure(error).status is None


def test_the_providers_words_are_found_in_a_body_of_json():
    told = 'litellm.RateLimitError: RateLimitError: XException - {"error": {"message": "Slow."}}'
    error = RateLimitError(told)
    error.message = told
    assert read_failure(error).words == "Slow."


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ("litellm.Timeout: Timeout Error: XException - late", "late"),
        ("<html><style>a{}</style><b>Bad</b>\n gateway</html>", "Bad gateway"),
        ("red \x1b[31m text", "red [31m text"),
        ("no\nTraceback (most recent call last)\n  File", "no"),
        ("x" * 400, "x" * 300 + "…"),
    ],
)
def test_words_are_one_clean_line(told, words):
    assert read_failure(RateLimitError(told)).words == words


def test_a_chain_that_bites_its_tail_is_read_once():
    first, second = ValueError("a"), ValueError("b")
    first.__cause__, second.__cause__ = second, first
    assert read_failure(first).words == "a"
