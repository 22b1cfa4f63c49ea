"""The state of a run, folded from its events; everything on screen about a run is read off it.

The fold only adds and completes nodes, in order, so the state at any event is the fold of the
events up to there. Text that arrives in pieces is kept in pieces (`"".join` when it is shown).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, TypeVar, assert_never

from rlm_tui.breakpoint import Breakpoint, hits_left
from rlm_tui.events import (
    AnswerProposed,
    BreakpointHit,
    BreakpointsChanged,
    CallKind,
    CellOutcome,
    CodeFinished,
    CodeStarted,
    ErrorInfo,
    Intervened,
    IterationFinished,
    IterationKind,
    IterationStarted,
    LimitNeared,
    LimitReached,
    Message,
    ModelDelta,
    ModelFailed,
    ModelRequested,
    ModelResponded,
    NodeId,
    Paused,
    Record,
    ReplOutput,
    ReplReplaced,
    ReplyRejected,
    Resumed,
    RetryScheduled,
    RunFinished,
    RunStarted,
    SubCallFinished,
    SubCallStarted,
    Usage,
    VariablesChanged,
    depth_of,
    parent_of,
)
from rlm_tui.run_clock import RunClock

State = Literal["running", "waiting", "ok", "error", "stopped"]
"""`waiting`: for a retry. `stopped`: ended from outside, by a limit or the user."""


@dataclass(slots=True)
class Loop:
    """The iterations of the root model, or of one `rlm_query`."""

    iterations: list[Iteration] = field(default_factory=list["Iteration"])
    messages: list[Message] = field(default_factory=list[Message])
    """Those of the loop's latest request."""
    answer: AnswerProposed | None = None


@dataclass(slots=True)
class Iteration:
    """One request to a loop's model, and the code of its reply."""

    id: NodeId
    number: int
    kind: IterationKind
    started: float
    state: State = "running"
    ended: float | None = None
    model: str = ""
    history: list[Message] = field(default_factory=list[Message])
    """Its loop's messages; later ones may follow those of this request."""
    message_count: int = 0
    """How many of them the request had."""
    input_tokens: int = 0
    pieces: list[str] = field(default_factory=list[str])
    """The reply so far."""
    reasoning: list[str] = field(default_factory=list[str])
    response: ModelResponded | None = None
    retry: RetryScheduled | None = None
    """The retry it waits for."""
    error: ErrorInfo | None = None
    faults: list[ReplyRejected] = field(default_factory=list[ReplyRejected])
    blocks: list[CodeBlock] = field(default_factory=list["CodeBlock"])
    replaced: list[tuple[int, NodeId | None]] = field(
        default_factory=list[tuple[int, "NodeId | None"]]
    )
    """After how many of its blocks its REPL was replaced, and by which checkpoint."""
    answer: AnswerProposed | None = None
    observation: str = ""

    @property
    def prompt(self) -> list[Message]:
        """The messages of the request, exactly as sent."""
        return self.history[: self.message_count]

    @property
    def reply(self) -> str:
        """The reply, as far as it has arrived."""
        return self.response.text if self.response else "".join(self.pieces)


@dataclass(slots=True)
class CodeBlock:
    """One code block, its output and its sub-calls."""

    id: NodeId
    code: str
    started: float
    state: State = "running"
    ended: float | None = None
    outcome: CellOutcome | None = None
    output: list[ReplOutput] = field(default_factory=list[ReplOutput])
    error: str = ""
    dropped_chars: int = 0
    calls: list[SubCall] = field(default_factory=list["SubCall"])
    changes: VariablesChanged | None = None
    """None while it runs, and when it changed nothing."""
    finished_ok: int = 0
    """How many of its calls have a reply."""


@dataclass(slots=True)
class SubCall:
    """One `llm_query` or `rlm_query`."""

    id: NodeId
    kind: CallKind
    model: str
    prompt: str
    line: int
    batch: int | None
    context_chars: int | None
    input_tokens: int
    started: float
    state: State = "running"
    ended: float | None = None
    pieces: list[str] = field(default_factory=list[str])
    result: SubCallFinished | None = None
    retry: RetryScheduled | None = None
    loop: Loop | None = None
    """The iterations of an `rlm_query`; None for an `llm_query`."""

    @property
    def reply(self) -> str:
        """The reply, as far as it has arrived; empty for a failed call."""
        if self.result:
            return self.result.reply or ""
        return "".join(self.pieces)


Node: TypeAlias = Iteration | CodeBlock | SubCall
Interventions: TypeAlias = list[tuple[NodeId, Intervened]]
_Node = TypeVar("_Node", Iteration, CodeBlock, SubCall)


@dataclass(slots=True)
class Trajectory:
    """A run up to some event."""

    root: Loop = field(default_factory=Loop)
    nodes: dict[NodeId, Node] = field(default_factory=dict[NodeId, Node])
    seq: int = 0
    """The last event folded in; 0 before the first."""
    at: float = 0.0
    started: RunStarted | None = None
    paused: Paused | None = None
    paused_at: NodeId = ""
    """What the latest stop was before."""
    clock: RunClock = field(default_factory=RunClock)
    breakpoints: list[Breakpoint] = field(default_factory=list[Breakpoint])
    hits: dict[int, int] = field(default_factory=dict[int, int])
    """How often each breakpoint was hit."""
    interventions: Interventions = field(default_factory=list[tuple[NodeId, Intervened]])
    """What the user changed, and where."""
    limit: LimitReached | None = None
    warnings: list[LimitNeared] = field(default_factory=list[LimitNeared])
    finished: RunFinished | None = None
    spent: Usage = field(default_factory=Usage)
    """What all requests so far used."""
    call_count: int = 0
    error_count: int = 0
    """Iterations, code blocks and sub-calls that failed."""
    deepest: int = 0

    def loop_of(self, node: NodeId) -> Loop:
        """The loop an iteration belongs to. Raises ValueError: the events contradict each other."""
        parent = parent_of(node)
        if not parent:
            return self.root
        call = self.call(parent)
        if call.loop is None:
            call.loop = Loop()
            self.deepest = max(self.deepest, depth_of(node))
        return call.loop

    def iteration(self, node: NodeId) -> Iteration:
        """The iteration of that name. Raises ValueError: the events contradict each other."""
        found = self.nodes.get(node)
        if isinstance(found, Iteration):
            return found
        raise ValueError(f"no iteration {node!r} has started")

    def block(self, node: NodeId) -> CodeBlock:
        """The code block of that name. Raises ValueError: the events contradict each other."""
        found = self.nodes.get(node)
        if isinstance(found, CodeBlock):
            return found
        raise ValueError(f"no code block {node!r} has started")

    def call(self, node: NodeId) -> SubCall:
        """The sub-call of that name. Raises ValueError: the events contradict each other."""
        found = self.nodes.get(node)
        if isinstance(found, SubCall):
            return found
        raise ValueError(f"no sub-call {node!r} has started")

    def apply_all(self, records: Iterable[Record]) -> None:
        """Fold several records in."""
        for record in records:
            self.apply(record)

    def apply(self, record: Record) -> None:  # noqa: PLR0915 - one arm an event
        """Fold one record in. Raises ValueError when it cannot follow what went before."""
        node, at, event = record.node, record.at, record.event
        match event:
            case ModelDelta():
                self._add_piece(node, event)
            case ReplOutput():
                self.block(node).output.append(event)
            case SubCallStarted():
                self._start_call(node, at, event)
            case SubCallFinished():
                self._finish_call(node, at, event)
            case IterationStarted():
                iteration = Iteration(node, event.number, event.kind, at)
                self._begin(iteration, self.loop_of(node).iterations)
            case ModelRequested():
                self._request(node, event)
            case ModelResponded():
                iteration = self.iteration(node)
                iteration.response, iteration.retry = event, None
                iteration.state = "running"
                self.spent = self.spent.plus(event.usage)
            case ModelFailed():
                iteration = self.iteration(node)
                iteration.error, iteration.retry = event.error, None
                iteration.state = "error"
                self.error_count += 1
                self.spent = self.spent.plus(event.usage)
            case RetryScheduled():
                self._schedule_retry(node, event)
            case ReplyRejected():
                self.iteration(node).faults.append(event)
            case CodeStarted():
                block = CodeBlock(node, event.code, at)
                self._begin(block, self.iteration(parent_of(node)).blocks)
            case CodeFinished():
                self._finish_code(node, at, event)
            case VariablesChanged():
                self.block(node).changes = event
            case ReplReplaced():
                iteration = self.iteration(node)
                iteration.replaced.append((len(iteration.blocks), event.checkpoint))
            case AnswerProposed():
                self.iteration(node).answer = event
                self.loop_of(node).answer = event
            case IterationFinished():
                iteration = self.iteration(node)
                iteration.ended = at
                iteration.observation = event.observation
                iteration.state = self._state_of_finished(iteration)
            case LimitNeared():
                self.warnings.append(event)
            case LimitReached():
                self.limit = event
            case Paused():
                self.paused, self.paused_at = event, node
                self.clock.hold(at)
            case Resumed():
                self.paused = None
                self.clock.go_on(at)
            case BreakpointsChanged():
                self.hits = hits_left(self.hits, self.breakpoints, event.breakpoints)
                self.breakpoints = event.breakpoints
            case BreakpointHit():
                self.hits[event.number] = self.hits.get(event.number, 0) + 1
            case Intervened():
                self.interventions.append((node, event))
                if event.kind == "retried" and node in self.nodes:
                    self._make_again(self.call(node), event.after)
            case RunStarted():
                self.started = event
            case RunFinished():
                self.finished, self.paused = event, None
                self.clock.go_on(at)
                self._stop_running(at)
            case _:
                assert_never(event)
        self.seq, self.at = record.seq, at

    def _begin(self, node: _Node, siblings: list[_Node]) -> None:
        if node.id in self.nodes:
            raise ValueError(f"{node.id!r} has started before")
        siblings.append(node)
        self.nodes[node.id] = node

    def _add_piece(self, node: NodeId, event: ModelDelta) -> None:
        target = self.nodes.get(node)
        if isinstance(target, Iteration):
            (target.reasoning if event.reasoning else target.pieces).append(event.text)
            target.state, target.retry = "running", None
        else:
            call = self.call(node)
            call.pieces.append(event.text)
            call.state, call.retry = "running", None

    def _start_call(self, node: NodeId, at: float, event: SubCallStarted) -> None:
        call = SubCall(
            id=node,
            kind=event.kind,
            model=event.model,
            prompt=event.prompt,
            line=event.line,
            batch=event.batch,
            context_chars=event.context_chars,
            input_tokens=event.input_tokens,
            started=at,
        )
        self._begin(call, self.block(parent_of(node)).calls)
        self.call_count += 1

    def _finish_call(self, node: NodeId, at: float, event: SubCallFinished) -> None:
        call = self.call(node)
        call.result, call.ended, call.retry = event, at, None
        if event.error is None:
            call.state = "ok"
            self.block(parent_of(node)).finished_ok += 1
        else:
            call.state = "stopped" if event.error.kind == "cancelled" else "error"
            self.error_count += call.state == "error"
        if call.loop is None:
            self.spent = self.spent.plus(event.usage)

    def _make_again(self, call: SubCall, model: str) -> None:
        """A call that had its reply is made once more; what it has used stays used."""
        block = self.block(parent_of(call.id))
        block.finished_ok -= call.state == "ok"
        self.error_count -= call.state == "error"
        call.model, call.result, call.ended, call.state = model, None, None, "running"
        call.pieces.clear()

    def _request(self, node: NodeId, event: ModelRequested) -> None:
        iteration, loop = self.iteration(node), self.loop_of(node)
        if event.kept != len(loop.messages):
            loop.messages = loop.messages[: event.kept]
        loop.messages.extend(event.messages)
        iteration.model = event.model
        iteration.history = loop.messages
        iteration.message_count = len(loop.messages)
        iteration.input_tokens = event.input_tokens

    def _schedule_retry(self, node: NodeId, event: RetryScheduled) -> None:
        target = self.nodes.get(node)
        if isinstance(target, Iteration):
            target.reasoning.clear()
        else:
            target = self.call(node)
        target.pieces.clear()
        target.retry, target.state = event, "waiting"

    def _finish_code(self, node: NodeId, at: float, event: CodeFinished) -> None:
        block = self.block(node)
        block.outcome, block.ended = event.outcome, at
        block.error, block.dropped_chars = event.error, event.dropped_chars
        block.state = event.outcome if event.outcome in ("ok", "error") else "stopped"
        self.error_count += block.state == "error"

    @staticmethod
    def _state_of_finished(iteration: Iteration) -> State:
        if iteration.error is not None:
            return "error"
        for block in iteration.blocks:
            if block.state != "ok":
                return block.state
        return "error" if iteration.faults and not iteration.answer else "ok"

    def _stop_running(self, at: float) -> None:
        for node in self.nodes.values():
            if node.ended is None:
                node.ended = at
                if node.state in {"running", "waiting"}:
                    node.state = "stopped"
