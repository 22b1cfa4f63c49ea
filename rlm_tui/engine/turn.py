"""One iteration's reply, what its code did, and what the model is told of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from rlm_tui.engine import prompts
from rlm_tui.engine.asking import BROKEN_OFF, Answered
from rlm_tui.engine.parsing import Block, ParsedReply
from rlm_tui.events import AnswerProposed, IterationKind, NodeId, ReplyFault, ReplyRejected
from rlm_tui.repl.cells import Final

_NO_TEXT = "(empty reply)"
"""Stands for an empty reply in the history: some providers refuse an empty message."""

_WITHHELD = frozenset({"content_filter", "refusal"})
_CUT_OFF = frozenset({"length", BROKEN_OFF})


@dataclass(slots=True)
class Turn:
    """What happens in one iteration."""

    node: NodeId
    kind: IterationKind
    reply: Answered
    parsed: ParsedReply
    reports: list[str] = field(default_factory=list[str])
    """What the model will be told."""
    faults: list[ReplyRejected] = field(default_factory=list[ReplyRejected])
    final: Final | None = None
    """The first answer that code gave."""
    has_raised: bool = False
    edits: list[tuple[Block, str]] = field(default_factory=list[tuple[Block, str]])
    """Code that the user changed before it ran, and that the model is told it wrote."""

    @property
    def text(self) -> str:
        """The reply without the reasoning that stands in it, trimmed."""
        return self.reply.text[self.parsed.start :].strip()

    @property
    def told_text(self) -> str:
        """The reply as the model will find it in its history."""
        text = self.reply.text
        for block, code in sorted(self.edits, key=lambda edit: -edit[0].start):
            end = "\n" if text[block.start : block.end].endswith("\n") else ""
            text = text[: block.start] + code.rstrip("\n") + end + text[block.end :]
        return text if text.strip() else _NO_TEXT

    @property
    def reasons_apart(self) -> bool:
        """Whether code in the model's replies is surely meant, not part of what it thinks.

        A reply whose reasoning ends in a tag that it did not begin with is read from there.
        """
        return not self.parsed.start or self.reply.text.lstrip().startswith("<think>")

    @property
    def is_broken_off(self) -> bool:
        """Whether the provider ended the reply, not the model."""
        return self.reply.finish in _CUT_OFF or self.reply.finish in _WITHHELD

    @property
    def blocks(self) -> list[Block]:
        """The blocks to run; what was broken off in the middle is not what the model meant."""
        if self.is_broken_off:
            return [block for block in self.parsed.blocks if block.is_closed]
        return self.parsed.blocks

    @property
    def plain_answer(self) -> AnswerProposed | None:
        """A direct or forced request is answered by its whole reply, unless that is code."""
        if self.kind == "loop" or not self.text or self.is_broken_off:
            return None
        if self.parsed.blocks or self.parsed.has_unclosed_final:
            return None
        return AnswerProposed(self.text, "text", span=(self.parsed.start, len(self.reply.text)))

    @property
    def fault(self) -> ReplyFault | None:
        """What was wrong with a reply that gave no answer; None when nothing was."""
        parsed, finish = self.parsed, self.reply.finish
        if finish in _CUT_OFF:
            return "cut_off"
        if finish in _WITHHELD:
            return "refused"
        if parsed.has_unclosed_final:
            return "final_unclosed"
        if parsed.blocks:
            return None
        if not self.text:
            return "empty"
        return "other_language" if parsed.foreign else "no_code"

    def reject(self, fault: ReplyFault, *, variable: str = "", known: str = "") -> ReplyRejected:
        """Note a fault and what the model is told of it; returns the event."""
        told = prompts.observation(
            fault, foreign=self.parsed.foreign, variable=variable, known=known
        )
        rejected = ReplyRejected(fault, told)
        self.faults.append(rejected)
        self.reports.append(told)
        return rejected
