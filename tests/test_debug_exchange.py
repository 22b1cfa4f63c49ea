from __future__ import annotations

import asyncio

import pytest

from rlm_tui.breakpoint import Breakpoint
from rlm_tui.debug_exchange import Exchange
from rlm_tui.debug_word import Execute, Look
from rlm_tui.events import (
    BreakpointHit,
    BreakpointsChanged,
    CodeStarted,
    Paused,
    ReplOutput,
    Resumed,
)
from rlm_tui.source import Edit, Evaluate, Evaluated, Remark, Resume, Skip
from tests.runs import HEADER, chained, numbered, turn


class Obeying:
    """A source that does with each command what the test says."""

    def __init__(self):
        self.sent = []
        self.on_command = lambda _: None

    def send(self, command):
        self.sent.append(command)
        asyncio.get_running_loop().call_soon(self.on_command, command)


@pytest.fixture
def source():
    return Obeying()


@pytest.fixture
def exchange(source):
    made = Exchange(source, "text")
    made.begin(HEADER)
    return made


def tell(exchange, *happenings):
    past = numbered(chained(*happenings))
    exchange.take(past)


async def test_a_command_is_waited_for_until_its_sign(exchange, source):
    tell(exchange, [("1", Paused("model request"))])
    assert (exchange.is_held, exchange.stop) == (True, 1)
    source.on_command = lambda _: tell(exchange, [("1", Resumed())])
    assert await exchange.send(Resume(), Resumed)
    assert not exchange.is_held


async def test_a_command_that_is_refused_is_not_waited_for(exchange, source, capsys):
    source.on_command = lambda _: exchange.say(Remark("skip: only a code block.", "error"))
    assert not await exchange.send(Skip(), Resumed)
    assert "only a code block" in capsys.readouterr().err


async def test_a_remark_that_is_no_refusal_is_told_and_waited_on(exchange, source, capsys):
    def obey(_):
        exchange.say(Remark("the document has changed", "warning"))
        tell(exchange, [("1", Paused("code block", "edited"))])

    source.on_command = obey
    assert await exchange.send(Edit("x"), Paused)
    assert "the document has changed" in capsys.readouterr().err


async def test_a_value_is_that_of_its_own_question(exchange, source):
    def answer(command):
        exchange.say(Evaluated(command.id - 1, "late"))
        exchange.say(Evaluated(command.id, f"value of {command.code.strip('()').strip()}"))

    source.on_command = answer
    assert await exchange.evaluated(Look("a")) == "value of a"
    assert await exchange.evaluated(Look("b")) == "value of b"
    ids = [command.id for command in source.sent if isinstance(command, Evaluate)]
    assert len(set(ids)) == 2


async def test_what_shows_nothing_is_told_in_a_word(exchange, source):
    source.on_command = lambda command: exchange.say(Evaluated(command.id, ""))
    assert await exchange.evaluated(Look("None")) == "None"
    assert await exchange.evaluated(Execute("x = 1")) == "done"


async def test_what_code_has_printed_is_shown_once_and_cut(exchange):
    started = [("1.1", CodeStarted("x"))]
    output = [("1.1", ReplOutput("stdout", f"line {n}\nhal")) for n in range(30)]
    tell(exchange, list(turn("1"))[:-1], started, output)
    rows = exchange.printed()
    assert rows[0] == "printed | … 11 lines before"
    assert rows[-1] == "printed | hal"
    assert exchange.printed() == []


async def test_only_breakpoints_that_note_are_told_at_once(exchange, capsys):
    items = [Breakpoint(1, "code", action="log"), Breakpoint(2, "error")]
    hits = [("1.1", BreakpointHit(1, "code")), ("1.1", BreakpointHit(2, "error"))]
    tell(exchange, [("", BreakpointsChanged(items))], hits)
    told = [line for line in capsys.readouterr().err.splitlines() if line.startswith("hit")]
    assert told == ["hit       1.1, breakpoint 1 (code)"]
