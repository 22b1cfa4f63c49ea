from __future__ import annotations

import pytest

from rlm_tui.engine.models.client import Piece
from rlm_tui.events import Usage
from tests.engine.models.conftest import ask, failure
from tests.servers import Reply, usage


@pytest.mark.parametrize("place", ["last", "alone", "first", "every"])
async def test_usage_is_found_on_whichever_chunk_it_is(server, providers, place):
    server.answer_with(Reply(["a", "b"], usage=usage(10, 8), usage_place=place))
    _, ending = await ask(providers)
    assert ending.usage == Usage(input_tokens=10, output_tokens=8)


async def test_usage_that_nobody_reported_is_none_although_litellm_counts_it(server, providers):
    server.answer_with(Reply("a", usage=None))
    _, ending = await ask(providers)
    assert ending.usage is None


async def test_a_refusal_is_no_text_but_can_be_read(server, providers):
    server.answer_with(Reply("", refusal=["I will ", "not."]))
    pieces, ending = await ask(providers)
    assert ending.finish == "refusal"
    assert pieces == [Piece("I will ", is_reasoning=True), Piece("not.", is_reasoning=True)]


@pytest.mark.parametrize("end", ["cut", "close", "no_done"])
async def test_a_reply_without_an_end_is_a_lost_connection(server, providers, end):
    """Litellm makes up a finish reason for it."""
    server.answer_with(Reply(["half an ", "ans"], finish=None, usage=None, end=end))
    error = await failure(providers)
    assert error.kind == "connection"
    assert str(error) == f"{server.url} broke the connection off before the reply was complete."


async def test_a_reply_that_says_it_is_done_needs_no_finish_reason(server, providers):
    server.answer_with(Reply("a", finish=None))
    assert await ask(providers)
