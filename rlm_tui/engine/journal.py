"""Brings a REPL to where a recorded run had it, without asking a model or spending anything.

The recorded cells run again, and their sub-calls are answered with the recorded replies. What the
cells print is held against what they printed then. That is how a difference is found: a cell that
asks for the time, or whose threads raced, may leave something else behind.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field

from rlm_tui.engine.subcalls import as_prompt
from rlm_tui.errors import ReplError
from rlm_tui.events import NodeId
from rlm_tui.repl.cells import CallError, CallReply, CallRequest
from rlm_tui.repl.checkpoints import Checkpoints
from rlm_tui.repl.repl import Repl
from rlm_tui.trajectory import CodeBlock, Loop, SubCall

_NOT_RECORDED = CallError("limit", "no sub-call was made: there was none when this ran")


@dataclass(slots=True)
class Rebuilt:
    """A REPL as it was after some block."""

    repl: Repl
    differing: list[NodeId] = field(default_factory=list[NodeId])
    """The blocks that printed something else than they did, or made another sub-call."""


async def rebuild(
    repl: Repl, loop: Loop, until: NodeId, *, budget: float, checkpoints: Checkpoints | None = None
) -> Rebuilt:
    """Run a loop's code blocks again in a new REPL, up to and with block `until`.

    Args:
        repl: new, with the loop's context.
        loop: as it was recorded.
        until: the last block to run; `""` for none.
        budget: seconds that one block may run.
        checkpoints: takes the state after each block on the way; None keeps what is needed only.

    Raises:
        ReplError: it cannot be rebuilt that far. The REPL is closed then.
    """
    rebuilt = Rebuilt(repl)
    kept = checkpoints or Checkpoints()
    try:
        if until:
            await _run_again(rebuilt, loop, until, budget, kept)
    except BaseException:
        rebuilt.repl.close()
        raise
    finally:
        if checkpoints is None:
            kept.close()
    return rebuilt


async def _run_again(
    rebuilt: Rebuilt, loop: Loop, until: NodeId, budget: float, kept: Checkpoints
) -> None:
    for iteration in loop.iterations:
        replaced = dict(iteration.replaced)
        for count, block in enumerate([None, *iteration.blocks]):
            if block is not None and block.outcome != "killed":
                await _run_block(rebuilt, block, budget)
                await kept.take(block.id, rebuilt.repl)
            if block is not None and block.id == until:
                return
            if count in replaced:
                await _go_back(rebuilt, replaced[count], kept)
    raise ReplError(f"the recording has no code block {until}")


async def _go_back(rebuilt: Rebuilt, checkpoint: NodeId | None, kept: Checkpoints) -> None:
    if checkpoint is None:
        raise ReplError("the REPL began anew in this run, and what it was before is not known")
    restored = await kept.restore(checkpoint)
    rebuilt.repl.close()
    rebuilt.repl = restored


async def _run_block(rebuilt: Rebuilt, block: CodeBlock, budget: float) -> None:
    if block.outcome not in {"ok", "error"}:
        told = "was stopped" if block.outcome else "had not ended"
        raise ReplError(f"block {block.id} {told} when it ran; what it left cannot be rebuilt")
    replies = _Replies(block)
    printed: list[tuple[str, str]] = []
    result = await rebuilt.repl.run(
        block.id,
        block.code,
        budget=budget,
        on_output=lambda stream, text: printed.append((stream, text)),
        on_call=replies.serve,
        together=False,  # what it did not come to ask for may not have been recorded
    )
    if not rebuilt.repl.is_alive:
        raise ReplError(f"block {block.id} ended its process when it ran again: {result.error}")
    before = [(output.stream, output.text) for output in block.output]
    is_same = _by_stream(printed) == _by_stream(before) and not replies.is_short
    if not is_same or result.outcome != block.outcome:
        rebuilt.differing.append(block.id)


def _by_stream(printed: list[tuple[str, str]]) -> dict[str, str]:
    whole: defaultdict[str, list[str]] = defaultdict(list)
    for stream, text in printed:
        whole[stream].append(text)
    return {stream: "".join(pieces) for stream, pieces in whole.items()}


class _Replies:
    """The recorded replies of one block, by prompt, in the order in which they were asked for."""

    def __init__(self, block: CodeBlock) -> None:
        self.is_short = False
        """Whether something was asked that had not been."""
        self._calls: defaultdict[str, deque[SubCall]] = defaultdict(deque)
        for call in block.calls:
            self._calls[call.prompt].append(call)

    async def serve(self, request: CallRequest) -> list[CallReply]:
        """The replies to a request."""
        contexts = request.contexts or [None] * len(request.prompts)
        return [
            self._reply(prompt, as_prompt(prompt, context))
            for prompt, context in zip(request.prompts, contexts, strict=True)
        ]

    def _reply(self, *prompts: str) -> CallReply:
        for prompt in prompts:
            if calls := self._calls.get(prompt):
                result = calls.popleft().result
                if result is None:
                    return CallError("cancelled", "the call was stopped")
                if result.error is not None:
                    return CallError(result.error.kind, result.error.message)
                return result.reply or ""
        self.is_short = True
        return _NOT_RECORDED
