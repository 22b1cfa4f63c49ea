r"""Runs a whole `LiveRun` in this process over a temporary document, and keeps all it tells.

    run = await finished(tmp_path, root=["```repl\nFINAL(1)\n```"])
    assert run.answer == "1"

    async with started(tmp_path, root=[...], max_time=5.0) as run:
        await run.until(CodeStarted)
        run.source.send(Cancel())
    assert run.outcome == "cancelled"

The REPL is the real one. At its end every run is held against what must be true of all of them.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from rlm_tui.codec import encode_line
from rlm_tui.config import Settings
from rlm_tui.events import (
    AnyEvent,
    Event,
    Intervened,
    IterationFinished,
    IterationStarted,
    ModelResponded,
    NodeId,
    Record,
    RunFinished,
    SubCallStarted,
    Usage,
)
from rlm_tui.grounds import KeptGrounds
from rlm_tui.header import DocumentRef, Header
from rlm_tui.live import LiveRun
from rlm_tui.session.reader import read_session
from rlm_tui.source import AnyNotice, Cancel, Fork, RunRequest
from rlm_tui.trajectory import Trajectory

PATIENCE = 30.0
"""Seconds until a state that does not come is given up."""

TEXT = "the first line\nthe second line, with a needle\nthe third line\n"

SCRIPT_KEYS = frozenset({"root", "sub", "sub_default", "child", "chunk_delay"})

E = TypeVar("E", bound=Event)


class Told:
    """A listener that keeps everything, and can be waited on."""

    def __init__(self, source: LiveRun, session: Path) -> None:
        self.source = source
        self.session = session
        self.header: Header | None = None
        self.records: list[Record] = []
        self.notices: list[AnyNotice] = []
        self.trajectory = Trajectory()
        self.on_record: Callable[[Record], object] = lambda _: None
        self.task: asyncio.Future[None] | None = None
        self.group = 0
        """The process group of the run's REPLs."""
        self._news = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, header: Header) -> None:
        self.header = header
        self.group = self.source._grounds.sandbox._process.pid

    def take(self, records: Sequence[Record]) -> None:
        for record in records:
            self.records.append(record)
            self.trajectory.apply(record)
            self.on_record(record)
        task = asyncio.ensure_future(self._wake())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def say(self, notice: AnyNotice) -> None:
        self.notices.append(notice)

    async def _wake(self) -> None:
        async with self._news:
            self._news.notify_all()

    async def until(self, kind: type[E], count: int = 1) -> E:
        """Wait for so many events of a kind; returns the last of these."""
        async with asyncio.timeout(PATIENCE), self._news:
            await self._news.wait_for(lambda: len(self.of(kind)) >= count)
        return self.of(kind)[count - 1]

    # What it told

    def of(self, kind: type[E]) -> list[E]:
        return [record.event for record in self.records if isinstance(record.event, kind)]

    def nodes_of(self, kind: type[Event]) -> list[NodeId]:
        return [record.node for record in self.records if isinstance(record.event, kind)]

    def names(self, *, of: NodeId | None = None) -> list[str]:
        """The types of all events, or of a node's."""
        return [
            record.event.__struct_config__.tag
            for record in self.records
            if of is None or record.node == of
        ]

    @property
    def events(self) -> list[AnyEvent]:
        return [record.event for record in self.records]

    @property
    def finished(self) -> RunFinished:
        assert isinstance(self.records[-1].event, RunFinished)
        return self.records[-1].event

    @property
    def outcome(self) -> str:
        return self.finished.outcome

    @property
    def answer(self) -> str | None:
        return self.finished.answer

    @property
    def error(self) -> str | None:
        return self.finished.error.kind if self.finished.error else None

    @property
    def observations(self) -> list[str]:
        """What the root model was told after each of its turns."""
        return [iteration.observation for iteration in self.trajectory.root.iterations]

    @property
    def output(self) -> str:
        """All that all code printed to stdout."""
        return "".join(e.text for e in self.events if getattr(e, "stream", "") == "stdout")

    @property
    def prompts(self) -> list[str]:
        return [event.prompt for event in self.of(SubCallStarted)]


@asynccontextmanager
async def started(
    folder: Path,
    *,
    text: str | list[str] = TEXT,
    paused: bool = False,
    question: str = "what?",
    fork: Fork | None = None,
    kept: KeptGrounds | None = None,
    **given: Any,
) -> AsyncGenerator[Told]:
    """A run that has been started; leaving the block waits for its end and checks it.

    Args:
        folder: where document, script and session are put.
        text: the document, or several.
        paused: whether it starts paused.
        question: what it is asked.
        fork: the recorded run that it goes on from.
        kept: what runs of this process stand on; whoever gives it closes it.
        given: the keys of a script, then settings. Without `root` the settings name the model.
    """
    files_before = open_files()
    request, session = _request(folder, text, question, given, paused=paused, fork=fork)
    source = LiveRun(request, kept)
    told = Told(source, session)
    told.task = running = asyncio.ensure_future(source.run(told))
    try:
        yield told
        async with asyncio.timeout(PATIENCE):
            await running
    finally:
        if not running.done():
            source.send(Cancel())
            running.cancel()
            await asyncio.wait([running])
        await source.close()
    check(told)
    if kept is not None:
        return
    wait_until_ended(told.group)
    assert open_files() <= files_before


def _request(
    folder: Path,
    text: str | list[str],
    question: str,
    given: dict[str, Any],
    *,
    paused: bool,
    fork: Fork | None,
) -> tuple[RunRequest, Path]:
    number = len(list(folder.glob("*.rlm.jsonl")))
    documents: list[str] = []
    for index, content in enumerate([text] if isinstance(text, str) else text):
        document = folder / f"document-{index}.txt"
        written = content.encode("utf-8", "surrogateescape")
        if not document.exists() or document.read_bytes() != written:
            document.write_bytes(written)
        documents.append(str(document))
    script = {key: given.pop(key) for key in SCRIPT_KEYS & given.keys()}
    if script:
        path = folder / f"script-{number}.json"
        path.write_text(json.dumps(script), encoding="utf-8")
        given.setdefault("model", f"scripted:{path}")
    session = folder / f"run-{number}.rlm.jsonl"
    given.setdefault("session", str(session))
    settings = msgspec.convert(given, Settings)
    return RunRequest(question, documents, settings, paused=paused, fork=fork), session


async def finished(folder: Path, **given: Any) -> Told:
    """A run from its start to its end; takes what `started` takes."""
    async with started(folder, **given) as told:
        pass
    return told


def check(told: Told) -> None:
    """Hold a run that has ended against what must be true of every run."""
    records = told.records
    assert [record.seq for record in records] == list(range(1, len(records) + 1))
    assert [record.at for record in records] == sorted(record.at for record in records)
    endings = [i for i, record in enumerate(records) if isinstance(record.event, RunFinished)]
    assert endings == [len(records) - 1]
    trajectory = told.trajectory
    assert all(node.ended is not None for node in trajectory.nodes.values())
    closed = told.names()
    assert closed.count("code_started") == closed.count("code_finished")
    again = [r for r in records if isinstance(r.event, Intervened) and r.event.kind == "retried"]
    begun = closed.count("sub_call_started")
    assert begun <= closed.count("sub_call_finished") <= begun + len(again)
    assert closed.count("paused") >= closed.count("resumed")
    if told.outcome in {"answered", "forced"}:
        assert trajectory.spent == told.finished.usage
    if told.session.exists():
        recording = read_session(told.session)
        assert recording.header == told.header
        assert recording.records == records
        assert recording.remarks == []
        assert told.session.stat().st_mode & 0o777 == 0o600


def open_files() -> int:
    """How many this process has."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def processes_of(group: int) -> list[int]:
    """The living processes of a process group."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[2]) == group and fields[0] not in "ZX":
                found.append(int(entry.name))
    return found


def wait_until_ended(group: int) -> None:
    """Wait until a process group has no living process; what was killed takes a moment to die."""
    given_up_at = time.monotonic() + PATIENCE
    while group and processes_of(group):
        assert time.monotonic() < given_up_at, f"left running: {processes_of(group)}"
        time.sleep(0.002)


def at_event(run: Told, kind: type[Event], count: int, action: Callable[[], object]) -> None:
    """Do something inside the telling of an event: the earliest moment there is."""

    def look(record: Record) -> None:
        if isinstance(record.event, kind) and len(run.of(kind)) == count:
            action()

    run.on_record = look


async def let_others_run() -> None:
    """Give everything that could go on the chance to."""
    for _ in range(50):
        await asyncio.sleep(0)


def repl(*codes: str) -> str:
    """A reply that is code blocks."""
    return "\n".join(f"```repl\n{code}\n```" for code in codes)


def tape(folder: Path, *replies: tuple[str, str]) -> str:
    """The name of a model that gives these replies in order, each with how it finished."""
    header = Header(1, "0" * 12, "", "", "", DocumentRef("", 0, ""), "m", "m")
    records: list[Record] = []
    for number, (text, finish) in enumerate(replies, 1):
        node, responded = str(number), ModelResponded(text, Usage(1), 0.0, finish)
        for event in (IterationStarted(number), responded, IterationFinished()):
            records.append(Record(len(records) + 1, 0.0, node, event))
    path = folder / "tape.jsonl"
    path.write_bytes(b"".join(map(encode_line, [header, *records])))
    return f"recorded:{path}"
