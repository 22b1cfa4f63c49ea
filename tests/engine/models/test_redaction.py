from __future__ import annotations

import pytest

from rlm_tui.engine.models.redaction import redact, shown_url


@pytest.mark.parametrize("name", ["MY_KEY", "MY_TOKEN", "MY_SECRET", "my_key"])
def test_the_value_of_a_secret_variable_is_struck_out(monkeypatch, name):
    monkeypatch.setenv(name, "a.long(secret)")
    assert redact("before a.long(secret)after") == "before [key]after"


def test_a_short_secret_is_struck_out_as_a_word_only(monkeypatch):
    monkeypatch.setenv("MY_KEY", "on")
    assert redact("on and only on") == "[key] and only [key]"


def test_an_empty_secret_changes_nothing(monkeypatch):
    monkeypatch.setenv("MY_KEY", " ")
    assert redact("a b") == "a b"


@pytest.mark.parametrize(
    "text",
    ["sk-proj-abc123DEF456", "sk-abcd****wxyz", "Bearer abc.def-ghi", "https://x?key=abc123"],
)
def test_what_looks_like_a_key_is_struck_out(text):
    assert "abc" not in redact(f"told {text} so")


@pytest.mark.parametrize(
    "text", ["a risk-averse model", "the keyboard", "sub-models", "xai/grok-4"]
)
def test_what_only_resembles_a_key_stays(text):
    assert redact(text) == text


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://user:pw@host:8000/v1?key=abc", "http://host:8000/v1"),
        ("https://host/v1", "https://host/v1"),
        ("http://host:port/v1", "http://host:port/v1"),
    ],
)
def test_a_url_is_shown_without_credentials(url, shown):
    assert shown_url(url) == shown
