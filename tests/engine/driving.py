"""Drives a run through its stops, as a user would."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from rlm_tui.events import Paused
from rlm_tui.source import AnyCommand, Evaluate, Evaluated, Resume, Step
from tests.engine.harness import Told, repl, started

SCRIPT = [
    repl("pieces = ['a', 'b']", "found = [llm_query(p) for p in pieces]\nprint(found)"),
    "FINAL_VAR(found)",
]
INTO, OVER, OUT = Step("into"), Step("over"), Step("out")


def stops(run: Told) -> list[str]:
    """Where the run was held: node and what comes next."""
    return [
        f"{record.node} {record.event.before}"
        for record in run.records
        if isinstance(record.event, Paused)
    ]


async def driven(folder, commands: list[AnyCommand | Callable], **given) -> Told:
    """A run that starts held, and is told one thing at each stop; then it goes on."""
    given.setdefault("root", SCRIPT)
    left = list(commands)
    async with started(folder, paused=True, **given) as run:
        loop = asyncio.get_running_loop()

        def next_one(record) -> None:
            shared = run.header.parent_event or 0
            is_stop = isinstance(record.event, Paused) and record.event.reason != "edited"
            if is_stop and record.seq > shared:
                loop.call_soon(tell)

        def tell() -> None:
            command = left.pop(0) if left else Resume()
            if isinstance(command, tuple):
                for each in command:
                    run.source.send(each)
            else:
                run.source.send(command)

        run.on_record = next_one
    assert left == []
    return run


async def looked(run: Told, code: str, *, is_statement: bool = False) -> Evaluated:
    """What the held run shows."""
    number = len(run.notices)
    run.source.send(Evaluate(number, code, is_statement))
    async with asyncio.timeout(30):
        while True:
            for notice in run.notices:
                if isinstance(notice, Evaluated) and notice.id == number:
                    return notice
            await asyncio.sleep(0.005)
