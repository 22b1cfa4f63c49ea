"""A REPL whose worker is played by the test and breaks the rules."""

from __future__ import annotations

import asyncio
import signal
import socket
import struct

import pytest

from rlm_tui.errors import ReplError
from rlm_tui.repl.cells import Final
from rlm_tui.repl.repl import Repl
from rlm_tui.repl.wire import OUTPUT_LIMIT, Frame, FrameBuffer, pack
from tests.repl.notebook import Ran, run


class Keeper:
    """Takes note of what is asked of it."""

    def __init__(self) -> None:
        self.signals: list[tuple[int, signal.Signals]] = []

    def signal(self, pid: int, number: signal.Signals) -> None:
        self.signals.append((pid, number))

    async def settled(self) -> None: ...

    def end_of(self, pid: int) -> str:
        return "it ended"

    def forget(self, repl: Repl) -> None: ...


class Guest:
    """The worker's end of the socket."""

    def __init__(self, repl: Repl, sock: socket.socket) -> None:
        self.repl = repl
        self.keeper: Keeper = repl._keeper
        self._sock = sock
        self._buffer = FrameBuffer()

    async def hear(self) -> Frame:
        loop = asyncio.get_running_loop()
        while True:
            for message in self._buffer.messages():
                return message
            piece = await loop.sock_recv(self._sock, 100_000)
            assert piece, "the engine closed the socket"
            self._buffer.feed(piece)

    async def say(self, *frames: Frame | bytes) -> None:
        said = b"".join(f if isinstance(f, bytes) else pack(f) for f in frames)
        await asyncio.get_running_loop().sock_sendall(self._sock, said)

    async def run(self, *frames: Frame | bytes, **options) -> Ran:
        """Have a cell run, and say these frames while it does."""
        cell = asyncio.ensure_future(run(self.repl, "code", name="1.1", **options))
        assert (await self.hear())["op"] == "run"
        await self.say(*frames)
        return await cell


@pytest.fixture
async def guest():
    ours, theirs = socket.socketpair()
    theirs.settimeout(0)
    repl = Repl(Keeper())
    await repl.connect(ours)
    with theirs:
        played = Guest(repl, theirs)
        setting_up = asyncio.ensure_future(repl.set_up("q", None))
        assert await played.hear() == {"op": "setup", "query": "q", "context": None}
        await played.say({"op": "ready", "pid": 4321})
        await setting_up
        yield played
        repl.close()


def done(**more) -> Frame:
    ended = {"op": "done", "cell": "1.1", "outcome": "ok", "error": "", "final": None}
    return ended | {"dropped": 0, "elapsed": 0.1} | more


def call(**more) -> Frame:
    asked = {"op": "call", "call": 1, "kind": "llm_query", "prompts": ["x"], "batch": False}
    return asked | {"cell": "1.1", "line": 1, "model": None} | more


def output(**more) -> Frame:
    return {"op": "output", "stream": "stdout", "text": "x"} | more


HOSTILE = {
    "unknown operation": [{"op": "exec"}],
    "very long operation": [{"op": "x" * 100_000}],
    "operation of the zygote": [{"op": "exited", "pid": 1, "status": 0}],
    "no JSON": [struct.pack(">I", 3) + b"{]}"],
    "endless frame": [b"\xff\xff\xff\xff"],
    "unasked ready": [{"op": "ready", "pid": 1}],
    "unasked variables": [{"op": "variables", "items": []}],
    "output without text": [{"op": "output", "stream": "stdout"}],
    "output of a number": [output(text=5)],
    "output on a third stream": [output(stream="stdin")],
    "done with another cell": [done(cell="9.9")],
    "done without outcome": [{"op": "done", "cell": "1.1"}],
    "unknown outcome": [done(outcome="killed")],
    "negative characters dropped": [done(dropped=-1)],
    "more dropped than an event can say": [done(dropped=10**30)],
    "final in an unknown form": [
        done(final={"form": "x", "text": "", "variable": None, "type": ""})
    ],
    "final that is text": [done(final="715")],
    "final without text": [done(final={"form": "FINAL", "variable": None, "type": "str"})],
    "the same call twice": [call(), call()],
    "the same call again when it was answered": ["answered", call()],
    "call with a text as number": [call(call="1")],
    "call with an endless number": [call(call=10**30)],
    "negative line": [call(line=-5)],
    "endless line": [call(line=10**30)],
    "unknown kind of call": [call(kind="exec")],
    "prompts that are text": [call(prompts="x", batch=True)],
    "prompts that are numbers": [call(prompts=[5])],
    "no prompt in a single call": [call(prompts=[])],
    "two prompts in a single call": [call(prompts=["a", "b"])],
    "model that is a number": [call(model=5)],
    "too few contexts": [call(kind="rlm_query", contexts=[])],
    "too many contexts": [call(kind="rlm_query", contexts=["a", "b"])],
    "context that is a list": [call(kind="rlm_query", contexts=[["a"]])],
    "context with numbers": [call(kind="rlm_query", contexts=[{"a": 1}])],
}


@pytest.mark.parametrize("frames", HOSTILE.values(), ids=HOSTILE)
async def test_a_worker_that_breaks_the_protocol_ends_and_nothing_else_does(guest, frames):
    if frames[0] == "answered":
        cell = asyncio.ensure_future(run(guest.repl, "code", name="1.1"))
        await guest.hear()
        await guest.say(call())
        assert (await guest.hear())["op"] == "result"
        await guest.say(*frames[1:])
        ran = await cell
    else:
        ran = await guest.run(*frames)
    assert ran.result.outcome == "killed"
    assert "not of the protocol" in ran.result.error
    assert len(ran.result.error) < 400
    assert not guest.repl.is_alive
    with pytest.raises(ReplError, match="not running"):
        await guest.repl.variables()


@pytest.mark.parametrize("frame", [call(), done(), {"op": "ready", "pid": 1}])
async def test_so_does_one_that_speaks_of_cells_when_none_is_running(guest, frame):
    await guest.say(frame)
    assert "not of the protocol" in await guest.repl._wire.closed


@pytest.mark.parametrize(
    "answer",
    [
        {"op": "variables"},
        {"op": "variables", "items": {}},
        {"op": "variables", "items": [{"name": 5, "type": "int", "size": None, "value": "5"}]},
        {"op": "variables", "items": [{"name": "x", "type": "i", "size": -1, "value": "5"}]},
        {"op": "ready", "pid": 5},
    ],
    ids=["no items", "items of a wrong type", "name of a wrong type", "negative size", "other"],
)
async def test_a_wrong_answer_to_a_question_ends_the_worker(guest, answer):
    asking = asyncio.ensure_future(guest.repl.variables())
    await guest.hear()
    await guest.say(answer)
    with pytest.raises(ReplError, match="not of the protocol"):
        await asking


@pytest.mark.parametrize("pid", [-1, "5", None, 1.5, 10**30])
async def test_a_worker_with_an_impossible_number_does_not_come_up(pid):
    ours, theirs = socket.socketpair()
    with theirs:
        theirs.settimeout(0)
        repl = Repl(Keeper())
        await repl.connect(ours)
        guest = Guest(repl, theirs)
        setting_up = asyncio.ensure_future(repl.set_up("q", None))
        await guest.hear()
        await guest.say({"op": "ready", "pid": pid})
        with pytest.raises(ReplError):
            await setting_up


async def test_an_answer_that_nobody_waits_for_any_more_is_not_taken_for_the_next(guest):
    asking = asyncio.ensure_future(guest.repl.variables())
    await guest.hear()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    asking = asyncio.ensure_future(guest.repl.variables())
    await guest.hear()
    late = {"name": "late", "type": "int", "size": None, "value": "1"}
    await guest.say({"op": "variables", "items": [late]}, {"op": "variables", "items": []})
    assert await asking == []


async def test_a_worker_that_goes_away_is_killed_says_its_keeper(guest):
    cell = asyncio.ensure_future(run(guest.repl, "code", name="1.1"))
    await guest.hear()
    guest._sock.shutdown(socket.SHUT_RDWR)
    result = (await cell).result
    assert (result.outcome, result.error) == ("killed", "it ended")


async def test_a_flood_of_output_is_cut_and_counted_on_this_side_too(guest):
    piece = output(text="x" * (1 << 20))
    ran = await guest.run(*[piece] * 17, output(text="more"), done(dropped=5))
    assert len(ran.out) == OUTPUT_LIMIT
    assert ran.result.dropped == (1 << 20) + 4 + 5


async def test_output_between_cells_is_nobodys(guest):
    await guest.say(output(text="between"))
    ran = await guest.run(output(text="within"), done())
    assert "within" in ran.out


async def test_a_flood_of_calls_is_answered_call_by_call(guest):
    many = 3000
    cell = asyncio.ensure_future(run(guest.repl, "code", name="1.1"))
    await guest.hear()
    await guest.say(*(call(call=number) for number in range(many)))
    answered = {(await guest.hear())["call"] for _ in range(many)}
    await guest.say(done())
    assert answered == set(range(many))
    assert (await cell).result.outcome == "ok"


async def test_a_call_after_the_interrupt_is_refused_at_once(guest):
    cell = asyncio.ensure_future(run(guest.repl, "code", name="1.1"))
    await guest.hear()
    guest.repl.interrupt("enough")
    guest.repl.interrupt("only the first reason counts")
    await guest.say(call())
    (reply,) = (await guest.hear())["replies"]
    assert reply["error"] == {"kind": "cancelled", "message": "the code block was stopped"}
    await guest.say(done(outcome="interrupted", final=None))
    ran = await cell
    assert (ran.result.outcome, ran.result.error) == ("interrupted", "enough")
    assert ran.requests == []
    assert guest.keeper.signals == [(4321, signal.SIGINT)]


async def test_a_cell_that_ends_in_the_error_of_a_stopped_call_was_interrupted(guest):
    cell = asyncio.ensure_future(run(guest.repl, "code", name="1.1"))
    await guest.hear()
    guest.repl.interrupt("enough")
    await guest.say(done(outcome="error", error="SubCallError: the code block was stopped"))
    result = (await cell).result
    assert (result.outcome, result.error) == ("interrupted", "enough")


async def test_a_cell_that_was_done_before_the_interrupt_came_is_done(guest):
    cell = asyncio.ensure_future(run(guest.repl, "code", name="1.1"))
    await guest.hear()
    guest.repl.interrupt("enough")
    final = {"form": "FINAL", "text": "a\ud800", "variable": None, "type": "str"}
    await guest.say(done(final=final), done(outcome="error"))
    result = (await cell).result
    assert (result.outcome, result.final) == ("ok", Final("FINAL", "a\ufffd", None, "str"))


async def test_an_interrupt_between_cells_is_for_nobody(guest):
    guest.repl.interrupt("nothing is running")
    assert guest.keeper.signals == []
    assert (await guest.run(done())).result.outcome == "ok"
