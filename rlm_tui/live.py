"""A run in this process, as a `Source`: the document, the sandbox, the loop, the session file."""

from __future__ import annotations

import asyncio
import os
import re
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from rlm_tui import __version__, paths
from rlm_tui.branch import Branch, differs, fork_trouble
from rlm_tui.breakpoints import Breakpoints
from rlm_tui.codec import encode_line, printable
from rlm_tui.config import Settings, non_default, read_env_file
from rlm_tui.document.facts import ContextFacts, DocumentFacts
from rlm_tui.document.line_marks import LineMarks
from rlm_tui.document.line_numbers import LineNumbers
from rlm_tui.engine.asking import Asker
from rlm_tui.engine.bus import Bus
from rlm_tui.engine.context import RunContext
from rlm_tui.engine.debugger import Debugger, loop_of
from rlm_tui.engine.limits import Ledger
from rlm_tui.engine.models.book import ModelBook
from rlm_tui.engine.prices import price_of
from rlm_tui.engine.run import Run
from rlm_tui.engine.stops import Stops
from rlm_tui.engine.tokens import TokenCounter
from rlm_tui.errors import UsageError
from rlm_tui.events import Record, Resumed
from rlm_tui.grounds import Grounds, KeptGrounds
from rlm_tui.header import FORMAT, Header
from rlm_tui.repl.checkpoints import Checkpoints
from rlm_tui.session.reader import read_session
from rlm_tui.session.recorder import Recorder
from rlm_tui.session.store import session_path
from rlm_tui.session.writer import SessionWriter
from rlm_tui.source import (
    AnyCommand,
    Cancel,
    CheckFork,
    ForkChecked,
    Listener,
    LogLine,
    Remark,
    RunRequest,
    Saved,
)
from rlm_tui.studied import StudiedDocuments

DIRECT_TOKENS = 1 << 14
"""A document below this many tokens is put into the prompt; a plain call beats the loop there
(arXiv 2512.24601, section 3)."""

_LOGIN = re.compile(r"(?<=//)[^/]*@|\?.*")
"""What a URL may hold that is nobody's business: a name and password, a query."""


class LiveRun:
    """One run. Used by one event loop."""

    def __init__(self, request: RunRequest, kept: KeptGrounds | None = None) -> None:
        """Take a request; nothing happens before `run`.

        Args:
            request: what to run.
            kept: what an earlier run of this process stood on, and takes what this one does.
        """
        # The process that reads the documents has another working directory.
        self._documents = [str(Path(path).absolute()) for path in request.documents]
        self._request = request
        self._settings: Settings = request.settings
        self._run: Run | None = None
        self._stops: Stops | None = None
        self._is_cancelled = False
        self._branch: Branch | None = None
        self._debugger: Debugger | None = None
        self._early: list[AnyCommand] = []
        """Commands that came before the run had begun."""
        self._kept = kept
        self._grounds: Grounds | None = None

    async def run(self, listener: Listener) -> None:
        """Run to the end.

        Raises:
            RlmTuiError: the run cannot begin; nothing was recorded.
        """
        settings = self._settings
        if settings.env_file:
            os.environ.update(read_env_file(Path(settings.env_file)))
        try:
            self._grounds = await self._taken_over()
            branch = self._branch = self._begun()
            if branch is not None:
                self._settings = branch.settings(settings)
            book = ModelBook(
                self._settings,
                read_records=lambda path: read_session(path).records,
                typing_pace=self._request.typing_pace,
                past=branch.past.repeated if branch is not None else None,
            )
            try:
                book.check()
                grounds = await self._prepared(book)
                _check_price(self._settings, book)
                await self._execute(listener, book, grounds)
            finally:
                await book.close()
        finally:
            await self._leave()

    async def _taken_over(self) -> Grounds | None:
        """What this run can stand on of an earlier one."""
        if self._kept is None:
            return None
        settings = self._settings
        return await self._kept.take(self._documents, settings.encoding, settings.sandbox)

    def _begun(self) -> Branch | None:
        """What a branch begins with; None for an original. Raises SessionError."""
        fork, grounds = self._request.fork, self._grounds
        checkpoints = grounds.checkpoints if grounds is not None else Checkpoints()
        if fork is None or grounds is None or grounds.session != Path(fork.session):
            checkpoints.close()  # they are another run's
        return None if fork is None else Branch.begin(fork, checkpoints)

    async def _prepared(self, book: ModelBook) -> Grounds:
        """What the run stands on, while the models' client is loaded."""
        preparing = asyncio.ensure_future(self._prepare())
        recognising = asyncio.ensure_future(book.recognise())
        try:
            grounds = await preparing
            if self._branch is not None:
                self._branch.check(grounds.documents)
            await recognising
        finally:
            for task in (preparing, recognising):
                task.cancel()
            await asyncio.gather(preparing, recognising, return_exceptions=True)
        return grounds

    async def _prepare(self) -> Grounds:
        if self._grounds is None:
            settings = self._settings
            self._grounds = await Grounds.prepare(
                self._documents, settings.encoding, settings.sandbox
            )
        return self._grounds

    async def _leave(self) -> None:
        """The run is over, or could not begin."""
        grounds, self._grounds = self._grounds, None
        if grounds is None:
            return
        if self._kept is not None:
            await self._kept.put(grounds)
        else:
            await grounds.close()

    async def _execute(
        self,
        listener: Listener,
        book: ModelBook,
        grounds: Grounds,
    ) -> None:
        documents, sandbox, studied = grounds.documents, grounds.sandbox, grounds.studied
        past = self._branch.past if self._branch is not None else None
        header = self._header(book, documents)
        writer = self._writer(header)
        grounds.session = writer.path if writer is not None else None
        bus = Bus(Recorder(writer, listener, self._on_trouble), past=past)
        shared: Sequence[Record] = past.records if past is not None else ()
        try:
            if writer is not None:
                writer.write(encode_line(header))
                for record in shared:
                    writer.write(encode_line(record))
            listener.begin(header)
            if shared:
                listener.take(shared)
            if past is not None and past.held_at is not None:
                bus.emit(past.held_at, Resumed())  # from the parent's stop; its own comes later
            listener.say(Saved(str(writer.path) if writer else None))
            for sentence in studied.remarks:
                listener.say(Remark(sentence, "warning"))
            for document in documents:
                if document.has_nul:
                    listener.say(
                        Remark(f"{document.ref.path} looks like a binary file.", "warning")
                    )
            ledger = Ledger(self._settings, partial(bus.emit, ""))
            breakpoints = Breakpoints(LineMarks(partial(_lines, studied)).is_in)
            stops = self._stops = Stops(bus.emit, ledger.clock, breakpoints, past)
            if self._request.breakpoints:
                stops.set_breakpoints(self._request.breakpoints)
            if self._request.paused:
                stops.pause("started paused")
            if past is not None:
                past.on_differing = lambda node: listener.say(differs(node))
            asker = Asker(
                self._settings, book, ledger, grounds.counter, bus.emit, clear=stops.clear
            )
            ctx = RunContext(
                self._settings,
                bus.emit,
                book,
                ledger,
                stops,
                asker,
                sandbox,
                checkpoints=grounds.checkpoints,
                past=past,
                shortcut=self._branch.shortcut if self._branch is not None else None,
            )
            facts = await _context_facts(documents, sandbox.context_chars, grounds.counter)
            self._run = Run(
                ctx,
                question=self._request.question,
                facts=facts,
                whole_text=self._whole_text(book, facts, studied),
                log=lambda text: listener.say(LogLine(text)),
            )
            stops.evaluate = lambda node, code: ctx.cells[loop_of(node)].evaluate(code)
            self._debugger = Debugger(
                ctx, listener.say, self._run.cancel, partial(self._check_fork, grounds)
            )
            for command in self._early:
                self._debugger.obey(command)
            watching = asyncio.ensure_future(
                studied.watch(lambda told: listener.say(Remark(told, "warning")))
            )
            try:
                await self._run.execute()
            finally:
                watching.cancel()
        finally:
            if writer is not None:
                writer.close()
                if writer.trouble:
                    listener.say(Remark(f"{writer.trouble}; the last events are lost.", "error"))
                    listener.say(Saved(str(writer.path), is_whole=False))

    def _header(self, book: ModelBook, documents: list[DocumentFacts]) -> Header:
        branch = self._branch
        settings = {
            name: value
            for name, value in non_default(self._settings).items()
            if name
            not in {
                "env_file",
                "key_preset",
                "keys",
                "model",
                "session",
                "sub_model",
                "theme",
            }
        }
        if self._settings.api_base:
            settings["api_base"] = _LOGIN.sub("", self._settings.api_base)
        return Header(
            format=FORMAT,
            run=secrets.token_hex(6),
            started=datetime.now(UTC).isoformat(timespec="milliseconds"),
            program=__version__,
            question=self._request.question,
            document=documents[0].ref,
            model=book.root,
            sub_model=book.sub,
            settings=settings,
            more_documents=[document.ref for document in documents[1:]],
            parent=branch.parent.run if branch is not None else None,
            parent_event=len(branch.past.records) if branch is not None else None,
            name=printable(self._request.fork.name) if self._request.fork is not None else "",
        )

    def _writer(self, header: Header) -> SessionWriter | None:
        if not self._settings.save:
            return None
        named = self._settings.session
        return SessionWriter(Path(named) if named else session_path(paths.sessions_dir(), header))

    def _whole_text(
        self, book: ModelBook, facts: ContextFacts, studied: StudiedDocuments
    ) -> str | None:
        """The document, when it is better put into the prompt; None to run the loop proper."""
        is_small = facts.tokens < DIRECT_TOKENS and facts.kind == "str"
        if self._settings.force_rlm or not is_small:
            return None
        if not book.client(book.root).is_language_model:
            return None
        return studied.text()

    def _on_trouble(self, listener: Listener, trouble: str) -> None:
        """The session file cannot be written: keep the events, say so, hold the run if one may."""
        if not self._request.is_attended:
            told = f"{trouble}. The session ends there unless there is room; the run goes on."
            listener.say(Remark(told, "error"))
            return
        if self._stops is not None:
            self._stops.pause("the session file cannot be written")
        told = f"{trouble}. The events are kept in memory and written when there is room."
        listener.say(Remark(told, "error"))

    async def _check_fork(self, grounds: Grounds, asked: CheckFork) -> ForkChecked:
        settings, kept = asked.settings or self._settings, grounds.checkpoints.names
        return ForkChecked(
            await asyncio.to_thread(fork_trouble, asked.fork, settings, kept, grounds.studied)
        )

    def send(self, command: AnyCommand) -> None:
        """Tell the run something; what is told before it has begun waits for it."""
        if isinstance(command, Cancel):
            self._is_cancelled = True
        if self._run is not None and self._run.is_over:
            return
        if self._debugger is not None:
            self._debugger.obey(command)
        else:
            self._early.append(command)

    async def close(self) -> None:
        """Stop the run, if it still goes on, and end its processes."""
        self.send(Cancel())
        grounds, self._grounds = self._grounds, None
        if grounds is not None:
            await grounds.close()


def _lines(studied: StudiedDocuments, first: int, last: int) -> str:
    """Lines of the document for a breakpoint; empty when it cannot be read any more."""
    try:
        return LineNumbers(studied.text()).between(first, last)
    except OSError:
        return ""


def _check_price(settings: Settings, book: ModelBook) -> None:
    """Refuse a limit of cost that nobody could keep. Raises UsageError."""
    if settings.max_cost is None:
        return
    for name in book.names:
        if book.client(name).is_language_model and price_of(name) is None:
            raise UsageError(
                f"No price is known for {name}, so --max-cost cannot be kept; "
                "leave it out, or limit the run with --max-tokens."
            )


async def _context_facts(
    documents: list[DocumentFacts], chars: list[int], counter: TokenCounter
) -> ContextFacts:
    """What the root model is told, from what is known about each document."""
    total = sum(chars)
    sample = "".join(document.sample for document in documents)
    tokens = await counter.extrapolated(sample, total)
    if len(documents) == 1:
        return ContextFacts("str", total, documents[0].lines, tokens, documents[0].head)
    return ContextFacts(
        kind="dict",
        chars=total,
        lines=sum(document.lines for document in documents),
        tokens=tokens,
        head=documents[0].head,
        parts=[(d.ref.path, size) for d, size in zip(documents, chars, strict=True)],
    )
