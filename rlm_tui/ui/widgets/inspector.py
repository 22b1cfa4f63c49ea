"""The inspector: what the selected node is made of, as code, exact prompt or answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import ClassVar, Literal, NamedTuple

from rich.segment import Segment
from textual.binding import BindingType
from textual.events import Resize
from textual.message import Message
from textual.strip import Strip

from rlm_tui.events import Message as ChatMessage
from rlm_tui.events import NodeId, parent_of
from rlm_tui.trajectory import CodeBlock, Iteration, Node, SubCall, Trajectory
from rlm_tui.ui import keymap
from rlm_tui.ui.widgets import figures
from rlm_tui.ui.widgets.highlighting import Span, python_spans
from rlm_tui.ui.widgets.lines import LineView, drawable
from rlm_tui.ui.widgets.wrapping import left_out, spans_of
from rlm_tui.variables import Change, Variables, variables_at

Tab = Literal["code", "prompt", "answer", "variables"]

_TABS: tuple[tuple[Tab, str], ...] = (
    ("code", "Code"),
    ("prompt", "i Prompt"),
    ("answer", "r Answer"),
    ("variables", "v Vars"),
)
_MOST_ROWS = 10_000
"""Rows that are shown of one text; a session holds all of it."""


class _Row(NamedTuple):
    text: str
    meaning: str = ""
    """The style of the text; empty for plain."""
    number: str = ""
    """What stands in the gutter."""
    spans: tuple[Span, ...] = ()
    """Parts of the text with a meaning of their own."""


class Inspector(LineView):
    """The inspector pane."""

    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(keymap.TEXT)]

    class TabChosen(Message):
        """Another tab is shown."""

        def __init__(self, tab: Tab) -> None:
            super().__init__()
            self.tab: Tab = tab

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.tab: Tab = "code"
        self._trajectory = Trajectory()
        self._node: NodeId = ""
        self._is_answer = False
        self._rows: list[_Row] = []
        self._width = 0

    def show(self, trajectory: Trajectory, node: NodeId, *, is_answer: bool = False) -> None:
        """Show a node from its beginning; the answer row shows the run's answer."""
        is_same = node == self._node and is_answer == self._is_answer
        self._trajectory, self._node, self._is_answer = trajectory, node, is_answer
        if not is_same:
            self.scroll_home(animate=False, immediate=True)
        self._compose_rows()

    def update(self, trajectory: Trajectory, changed: Iterable[NodeId]) -> None:
        """The run went on; draw anew what concerns the node."""
        self._trajectory = trajectory
        shown = self._node
        if any(node == shown or parent_of(node) == shown or not shown for node in changed):
            self._compose_rows()

    def choose(self, tab: Tab) -> None:
        """Show another tab."""
        if tab != self.tab:
            self.tab = tab
            self.scroll_home(animate=False, immediate=True)
            self._compose_rows()
            self.post_message(self.TabChosen(tab))

    def on_resize(self, _event: Resize) -> None:
        """Break the lines anew."""
        width = self.scrollable_content_region.width
        if width != self._width:
            self._width = width
            self._compose_rows()

    @property
    def title(self) -> str:
        """The tabs, the chosen one in brackets."""
        return "  ".join(f"[{word}]" if tab == self.tab else word for tab, word in _TABS)

    # What is shown

    def _compose_rows(self) -> None:
        if not self._width:
            return
        rows: list[_Row] = []
        for row in self._content():
            gutter, text = len(row.number), drawable(row.text)
            for start, end in spans_of(text, self._width - gutter):
                number = " " * gutter if start else row.number
                rows.append(_Row(text[start:end], row.meaning, number, _within(row, start, end)))
            if more := left_out(text):
                rows.append(_Row(more, "dim", " " * gutter))
            if len(rows) > _MOST_ROWS:
                rows.append(_Row("… the rest is in the session file", "dim"))
                break
        self._rows = rows
        self.set_rows(len(rows))
        self.refresh()

    def _content(self) -> Iterator[_Row]:
        if not self._trajectory.seq:
            yield _Row("Select a node of the run to see its code, prompt and answer.", "dim")
        elif self._is_answer or not self._node:
            if self.tab == "variables":
                yield from _variable_rows(variables_at(self._trajectory, None))
            else:
                yield from self._run_rows()
        else:
            node = self._trajectory.nodes.get(self._node)
            if self.tab == "variables" and node is not None:
                yield from _variable_rows(variables_at(self._trajectory, node))
            elif node is None:
                yield _Row("This node comes later in the run.", "dim")
            elif self.tab == "code":
                yield from self._code_rows(node)
            elif self.tab == "prompt":
                yield from _prompt_rows(node, self._trajectory)
            else:
                yield from _reply_rows(node)

    def _run_rows(self) -> Iterator[_Row]:
        trajectory = self._trajectory
        answer = trajectory.root.answer
        finished = trajectory.finished
        if answer is not None:
            given = f" from {answer.variable}" if answer.variable else ""
            yield _rule(f"answer · {answer.form}{given}", self._width)
            yield from _text_rows(answer.answer or "(empty)")
        elif finished is None:
            yield _Row("No answer yet.", "dim")
        if finished is not None:
            if answer is None:
                why = finished.error.message if finished.error else finished.outcome
                yield _Row(f"No answer: {why}.", "error")
            elif finished.outcome == "forced" and finished.error:
                yield _Row("")
                yield _Row(f"Forced: {finished.error.message}.", "waiting")
            if finished.partial:
                yield _rule("variables that may hold a part of it", self._width)
                for name, value in finished.partial.items():
                    yield _Row(f"{name} = {value}")

    def _code_rows(self, node: Node) -> Iterator[_Row]:
        match node:
            case Iteration():
                for block in node.blocks:
                    if len(node.blocks) > 1:
                        yield _rule(f"code {block.id}", self._width)
                    yield from self._block_rows(block)
                if not node.blocks:
                    yield _Row(
                        "No code in this iteration." if node.response else "Streaming …", "dim"
                    )
                    yield from _text_rows(node.reply, "model")
                if node.error is not None:
                    yield _Row(node.error.message, "error")
                for fault in node.faults:
                    yield _rule(f"told to the model: {fault.fault.replace('_', ' ')}", self._width)
                    yield from _text_rows(fault.observation)
            case CodeBlock():
                yield from self._block_rows(node)
            case SubCall():
                block = self._trajectory.block(parent_of(node.id))
                yield from _code_lines(block, marked=node.line)

    def _block_rows(self, block: CodeBlock) -> Iterator[_Row]:
        yield from _code_lines(block)
        if block.output or block.outcome:
            yield _rule("output", self._width)
        for stream, pieces in groupby(block.output, lambda output: output.stream):
            text = "".join(piece.text for piece in pieces).removesuffix("\n")
            yield from _text_rows(text, "error" if stream == "stderr" else "")
        if block.dropped_chars:
            yield _Row(f"{block.dropped_chars:,} more characters were not kept", "waiting")
        if block.outcome in {"interrupted", "killed"}:
            yield _Row(f"{block.outcome}: {block.error}", "waiting")

    # Drawing

    def strip_at(self, row: int, width: int) -> Strip:  # noqa: ARG002 - rows fit already
        """One row."""
        shown = self._rows[row]
        plain = self.style(shown.meaning)
        parts = [Segment(shown.number, self.style("dim"))] if shown.number else []
        at = 0
        for span in shown.spans:
            parts.append(Segment(shown.text[at : span.start], plain))
            parts.append(Segment(shown.text[span.start : span.end], self.style(span.meaning)))
            at = span.end
        parts.append(Segment(shown.text[at:], plain))
        return Strip(part for part in parts if part.text)


def _within(row: _Row, start: int, end: int) -> tuple[Span, ...]:
    """The spans of a line as they fall into one of its rows."""
    return tuple(
        Span(max(span.start, start) - start, min(span.end, end) - start, span.meaning)
        for span in row.spans
        if span.start < end and span.end > start
    )


def _rule(text: str, width: int) -> _Row:
    line = f"── {text} "
    return _Row(line + "─" * max(width - len(line), 0), "dim")


def _text_rows(text: str, meaning: str = "") -> Iterator[_Row]:
    for line in text.split("\n"):
        yield _Row(line, meaning)


def _code_lines(block: CodeBlock, marked: int = 0) -> Iterator[_Row]:
    lines = [drawable(line) for line in block.code.split("\n")]
    spans = python_spans("\n".join(lines))
    wide = max(len(str(len(lines))), 2)
    for number, line in enumerate(lines, 1):
        gutter = f"{number:>{wide}}{'►' if number == marked else ' '} "
        yield _Row(line, "strong" if number == marked else "", gutter, spans[number - 1])


def _prompt_rows(node: Node, trajectory: Trajectory) -> Iterator[_Row]:
    match node:
        case Iteration():
            yield _Row(f"to {node.model} · {_tokens(node)} tokens", "dim")
            for message in node.prompt:
                yield from _message_rows(message)
        case CodeBlock():
            iteration = trajectory.iteration(parent_of(node.id))
            yield from _prompt_rows(iteration, trajectory)
        case SubCall():
            yield _Row(f"to {node.model} · {_tokens(node)} tokens", "dim")
            yield from _text_rows(node.prompt)


def _variable_rows(variables: Variables) -> Iterator[_Row]:
    if not variables.held and not variables.gone:
        yield _Row("No variables yet.", "dim")
        return
    marks: dict[Change, tuple[str, str]] = {
        "new": ("+ ", "ok"),
        "changed": ("~ ", "waiting"),
        "": ("  ", ""),
    }
    wide = max(map(len, variables.held), default=0)
    for name, held in sorted(variables.held.items()):
        mark, meaning = marks[variables.change_of(name)]
        variable = held.variable
        size = "" if variable.size is None else f"[{variable.size:,}]"
        yield _Row(f"{name:<{wide}} {variable.type}{size} {variable.value}", meaning, mark)
    for name in sorted(variables.gone):
        yield _Row(name, "dim", "- ")


def _message_rows(message: ChatMessage) -> Iterator[_Row]:
    yield _Row("")
    yield _Row(f"{message.role}", "strong")
    yield from _text_rows(message.content)


def _tokens(node: Iteration | SubCall) -> str:
    usage = node.response.usage if isinstance(node, Iteration) and node.response else None
    if isinstance(node, SubCall) and node.result:
        usage = node.result.usage
    if usage is None:
        return f"about {node.input_tokens:,}"
    return f"{usage.input_tokens:,}" + (" (counted here)" if usage.counted else "")


def _reply_rows(node: Node) -> Iterator[_Row]:
    match node:
        case Iteration():
            if node.error is not None:
                yield _Row(node.error.message, "error")
            reasoning = "".join(node.reasoning) if not node.response else node.response.reasoning
            if reasoning:
                yield from _text_rows(reasoning, "dim")
                yield _Row("")
            yield from _text_rows(node.reply or "Nothing yet.", "" if node.reply else "dim")
        case CodeBlock():
            yield _Row(node.error or "A code block has no answer of its own.", "dim")
        case SubCall():
            result = node.result
            if result is not None:
                tokens = figures.tokens(result.usage.output_tokens)
                retries = f" · {result.retries} retries" if result.retries else ""
                cached = " · from the cache" if result.cached else ""
                yield _Row(f"{tokens} tokens · {result.elapsed:.1f} s{retries}{cached}", "dim")
                if result.error is not None:
                    yield _Row(f"{result.error.kind}: {result.error.message}", "error")
            if node.retry is not None:
                yield _Row(
                    f"waits for attempt {node.retry.attempt}: {node.retry.error.message}", "waiting"
                )
            yield from _text_rows(node.reply or ("" if result else "Nothing yet."))
