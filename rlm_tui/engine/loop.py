"""One recursive loop: ask the model, run its code, tell it the output, until it answers.

The root's loop and the loop of every `rlm_query` are this one, with a node, a depth, a context and
a REPL of their own.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import msgspec

from rlm_tui.document.facts import ContextFacts, facts_of_text
from rlm_tui.engine import prompts
from rlm_tui.engine.asking import Answered, Hear, Tally
from rlm_tui.engine.cells import Cells
from rlm_tui.engine.context import RunContext, below
from rlm_tui.engine.early import EarlyStart
from rlm_tui.engine.limits import sentence
from rlm_tui.engine.models.client import ModelRequest
from rlm_tui.engine.parsing import parse_reply
from rlm_tui.engine.shortcut import Shortcut
from rlm_tui.engine.subcalls import Context
from rlm_tui.engine.turn import Turn
from rlm_tui.errors import LimitReachedError, ModelError, ReplError
from rlm_tui.events import (
    AnswerProposed,
    ErrorInfo,
    IterationFinished,
    IterationKind,
    IterationStarted,
    LimitReached,
    Message,
    ModelFailed,
    ModelRequested,
    ModelResponded,
    NodeId,
    Usage,
)
from rlm_tui.repl.repl import Repl
from rlm_tui.source import Answer, Edit, Reject
from rlm_tui.variables import candidates

_BREAKING = {"empty": "empty", "refused": "refused", "cut_off": "cut_off"}
"""Faults of a reply that a breakpoint can wait for."""


@dataclass(frozen=True, slots=True)
class LoopEnd:
    """How a loop ended."""

    answer: str | None
    limit: LimitReached | None = None
    """The limit that ended it; None when the model finished by itself."""


class Loop:
    """A loop over one context."""

    def __init__(
        self,
        ctx: RunContext,
        *,
        node: NodeId,
        depth: int,
        query: str,
        facts: ContextFacts,
        model: str,
        repl: Repl,
        context: Context = None,
        whole_text: str | None = None,
        child: int | None = None,
    ) -> None:
        """Prepare a loop.

        Args:
            ctx: what all loops of the run share.
            node: `""` for the root, else the `rlm_query` call's node.
            depth: 0 for the root.
            query: the question.
            facts: what the model is told about the context.
            model: who drives it.
            repl: where its code runs.
            context: what the REPL was given; None for the documents.
            whole_text: the context, to be put into the first prompt; None to run the loop proper.
            child: its number among the run's `rlm_query` loops; None for the root.
        """
        self.cells = Cells(
            ctx, repl, depth=depth, query=query, context=context, child_loop=self._child
        )
        ctx.cells[node] = self.cells
        self._own_usage = Usage()
        self._ctx = ctx
        self._node = node
        self._depth = depth
        self._query = query
        self._facts = facts
        self._model = model
        self._child_number = child
        self._is_direct = whole_text is not None
        depth_left = ctx.settings.max_depth - depth
        self._history = [
            prompts.system_message(
                depth_left=depth_left,
                documents=len(facts.parts) if facts.kind == "dict" else None,
                is_monty=ctx.sandbox.is_monty,
            ),
            prompts.direct_message(query, whole_text)
            if whole_text is not None
            else prompts.first_message(query, facts, ctx.settings.max_iterations),
        ]
        self._told = 0
        """How many messages of the history earlier requests had."""
        self._reasons_apart = False
        """Whether code in the model's replies is surely meant; known from its first reply on."""
        self._errors_in_a_row = 0
        self._iterations = 0

    @property
    def usage(self) -> Usage:
        """What it and everything below it have used."""
        return self._own_usage.plus(self.cells.usage)

    async def run(self) -> LoopEnd:
        """Run to an answer or a limit.

        Raises:
            ModelError: the model did not answer.
            ReplError: no REPL could be had.
            LimitReachedError: a limit of the whole run was met below the root.
        """
        ledger = self._ctx.ledger
        try:
            answer = await self._turns()
        except LimitReachedError as error:
            if self._depth and ledger.reached is not None:
                raise
            reached = ledger.reached or LimitReached(error.limit, 0, self._limit(error.limit))
            return LoopEnd(await self._forced(reached), reached)
        # An answer that was given after a limit stopped its calls is no ordinary answer.
        return LoopEnd(answer, ledger.reached)

    def _limit(self, name: str) -> int:
        settings = self._ctx.ledger.settings
        return settings.max_errors if name == "errors" else settings.max_iterations

    async def begin_behind(self, shortcut: Shortcut) -> None:
        """Go on behind the iterations that a branch need not go through again."""
        ctx, spent = self._ctx, shortcut.spent
        self._iterations = shortcut.iterations
        self._history, self._told = list(shortcut.history), shortcut.told
        self._reasons_apart = shortcut.reasons_apart
        self._errors_in_a_row = shortcut.errors_in_a_row
        self.cells.begin_behind(shortcut.checkpoint)
        ctx.ledger.take_over(spent.usage, spent.known_cost, spent.sub_calls, spent.warned)
        ctx.child_numbers = itertools.count(shortcut.children)
        for _ in range(shortcut.iterations):
            ctx.book.pass_over(self._request(self._node))
        for statement in shortcut.statements:
            await self.cells.evaluate(statement)

    async def _turns(self) -> str:
        ledger = self._ctx.ledger
        for number in itertools.count(self._iterations + 1):
            ledger.check()
            settings = ledger.settings
            if number > settings.max_iterations:
                self._reach("iterations", number - 1, settings.max_iterations)
            if self._errors_in_a_row >= settings.max_errors:
                self._reach("errors", self._errors_in_a_row, settings.max_errors)
            kind: IterationKind = "direct" if self._is_direct and number == 1 else "loop"
            answer = await self._iterate(number, kind)
            if answer is not None:
                return answer
            if not self._depth:
                ledger.note("iterations", number, settings.max_iterations)
        raise AssertionError("unreachable: count() does not end")

    def _reach(self, limit: str, used: int, allowed: int) -> None:
        """End the loop; the root's limits end the run with it."""
        if not self._depth:
            raise self._ctx.ledger.reach(limit, used, allowed)
        raise LimitReachedError(limit, sentence(LimitReached(limit, used, allowed)))

    async def _forced(self, reached: LimitReached) -> str | None:
        """Ask once for the best answer, if the limits have room for that; None when they do not."""
        ledger = self._ctx.ledger
        self._history.append(prompts.forced_message(reached, self._facts))
        lifted = ledger.reopen()
        try:
            return await self._iterate(self._iterations + 1, "forced", lifted)
        except LimitReachedError:
            return None
        except ModelError:
            return None
        finally:
            ledger.close(lifted)

    # One iteration

    async def _iterate(
        self, number: int, kind: IterationKind, lifted: LimitReached | None = None
    ) -> str | None:
        """One turn; returns the answer, None to go on."""
        self._iterations = number
        node = below(self._node, number)
        request = self._request(node)
        self._ctx.asker.check(request)
        self._ctx.emit(node, IterationStarted(number, kind))
        moment = self._ctx.moment("request", node, prompt=self._history[-1].content)
        price = self._ctx.asker.estimated_price(request)
        if isinstance(wanted := await self._ctx.stops.at(moment, price), Edit):
            self._history[-1] = Message(self._history[-1].role, wanted.text)
            request = self._request(node)
        early = EarlyStart(self.cells, self._ctx.stops, node)
        hears = kind == "loop" and self._reasons_apart
        try:
            reply = await self._ask(request, lifted, early.hear if hears else None)
        except BaseException:
            await early.stop()
            raise
        turn = Turn(node, kind, reply, parse_reply(reply.text))
        self._reasons_apart = turn.reasons_apart
        fault = _BREAKING.get(turn.fault or "no_code", "")
        await self._ctx.stops.at(
            self._ctx.moment("request", node, is_after=True, answer=reply.text, fault=fault)
        )
        await self.cells.run_blocks(turn, await early.take(turn.blocks))
        proposed = await self._proposed(turn)
        agreed = await self._agreed(turn, proposed) if proposed is not None else None
        if agreed is not None:
            self._ctx.emit(node, agreed)
            self._ctx.emit(node, IterationFinished())
            return agreed.answer
        if turn.fault is not None and not turn.faults and proposed is None:
            self._ctx.emit(node, turn.reject(turn.fault))
        turn.reports.append(prompts.turn_footer(number, self._ctx.ledger.settings.max_iterations))
        observation = "\n\n".join(turn.reports)
        self._history.append(Message("assistant", turn.told_text))
        self._history.append(Message("user", observation))
        self._ctx.emit(node, IterationFinished(observation))
        has_failed = turn.has_raised or bool(turn.faults)
        self._errors_in_a_row = self._errors_in_a_row + 1 if has_failed else 0
        return None

    def _request(self, node: NodeId) -> ModelRequest:
        return ModelRequest(
            self._model, list(self._history), "root", node, self._node, self._child_number
        )

    async def _agreed(self, turn: Turn, proposed: AnswerProposed) -> AnswerProposed | None:
        """The answer as the user lets it be; None when it is rejected, which the model is told."""
        moment = self._ctx.moment("answer", turn.node, answer=proposed.answer)
        match await self._ctx.stops.at(moment):
            case Reject(message):
                turn.reports.append(f"[the user did not take your answer: {message}]")
                return None
            case Answer(text):
                return msgspec.structs.replace(proposed, answer=text, span=None)
            case _:
                return proposed

    async def _ask(
        self, request: ModelRequest, lifted: LimitReached | None, hear: Hear | None
    ) -> Answered:
        node, tally = request.node, Tally()

        def announce() -> None:
            if lifted is not None:
                self._ctx.ledger.close(lifted)  # only this request may pass the limit
            self._ctx.emit(
                node,
                ModelRequested(
                    model=self._model,
                    kept=self._told,
                    messages=self._history[self._told :],
                    input_tokens=self._ctx.asker.estimated_input(request),
                ),
            )
            self._told = len(self._history)

        try:
            reply = await self._ctx.asker.ask(request, tally, announce, hear)
        except ModelError as error:
            info = ErrorInfo(error.kind, str(error))
            self._ctx.emit(node, ModelFailed(info, tally.usage, round(tally.elapsed, 6)))
            raise
        finally:
            self._own_usage = self._own_usage.plus(tally.usage)
        self._ctx.emit(
            node,
            ModelResponded(
                text=reply.text,
                usage=tally.usage,
                elapsed=round(tally.elapsed, 6),
                finish=reply.finish,
                reasoning=reply.reasoning,
            ),
        )
        return reply

    async def _child(
        self, node: NodeId, query: str, context: Context, model: str, tally: Tally
    ) -> str:
        """Run the loop of an `rlm_query`; None as its context is all of this loop's."""
        number = next(self._ctx.child_numbers)
        context = self.cells.context if context is None else context
        if context is None:
            facts = self._facts
        elif isinstance(context, str):
            facts = facts_of_text(context)
        else:
            joined = facts_of_text("\n".join(context.values()))
            parts = [(name, len(text)) for name, text in context.items()]
            facts = ContextFacts(
                "dict", joined.chars, joined.lines, joined.tokens, joined.head, parts
            )
        repl = await self._ctx.sandbox.spawn(query, context)
        loop = Loop(
            self._ctx,
            node=node,
            depth=self._depth + 1,
            query=query,
            facts=facts,
            model=model,
            repl=repl,
            context=context,
            child=number,
        )
        try:
            end = await loop.run()
        finally:
            tally.usage = loop.usage
            loop.cells.repl.close()
            del self._ctx.cells[node]
        if end.answer is None:
            why = sentence(end.limit) if end.limit else "it ended"
            raise LimitReachedError(end.limit.limit if end.limit else "", f"no answer: {why}")
        return end.answer

    # The answer

    async def _proposed(self, turn: Turn) -> AnswerProposed | None:
        """The turn's answer, if it has one that can be taken."""
        final, prose = turn.final, turn.parsed.final
        if final is None and prose is None:
            return turn.plain_answer
        if turn.has_raised:
            self._ctx.emit(turn.node, turn.reject("code_raised"))
            return None
        if final is not None:
            return AnswerProposed(final.text, final.form, final.variable, None, final.type)
        assert prose is not None  # noqa: S101 - one of the two is there
        if prose.form == "FINAL":
            return AnswerProposed(prose.content, "FINAL", span=prose.span)
        read = await self.cells.read_variable(turn, prose.content)
        final = read.final
        if final is None and read.outcome == "error" and read.error.startswith("NameError"):
            known = await self.cells.variable_names()
            rejected = turn.reject("unknown_variable", variable=prose.content, known=known)
            self._ctx.emit(turn.node, rejected)
            return None
        if final is None:
            turn.reports.append(f"[reading {prose.content} failed: {read.error}]")
            self._ctx.emit(turn.node, turn.reject("code_raised"))
            return None
        return AnswerProposed(final.text, "FINAL_VAR", final.variable, prose.span, final.type)

    async def partial(self) -> dict[str, str]:
        """Variables that look like a partial answer; empty when the REPL cannot say."""
        try:
            variables = await self.cells.variables()
        except ReplError:
            return {}
        values = {variable.name: variable.value for variable in variables}
        return {name: values[name] for name in candidates(values)[:5]}
