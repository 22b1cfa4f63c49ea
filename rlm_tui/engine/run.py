"""A whole run: from the first event to `RunFinished`, whatever happens in between."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable

from rlm_tui.document.facts import ContextFacts
from rlm_tui.engine.context import RunContext
from rlm_tui.engine.limits import sentence
from rlm_tui.engine.loop import Loop, LoopEnd
from rlm_tui.errors import ModelError, ReplError
from rlm_tui.events import ErrorInfo, LimitReached, Outcome, RunFinished, RunStarted

_WATCH_EVERY = 0.25


class Run:
    """Runs the root's loop and says how it ended. Used by one event loop."""

    def __init__(
        self,
        ctx: RunContext,
        *,
        question: str,
        facts: ContextFacts,
        whole_text: str | None,
        log: Callable[[str], None],
    ) -> None:
        """Prepare a run.

        Args:
            ctx: its parts.
            question: what to answer.
            facts: what is known about the documents.
            whole_text: the document, when it is to be put into the first prompt; else None.
            log: takes the traceback of an error in this program.
        """
        self._ctx = ctx
        self._question = question
        self._facts = facts
        self._whole_text = whole_text
        self._log = log
        self._work: asyncio.Future[LoopEnd] | None = None
        self._loop: Loop | None = None
        self._is_cancelled = False
        self.is_over = False
        """Whether its last event is told, or about to be."""

    def cancel(self) -> None:
        """Stop the run; it ends as `cancelled` with everything recorded kept."""
        self._is_cancelled = True
        self._ctx.stops.resume()
        if self._work is not None:
            self._work.cancel()

    async def execute(self) -> None:
        """Run to the end. Never raises; the last event is `RunFinished`."""
        facts = self._facts
        self._ctx.emit(
            "",
            RunStarted(self._ctx.sandbox.layers, facts.chars, facts.lines, facts.tokens),
        )
        self._work = asyncio.ensure_future(self._answer())
        if self._is_cancelled:
            self._work.cancel()
        watch = asyncio.ensure_future(self._watch_time(self._work))
        try:
            await self._conclude(self._work)
        finally:
            watch.cancel()
            if self._loop is not None:
                self._loop.cells.repl.close()

    async def _conclude(self, work: asyncio.Future[LoopEnd]) -> None:
        try:
            end = await work
        except asyncio.CancelledError:
            reached = self._ctx.ledger.reached
            if reached is not None and not self._is_cancelled:
                await self._finish_limited(reached)
            else:
                self._finish("cancelled")
        except ModelError as error:
            self._finish("failed", error=ErrorInfo(error.kind, str(error)))
        except ReplError as error:
            self._finish("failed", error=ErrorInfo("repl", str(error)))
        except Exception as error:  # noqa: BLE001 - the border: a fault of ours ends the run, told
            self._log(traceback.format_exc())
            told = f"rlm-tui itself failed: {type(error).__name__}: {error}"
            self._finish("failed", error=ErrorInfo("internal", told))
        else:
            if end.answer is None:
                assert end.limit is not None  # noqa: S101 - a loop ends in an answer or a limit
                await self._finish_limited(end.limit)
            elif end.limit is not None:
                limit = ErrorInfo(end.limit.limit, sentence(end.limit))
                self._finish("forced", answer=end.answer, error=limit)
            else:
                self._finish("answered", answer=end.answer)

    async def _answer(self) -> LoopEnd:
        await self._ctx.book.prepare()
        shortcut = self._ctx.shortcut
        if shortcut is not None and shortcut.checkpoint is not None:
            repl = await self._ctx.checkpoints.restore(shortcut.checkpoint)
        else:
            repl = await self._ctx.sandbox.spawn(self._question)
        self._loop = Loop(
            self._ctx,
            node="",
            depth=0,
            query=self._question,
            facts=self._facts,
            model=self._ctx.book.root,
            repl=repl,
            whole_text=self._whole_text,
        )
        if shortcut is not None:
            await self._loop.begin_behind(shortcut)
        return await self._loop.run()

    async def _watch_time(self, work: asyncio.Future[LoopEnd]) -> None:
        """Stop everything when the time is up; time spent paused does not count."""
        ledger, clock = self._ctx.ledger, self._ctx.ledger.clock
        while (limit := ledger.settings.max_time) is None or clock.elapsed < limit:
            ledger.note("time", clock.elapsed, limit)
            left = _WATCH_EVERY if limit is None else limit - clock.elapsed
            await asyncio.sleep(min(max(left, 0.001), _WATCH_EVERY))
        self._ctx.ledger.reach("time", clock.elapsed, limit)
        work.cancel()

    async def _finish_limited(self, reached: LimitReached) -> None:
        partial = await self._loop.partial() if self._loop is not None else {}
        error = ErrorInfo(reached.limit, sentence(reached))
        self._finish("limited", error=error, partial=partial)

    def _finish(
        self,
        outcome: Outcome,
        *,
        answer: str | None = None,
        error: ErrorInfo | None = None,
        partial: dict[str, str] | None = None,
    ) -> None:
        ledger = self._ctx.ledger
        self.is_over = True
        elapsed = round(ledger.clock.elapsed, 6)
        finished = RunFinished(outcome, elapsed, ledger.spent, answer, error, partial or {})
        self._ctx.emit("", finished)
