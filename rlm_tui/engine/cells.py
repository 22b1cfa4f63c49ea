"""Runs the code blocks of a loop in its REPL, and tells what happens as it happens."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TypeAlias

from rlm_tui.breakpoints import Moment
from rlm_tui.engine import prompts
from rlm_tui.engine.context import RunContext, below
from rlm_tui.engine.parsing import Block
from rlm_tui.engine.subcalls import ChildLoop, Context, SubCalls
from rlm_tui.engine.turn import Turn
from rlm_tui.errors import ReplError
from rlm_tui.events import (
    CodeFinished,
    CodeStarted,
    NodeId,
    ReplOutput,
    ReplReplaced,
    Usage,
    Variable,
    VariablesChanged,
    depth_of,
)
from rlm_tui.repl.cells import CallError, CallRequest, CellResult, Served
from rlm_tui.repl.repl import Repl
from rlm_tui.source import Edit, Skip
from rlm_tui.variables import merged

_LOOK_BUDGET = 10.0
"""Seconds that code of the user may run."""

_RESTORED = "[the REPL was restarted: your variables are as they were before it]"
_RESTARTED = "[the REPL was restarted: `context` is there, your variables are gone]"


Ran: TypeAlias = tuple[CellResult, str]
"""How a block ended, and what it printed."""


class Cells:
    """The REPL of one loop."""

    def __init__(
        self,
        ctx: RunContext,
        repl: Repl,
        *,
        depth: int,
        query: str,
        context: Context,
        child_loop: ChildLoop,
    ) -> None:
        self.repl = repl
        self.usage = Usage()
        """What the sub-calls of its code have used."""
        self.context = context
        """What the REPL was given; None for the run's documents."""
        self._ctx = ctx
        self._depth = depth
        self._query = query
        self._child_loop = child_loop
        self._latest: NodeId | None = None
        """The block after which the latest checkpoint was taken."""
        self._unseen: VariablesChanged | None = None
        """What code of the user has changed since the last block."""

    def begin_behind(self, checkpoint: NodeId | None) -> None:
        """The REPL is as it was after that block."""
        self._latest = checkpoint

    async def run_blocks(self, turn: Turn, first: asyncio.Future[Ran] | None) -> None:
        """Run the blocks of a reply in order, up to the first that fails.

        Args:
            turn: whose blocks to run.
            first: the run of the first block, when it was started before the reply had ended.
        """
        blocks = turn.blocks
        for number, block in enumerate(blocks, 1):
            node = below(turn.node, number)
            if first is not None and number == 1:
                result, output = await first
            else:
                code = await self._agreed(turn, node, block)
                if code is None:
                    turn.reports.append(f"[code block {number} was skipped by the user]")
                    continue
                await self._restart_if_dead(turn)
                result, output = await self.run_block(node, code)
            await self._take_checkpoint(node)
            await self._ctx.stops.at(self._after(node, result, output))
            turn.final = turn.final or result.final
            turn.reports.append(prompts.block_report(number, len(blocks), output, result.dropped))
            if result.outcome != "ok":
                turn.has_raised = True
                if result.outcome != "error":
                    turn.reports.append(f"[the code block was stopped: {result.error}]")
                await self._restart_if_dead(turn)
                if number < len(blocks):
                    turn.reports.append(prompts.not_run_report(number + 1, len(blocks)))
                return

    async def _agreed(self, turn: Turn, node: NodeId, block: Block) -> str | None:
        """The code as the user lets it run; None when it is to be skipped."""
        wanted = await self._ctx.stops.at(self._ctx.moment("code", node, code=block.code))
        match wanted:
            case Skip():
                self._ctx.emit(node, CodeStarted(block.code))
                self._ctx.emit(node, CodeFinished("skipped", 0.0))
                return None
            case Edit(text, told):
                if told == "ran":
                    turn.edits.append((block, text))
                elif told == "both":
                    turn.reports.append(f"[the user changed this code before it ran, to:]\n{text}")
                return text
            case _:
                return block.code

    def _after(self, node: NodeId, result: CellResult, output: str) -> Moment:
        changes = result.changes or VariablesChanged()
        names = [variable.name for variable in (*changes.new, *changes.changed)]
        return self._ctx.moment(
            "code",
            node,
            is_after=True,
            output=output,
            fault="" if result.outcome == "ok" else "error",
            changed=frozenset((*names, *changes.gone)),
        )

    async def run_block(self, node: NodeId, code: str) -> Ran:
        """Run one block; how it ended, and what it printed."""
        printed: list[str] = []

        def on_output(stream: str, text: str) -> None:
            self._ctx.emit(node, ReplOutput("stderr" if stream == "stderr" else "stdout", text))
            printed.append(text)

        async def on_call(request: CallRequest) -> Served:
            if request.kind == "line":
                return await self._hold_line(node, code, request)
            replies, stops = await calls.serve(request), self._ctx.stops
            return Served(replies, stops.step_from_call(depth_of(node)), stops.lines_of(node))

        calls = SubCalls(self._ctx, node, self._depth, self._child_loop)
        self._ctx.emit(node, CodeStarted(code))
        cell = asyncio.ensure_future(
            self.repl.run(
                node,
                code,
                budget=self._ctx.settings.max_cell_time,
                on_output=on_output,
                on_call=on_call,
                together=self._ctx.settings.together and self._ctx.stops.is_idle,
                step="into" if self._ctx.stops.steps_into else "",
                lines=self._ctx.stops.lines_of(node),
            )
        )
        was_stopped = False
        while not cell.done():  # whoever stops the run, and how often: a block has an end
            try:
                await asyncio.wait([cell])
            except asyncio.CancelledError:
                was_stopped = True
                self.repl.interrupt("the run was stopped")
        self.usage = self.usage.plus(calls.usage)
        fault = cell.exception()
        result = CellResult("killed", 0.0, "it was given up") if fault else cell.result()
        elapsed = round(result.elapsed, 6)
        changes, self._unseen = merged(self._unseen, result.changes), None
        if changes is not None:
            self._ctx.emit(node, changes)
        self._ctx.emit(node, CodeFinished(result.outcome, elapsed, result.error, result.dropped))
        if was_stopped:
            raise asyncio.CancelledError
        if fault is not None:
            raise fault
        return result, "".join(printed)

    async def _hold_line(self, node: NodeId, code: str, request: CallRequest) -> Served:
        """Hold a block before one of its lines, if that is to be; how it goes on."""
        lines = code.split("\n") if request.cell == node else []
        text = lines[request.line - 1] if 0 < request.line <= len(lines) else ""
        stops = self._ctx.stops
        await stops.at(self._ctx.moment("line", node, line=request.line, code=text))
        return Served([stops.line_step], lines=stops.lines_of(node))

    async def _take_checkpoint(self, node: NodeId) -> None:
        """Keep the state after a block; where that cannot be done the run goes on without it."""
        if self.repl.is_alive and self._ctx.sandbox.has_checkpoints:
            with suppress(ReplError):
                await self._ctx.checkpoints.take(node, self.repl)
                self._latest = node

    async def _restart_if_dead(self, turn: Turn) -> None:
        """After the REPL's process ended: its latest checkpoint, or a new REPL."""
        if self.repl.is_alive:
            return
        self.repl.close()
        checkpoint, restored = self._latest, None
        if checkpoint is not None:
            with suppress(ReplError):
                restored = await self._ctx.checkpoints.restore(checkpoint)
        if restored is None:
            checkpoint = self._latest = None
            restored = await self._ctx.sandbox.spawn(self._query, self.context)
        self.repl = restored
        self._ctx.emit(turn.node, ReplReplaced(checkpoint))
        turn.reports.append(_RESTORED if checkpoint else _RESTARTED)

    async def evaluate(self, code: str) -> tuple[str, bool]:
        """Run code that is not the model's; what it showed, and whether it failed.

        Between code blocks it runs as one that nobody is told of. While a block waits for a
        sub-call, it runs where that waits, and sees the variables there.

        Raises:
            ReplError: the REPL is gone.
        """
        if self.repl.is_running:
            return await self.repl.evaluate(code)
        shown: list[str] = []
        result = await self.repl.run(
            "look",
            code,
            budget=_LOOK_BUDGET,
            on_output=lambda _stream, text: shown.append(text),
            on_call=_no_calls,
        )
        self._unseen = merged(self._unseen, result.changes)
        return "".join(shown).rstrip("\n") or result.error, result.outcome != "ok"

    async def read_variable(self, turn: Turn, name: str) -> CellResult:
        """Read a variable the way FINAL_VAR in code does, with the same guards."""
        await self._restart_if_dead(turn)
        result = await self.repl.run(
            f"{turn.node}.answer",
            f"FINAL_VAR({name!r})",
            budget=self._ctx.settings.max_cell_time,
            on_output=_unheard,
            on_call=_no_calls,
        )
        await self._restart_if_dead(turn)
        return result

    async def variables(self) -> list[Variable]:
        """The variables; when the REPL's process has ended, those of its latest checkpoint.

        Raises:
            ReplError: there are none to be had.
        """
        if self.repl.is_alive or self._latest is None:
            return await self.repl.variables()
        restored = await self._ctx.checkpoints.restore(self._latest)
        try:
            return await restored.variables()
        finally:
            restored.close()

    async def variable_names(self) -> str:
        """The names of the variables, for a sentence."""
        return ", ".join(variable.name for variable in await self.repl.variables())


def _unheard(_stream: str, _text: str) -> None:
    """Reading a variable prints nothing of interest."""


async def _no_calls(request: CallRequest) -> Served:
    refused = CallError("cancelled", "an answer is being read")
    return Served([refused] * len(request.prompts))
