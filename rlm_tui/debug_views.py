"""What the debugger without a screen shows of a run, in lines of text.

Text of models and documents is in them as it is; who writes them makes control characters visible.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from rlm_tui.allowances import allowed_by, iterations_used
from rlm_tui.breakpoint import Breakpoint
from rlm_tui.config import is_billed, shown_name
from rlm_tui.events import Message, NodeId, Paused, depth_of, parent_of
from rlm_tui.run_search import RunSearch
from rlm_tui.trajectory import CodeBlock, Iteration, SubCall, Trajectory
from rlm_tui.variables import unread_at, variables_at

_CODE_ROWS = 20
"""Rows of code that are shown at a stop; around the current one where there are more."""

_TEXT_ROWS = 8
"""Rows of a prompt or an answer that are shown at a stop."""

_LONGEST = 160
"""Characters of a row that are shown, of a prompt, a value or an excerpt."""


class Frame(NamedTuple):
    """Something the run is in, or held before."""

    label: str
    text: str
    line: int = 0
    """The current line, where the text is code; 0 when it is not known."""
    is_code: bool = False


def frames(trajectory: Trajectory, held: Paused | None, node: NodeId) -> list[Frame]:
    """What is held, then what it is in, from the inside out; without a stop, the node itself."""
    if held is None:
        return _around(trajectory, node)
    is_code = held.before in {"code block", "line"} or held.before.endswith("code block")
    block = trajectory.nodes.get(node)
    # At a line only that line is told, behind a block nothing; the block has begun.
    code = block.code if isinstance(block, CodeBlock) and is_code else held.text
    frame = Frame(place_of(held, node), code, held.line if is_code else 0, is_code)
    is_call = held.before.endswith("_query") or held.before == "reply"
    return [frame, *_around(trajectory, parent_of(node), held.line if is_call else 0)]


def _around(trajectory: Trajectory, node: NodeId, line: int = 0) -> list[Frame]:
    """A node and what it is in; `line` is the current one of a code block."""
    found: list[Frame] = []
    while node:
        match trajectory.nodes.get(node):
            case CodeBlock() as block:
                where = f", line {line}" if line else ""
                found.append(Frame(f"in code block {node}{where}", block.code, line, is_code=True))
            case SubCall() as call:
                found.append(Frame(f"in {call.kind} {node}", call.prompt))
                line = call.line
            case Iteration() as iteration:
                prompt = iteration.prompt[-1].content if iteration.prompt else ""
                model = f" of {shown_name(iteration.model)}" if iteration.model else ""
                found.append(Frame(f"in iteration {node}{model}", prompt))
            case None:
                pass
        node = parent_of(node)
    return found


def place_of(held: Paused, node: NodeId) -> str:
    """Where a stop is, in words."""
    match held.before:
        case "model request":
            return f"before the model request of iteration {node}"
        case "line":
            return f"before line {held.line} of code block {node}"
        case "reply":
            return f"before the code gets the reply of {node}"
        case "answer":
            return f"before the answer of iteration {node} is taken"
        case before if before.startswith("what follows the "):
            return f"after {before.removeprefix('what follows the ')} {node}"
        case before:
            return f"before {before} {node}"


def price_of(held: Paused) -> str:
    """What happens next and what it costs."""
    if not held.model:
        return "nothing is sent"
    tokens = f"{held.input_tokens:,} tokens to {shown_name(held.model)}"
    if not is_billed(held.model):
        return f"{tokens}, free"
    if held.cost_usd is None:
        return f"{tokens}, price not known"
    return f"{tokens}, about ${held.cost_usd:.4f}"


def stop(trajectory: Trajectory, held: Paused, node: NodeId) -> list[str]:
    """A stop: where, why, at what price, and the text."""
    rows = [f"stopped {place_of(held, node)}" + (f" · {held.reason}" if held.reason else "")]
    rows.append(f"next    {price_of(held)}")
    inner, *outer = frames(trajectory, held, node)
    code = next((frame for frame in outer if frame.is_code), None)
    if not inner.is_code and code is not None and code.line:
        rows += [f"{code.label}:", *code_rows(code.text, code.line, around=2)]
    return rows + frame_rows(inner)


def frame_rows(frame: Frame) -> list[str]:
    """As much of a frame's text as a stop shows."""
    if frame.is_code:
        return code_rows(frame.text, frame.line)
    return text_rows(frame.text)


def code_rows(code: str, line: int = 0, *, around: int = _CODE_ROWS // 2) -> list[str]:
    """Numbered lines around the current one, which is marked; the first ones without it."""
    lines = code.split("\n")
    first = max(line - around, 1)
    last = min(max(line + around, first + 2 * around - 1), len(lines))
    if not line:
        first, last = 1, min(_CODE_ROWS, len(lines))
    rows = numbered(lines, first, last, line)
    left = len(lines) - last
    return [*rows, f"        … {left:,} more lines; `l` shows them"] if left and not line else rows


def numbered(lines: Sequence[str], first: int, last: int, line: int = 0) -> list[str]:
    """Lines with their numbers, from first to last."""
    return [
        f"{'->' if number == line else '':<3}{number:>4}  {lines[number - 1]}".rstrip()
        for number in range(first, min(last, len(lines)) + 1)
    ]


def text_rows(text: str, most: int = _TEXT_ROWS) -> list[str]:
    """The first rows of a text."""
    lines = text.split("\n")
    rows = [f"  | {cut(line)}" for line in lines[:most]]
    left = len(lines) - most
    return [*rows, f"  … {left:,} more lines; `l` shows them"] if left > 0 else rows


def cut(line: str) -> str:
    """A line as far as it is shown."""
    left = len(line) - _LONGEST
    more = "1 more character" if left == 1 else f"{left:,} more characters"
    return f"{line[:_LONGEST]}… ({more})" if left > 0 else line


def variables(trajectory: Trajectory, node: NodeId) -> list[str]:
    """The variables of the REPL that a node belongs to, at its latest code block."""
    known = node
    while known and known not in trajectory.nodes:
        known = parent_of(known)
    inside = trajectory.nodes.get(known)
    now = variables_at(trajectory, inside)
    block = inside if isinstance(inside, CodeBlock) else trajectory.nodes.get(parent_of(known))
    note: list[str] = []
    if isinstance(block, CodeBlock) and block.state == "running":
        note = [f"code block {block.id} still runs; `p` sees what it has set"]
    if not now.held and not now.gone:
        return [*note, "no code block has set a variable yet"]
    width = min(max((len(name) for name in now.held), default=1), 30)
    signs = {"new": "+", "changed": "~", "": " "}
    unread = unread_at(trajectory, inside)
    rows = [
        f"{signs[now.change_of(name)]} {name:<{width}}  {_kind(item.variable)}  "
        f"{cut(item.variable.value)}{'  (never read)' if name in unread else ''}"
        for name, item in sorted(now.held.items())
    ]
    return [*note, *rows, *(f"- {name}" for name in sorted(now.gone))]


def _kind(variable: Any) -> str:
    size = "" if variable.size is None else f"[{variable.size:,}]"
    return f"{variable.type + size:<16}"


def set_at(trajectory: Trajectory, node: NodeId, name: str) -> str:
    """Where a variable was set last."""
    known = node
    while known and known not in trajectory.nodes:
        known = parent_of(known)
    item = variables_at(trajectory, trajectory.nodes.get(known)).held.get(name)
    if item is None:
        return f"no code block has set {name} so far"
    return f"{name} was set last by code block {item.set_at}: {cut(item.variable.value)}"


def breakpoints(items: Sequence[Breakpoint], hits: Mapping[int, int]) -> list[str]:
    """The breakpoints, a line each."""
    if not items:
        return ["no breakpoints; `help b` shows what can be said"]
    return [
        f"{'on' if item.enabled else 'off':<4}{item.number:>3}  {item.spec}  "
        f"hits {hits.get(item.number, 0)}"
        + (f", ignores the first {item.ignore}" if item.ignore else "")
        + (", once" if item.once else "")
        + (f", then {item.action}" if item.action != "pause" else "")
        for item in items
    ]


def limits(trajectory: Trajectory, given: Mapping[str, Any]) -> list[str]:
    """What is used of each limit; `given` are the settings that are not the default."""
    allowed = allowed_by(trajectory, given)
    spent = trajectory.spent
    used: dict[str, float | None] = {
        "iterations": iterations_used(trajectory),
        "sub-calls": trajectory.call_count,
        "tokens": spent.input_tokens + spent.output_tokens,
        "cost": spent.cost_usd if spent.requests else 0.0,
        "time": trajectory.clock.elapsed(trajectory.at),
    }
    return [
        f"{name:<11} {_figure(name, used.get(name)):>10} of {_figure(name, limit, 'no limit')}"
        for name, limit in allowed.items()
    ]


def _figure(name: str, value: float | None, without: str = "unknown") -> str:
    if value is None:
        return without
    match name:
        case "cost":
            return f"${value:,.4f}"
        case "time":
            return f"{value:,.1f} s"
        case _:
            return f"{value:,.0f}"


def prompt(messages: Sequence[Message]) -> list[str]:
    """The messages of a request, whole."""
    rows: list[str] = []
    for message in messages:
        rows.append(f"[{message.role}, {len(message.content):,} characters]")
        rows += [f"  | {line}" for line in message.content.split("\n")]
    return rows


def moment(trajectory: Trajectory, node: NodeId, count: int) -> str:
    """Which event this is, of how many, and what has been spent by then."""
    spent = trajectory.spent
    cost = "" if spent.cost_usd is None else f" · ${spent.cost_usd:.4f}"
    past = "" if trajectory.seq == count else " (past)"
    return (
        f"event {trajectory.seq} of {count}{past} · it {len(trajectory.root.iterations)} · "
        f"depth {depth_of(node)} · {trajectory.at:.1f} s · "
        f"{spent.input_tokens + spent.output_tokens:,} tokens{cost}"
    )


def found(trajectory: Trajectory, pattern: str, where: str) -> list[str]:
    """Where the run holds a pattern, a line each. Raises UsageError."""
    search = RunSearch(trajectory, pattern, where)
    search.go_on()
    rows = [f"{place.node:<8} {place.part:<8} {place.line}" for place in search.found]
    if search.left:
        rows.append(f"… and {search.left:,} more")
    return rows or [f"/{pattern}/ is nowhere in the run so far"]
