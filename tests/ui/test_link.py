from __future__ import annotations

import asyncio
import contextlib
from types import SimpleNamespace

from textual.app import App

from rlm_tui.events import Paused
from rlm_tui.source import LogLine, Remark
from rlm_tui.ui import link as module
from rlm_tui.ui.link import AT_ONCE, Link
from tests.runs import HEADER, NAMED


class Screen:
    """Takes what a link hands over, in order."""

    def __init__(self, pump):
        self.told = []
        self.turns = []
        self.link = Link(
            pump,
            on_begin=self.told.append,
            on_records=self.take,
            on_turn=self.turns.append,
            on_notice=self.told.append,
        )
        self.sizes = []

    def take(self, records):
        self.sizes.append(len(records))
        self.told.extend(records)


@contextlib.asynccontextmanager
async def opened():
    """A link on the event loop of an app, as on a screen."""
    app = App()
    async with app.run_test():
        yield Screen(app)


async def drained(screen):
    async with asyncio.timeout(30):
        await screen.link.drained()


RECORDS = NAMED["nested"]()


async def test_the_header_is_handed_over_at_once_and_records_in_a_turn():
    async with opened() as screen:
        screen.link.begin(HEADER)
        screen.link.take(RECORDS)
        assert screen.told == [HEADER]
        await drained(screen)
        assert screen.told == [HEADER, *RECORDS]


async def test_records_that_come_one_by_one_share_a_turn():
    async with opened() as screen:
        for record in RECORDS:
            screen.link.take([record])
        await drained(screen)
        assert screen.told == RECORDS
        assert screen.turns == [False]


async def test_a_flood_is_handed_over_in_several_turns_in_order_and_whole():
    flood = RECORDS * 100
    async with opened() as screen:
        screen.link.take(flood)
        await drained(screen)
        assert screen.told == flood
        assert max(screen.sizes) <= AT_ONCE
        assert len(screen.turns) >= len(flood) / (4 * AT_ONCE)
        assert screen.turns[-1] is False
        assert all(screen.turns[:-1])


async def test_a_screen_that_is_slow_gets_little_in_a_turn(monkeypatch):
    clock = SimpleNamespace(now=0.0, perf_counter=lambda: clock.now)
    monkeypatch.setattr(module, "time", clock)
    flood = RECORDS * 30
    async with opened() as screen:

        def take(records):
            screen.take(records)
            clock.now += 2 * module.SLICE

        screen.link._on_records = take
        screen.link.take(flood)
        await drained(screen)
        assert screen.told == flood
        assert len(screen.turns) == len(screen.sizes)


async def test_a_notice_comes_after_the_records_before_it():
    flood = RECORDS * 60
    async with opened() as screen:
        screen.link.take(flood)
        screen.link.say(Remark("first"))
        screen.link.say(LogLine("second"))
        await drained(screen)
        assert screen.told == [*flood, Remark("first"), LogLine("second")]


async def test_a_notice_alone_has_a_turn_of_its_own():
    async with opened() as screen:
        screen.link.say(Remark("alone"))
        await drained(screen)
        assert (screen.told, screen.turns) == ([Remark("alone")], [False])


async def test_nothing_told_is_drained_at_once():
    async with opened() as screen:
        await drained(screen)
        assert screen.turns == []


async def test_what_is_told_while_it_is_handed_over_comes_next():
    async with opened() as screen:
        more = [RECORDS[5:]]

        def take(records):
            screen.told.extend(records)
            if more:
                screen.link.take(more.pop())
                screen.link.say(Remark("last"))

        screen.link._on_records = take
        screen.link.take(RECORDS[:5])
        await drained(screen)
        assert screen.told == [*RECORDS, Remark("last")]


async def test_it_can_be_drained_again_and_by_several_at_once():
    async with opened() as screen:
        for round_ in range(1, 4):
            screen.link.take(RECORDS)
            async with asyncio.timeout(30):
                await asyncio.gather(screen.link.drained(), screen.link.drained())
            assert screen.told == RECORDS * round_


async def test_keys_come_through_in_the_middle_of_a_flood():
    """Between two turns the event loop does what else is to do."""
    flood = RECORDS * 200
    async with opened() as screen:
        screen.link.take(flood)
        seen = []

        async def watch():
            while len(screen.told) < len(flood):
                seen.append(len(screen.told))
                await asyncio.sleep(0)

        async with asyncio.timeout(30):
            await watch()
        assert len(set(seen)) > 2


async def test_a_stop_is_handed_over_at_once_with_all_that_came_before_it(monkeypatch):
    monkeypatch.setattr(module, "FRAME", 3_600.0)
    records = NAMED["held"]()
    stop = next(i for i, record in enumerate(records) if isinstance(record.event, Paused))
    async with opened() as screen:
        screen.link.take(records[:stop])
        assert screen.told == []
        screen.link.take(records[stop:])
        await drained(screen)
        assert screen.told == records
        assert len(screen.turns) == 1
