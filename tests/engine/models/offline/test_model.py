"""The client: pieces, pace, and that nothing but the messages counts."""

from __future__ import annotations

import asyncio

import pytest

from rlm_tui.document.facts import facts_of_text
from rlm_tui.engine import prompts
from rlm_tui.engine.models.client import Ending, ModelRequest, Piece
from rlm_tui.engine.models.offline import OfflineModel
from rlm_tui.events import Message

QUESTION = prompts.first_message(
    "Who greeted the world?", facts_of_text("Ada greeted the world."), 30
)
SUB = Message("user", "Question: Who greeted the world?\n\nText:\nAda greeted the world.")


def request(role, *messages):
    return ModelRequest("offline", list(messages), role, node="1", loop="")


async def pieces(model, asked):
    return [piece async for piece in model.stream(asked)]


async def test_a_reply_comes_word_by_word_and_ends_without_usage():
    *words, ending = await pieces(OfflineModel(), request("sub", SUB))
    assert all(isinstance(word, Piece) and len(word.text.split()) == 1 for word in words)
    assert "".join(word.text for word in words).startswith("Ada\n")
    assert ending == Ending()
    assert ending.usage is None


async def test_the_same_messages_get_the_same_reply():
    asked = request("root", prompts.system_message(depth_left=1, documents=1), QUESTION)
    first = await pieces(OfflineModel(), asked)
    assert await pieces(OfflineModel(), asked) == first
    assert any("```repl" in item.text for item in first[:-1])


async def test_it_pauses_between_words_only_when_a_pace_is_asked_for(monkeypatch):
    paused = []

    async def sleep(seconds):
        paused.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    await pieces(OfflineModel(), request("sub", SUB))
    assert paused == []
    await pieces(OfflineModel(0.25), request("sub", SUB))
    assert set(paused) == {0.25}


async def test_it_needs_nothing_before_the_first_request():
    model = OfflineModel()
    await model.recognise(["offline"])
    await model.prepare(["offline"])
    assert not model.is_language_model


@pytest.mark.parametrize(
    "question", ["What is this about?", "Who is Zanzibar?", "What can you do?"]
)
async def test_it_never_claims_to_be_a_language_model(question):
    first = prompts.first_message(question, facts_of_text("Ada greeted the world."), 30)
    asked = request("root", prompts.system_message(depth_left=1, documents=1), first)
    reply = "".join(item.text for item in (await pieces(OfflineModel(), asked))[:-1])
    assert not any(word in reply for word in (" AI", "assistant", "As a language model", "I think"))
