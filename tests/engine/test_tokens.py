import sys

import pytest
import tiktoken
from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_tui.engine import tokens
from rlm_tui.engine.tokens import TokenCounter, estimate


@pytest.fixture
async def counter():
    counter = TokenCounter()
    await counter.load()
    return counter


async def test_tokens_are_counted_with_a_real_vocabulary_and_no_network(counter):
    assert await counter.count(["hello world"]) == 2
    assert await counter.count(["hello world", "", "hello world"]) == 4
    assert await counter.count([]) == 0


async def test_long_texts_are_counted_as_short_ones_are(counter):
    line = "The quick brown fox jumps over the lazy dog.\n"
    once = await counter.count([line])
    assert await counter.count([line * 5_000]) == pytest.approx(once * 5_000, rel=0.001)


@pytest.mark.parametrize(
    "text",
    [" " * 1_000_000, "\t" * 1_000_000, "a" * 200_000, "\ud800x", "<|endoftext|>", "\0"],
    ids=["blanks", "tabs", "one letter", "a lone surrogate", "a special token", "NUL"],
)
async def test_any_text_can_be_counted(counter, text):
    """The tokenizer panics on half a million blanks in a row."""
    assert await counter.count([text]) > 0


async def test_the_tokens_of_a_text_are_extrapolated_from_a_sample(counter):
    assert await counter.extrapolated("hello world", 110) == 20
    assert await counter.extrapolated("", 110) == 0
    assert await counter.extrapolated("hello world", 0) == 0


async def test_without_a_vocabulary_a_token_is_four_characters(monkeypatch):
    monkeypatch.setattr(tokens, "_bundled_vocabularies", lambda: None)
    monkeypatch.delenv("TIKTOKEN_CACHE_DIR", raising=False)
    counter = TokenCounter()
    assert await counter.count(["12345678", "9"]) == 3


async def test_a_vocabulary_that_cannot_be_read_is_done_without(monkeypatch):
    def unreachable(_name: str) -> None:
        raise OSError("no network")

    monkeypatch.setattr(tiktoken, "get_encoding", unreachable)
    assert await TokenCounter().count(["12345678"]) == 2


@pytest.mark.parametrize("absent", ["package", "folder"])
def test_vocabularies_are_looked_for_without_importing_litellm(monkeypatch, tmp_path, absent):
    imported = "litellm" in sys.modules
    assert tokens._bundled_vocabularies().is_dir()
    assert ("litellm" in sys.modules) is imported
    spec = None
    if absent == "folder":
        spec = type(sys)("spec")
        spec.submodule_search_locations = [str(tmp_path)]
    monkeypatch.setattr(tokens.importlib.util, "find_spec", lambda _name: spec)
    assert tokens._bundled_vocabularies() is None


@pytest.mark.parametrize(
    ("length", "expected"), [(0, 0), (1, 1), (4, 1), (5, 2), (400, 100)], ids=str
)
def test_an_estimate_rounds_up(length, expected):
    assert estimate("x" * length) == expected


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=200), st.text(max_size=200))
def test_texts_together_are_estimated_at_no_less_than_as_one(first, second):
    assert estimate(first) + estimate(second) >= estimate(first + second) >= estimate(first)
