"""Which nodes of a trajectory have a row in the tree, in what order, and what the row says.

Rows are sorted by the node's path as numbers, which is the order of the tree, so any row is found
by bisection and adding one costs no more with 50,000 rows than with 50.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from rlm_tui.config import shown_name
from rlm_tui.events import NodeId, parent_of
from rlm_tui.held import Held
from rlm_tui.trajectory import CodeBlock, Iteration, Loop, Node, SubCall, Trajectory
from rlm_tui.ui.widgets import figures

Key: TypeAlias = tuple[int, ...]

LAST = 1 << 60
"""Sorts behind every node of the same parent."""

SIBLINGS_SHOWN = 20
"""Calls of one block that always have a row; behind them only those that are not simply `ok`."""

ROOT: Key = ()
ANSWER: Key = (LAST,)


def key_of(node: NodeId) -> Key:
    """A node's path as numbers."""
    return tuple(map(int, node.split("."))) if node else ROOT


def node_of(key: Key) -> NodeId:
    """The node with that path; for a row that is no node, the one it belongs to."""
    return ".".join(str(part) for part in key if part != LAST)


@dataclass(frozen=True, slots=True)
class Words:
    """What a row says."""

    label: str
    state: str
    """A word, right-aligned."""
    meaning: str
    """The colour of the word: ok, error, running, waiting or dim."""
    figure: str = ""
    """Behind the word: seconds, or money."""


_WORDS = {"running": "run", "waiting": "WAIT", "ok": "ok", "error": "ERR", "stopped": "STOP"}
_MEANINGS = {"stopped": "waiting"}


class TreeRows:
    """The rows of a tree, kept up to date with a trajectory."""

    def __init__(self) -> None:
        self.keys: list[Key] = [ROOT]
        self.is_cut_off = False
        """Whether nothing follows although the run has not finished, so that nothing runs."""
        self._trajectory = Trajectory()
        self._collapsed: set[Key] = set()
        self._unfolded: set[Key] = set()
        """Blocks all of whose calls have rows."""
        self._held: Held | None = None
        self._held_key: Key | None = None

    def rebuild(self, trajectory: Trajectory) -> None:
        """Show another trajectory, or the same one at another place."""
        self._trajectory = trajectory
        self.keys = [ROOT]
        if ROOT not in self._collapsed:
            self.keys.extend(self._keys_of_loop(trajectory.root))
            if trajectory.root.answer is not None:
                self.keys.append(ANSWER)
        if self._held_key is not None:
            self._put(self._held_key, self._is_shown(self._held_key))

    def hold(self, held: Held | None) -> None:
        """Mark what comes next; a node that has not started gets a row."""
        before, self._held = self._held_key, held
        self._held_key = key_of(held.node) if held is not None and held.node else None
        for key in (before, self._held_key):
            if key is not None:
                self._put(key, self._is_shown(key))

    @property
    def held_key(self) -> Key | None:
        """The row of what comes next, or the one that it is hidden below; None for nothing."""
        key = self._held_key
        return None if key is None else self.keys[self._visible_index(key)]

    def _visible_index(self, key: Key) -> int:
        while key and (index := self.index(key)) and self.keys[index] != key:
            key = key[:-1]
        return self.index(key)

    def update(self, trajectory: Trajectory, changed: Iterable[NodeId]) -> bool:
        """Bring the rows of some nodes up to date; whether rows came or went."""
        if trajectory is not self._trajectory:
            self.rebuild(trajectory)
            return True
        before = len(self.keys)
        has_moved = False
        for node in changed:
            key = key_of(node)
            shown = self._is_shown(key)
            has_moved |= self._put(key, shown)
            if len(key) % 3 == 0 and key:
                self._put((*key[:-1], LAST), self._hidden_calls(key[:-1]) > 0)
            elif len(key) % 3 == 2 and key[-1] == 2:  # noqa: PLR2004 - a second block names the first
                has_moved |= self._put((*key[:-1], 1), self._is_shown((*key[:-1], 1)))
            if not key or len(key) == 1:
                self._put(
                    ANSWER, trajectory.root.answer is not None and ROOT not in self._collapsed
                )
        return has_moved or len(self.keys) != before

    def _put(self, key: Key, shown: bool) -> bool:  # noqa: FBT001 - a fact about the key
        index = bisect_left(self.keys, key)
        is_there = index < len(self.keys) and self.keys[index] == key
        if shown and not is_there:
            self.keys.insert(index, key)
        elif is_there and not shown:
            is_block = len(key) % 3 == 2 and key[-1] != LAST  # noqa: PLR2004 - their level
            # What is below a row goes with it, but not the calls of a block that is the only one.
            behind = (*key, 0) if is_block else (*key[:-1], key[-1] + 1)
            del self.keys[index : bisect_left(self.keys, behind)]
        return shown != is_there

    def _is_shown(self, key: Key) -> bool:
        if not key:
            return True
        if any(key[:length] in self._collapsed for length in range(len(key))):
            return False
        if not all(self._is_spoken_of(key[:length]) for length in range(3, len(key), 3)):
            return False
        node = self._trajectory.nodes.get(node_of(key))
        match node:
            case CodeBlock():
                return len(self._siblings(node)) > 1
            case SubCall():
                return self._is_spoken_of(key)
            case Iteration():
                return True
            case None:
                return key == self._held_key

    def _is_spoken_of(self, call: Key) -> bool:
        """Whether a sub-call is not one of the many that are simply `ok`."""
        if call[-1] <= SIBLINGS_SHOWN or call[:-1] in self._unfolded:
            return True
        node = self._trajectory.nodes.get(node_of(call))
        return isinstance(node, SubCall) and node.state != "ok"

    def _siblings(self, block: CodeBlock) -> list[CodeBlock]:
        iteration = self._trajectory.nodes.get(parent_of(block.id))
        return iteration.blocks if isinstance(iteration, Iteration) else [block]

    def _keys_of_loop(self, loop: Loop) -> Iterable[Key]:
        for iteration in loop.iterations:
            key = key_of(iteration.id)
            yield key
            if key in self._collapsed:
                continue
            for block in iteration.blocks:
                block_key = key_of(block.id)
                if len(iteration.blocks) > 1:
                    yield block_key
                if block_key not in self._collapsed:
                    yield from self._keys_of_calls(block, block_key)

    def _keys_of_calls(self, block: CodeBlock, block_key: Key) -> Iterable[Key]:
        for call in sorted(block.calls, key=lambda call: key_of(call.id)):
            key = key_of(call.id)
            if self._is_shown(key):
                yield key
                if call.loop is not None and key not in self._collapsed:
                    yield from self._keys_of_loop(call.loop)
        if self._hidden_calls(block_key):
            yield (*block_key, LAST)

    def _hidden_calls(self, block_key: Key) -> int:
        """How many calls of a block have no row because they are simply `ok`."""
        block = self._trajectory.nodes.get(node_of(block_key))
        if not isinstance(block, CodeBlock) or block_key in self._unfolded:
            return 0
        if len(block.calls) <= SIBLINGS_SHOWN:
            return 0
        if any(block_key[:length] in self._collapsed for length in range(len(block_key) + 1)):
            return 0
        nodes = self._trajectory.nodes
        first = (nodes.get(f"{block.id}.{number}") for number in range(1, SIBLINGS_SHOWN + 1))
        return block.finished_ok - sum(call is not None and call.state == "ok" for call in first)

    # Folding

    def has_children(self, key: Key) -> bool:
        """Whether a row can be collapsed or expanded."""
        if not key:
            return bool(self._trajectory.root.iterations)
        if key[-1] == LAST:
            return False
        node = self._trajectory.nodes.get(node_of(key))
        match node:
            case Iteration():
                return len(node.blocks) > 1 or any(block.calls for block in node.blocks)
            case CodeBlock():
                return bool(node.calls)
            case SubCall():
                return node.loop is not None
            case None:
                return False

    def is_collapsed(self, key: Key) -> bool:
        """Whether a row hides what is below it."""
        return key in self._collapsed

    def set_collapsed(self, key: Key, *, collapsed: bool) -> None:
        """Hide or show what is below a row."""
        if key and key[-1] == LAST:
            self.unfold(node_of(key))
        elif collapsed:
            self._collapsed.add(key)
        else:
            self._collapsed.discard(key)
        self.rebuild(self._trajectory)

    def unfold(self, block: NodeId) -> None:
        """Give every call of a code block a row."""
        self._unfolded.add(key_of(block))

    def collapse_all(self, *, collapsed: bool) -> None:
        """Hide or show what is below every iteration."""
        self._collapsed.clear()
        if collapsed:
            self._collapsed.update(
                key_of(name)
                for name, node in self._trajectory.nodes.items()
                if isinstance(node, Iteration)
            )
        self.rebuild(self._trajectory)

    def index(self, key: Key) -> int:
        """Where a row is, or the one it would come behind."""
        index = bisect_left(self.keys, key)
        if index < len(self.keys) and self.keys[index] == key:
            return index
        return max(index - 1, 0)

    def level(self, key: Key) -> int:
        """How far a row is indented; blocks without a row of their own take no room."""
        if not key or key == ANSWER:
            return 1 if key else 0
        level = 0
        for length in range(1, len(key) + 1):
            if length % 3 == 2:  # noqa: PLR2004 - the level of code blocks
                block = self._trajectory.nodes.get(node_of(key[:length]))
                level += not isinstance(block, CodeBlock) or len(self._siblings(block)) > 1
            else:
                level += 1
        return level

    # Words

    def words(self, key: Key, now: float) -> Words:
        """What a row says; `now` is the run's time, for what still runs."""
        if not key:
            return self._root_words()
        if key == ANSWER:
            answer = self._trajectory.root.answer
            text = answer.answer if answer else ""
            return Words(f"= {_first_line(text) or '(empty)'}", "", "ok")
        if key[-1] == LAST:
            return Words(f"{self._hidden_calls(key[:-1])} more ok", "", "dim")
        node = self._trajectory.nodes.get(node_of(key))
        if node is None:
            return Words(_held_label(self._held), "NEXT", "waiting")
        label = self._bracket(node) + _label(node)
        if (held := self._held_word(key)) and (node.ended is None or held == "NEXT"):
            return Words(label, held, "waiting")
        state = "stopped" if node.ended is None and self.is_cut_off else node.state
        took = figures.seconds((node.ended if node.ended is not None else now) - node.started)
        return Words(label, _WORDS[state], _MEANINGS.get(state, state), took)

    def _bracket(self, node: Node) -> str:
        """What holds the calls of a batch together."""
        if not isinstance(node, SubCall) or node.batch is None:
            return ""
        block, _, number = node.id.rpartition(".")
        behind = self._trajectory.nodes.get(f"{block}.{int(number) + 1}")
        goes_on = isinstance(behind, SubCall) and behind.batch == node.batch + 1
        if node.batch:
            return "│" if goes_on else "└"
        return "┌" if goes_on else ""

    def _held_word(self, key: Key) -> str:
        """`NEXT` for what comes next, `PAUSE` for what that is a part of."""
        held = self._held_key
        if held is None or held[: len(key)] != key:
            return ""
        if self._held is None or key == self.held_key:
            return "" if self._held is None or self._held.is_over else "NEXT"
        return "" if self._held.is_recorded else "PAUSE"

    def _root_words(self) -> Words:
        trajectory = self._trajectory
        iterations = trajectory.root.iterations
        model = next((i.model for i in iterations if i.model), "")
        label = f"root {shown_name(model)}" if model else "root"
        return Words(label, "", "dim", figures.cost(trajectory.spent, model) if model else "")


def _label(node: Node) -> str:
    match node:
        case Iteration():
            code = _first_line(node.blocks[0].code) if node.blocks else ""
            kind = "" if node.kind == "loop" else f" {node.kind}"
            said = code or (f"{node.answer.form}" if node.answer else _first_line(node.reply))
            return f"it {node.number}{kind} {said}".rstrip()
        case CodeBlock():
            return f"code {node.id.rpartition('.')[2]} {_first_line(node.code)}"
        case SubCall():
            number = node.id.rpartition(".")[2]
            kind = "rlm" if node.kind == "rlm_query" else "llm"
            usage = node.result.usage if node.result else None
            if usage is not None and _is_by_hand(node):
                return f"#{number} {kind} by you"
            sent = figures.tokens(usage.input_tokens if usage else node.input_tokens)
            got = figures.tokens(usage.output_tokens) if usage else "?"
            return f"#{number} {kind} {sent}>{got}"


def _is_by_hand(call: SubCall) -> bool:
    """Whether the user answered or failed a call, so that no model was asked."""
    result = call.result
    if result is None or result.usage.requests or result.cached:
        return False
    return call.loop is None or not call.loop.iterations


def _held_label(held: Held | None) -> str:
    """The words of what has not started."""
    if held is None:
        return ""
    number, next_one = held.node.rpartition(".")[2], held.next
    if not held.is_call:
        return f"code {number} {_first_line(next_one.text)}"
    kind = "rlm" if next_one.before == "rlm_query" else "llm"
    return f"#{number} {kind} {figures.tokens(next_one.input_tokens)}>?"


def _first_line(text: str) -> str:
    """The first line that says something: a comment without its sign, no import, no fence."""
    fallback = ""
    for line in text[:2_000].splitlines():
        said = line.strip().lstrip("#").strip()
        if said and not said.startswith(("import ", "from ", "```")):
            return said
        fallback = fallback or said
    return fallback
