"""What happens in a run, as one closed set of events.

A run is a list of `Record`s behind one `Header`. The engine writes them, nobody edits them, and a
session file is exactly them: one JSON object a line. Times are seconds, sizes are characters unless
a name says otherwise. Text is kept whole; cutting it for display is a widget's business.

Nodes are dotted paths whose levels alternate: iteration, code block, sub-call, then iteration again
inside an `rlm_query`. `""` is the run, `"3"` its third iteration, `"3.2"` the second code block of
that, `"3.2.1"` the first sub-call of that block, `"3.2.1.1"` the first iteration of that child.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

from rlm_tui.breakpoint import Breakpoint

NodeId: TypeAlias = str

Outcome = Literal["answered", "forced", "limited", "cancelled", "failed"]
"""`forced`: a limit was met, and one last request gave the answer; `limited`: there is none."""

IterationKind = Literal["loop", "direct", "forced"]
"""`direct`: the document stands in the prompt. `forced`: the last request after a limit."""

CallKind = Literal["llm_query", "rlm_query"]

CellOutcome = Literal["ok", "error", "interrupted", "killed", "skipped"]
"""`interrupted`: stopped with its variables kept. `killed`: its process had to be ended."""

AnswerForm = Literal["FINAL", "FINAL_VAR", "SUBMIT", "answer", "text"]
"""How an answer was given; `text` is the plain reply to a direct or forced request."""
Told = Literal["ran", "wrote", "both"]
"""The code that `ran`, the code that the model `wrote`, or `both`."""

Intervention = Literal[
    "edited", "answered", "failed", "retried", "skipped", "rejected", "set", "raised_limit"
]
"""`retried`: a call goes to another model, or once more. `set`: a statement was run in the REPL."""

ReplyFault = Literal[
    "no_code",
    "empty",
    "refused",
    "cut_off",
    "other_language",
    "final_unclosed",
    "unknown_variable",
    "code_raised",
]
"""What was wrong with a reply that the run went on from."""


def parent_of(node: NodeId) -> NodeId:
    """The node one level up; the run is its own parent."""
    return node.rpartition(".")[0]


def depth_of(node: NodeId) -> int:
    """How many `rlm_query` calls the node lies below: 0 for the root model's own."""
    return 0 if not node else node.count(".") // 3


class Usage(Struct, frozen=True, omit_defaults=True):
    """What one or several requests used."""

    requests: int = 0
    """Requests sent, retries included, answers from the cache not."""
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    """Input tokens that the provider took from its own prompt cache."""
    cost_usd: float | None = None
    """None when a price is not known."""
    counted: bool = False
    """True when tokens were counted here because the provider reported none."""

    def plus(self, other: Usage) -> Usage:
        """Both together; the cost is known only where both costs are."""
        if not self.requests and self.cost_usd is None:
            cost = other.cost_usd
        elif self.cost_usd is None or (other.cost_usd is None and other.requests):
            cost = None
        else:
            cost = self.cost_usd + (other.cost_usd or 0.0)
        return Usage(
            requests=self.requests + other.requests,
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            cost_usd=cost,
            counted=self.counted or other.counted,
        )


class Message(Struct, frozen=True):
    """One message of a chat request."""

    role: Literal["system", "user", "assistant"]
    content: str


class ErrorInfo(Struct, frozen=True):
    """What went wrong, for people (`message`) and for programs (`kind`)."""

    kind: str
    message: str


class Variable(Struct, frozen=True):
    """A variable of a REPL, described without running model code, in some 120 characters."""

    name: str
    type: str
    size: Annotated[int, Meta(ge=0, le=2**63 - 1)] | None
    """Characters, bytes or items; None for what has no size."""
    value: str


class Event(Struct, frozen=True, tag_field="type"):
    """Anything that can happen in a run."""


class RunStarted(Event, frozen=True, tag="run_started"):
    """The REPL is ready and the first request is about to be made."""

    sandbox: str
    """The isolation layers in force, such as `ns+landlock+seccomp`; `off` when there are none."""
    context_chars: int
    context_lines: int
    context_tokens: int
    """An estimate."""


class IterationStarted(Event, frozen=True, tag="iteration_started"):
    """One turn of the loop begins."""

    number: int
    kind: IterationKind = "loop"


class ModelRequested(Event, frozen=True, tag="model_requested"):
    """A request goes to a loop's model: `kept` of the last one's messages, then `messages`."""

    model: str
    kept: int
    messages: list[Message]
    input_tokens: int
    """An estimate, made before the request."""


class ModelDelta(Event, frozen=True, tag="model_delta"):
    """Some text of a reply arrived: an iteration's, or a sub-call's that takes its time."""

    text: str
    reasoning: bool = False


class ModelResponded(Event, frozen=True, tag="model_responded"):
    """The reply is complete; its text replaces the deltas."""

    text: str
    usage: Usage
    elapsed: float
    finish: str
    """The provider's word: `stop`, `length`, `content_filter` …"""
    reasoning: str = ""
    cached: bool = False


class ModelFailed(Event, frozen=True, tag="model_failed"):
    """A request of a loop failed for good."""

    error: ErrorInfo
    usage: Usage
    elapsed: float


class RetryScheduled(Event, frozen=True, tag="retry_scheduled"):
    """A request failed; number `attempt` (the first retry is 2) follows in `wait` seconds."""

    attempt: int
    wait: float
    error: ErrorInfo


class ReplyRejected(Event, frozen=True, tag="reply_rejected"):
    """A reply could not be used as it was; the model is told `observation` and the run goes on."""

    fault: ReplyFault
    observation: str


class CodeStarted(Event, frozen=True, tag="code_started"):
    """A code block starts to run."""

    code: str


class ReplOutput(Event, frozen=True, tag="repl_output"):
    """The REPL printed something."""

    stream: Literal["stdout", "stderr"]
    text: str


class SubCallStarted(Event, frozen=True, tag="sub_call_started"):
    """A sub-call is on its way to its model."""

    kind: CallKind
    model: str
    prompt: str
    """For an `rlm_query`, the query."""
    line: int
    """The line of the code block that made the call, from 1; 0 when it is not known."""
    batch: int | None = None
    """The index within its batch; None for a single call."""
    context_chars: int | None = None
    """The size of the context an `rlm_query` was given; None for an `llm_query`."""
    input_tokens: int = 0
    """An estimate, made before the request."""


class SubCallFinished(Event, frozen=True, tag="sub_call_finished"):
    """A sub-call ended. With an `error` there is no reply."""

    usage: Usage
    elapsed: float
    reply: str | None = None
    error: ErrorInfo | None = None
    retries: int = 0
    cached: bool = False


class CodeFinished(Event, frozen=True, tag="code_finished"):
    """A code block ended."""

    outcome: CellOutcome
    elapsed: float
    error: str = ""
    """The last line of the traceback, or why the block was stopped."""
    dropped_chars: int = 0
    """Output beyond what a session keeps."""


class VariablesChanged(Event, frozen=True, tag="variables_changed"):
    """What a code block has left different in its REPL."""

    new: list[Variable] = []
    changed: list[Variable] = []
    gone: list[str] = []


class ReplReplaced(Event, frozen=True, tag="repl_replaced"):
    """A loop's REPL had ended, and another process took its place."""

    checkpoint: NodeId | None
    """The code block after which its variables are as they were then; None: there are none."""


class AnswerProposed(Event, frozen=True, tag="answer_proposed"):
    """The model gave an answer."""

    answer: str
    form: AnswerForm
    variable: str | None = None
    """The variable it was read from."""
    span: tuple[int, int] | None = None
    """Where it stands in the reply, in characters, when it was given in prose."""
    value_type: str = "str"
    """The Python type of the value it was made from."""


class IterationFinished(Event, frozen=True, tag="iteration_finished"):
    """One turn of the loop ended."""

    observation: str = ""
    """What the model will be told; empty after the last turn."""


class LimitNeared(Event, frozen=True, tag="limit_neared"):
    """Half, or four fifths, of a limit are used."""

    limit: str
    used: float
    allowed: float


class LimitReached(Event, frozen=True, tag="limit_reached"):
    """A limit is used up; no further call starts."""

    limit: str
    used: float
    allowed: float


class Paused(Event, frozen=True, tag="paused"):
    """The run is held before something that runs or costs, or right after it."""

    before: str
    """What comes next: `model request`, `code block`, `line`, `llm_query`, `rlm_query`, `reply` (of
    a sub-call, to the code that asked) or `answer`."""
    reason: str = ""
    breakpoint: int | None = None
    """The number of the breakpoint that was hit."""
    text: str = ""
    """The code that is to run, the prompt that is to be sent, or the answer."""
    model: str = ""
    input_tokens: int = 0
    """An estimate, where something is to be sent."""
    cost_usd: float | None = None
    """An estimate; None when a price is not known."""
    line: int = 0
    """The line of the code block, where one is to run."""


class Resumed(Event, frozen=True, tag="resumed"):
    """The run goes on; time since `Paused` counts against no limit."""


class BreakpointsChanged(Event, frozen=True, tag="breakpoints_changed"):
    """The run has these breakpoints from now on, and no others."""

    breakpoints: list[Breakpoint]


class BreakpointHit(Event, frozen=True, tag="breakpoint_hit"):
    """A breakpoint was hit; the run goes on unless `Paused` follows."""

    number: int
    spec: str


class Intervened(Event, frozen=True, tag="intervened"):
    """The user changed what the run was about to do."""

    kind: Intervention
    before: str = ""
    """What it would have been: the code, the prompt, a variable's name or a limit's."""
    after: str = ""
    """What it is instead."""
    told: Told | None = None
    """Of edited code: what the model is told it wrote."""
    pattern: str = ""
    """Of an answer or a failure: it is for every later sub-call, too, whose prompt matches."""


class RunFinished(Event, frozen=True, tag="run_finished"):
    """The run is over; always the last event."""

    outcome: Outcome
    elapsed: float
    """Without the time spent paused."""
    usage: Usage
    answer: str | None = None
    error: ErrorInfo | None = None
    partial: dict[str, str] = {}
    """Variables that look like a partial answer, when there is none."""


AnyEvent: TypeAlias = (
    RunStarted
    | IterationStarted
    | ModelRequested
    | ModelDelta
    | ModelResponded
    | ModelFailed
    | RetryScheduled
    | ReplyRejected
    | CodeStarted
    | ReplOutput
    | SubCallStarted
    | SubCallFinished
    | CodeFinished
    | VariablesChanged
    | ReplReplaced
    | AnswerProposed
    | IterationFinished
    | LimitNeared
    | LimitReached
    | Paused
    | Resumed
    | BreakpointsChanged
    | BreakpointHit
    | Intervened
    | RunFinished
)


class Record(Struct, frozen=True):
    """An event with its place in the run."""

    seq: int
    """Gapless, from 1."""
    at: float
    """Seconds since the run began, on a clock that only goes forward."""
    node: NodeId
    event: AnyEvent
