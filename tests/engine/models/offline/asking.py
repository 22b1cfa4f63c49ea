"""Asks the offline model through the real loop, without a screen."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlm_tui.config import Settings
from rlm_tui.events import (
    CodeFinished,
    ModelResponded,
    Record,
    ReplOutput,
    RunFinished,
    SubCallFinished,
    SubCallStarted,
)
from rlm_tui.header import Header
from rlm_tui.live import LiveRun
from rlm_tui.source import AnyNotice, RunRequest


class Collector:
    """A listener that keeps everything."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.notices: list[AnyNotice] = []

    def begin(self, header: Header) -> None:
        """A run begins."""

    def take(self, records: list[Record]) -> None:
        """Keep events."""
        self.records += records

    def say(self, notice: AnyNotice) -> None:
        """Keep a notice."""
        self.notices.append(notice)


@dataclass(frozen=True)
class Asked:
    """A run that is over."""

    records: list[Record]

    def events(self, kind: type) -> list[Any]:
        return [record.event for record in self.records if isinstance(record.event, kind)]

    @property
    def finished(self) -> RunFinished:
        return self.events(RunFinished)[-1]

    @property
    def answer(self) -> str:
        return self.finished.answer or ""

    @property
    def first_line(self) -> str:
        return self.answer.split("\n")[0]

    @property
    def calls(self) -> int:
        return len(self.events(SubCallStarted))

    @property
    def replies(self) -> list[str]:
        return [event.text for event in self.events(ModelResponded)]

    @property
    def sub_replies(self) -> list[str]:
        return [event.reply or "" for event in self.events(SubCallFinished)]

    @property
    def failed_cells(self) -> list[str]:
        return [event.error for event in self.events(CodeFinished) if event.outcome != "ok"]

    @property
    def printed(self) -> str:
        return "".join(event.text for event in self.events(ReplOutput))

    @property
    def cell_time(self) -> float:
        return sum(event.elapsed for event in self.events(CodeFinished))


async def ask(question: str, *paths: Path, **settings: Any) -> Asked:
    """Run a question over documents to its end."""
    collector = Collector()
    chosen = Settings(model="offline", save=False, **settings)
    run = LiveRun(RunRequest(question, [str(path) for path in paths], chosen))
    try:
        await run.run(collector)
    finally:
        await run.close()
    return Asked(collector.records)
