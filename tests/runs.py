"""Runs that never happened, as lists of records: named ones, and random ones.

What happens is made of generators of `(node, event)`, a level each, as in the engine: `turn` holds
blocks, `block` holds calls, `child` holds turns. `numbered` makes records of them.

    records = runs.whole(runs.turn("1", blocks=[runs.block("1.1", "print(1)")], answer="1"))
    records = runs.NAMED["nested"]()
    records = runs.random_run(random.Random(7))
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from random import Random

from hypothesis import strategies as st

from rlm_tui.breakpoint import Breakpoint
from rlm_tui.codec import encode_line
from rlm_tui.events import (
    AnswerProposed,
    AnyEvent,
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
    Outcome,
    Paused,
    Record,
    ReplOutput,
    ReplReplaced,
    ReplyFault,
    ReplyRejected,
    Resumed,
    RetryScheduled,
    RunFinished,
    RunStarted,
    SubCallFinished,
    SubCallStarted,
    Usage,
    Variable,
    VariablesChanged,
)
from rlm_tui.header import FORMAT, DocumentRef, Header

Happenings = Iterable[tuple[NodeId, AnyEvent]]

HEADER = Header(
    format=FORMAT,
    run="0123456789ab",
    started="2026-03-14T09:26:53.589+00:00",
    program="0.1.0",
    question="Which errors repeat most?",
    document=DocumentRef("/logs/server.log", 440_820, "9f" * 32),
    model="openai/gpt-5",
    sub_model="openai/gpt-5-mini",
    settings={"max_iterations": 20},
)
COST = Usage(requests=1, input_tokens=1200, output_tokens=80, cost_usd=0.25)
SUB_COST = Usage(requests=1, input_tokens=300, output_tokens=20, cost_usd=0.125)
NOTHING = Usage()


def numbered(happenings: Happenings, *, step: float = 0.25) -> list[Record]:
    """Records of what happens, `step` seconds apart."""
    return [Record(seq, seq * step, node, event) for seq, (node, event) in enumerate(happenings, 1)]


def file_of(records: Iterable[Record], header: Header = HEADER) -> bytes:
    """The session file of a run."""
    return b"".join(map(encode_line, (header, *records)))


def turn(
    node: NodeId,
    *,
    kind: IterationKind = "loop",
    reply: str = "I look at it.",
    pieces: int = 2,
    blocks: Iterable[Happenings] = (),
    fault: ReplyFault | None = None,
    answer: str | None = None,
    retries: int = 0,
    error: ErrorInfo | None = None,
    hold: str | None = None,
) -> Happenings:
    """One iteration of the loop that `node` belongs to."""
    number = int(node.rpartition(".")[2])
    yield node, IterationStarted(number, kind)
    if hold is not None:
        yield node, Paused("model request", hold)
        yield node, Resumed()
    told = (Message("assistant" if number > 1 else "system", "…"), Message("user", f"Go on {node}"))
    yield node, ModelRequested(HEADER.model, (number - 1) * len(told), list(told), 1200)
    for attempt in range(2, 2 + retries):
        yield node, ModelDelta("a false st")
        yield node, RetryScheduled(attempt, 0.5, ErrorInfo("rate_limit", "too many requests"))
    if error is not None:
        yield node, ModelFailed(error, Usage(requests=retries + 1, cost_usd=0.0), 1.5)
        return
    yield node, ModelDelta("Let me think.", reasoning=True)
    size = -(-len(reply) // max(pieces, 1)) or 1
    for at in range(0, len(reply), size):
        yield node, ModelDelta(reply[at : at + size])
    yield node, ModelResponded(reply, COST, 2.5, "stop", "Let me think.")
    for happenings in blocks:
        yield from happenings
    if fault is not None:
        yield node, ReplyRejected(fault, "That cannot be used.")
    if answer is not None:
        yield node, AnswerProposed(answer, "FINAL")
    yield node, IterationFinished("" if answer is not None else "[block 1 of 1]\n…")


def block(
    node: NodeId,
    code: str = "print(len(context))",
    *,
    output: Iterable[str] = ("440820\n",),
    calls: Happenings = (),
    outcome: CellOutcome = "ok",
    error: str = "",
    changes: VariablesChanged | None = None,
) -> Happenings:
    """One code block; what its calls do lies between its outputs."""
    yield node, CodeStarted(code)
    for text in output:
        yield node, ReplOutput("stdout", text)
    yield from calls
    if error:
        yield node, ReplOutput("stderr", f"Traceback (most recent call last):\n{error}\n")
    if changes is not None:
        yield node, changes
    yield node, CodeFinished(outcome, 0.125, error)


def call(
    node: NodeId,
    prompt: str = "Is this an error? …",
    *,
    reply: str | None = "yes",
    error: ErrorInfo | None = None,
    pieces: Iterable[str] = (),
    retries: int = 0,
    batch: int | None = None,
    cached: bool = False,
) -> Happenings:
    """One `llm_query`."""
    kind: CallKind = "llm_query"
    yield node, SubCallStarted(kind, HEADER.sub_model, prompt, 1, batch, input_tokens=300)
    for attempt in range(2, 2 + retries):
        yield node, RetryScheduled(attempt, 0.5, ErrorInfo("timeout", "no sign for 120 s"))
    for piece in pieces:
        yield node, ModelDelta(piece)
    usage = NOTHING if cached else SUB_COST
    told = None if error is not None else reply
    yield node, SubCallFinished(usage, 0.5, told, error, retries, cached)


def child(
    node: NodeId,
    turns: Happenings,
    *,
    reply: str | None = "five of them",
    error: ErrorInfo | None = None,
    usage: Usage = COST,
) -> Happenings:
    """One `rlm_query`, whose loop makes the turns; `usage` is that of the loop."""
    yield node, SubCallStarted("rlm_query", HEADER.model, "Count them.", 2, context_chars=5_000)
    yield from turns
    yield node, SubCallFinished(usage, 4.0, None if error is not None else reply, error)


def whole(
    happenings: Happenings,
    outcome: Outcome = "answered",
    answer: str | None = "715",
    error: ErrorInfo | None = None,
    partial: dict[str, str] | None = None,
) -> list[Record]:
    """A run from its first event to its last."""

    def all_of_it() -> Happenings:
        yield "", RunStarted("ns+landlock+seccomp", 440_820, 6_000, 110_205)
        yield from happenings
        told = answer if outcome in {"answered", "forced"} else None
        yield "", RunFinished(outcome, 9.5, COST, told, error, partial or {})

    return numbered(all_of_it())


def chained(*parts: Happenings) -> Happenings:
    """One after the other."""
    for part in parts:
        yield from part


def interleaved(parts: Iterable[Happenings], chance: Random) -> Happenings:
    """Side by side, in any order that keeps each part's own."""
    live: list[Iterator[tuple[NodeId, AnyEvent]]] = [iter(part) for part in parts]
    while live:
        part = live[chance.randrange(len(live))]
        happening = next(part, None)
        if happening is None:
            live.remove(part)
        else:
            yield happening


TOO_MANY = ErrorInfo("rate_limit", "too many requests")
LIMIT = LimitReached("sub_calls", 200, 200)
_LIMIT_TOLD = ErrorInfo("sub_calls", "200 of 200 sub-calls are used")


def _answered() -> list[Record]:
    """Three iterations, one code block each."""
    turns = [turn(f"{n}", blocks=[block(f"{n}.1")]) for n in (1, 2)]
    return whole(chained(*turns, turn("3", blocks=[block("3.1", "FINAL('715')")], answer="715")))


def _parallel(count: int = 5) -> list[Record]:
    """A batch whose calls overlap; every third fails."""
    calls = [
        call(f"1.1.{n}", error=TOO_MANY if n % 3 == 0 else None, batch=n - 1, pieces=["ye", "s"])
        for n in range(1, count + 1)
    ]
    batch = block("1.1", "llm_query_batched(chunks)", calls=interleaved(calls, Random(1)))
    return whole(turn("1", blocks=[batch], answer="715"))


def _nested() -> list[Record]:
    """Two `rlm_query` side by side, one of which asks a third; and a call beside them."""
    deep = child("1.1.1.1.1.1", turn("1.1.1.1.1.1.1", answer="2"), reply="2")
    first = turn("1.1.1.1", blocks=[block("1.1.1.1.1", "rlm_query('…')", calls=deep)])
    children = [
        child("1.1.1", chained(first, turn("1.1.1.2", answer="5")), reply="5"),
        child("1.1.2", turn("1.1.2.1", error=TOO_MANY), error=TOO_MANY),
        call("1.1.3"),
    ]
    calls = interleaved(children, Random(2))
    return whole(turn("1", blocks=[block("1.1", "rlm_query('…')", calls=calls)], answer="715"))


def _troubled() -> list[Record]:
    """Retries, a reply without code, code that raises, a pause, a cached call; then an answer."""
    raised = block("3.1", "1 / 0", outcome="error", error="ZeroDivisionError: division by zero")
    cached = block("4.1", calls=chained(call("4.1.1", cached=True), call("4.1.2", retries=2)))
    hits = Variable("hits", "int", None, "3")
    restored: Happenings = iter([("3", ReplReplaced("1.1"))])
    turns = (
        turn("1", retries=2, blocks=[block("1.1", changes=VariablesChanged([hits]))]),
        turn("2", reply="I think it is 715.", fault="no_code"),
        turn("3", blocks=[raised, restored]),
        turn("4", hold="you asked", blocks=[cached], answer="715"),
    )
    return whole(chained(*turns))


def _stopped(outcome: Outcome) -> list[Record]:
    """A limit met in the middle of a block; then the end that the outcome says."""
    stopped = ErrorInfo("cancelled", "the call was stopped")
    calls = chained(call("1.1.1"), [("", LimitNeared("sub_calls", 160, 200)), ("", LIMIT)])
    calls = chained(calls, call("1.1.2", error=stopped))
    first = turn("1", blocks=[block("1.1", calls=calls, outcome="interrupted", error="limit")])
    if outcome == "forced":
        last = turn("2", kind="forced", reply="about 700", answer="about 700")
        return whole(chained(first, last), "forced", "about 700", _LIMIT_TOLD)
    return whole(first, outcome, error=_LIMIT_TOLD, partial={"total": "412"})


def _cancelled() -> list[Record]:
    """Stopped by the user while a block and two of its calls run."""
    records = _parallel(6)
    kept = next(i for i, r in enumerate(records) if isinstance(r.event, SubCallFinished)) + 1
    return numbered(
        [(r.node, r.event) for r in records[:kept]] + [("", RunFinished("cancelled", 3.0, COST))]
    )


def _failed() -> list[Record]:
    """The root model does not answer."""
    error = ErrorInfo("auth", "openai/gpt-5 refused the key in OPENAI_API_KEY")
    turns = chained(turn("1", blocks=[block("1.1")]), turn("2", retries=1, error=error))
    return whole(turns, "failed", error=error)


def _held() -> list[Record]:
    """Held by a breakpoint before a block that the user has changed."""
    stop = Breakpoint(1, "code")
    first = list(turn("1", blocks=[block("1.1")]))
    return numbered(
        [
            ("", BreakpointsChanged([stop])),
            *first,
            ("2", IterationStarted(2)),
            ("2.1", BreakpointHit(1, "code")),
            ("2.1", Paused("code block", "breakpoint 1 (code)", 1, "print(1)")),
            ("2.1", Intervened("edited", "print(1)", "print(2)")),
        ]
    )


NAMED: dict[str, Callable[[], list[Record]]] = {
    "answered": _answered,
    "direct": lambda: whole(turn("1", kind="direct", reply="715", answer="715")),
    "parallel": _parallel,
    "nested": _nested,
    "troubled": _troubled,
    "limited": lambda: _stopped("limited"),
    "forced": lambda: _stopped("forced"),
    "cancelled": _cancelled,
    "failed": _failed,
    "unfinished": lambda: _answered()[:-9],
    "held": _held,
    "not begun": list,
}
"""One run for each thing that can become of one."""


# Random ones


def random_run(chance: Random) -> list[Record]:
    """A run that could have happened, up to some event of it."""
    outcome: Outcome = chance.choice(["answered", "limited", "forced", "cancelled", "failed"])
    turns = _turns("", chance, depth=0, count=chance.randrange(1, 4), answers=outcome != "failed")
    notices: list[tuple[NodeId, AnyEvent]] = [
        ("", LimitNeared("cost", 0.5, 1.0)),
        ("", Paused("llm_query", "breakpoint")),
        ("", Resumed()),
        ("", LIMIT),
    ]
    run = interleaved([turns, notices[: chance.randrange(len(notices) + 1)]], chance)
    records = whole(run, outcome, error=None if outcome == "answered" else _LIMIT_TOLD)
    return records if chance.random() < 0.5 else records[: chance.randrange(len(records))]


def _turns(
    loop: NodeId, chance: Random, *, depth: int, count: int, answers: bool = True
) -> Happenings:
    for number in range(1, count + 1):
        node = f"{loop}.{number}".lstrip(".")
        is_last = number == count
        yield from turn(
            node,
            pieces=chance.randrange(4),
            retries=chance.choice([0, 0, 1, 2]),
            hold=chance.choice([None, None, "breakpoint"]),
            fault=chance.choice([None, None, "no_code", "code_raised"]),
            blocks=[_block(f"{node}.{n}", chance, depth) for n in range(1, chance.randrange(1, 4))],
            answer="715" if is_last and answers else None,
            error=TOO_MANY if is_last and not answers else None,
        )


def _block(node: NodeId, chance: Random, depth: int) -> Happenings:
    calls = [_call(f"{node}.{n}", chance, depth) for n in range(1, chance.choice([1, 1, 2, 4]))]
    outcome: CellOutcome = chance.choice(["ok", "ok", "error", "interrupted", "killed", "skipped"])
    return block(
        node,
        output=["line\n"] * chance.randrange(3),
        calls=interleaved(calls, chance),
        outcome=outcome,
        error="" if outcome == "ok" else "KeyError: 'a'",
    )


def _call(node: NodeId, chance: Random, depth: int) -> Happenings:
    error = chance.choice([None, None, TOO_MANY, ErrorInfo("cancelled", "the call was stopped")])
    if depth < 2 and chance.random() < 0.3:
        turns = _turns(node, chance, depth=depth + 1, count=chance.randrange(3))
        return child(node, turns, error=error)
    retries, pieces = chance.randrange(2), ["so", "me"][: chance.randrange(3)]
    return call(node, error=error, retries=retries, pieces=pieces, cached=chance.random() < 0.2)


random_runs = st.integers(min_value=0, max_value=1 << 32).map(lambda seed: random_run(Random(seed)))
"""The hypothesis strategy; a run is named by its seed."""
