"""The variables of a loop's REPL after a code block, folded from what each block left different."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from rlm_tui.code_reading import names_read
from rlm_tui.events import NodeId, Variable, VariablesChanged, depth_of, parent_of
from rlm_tui.trajectory import CodeBlock, Iteration, Loop, Node, SubCall, Trajectory

Change = Literal["new", "changed", ""]


@dataclass(frozen=True, slots=True)
class Held:
    """A variable, and the code block that last set or changed it."""

    variable: Variable
    set_at: NodeId


@dataclass(slots=True)
class Variables:
    """Those of one REPL at one moment."""

    after: NodeId = ""
    """The code block at whose end this is; empty before the first."""
    held: dict[str, Held] = field(default_factory=dict[str, Held])
    gone: list[str] = field(default_factory=list[str])
    """Those that this block deleted."""
    new: frozenset[str] = frozenset()
    """Those that this block was the first to set."""

    def change_of(self, name: str) -> Change:
        """What this block did to a variable that is there."""
        if self.held[name].set_at != self.after:
            return ""
        return "new" if name in self.new else "changed"


def variables_at(trajectory: Trajectory, node: Node | None) -> Variables:
    """The variables of a node's REPL at its end, or as far as is known by now.

    For None, those of the root at the end of the run so far. While a code block runs they are those
    before it.
    """
    if isinstance(node, SubCall):
        node = trajectory.block(parent_of(node.id))
    last = None
    if node is not None:
        last = node if isinstance(node, Iteration) else trajectory.iteration(parent_of(node.id))
    loop = _loop_of(trajectory, node)
    now = Variables()
    at_end: dict[NodeId | None, dict[str, Held]] = {None: {}}
    for iteration in loop.iterations:
        replaced = dict(iteration.replaced)
        for count, block in enumerate([None, *iteration.blocks]):
            if block is not None and block.state != "running":
                now = _after(now, block)
                at_end[block.id] = now.held
            if block is not None and block is node:
                return now
            if count in replaced:
                now = Variables(now.after, at_end.get(replaced[count], {}))
        if iteration is last:
            break
    return now


def unread_at(trajectory: Trajectory, node: Node | None) -> frozenset[str]:
    """The variables of a node's REPL that no code of its loop has read so far."""
    loop = _loop_of(trajectory, node)
    read = {
        name
        for iteration in loop.iterations
        for block in iteration.blocks
        for name in names_read(block.code)
    }
    if loop.answer is not None and loop.answer.variable:
        read.add(loop.answer.variable)
    return frozenset(variables_at(trajectory, None if node is None else node).held.keys() - read)


def history_of(trajectory: Trajectory, name: str) -> list[tuple[NodeId, Variable]]:
    """What a variable of the root's REPL became, and by which code block."""
    return [
        (block.id, variable)
        for iteration in trajectory.root.iterations
        for block in iteration.blocks
        if block.changes is not None
        for variable in (*block.changes.new, *block.changes.changed)
        if variable.name == name
    ]


def candidates(names: Iterable[str]) -> list[str]:
    """Those that sound like an answer, or all of them when none does."""
    telling = ("answer", "result", "final", "found", "summary", "total", "count")
    all_of_them = list(names)
    likely = [name for name in all_of_them if any(word in name.lower() for word in telling)]
    return likely or all_of_them


def merged(
    first: VariablesChanged | None, then: VariablesChanged | None
) -> VariablesChanged | None:
    """Two changes, one after the other, as one."""
    if first is None or then is None:
        return then or first
    known = {variable.name for variable in first.new}
    later = {variable.name: variable for variable in (*then.new, *then.changed)}
    new = [later.pop(v.name, v) for v in first.new if v.name not in then.gone]
    new += [later.pop(v.name) for v in then.new if v.name in later and v.name not in first.gone]
    changed = [later.pop(v.name, v) for v in first.changed if v.name not in then.gone]
    changed += list(later.values())
    gone = [name for name in first.gone if name not in {v.name for v in (*new, *changed)}]
    return VariablesChanged(new, changed, [*gone, *(n for n in then.gone if n not in known)])


def _loop_of(trajectory: Trajectory, node: Node | None) -> Loop:
    """The loop whose code a node is, or has made."""
    if node is None:
        return trajectory.root
    name = ".".join(node.id.split(".")[: 3 * depth_of(node.id) + 1])
    return trajectory.loop_of(name)


def _after(before: Variables, block: CodeBlock) -> Variables:
    changes = block.changes or VariablesChanged()
    held = {name: kept for name, kept in before.held.items() if name not in changes.gone}
    for variable in (*changes.new, *changes.changed):
        held[variable.name] = Held(variable, block.id)
    new = frozenset(variable.name for variable in changes.new)
    return Variables(block.id, held, changes.gone, new)
