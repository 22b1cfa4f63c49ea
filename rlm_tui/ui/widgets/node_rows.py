"""What the inspector says of a node: its code, prompt or reply, and what comes next there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from rlm_tui.config import shown_name
from rlm_tui.events import Message, NodeId, parent_of
from rlm_tui.held import Held, amount
from rlm_tui.trajectory import CodeBlock, Iteration, Node, SubCall, Trajectory
from rlm_tui.ui.widgets import figures
from rlm_tui.ui.widgets.inspector_rows import Row, code_lines, rule, text_rows
from rlm_tui.ui.widgets.watch_pane import Watched
from rlm_tui.variables import candidates, history_of, variables_at

_MOST_CANDIDATES = 3
"""Variables that may become the answer and are shown as they come to be."""

_FIRST_LINES = 8
"""Lines of a prompt that are shown beside the code it is asked from."""


@dataclass(slots=True)
class Inspected:
    """What the inspector looks at."""

    trajectory: Trajectory = field(default_factory=Trajectory)
    node: NodeId = ""
    """Empty for the run."""
    is_answer: bool = False
    held: Held | None = None
    stops: Mapping[NodeId, Collection[int]] = field(default_factory=dict[NodeId, Collection[int]])
    """Lines with a breakpoint, by code block; under `""` those of any block."""
    values: list[Watched] = field(default_factory=list[Watched])
    """Of the names in the block that is held."""
    width: int = 0

    @property
    def found(self) -> Node | None:
        """The node, if it has started."""
        return self.trajectory.nodes.get(self.node)

    def stops_in(self, block: NodeId) -> Collection[int]:
        """The lines of a block with a breakpoint."""
        return {*self.stops.get(block, ()), *self.stops.get("", ())}

    def marked_in(self, block: NodeId) -> int:
        """The line of a block that is next; 0 for none."""
        held = self.held
        return held.next.line if held is not None and held.block == block else 0


# Code


def code_rows(seen: Inspected) -> Iterator[Row]:
    """A node's code and what it printed, with what is about to happen in its place."""
    node, held = seen.found, seen.held
    match node:
        case Iteration():
            yield from _iteration_rows(seen, node)
        case CodeBlock():
            yield from _block_rows(seen, node)
        case SubCall():
            block = seen.trajectory.block(parent_of(node.id))
            yield from code_lines(block.id, block.code, node.line, seen.stops_in(block.id))
            if held is not None and held.node == node.id:
                yield from _about_rows(seen, held)
        case None:
            yield from _unstarted_rows(seen)


def _iteration_rows(seen: Inspected, node: Iteration) -> Iterator[Row]:
    held = seen.held
    for block in node.blocks:
        if len(node.blocks) > 1:
            yield rule(f"code {block.id}", seen.width)
        yield from _block_rows(seen, block)
    is_next = held is not None and node.id in {held.node, parent_of(held.node)}
    if not node.blocks and not (is_next and not node.reply):
        yield Row("No code in this iteration." if node.response else "Streaming …", "dim")
        yield from text_rows(node.reply, "model")
    if node.error is not None:
        yield Row(node.error.message, "error")
    for fault in node.faults:
        yield rule(f"told to the model: {fault.fault.replace('_', ' ')}", seen.width)
        yield from text_rows(fault.observation)
    if held is None or not is_next or held.node in {block.id for block in node.blocks}:
        return
    yield from _about_rows(seen, held)


def _block_rows(seen: Inspected, block: CodeBlock) -> Iterator[Row]:
    held = seen.held
    yield from code_lines(block.id, block.code, seen.marked_in(block.id), seen.stops_in(block.id))
    is_in_it = held is not None and held.block == block.id
    if is_in_it and seen.values:
        yield rule("values here", seen.width)
        yield from value_rows(seen.values)
    if held is not None and is_in_it and not held.is_code:
        yield from _about_rows(seen, held)
    if block.output or block.outcome:
        yield rule("output so far" if is_in_it else "output", seen.width)
    for stream, pieces in groupby(block.output, lambda output: output.stream):
        text = "".join(piece.text for piece in pieces).removesuffix("\n")
        yield from text_rows(text, "error" if stream == "stderr" else "")
    if block.dropped_chars:
        yield Row(f"{block.dropped_chars:,} more characters were not kept", "waiting")
    if block.outcome in {"interrupted", "killed"}:
        yield Row(f"{block.outcome}: {block.error}", "waiting")


def value_rows(values: Sequence[Watched]) -> Iterator[Row]:
    """Expressions with what they come to, and came to at the stop before."""
    for item in values:
        was = f" (was {item.was})" if item.was else ""
        meaning = "error" if item.is_error else "waiting" if item.was else ""
        yield Row(f"{item.expression} = {item.value}{was}", meaning)


def _unstarted_rows(seen: Inspected) -> Iterator[Row]:
    """A node that has not started: what comes next, or something later."""
    held = seen.held
    if held is None or held.node != seen.node:
        yield Row("This node comes later in the run.", "dim")
        return
    block = seen.trajectory.nodes.get(held.block)
    if isinstance(block, CodeBlock):
        yield from _block_rows(seen, block)
    else:
        yield from _about_rows(seen, held)


# What is about to happen


def _about_rows(seen: Inspected, held: Held) -> Iterator[Row]:
    what = held.next
    if held.is_code:
        yield rule("ran next" if held.is_recorded else "about to run · e edits it", seen.width)
        yield from code_lines(held.node, what.text, what.line, seen.stops_in(held.node))
    elif held.is_sent:
        yield rule("sent next" if held.is_recorded else "about to send · i all of it", seen.width)
        yield sent_to(held)
        yield from _first_rows(what.text)
    elif what.before == "reply":
        yield rule("its reply, before the code gets it · a changes it", seen.width)
        yield from text_rows(what.text)
    elif what.before == "answer":
        yield rule("the answer, before it is taken · a takes or rejects it", seen.width)
        yield from text_rows(what.text or "(empty)")


def sent_to(held: Held) -> Row:
    """To which model something goes, how long it is and what it costs."""
    what = held.next
    told = [f"to {shown_name(what.model)}"] if what.model else []
    if what.input_tokens:
        told.append(f"about {what.input_tokens:,} tokens")
    if not held.is_recorded:
        told.append(amount(what.cost_usd))
    return Row(" · ".join(told), "waiting")


def _first_rows(text: str) -> Iterator[Row]:
    lines = text.split("\n")
    yield from (Row(line) for line in lines[:_FIRST_LINES])
    if len(lines) > _FIRST_LINES:
        yield Row(f"… {len(lines) - _FIRST_LINES:,} more lines", "dim")


# Prompts


def prompt_rows(seen: Inspected) -> Iterator[Row]:
    """The exact prompt of a node's request, or the one that is about to be sent."""
    node, held = seen.found, seen.held
    if held is not None and held.is_sent and held.node == seen.node:
        yield sent_to(held)
        if held.next.before == "model request":
            yield from _next_messages(seen, held)
        else:
            yield from text_rows(held.next.text)
    elif isinstance(node, SubCall):
        yield Row(f"to {node.model} · {_tokens(node)} tokens", "dim")
        yield from text_rows(node.prompt)
    elif node is None and (held is None or held.node != seen.node):
        yield Row("This node comes later in the run.", "dim")
    else:
        iteration = seen.trajectory.nodes.get(seen.node if node is None else node.id)
        if not isinstance(iteration, Iteration):
            iteration = seen.trajectory.nodes.get(parent_of(seen.node))
        if isinstance(iteration, Iteration):
            yield Row(f"to {iteration.model} · {_tokens(iteration)} tokens", "dim")
            for message in iteration.prompt:
                yield from _message_rows(message)


def _next_messages(seen: Inspected, held: Held) -> Iterator[Row]:
    """Those of a loop's next request; its first ones are known only when they go out."""
    loop = seen.trajectory.loop_of(held.node)
    for message in loop.messages:
        yield from _message_rows(message)
    earlier = loop.iterations[:-1]
    if earlier and earlier[-1].reply:
        yield from _message_rows(Message("assistant", earlier[-1].reply))
    yield from _message_rows(Message("user", held.next.text))


def _message_rows(message: Message) -> Iterator[Row]:
    yield Row("")
    yield Row(f"{message.role}", "strong")
    yield from text_rows(message.content)


def _tokens(node: Iteration | SubCall) -> str:
    usage = node.response.usage if isinstance(node, Iteration) and node.response else None
    if isinstance(node, SubCall) and node.result:
        usage = node.result.usage
    if usage is None:
        return f"about {node.input_tokens:,}"
    return f"{usage.input_tokens:,}" + (" (counted here)" if usage.counted else "")


# Replies


def reply_rows(seen: Inspected) -> Iterator[Row]:
    """The reply of a node's request."""
    node = seen.found
    match node:
        case Iteration():
            if node.error is not None:
                yield Row(node.error.message, "error")
            reasoning = "".join(node.reasoning) if not node.response else node.response.reasoning
            if reasoning:
                yield from text_rows(reasoning, "dim")
                yield Row("")
            yield from text_rows(node.reply or "Nothing yet.", "" if node.reply else "dim")
        case CodeBlock():
            yield Row(node.error or "A code block has no answer of its own.", "dim")
        case SubCall():
            yield from _call_reply_rows(node)
        case None:
            is_next = seen.held is not None and seen.held.node == seen.node
            yield Row("Nothing yet." if is_next else "This node comes later in the run.", "dim")


def _call_reply_rows(node: SubCall) -> Iterator[Row]:
    result = node.result
    if result is not None:
        tokens = figures.tokens(result.usage.output_tokens)
        retries = f" · {result.retries} retries" if result.retries else ""
        cached = " · from the cache" if result.cached else ""
        yield Row(f"{tokens} tokens · {result.elapsed:.1f} s{retries}{cached}", "dim")
        if result.error is not None:
            yield Row(f"{result.error.kind}: {result.error.message}", "error")
    if node.retry is not None:
        yield Row(f"waits for attempt {node.retry.attempt}: {node.retry.error.message}", "waiting")
    yield from text_rows(node.reply or ("" if result else "Nothing yet."))


# The run


def run_rows(seen: Inspected) -> Iterator[Row]:
    """The run's answer, or why there is none."""
    trajectory = seen.trajectory
    answer, finished = trajectory.root.answer, trajectory.finished
    if answer is not None:
        given = f" from {answer.variable}" if answer.variable else ""
        yield rule(f"answer · {answer.form}{given}", seen.width)
        yield from text_rows(answer.answer or "(empty)")
    elif finished is None:
        yield Row("No answer yet.", "dim")
    if finished is None or answer is not None:
        yield from _candidate_rows(seen)
    if finished is None:
        return
    if answer is None:
        why = finished.error.message if finished.error else finished.outcome
        yield Row(f"No answer: {why.removesuffix('.')}.", "error")
    elif finished.outcome == "forced" and finished.error:
        yield Row("")
        yield Row(f"Forced: {finished.error.message.removesuffix('.')}.", "waiting")
    if finished.outcome in {"forced", "limited"}:
        yield Row("For higher limits go to an earlier iteration, then W.", "dim")
    if finished.partial:
        yield rule("variables that may hold a part of it", seen.width)
        for name, value in finished.partial.items():
            yield Row(f"{name} = {value}")


def _candidate_rows(seen: Inspected) -> Iterator[Row]:
    """What the variable of the answer became, step by step; without one, what may become it."""
    trajectory = seen.trajectory
    answer = trajectory.root.answer
    if answer is not None:
        names = [answer.variable] if answer.variable else []
    else:
        held = variables_at(trajectory, None).held
        names = [name for name in candidates(held) if name != "context"][:_MOST_CANDIDATES]
    for name in names:
        steps = history_of(trajectory, name)
        if not steps:
            continue
        yield rule(f"how {name} came to be" if answer else f"{name} so far", seen.width)
        for block, variable in steps:
            size = "" if variable.size is None else f"[{variable.size:,}]"
            yield Row(f"code {block:<6} {variable.type}{size} {variable.value}")
