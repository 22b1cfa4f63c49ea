"""What is different between two steps of a loop: code, output and variables, or two calls."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence

from rlm_tui.events import NodeId, parent_of
from rlm_tui.trajectory import CodeBlock, Iteration, SubCall, Trajectory
from rlm_tui.ui.widgets.inspector_rows import Row, rule
from rlm_tui.variables import Variables, variables_at

_CONTEXT = 2
"""Equal lines that are shown around different ones."""

_MOST_LINES = 2_000
"""Lines of a text that are compared; a diff takes the square of their number."""


def diff_rows(trajectory: Trajectory, node: NodeId, back: int, width: int) -> Iterator[Row]:
    """A step beside the one that lies so many steps before it in the same loop or block."""
    found = trajectory.nodes.get(node)
    if isinstance(found, CodeBlock):
        found = trajectory.nodes.get(parent_of(node))
    match found:
        case Iteration():
            siblings = trajectory.loop_of(found.id).iterations
            yield from _iterations(trajectory, siblings, found, back, width)
        case SubCall():
            yield from _calls(trajectory.block(parent_of(found.id)).calls, found, back, width)
        case _:
            yield Row("Select an iteration or a call to see what is different in it.", "dim")


def steps_before(trajectory: Trajectory, node: NodeId) -> int:
    """How many steps there are before a node that it can be compared with."""
    found = trajectory.nodes.get(node)
    if isinstance(found, CodeBlock):
        found = trajectory.nodes.get(parent_of(node))
    match found:
        case Iteration():
            return trajectory.loop_of(found.id).iterations.index(found)
        case SubCall():
            return trajectory.block(parent_of(found.id)).calls.index(found)
        case _:
            return 0


def _iterations(
    trajectory: Trajectory, siblings: Sequence[Iteration], this: Iteration, back: int, width: int
) -> Iterator[Row]:
    at = siblings.index(this)
    if not at:
        yield Row("This is the first iteration: there is nothing before it.", "dim")
        return
    other = siblings[max(at - max(back, 1), 0)]
    title = f"it {other.number} > it {this.number}"
    yield rule(f"code · {title} · left right: against another", width)
    yield from _texts(_code(other), _code(this))
    yield rule("output", width)
    yield from _texts(_output(other), _output(this))
    yield rule("variables", width)
    yield from _variables(variables_at(trajectory, other), variables_at(trajectory, this))


def _calls(siblings: Sequence[SubCall], this: SubCall, back: int, width: int) -> Iterator[Row]:
    at = siblings.index(this)
    if not at:
        yield Row("This is the first call of its block: there is nothing before it.", "dim")
        return
    other = siblings[max(at - max(back, 1), 0)]
    numbers = [call.id.rpartition(".")[2] for call in (other, this)]
    yield rule(f"prompt · #{numbers[0]} > #{numbers[1]} · left right: against another", width)
    yield from _texts(other.prompt, this.prompt)
    yield rule("reply", width)
    yield from _texts(_reply(other), _reply(this))


def _code(iteration: Iteration) -> str:
    return "\n".join(block.code for block in iteration.blocks)


def _output(iteration: Iteration) -> str:
    pieces = (output.text for block in iteration.blocks for output in block.output)
    return "".join(pieces).removesuffix("\n")


def _reply(call: SubCall) -> str:
    error = call.result.error if call.result else None
    return f"{error.kind}: {error.message}" if error else call.reply


def _texts(before: str, after: str) -> Iterator[Row]:
    if before == after:
        yield Row("the same" if before else "none", "dim")
        return
    old = before.split("\n")[:_MOST_LINES] if before else []
    new = after.split("\n")[:_MOST_LINES] if after else []
    groups = difflib.SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(_CONTEXT)
    for number, group in enumerate(groups):
        if number:
            yield Row("…", "dim")
        for kind, old_start, old_end, start, end in group:
            if kind == "equal":
                yield from (Row(line, "", "  ") for line in new[start:end])
                continue
            yield from (Row(line, "error", "- ") for line in old[old_start:old_end])
            yield from (Row(line, "ok", "+ ") for line in new[start:end])


def _variables(before: Variables, after: Variables) -> Iterator[Row]:
    has_any = False
    wide = max(map(len, (*before.held, *after.held)), default=0)
    for name in sorted({*before.held, *after.held}):
        old, new = before.held.get(name), after.held.get(name)
        if old is not None and new is not None and old.set_at == new.set_at:
            continue
        has_any = True
        if new is None and old is not None:
            yield Row(f"{name:<{wide}} {old.variable.value}", "dim", "- ")
        elif new is not None:
            was = "" if old is None else f" (was {old.variable.value})"
            sign, meaning = ("+ ", "ok") if old is None else ("~ ", "waiting")
            yield Row(f"{name:<{wide}} {new.variable.value}{was}", meaning, sign)
    if not has_any:
        yield Row("the same" if after.held else "none", "dim")
