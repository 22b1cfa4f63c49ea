from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from rlm_tui.config import Settings
from rlm_tui.engine.models.client import Ending, Piece
from rlm_tui.engine.models.providers import Providers
from rlm_tui.errors import ModelError, UsageError
from rlm_tui.events import (
    ModelResponded,
    Record,
    RetryScheduled,
    RunFinished,
    SubCallFinished,
    Usage,
)
from rlm_tui.live import LiveRun
from rlm_tui.source import RunRequest
from tests.engine.models.conftest import ask, failure, request
from tests.servers import (
    SERVER_ERROR,
    TOO_LONG,
    UNAUTHORIZED,
    Failure,
    Hang,
    Reply,
    WithoutStreamOptions,
    page,
    too_many_requests,
    usage,
)

KEY = "sk-live-0123456789abcdef"


# What a reply is


async def test_a_reply_comes_in_the_providers_pieces_and_ends_with_its_usage(server, providers):
    server.answer_with(Reply(["FINAL", "(", "42)"], usage=usage(7, 3, cached=5)))
    pieces, ending = await ask(providers)
    assert pieces == [Piece("FINAL"), Piece("("), Piece("42)")]
    assert ending == Ending("stop", Usage(input_tokens=7, output_tokens=3, cached_tokens=5))


async def test_reasoning_is_kept_apart(server, providers):
    server.answer_with(Reply("4", reasoning=["two and ", "two"]))
    pieces, _ = await ask(providers)
    assert pieces == [
        Piece("two and ", is_reasoning=True),
        Piece("two", is_reasoning=True),
        Piece("4"),
    ]


@pytest.mark.parametrize("finish", ["stop", "length", "content_filter"])
async def test_the_providers_finish_reason_is_told(server, providers, finish):
    server.answer_with(Reply("a", finish=finish))
    _, ending = await ask(providers)
    assert ending.finish == finish


async def test_a_hundred_and_fifty_equal_pieces_are_a_reply(server, providers):
    """Litellm takes a hundred for a model gone mad and fails."""
    server.answer_with(Reply(["----"] * 150))
    pieces, _ = await ask(providers)
    assert "".join(piece.text for piece in pieces) == "-" * 600


async def test_empty_messages_and_replies_do_no_harm(server, providers):
    server.answer_with(Reply(""))
    pieces, ending = await ask(providers, "m", "", "")
    assert (pieces, ending.finish) == ([], "stop")


async def test_many_requests_run_at_once(server, providers):
    server.answer_with(lambda asked: Reply([asked.prompt, "!"]))
    asking = (ask(providers, "m", f"number {n}") for n in range(16))
    replies = await asyncio.gather(*asking)
    assert [pieces[0].text for pieces, _ in replies] == [f"number {n}" for n in range(16)]


# What a reply is not


@pytest.mark.parametrize(
    "answer",
    [
        Reply("a", finish=None, raw=[b"data: {nonsense\n\n"]),
        Reply("a", finish=None, raw=[b"data: [1, 2]\n\n"]),
        Reply("a", finish=None, raw=[b'data: {"choices": [{"delta": 7}]}\n\n']),
        page(b"<html>Welcome!</html>\n\n"),
        page(b'{"choices": [{"message": {"content": "whole"}}]}', "application/json"),
    ],
)
async def test_what_is_no_chat_reply_is_called_that(server, providers, answer):
    server.answer_with(answer)
    error = await failure(providers)
    assert error.kind == "bad_response"
    assert "sent something that is no chat reply" in str(error)


async def test_an_error_in_the_middle_of_a_reply_is_told_in_the_providers_words(server, providers):
    event = b'data: {"error": {"message": "The GPU is on fire.", "type": "server_error"}}\n\n'
    server.answer_with(Reply("a", finish=None, raw=[event]))
    error = await failure(providers)
    assert error.kind == "server_error"
    assert "The GPU is on fire." in str(error)


# Failures


async def test_a_closed_port_is_named_with_the_question_that_helps():
    error = await failure(Providers(api_base="http://127.0.0.1:9/v1"))
    assert error.kind == "connection"
    assert str(error) == "http://127.0.0.1:9/v1 refuses the connection; is the server running?"


@pytest.mark.parametrize("answer", [Hang(), Reply(["a"], finish=None, end="hang")])
async def test_a_server_without_a_sign_is_given_up_and_left(server, make_providers, answer):
    server.answer_with(answer)
    providers = make_providers(timeout=1.0)
    await providers.prepare(["m"])
    error = await failure(providers)
    assert error.kind == "timeout"
    assert str(error) == f"{server.url} gave no sign for 1 s"
    await server.until(lambda: bool(server.requests) and server.requests[0].is_dropped)


async def test_a_slow_reply_is_waited_for_as_long_as_pieces_come(server, make_providers):
    server.answer_with(Reply(["a"] * 8, delay=0.25))
    providers = make_providers(timeout=1.5)
    await providers.prepare(["m"])
    pieces, _ = await ask(providers)
    assert len(pieces) == 8


# Requests


async def test_a_host_that_rejects_stream_options_is_asked_without_them_from_then_on(
    server, providers
):
    server.answer_with(WithoutStreamOptions(Reply("fine", usage_place="last")))
    first, ending = await ask(providers)
    second, _ = await ask(providers)
    assert first == second == [Piece("fine")]
    assert ending.usage == Usage(input_tokens=10, output_tokens=5)
    assert ["stream_options" in each.body for each in server.requests] == [True, False, False]


async def test_a_host_that_fails_for_another_reason_is_asked_once(server, providers):
    server.answer_with(Failure(400, "Unknown argument: messages"))
    await failure(providers)
    assert len(server.requests) == 1


async def test_an_own_server_gets_a_placeholder_where_there_is_no_key(server, providers):
    await providers.prepare(["m"])
    await ask(providers)
    assert server.requests[0].headers["authorization"] == "Bearer no-key"


# Leaving


async def test_closing_the_generator_closes_the_connection(server, providers):
    server.answer_with(Reply(["a"], finish=None, end="hang"))
    stream = providers.stream(request())
    assert await anext(stream) == Piece("a")
    await stream.aclose()
    await server.until(lambda: server.requests[0].is_dropped)


@pytest.mark.parametrize("answer", [Hang(), Reply(["a"], finish=None, end="hang")])
async def test_cancelling_closes_the_connection(server, providers, answer):
    server.answer_with(answer)
    asking = asyncio.ensure_future(ask(providers))
    await server.until(lambda: bool(server.requests))
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await server.until(lambda: server.requests[0].is_dropped)


async def test_cancelling_twice_closes_the_connection(server, providers):
    server.answer_with(Hang())
    asking = asyncio.ensure_future(ask(providers))
    await server.until(lambda: bool(server.requests))
    asking.cancel()
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await server.until(lambda: server.requests[0].is_dropped)


async def test_a_cancellation_while_the_connection_is_closed_is_not_lost(providers):
    """Litellm's `aclose` swallows it."""
    is_closing, may_end = asyncio.Event(), asyncio.Event()

    class Stream:
        async def aclose(self) -> None:
            is_closing.set()
            await may_end.wait()

    opening = asyncio.get_running_loop().create_future()
    opening.set_result(Stream())
    leaving = asyncio.ensure_future(providers._close_what(opening))
    await is_closing.wait()
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    (closing,) = providers._closing
    may_end.set()
    await closing
    assert not providers._closing


# Loading


async def test_nothing_is_ever_printed(server, make_providers, capfd):
    providers = make_providers(timeout=1.0)
    await providers.prepare(["m"])
    with pytest.raises(UsageError):
        await make_providers(api_base=None).recognise(["gtp-5"])
    answers = [Reply(), Reply("", refusal=["no"]), SERVER_ERROR, UNAUTHORIZED, Hang(), TOO_LONG]
    answers += [Reply("a", finish=None, raw=[b"data: {\n\n"]), Reply(finish=None, end="cut")]
    for answer in answers:
        server.answer_with(answer)
        try:
            await ask(providers)
        except ModelError:
            continue
    await providers.close()
    assert capfd.readouterr() == ("", "")


def test_loading_is_quiet_lazy_offline_and_reads_no_env_file(tmp_path):
    """Whatever the environment says, and up to the end of the process."""
    (tmp_path / ".env").write_text("OPENAI_API_KEY=from-a-file-that-lies-about\n")
    program = """
        import asyncio, os, sys
        touched = []
        names = ("socket.connect", "socket.getaddrinfo")
        sys.addaudithook(lambda name, args: touched.append(args) if name in names else None)
        from rlm_tui.engine.models.providers import Providers
        assert "litellm" not in sys.modules
        async def prepare():
            await asyncio.gather(*(Providers().recognise(["ollama/m"]) for _ in range(3)))
            await Providers().prepare(["ollama/m"])
        asyncio.run(prepare())
        assert "litellm" in sys.modules
        assert not touched, touched
        assert "OPENAI_API_KEY" not in os.environ
        assert sys.excepthook is sys.__excepthook__
    """
    environ = {name: value for name, value in os.environ.items() if not name.endswith("_KEY")}
    environ |= {
        "LITELLM_LOCAL_MODEL_COST_MAP": "false",
        "LITELLM_LOG": "DEBUG",
        "JSON_LOGS": "true",
    }
    ran = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env=environ | {"PYTHONPATH": str(Path.cwd())},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (ran.stdout, ran.stderr, ran.returncode) == ("", "", 0)


async def test_a_base_url_that_is_none_is_refused():
    with pytest.raises(UsageError, match=r"'localhost:8000' is no URL"):
        await Providers(api_base="localhost:8000").recognise(["m"])


async def test_asking_for_a_model_that_nobody_knows_is_an_error_of_that_request(make_providers):
    assert (await failure(make_providers(api_base=None), "gtp-5")).kind == "not_found"


# A whole run

ROOT = [
    Reply(
        ["```repl\n", "print(llm_query_batched(['north', 'south']))\n", "```"], usage=usage(900, 30)
    ),
    Reply("FINAL(both)", usage=usage(1000, 5, cached=900)),
]


class Kept:
    """A listener that keeps the records."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def begin(self, header) -> None:
        pass

    def take(self, records) -> None:
        self.records += records

    def say(self, notice) -> None:
        pass

    def of(self, kind):
        return [record.event for record in self.records if isinstance(record.event, kind)]


async def run(folder: Path, **settings) -> Kept:
    document = folder / "document.txt"
    document.write_text("a line\n" * 20)
    chosen = Settings(save=False, force_rlm=True, model="root", sub_model="sub", **settings)
    source, kept = LiveRun(RunRequest("where?", [str(document)], chosen)), Kept()
    try:
        await source.run(kept)
    finally:
        await source.close()
        await Providers().close()
    return kept


async def test_a_run_asks_root_and_sub_model_and_books_what_they_report(server, tmp_path):
    server.answer_with(
        {"root": ROOT, "sub": lambda asked: Reply(asked.prompt.upper(), usage=usage(50, 2))}
    )
    kept = await run(tmp_path, api_base=server.url)
    finished = kept.of(RunFinished)[0]
    assert (finished.outcome, finished.answer) == ("answered", "both")
    assert sorted(asked.model for asked in server.requests) == ["root", "root", "sub", "sub"]
    assert sorted(call.reply for call in kept.of(SubCallFinished)) == ["NORTH", "SOUTH"]
    assert [reply.usage.cached_tokens for reply in kept.of(ModelResponded)] == [0, 900]
    total = finished.usage
    assert (total.requests, total.input_tokens, total.output_tokens) == (4, 2000, 39)
    assert not total.counted


async def test_a_run_shows_a_retry_and_goes_on(server, tmp_path):
    busy = too_many_requests("0.01")
    server.answer_with({"root": [busy, Reply("FINAL(1)")], "sub": Reply()})
    kept = await run(tmp_path, api_base=server.url)
    assert [retry.error.kind for retry in kept.of(RetryScheduled)] == ["rate_limit"]
    assert kept.of(RunFinished)[0].answer == "1"
    assert len(server.requests) == 2
