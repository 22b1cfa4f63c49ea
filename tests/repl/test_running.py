from __future__ import annotations

import asyncio

import pytest

from rlm_tui.repl.cells import Served
from rlm_tui.repl.running import ENDED, RunningCell, learnt


def cell() -> RunningCell[None]:
    async def on_call(_):
        return Served([])

    done = asyncio.get_running_loop().create_future()
    return RunningCell("1.1", lambda _stream, _text: None, on_call, done)


async def test_only_the_time_between_start_and_stop_is_its_own(clock):
    one = cell()
    one.start_clock(60, lambda: None)
    clock.ahead += 5
    one.stop_clock()
    clock.ahead += 100
    one.start_clock(60, lambda: None)
    clock.ahead += 7
    one.stop_clock()
    assert round(one.own_time) == 12


async def test_a_cell_out_of_time_is_told_so_once_and_never_after_its_end(clock):
    late: list[str] = []
    one, ended = cell(), cell()
    ended.done.set_result(None)
    one.start_clock(10, lambda: late.append("one"))
    one.start_clock(10, lambda: late.append("twice"))
    ended.start_clock(0, lambda: late.append("ended"))
    clock.ahead += 11
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert late == ["one"]


async def test_its_calls_are_stopped_before_it_is_left():
    one = cell()
    call = asyncio.ensure_future(asyncio.sleep(3600, []))
    one.calls[1] = call
    await one.end_calls()
    assert call.cancelled()
    await cell().end_calls()


@pytest.mark.parametrize(
    ("told", "learnt_at"), [([ENDED, ENDED, "by SIGBUS"], "by SIGBUS"), ([ENDED] * 99, ENDED)]
)
async def test_how_a_worker_ended_is_asked_for_until_it_is_known_but_not_for_ever(told, learnt_at):
    asked = iter(told)

    async def settled():
        await asyncio.sleep(0)

    assert await learnt(lambda: next(asked), settled) == learnt_at
