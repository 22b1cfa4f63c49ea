"""The streaming console: what the model writes, what its code prints, in the order it happens.

Text is appended to a list; rows are made from it when they are drawn, so a flood of tokens costs
what is on screen. Each row starts with a mark that says whose text it is, beside the colour.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from rich.segment import Segment
from textual.binding import BindingType
from textual.events import Resize
from textual.strip import Strip

from rlm_tui.events import (
    AnswerProposed,
    CodeFinished,
    CodeStarted,
    IterationStarted,
    LimitReached,
    ModelDelta,
    ModelFailed,
    ModelResponded,
    NodeId,
    Paused,
    Record,
    ReplOutput,
    ReplReplaced,
    ReplyRejected,
    RetryScheduled,
    RunFinished,
    depth_of,
)
from rlm_tui.held import Held
from rlm_tui.ui import keymap
from rlm_tui.ui.widgets.lines import LineView, drawable
from rlm_tui.ui.widgets.wrapping import left_out, rows_of

Voice = Literal["title", "model", "fenced", "reasoning", "code", "stdout", "stderr", "remark"]
"""Whose text a line is; `fenced` is code that the model writes."""

KEPT_LINES = 20_000
"""Lines that are kept; older ones are in the session file."""

_MARKS: dict[Voice, tuple[str, str]] = {
    "title": ("", "strong"),
    "model": ("▏ ", "model"),
    "fenced": ("▏ ", "code"),
    "reasoning": ("· ", "dim"),
    "code": ("▶ ", "code"),
    "stdout": ("  ", ""),
    "stderr": ("! ", "error"),
    "remark": ("* ", "waiting"),
}


_EMPTY = "ctrl+n asks a question about the document."


@dataclass(slots=True)
class _Line:
    """A line of text, as long as it is; its rows follow from the width."""

    voice: Voice
    pieces: list[str]
    seq: int
    """The event it began with."""
    rows: list[str] = field(default_factory=list[str])

    def wrapped(self, width: int) -> list[str]:
        if not self.rows:
            text = drawable("".join(self.pieces))
            self.rows = list(rows_of(text, width))
            if more := left_out(text):
                self.rows.append(more)
        return self.rows


class Console(LineView):
    """The console pane."""

    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(keymap.TEXT)]

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._lines: list[_Line] = []
        self._starts: list[int] = [0]
        """The row at which each line starts, and one more."""
        self._measured = 0
        """How many lines have their rows counted."""
        self._open: tuple[Voice, NodeId] | None = None
        """Whose text the last line is, while that may go on."""
        self._fenced: set[NodeId] = set()
        """Iterations whose reply is inside a fence."""
        self._streamed: set[NodeId] = set()
        """Iterations whose reply has begun to arrive in pieces."""
        self._width = 0
        self._is_dirty = False
        self._is_live = False
        """Whether a run goes on, which will have something to say."""
        self._follows = True
        """Whether new text scrolls into view; not while the reader looks at older text."""
        self._scrolls_itself = False
        self._place: tuple[_Line, int] | None = None
        """The line and its row to have on top again once the rows are counted anew."""

    # Taking events in

    def await_rows(self, *, is_live: bool) -> None:
        """Say whether a run goes on, which will have rows."""
        if is_live != self._is_live:
            self._is_live = is_live
            self.refresh()

    def clear(self) -> None:
        """Forget everything: the run is shown at another place."""
        self._lines.clear()
        self._forget_rows()
        self._open = None
        self._follows = True
        self._place = None
        self._streamed.clear()
        self._fenced.clear()
        self.refresh_rows()

    def add(self, records: Iterable[Record]) -> None:
        """Take in what happened; drawn with the next frame."""
        for record in records:
            self._add(record)
        if len(self._lines) > KEPT_LINES + KEPT_LINES // 4:
            self._drop_oldest()
        if not self._is_dirty:
            self._is_dirty = True
            self.call_after_refresh(self.refresh_rows)

    def _drop_oldest(self) -> None:
        """Keep the newest lines, and say where the others are."""
        self._note_place()
        gone = len(self._lines) - KEPT_LINES
        seq = self._lines[gone - 1].seq
        self._lines[:gone] = [_Line("remark", ["older output is in the session file"], seq)]
        self._forget_places()

    def _add(self, record: Record) -> None:
        node, event, seq = record.node, record.event, record.seq
        depth = depth_of(node)
        match event:
            case ReplOutput():
                self._stream(event.stream, event.text, node, seq)
            case ModelDelta():
                if node.count(".") % 3 == 0:
                    voice: Voice = "reasoning" if event.reasoning else "model"
                    if voice == "model":
                        self._streamed.add(node)
                    self._stream(voice, event.text, node, seq)
            case ModelResponded():
                if node not in self._streamed:
                    self._stream("model", event.text, node, seq)
            case IterationStarted():
                below = f" · depth {depth} · {node}" if depth else ""
                kind = "" if event.kind == "loop" else f" · {event.kind}"
                self._say("title", f"── it {event.number}{kind}{below} ", seq)
            case CodeStarted():
                self._say("code", f"code {node}", seq)
            case CodeFinished() if event.outcome not in {"ok", "error"}:
                self._say("remark", f"{event.outcome}: {event.error}", seq)
            case ReplReplaced():
                state = "as after block " + event.checkpoint if event.checkpoint else "gone"
                self._say("remark", f"the REPL was restarted; its variables are {state}", seq)
            case ReplyRejected():
                self._say(
                    "remark", f"reply {event.fault.replace('_', ' ')}; the model is told", seq
                )
            case RetryScheduled():
                self._streamed.discard(node)
                self._fenced.discard(node)
                wait = f"attempt {event.attempt} in {event.wait:.1f} s"
                self._say("remark", f"{node}: {event.error.message}; {wait}", seq)
            case ModelFailed():
                self._say("stderr", event.error.message, seq)
            case AnswerProposed():
                self._say("title", f"── answer · {event.form} ", seq)
                self._stream("stdout", event.answer, node, seq)
            case LimitReached():
                self._say("remark", f"limit reached: {event.limit}", seq)
            case Paused():
                self._say("remark", f"paused {Held(node, event).where}", seq)
            case RunFinished() if event.error is not None:
                self._say("remark", f"{event.outcome}: {event.error.message}", seq)
            case _:
                pass

    def _say(self, voice: Voice, text: str, seq: int) -> None:
        self._open = None
        self._lines.append(_Line(voice, [text], seq))

    def _stream(self, voice: Voice, text: str, node: NodeId, seq: int) -> None:
        """Go on with the text of a voice, on the last line if that is its own."""
        if not text:
            return
        first, *more = text.split("\n")
        if self._open == (voice, node):
            self._lines[-1].pieces.append(first)
            self._touch_last()
        else:
            self._lines.append(_Line(self._voice(voice, node), [first], seq))
            self._open = (voice, node)
        for line in more:
            if voice == "model":
                self._note_fence(node, self._lines[-1])
            self._lines.append(_Line(self._voice(voice, node), [line], seq))
        if more and not more[-1] and len(self._lines) > 1:
            # A text that ends in a newline leaves an empty line open; it is shown once it has text.
            self._lines.pop()
            self._open = None

    def _note_fence(self, node: NodeId, ended: _Line) -> None:
        """Note whether a line of the model's that is complete now begins or ends a fence."""
        if "".join(ended.pieces).lstrip().startswith("```"):
            ended.voice = "model"
            ended.rows = []
            self._fenced ^= {node}

    def _voice(self, voice: Voice, node: NodeId) -> Voice:
        return "fenced" if voice == "model" and node in self._fenced else voice

    def _touch_last(self) -> None:
        self._lines[-1].rows = []
        self._measured = min(self._measured, len(self._lines) - 1)
        del self._starts[self._measured + 1 :]

    # Drawing

    def _note_place(self) -> None:
        """Remember what the reader looks at, before the rows are forgotten."""
        row = self.scroll_offset.y
        index = bisect_right(self._starts, row) - 1
        if not self._follows and self._place is None and index < self._measured:
            self._place = self._lines[index], row - self._starts[index]

    def _forget_rows(self) -> None:
        for line in self._lines:
            line.rows = []
        self._forget_places()

    def _forget_places(self) -> None:
        """Count the rows anew; the lines keep theirs."""
        self._measured = 0
        self._starts = [0]

    def on_resize(self, _event: Resize) -> None:
        """Break the lines anew."""
        width = self.scrollable_content_region.width
        if width != self._width:
            self._note_place()
            self._width = width
            self._forget_rows()
            self.refresh_rows()

    def refresh_rows(self) -> None:
        """Count the rows of what is new, and stay at the end if that is where the reader is."""
        self._is_dirty = False
        if not self._width:
            return
        first_new = self._measured
        for line in self._lines[first_new:]:
            rows = len(line.wrapped(self._width - 2))
            self._starts.append(self._starts[-1] + rows)
        self._measured = len(self._lines)
        self._scrolls_itself = True
        self.set_rows(self._starts[-1])
        if self._follows or self._place is not None:
            top = self.max_scroll_y if self._follows else self._row_of_place()
            self.scroll_to(y=top, animate=False, immediate=True, force=True)
        self._place = None
        self._scrolls_itself = False
        self.refresh()

    def _row_of_place(self) -> int:
        """The row that was on top; the first one if its line is not kept any more."""
        if self._place is None:
            return self.scroll_offset.y
        noted, offset = self._place
        index = next((i for i, line in enumerate(self._lines) if line is noted), None)
        if index is None:
            return 0
        return min(self._starts[index] + offset, self._starts[index + 1] - 1)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Follow new text as long as the reader stands at the end."""
        super().watch_scroll_y(old_value, new_value)
        if not self._scrolls_itself:
            self._follows = new_value >= self.max_scroll_y

    def strip_at(self, row: int, width: int) -> Strip:
        """One row of a line, with its mark on the line's first row."""
        index = bisect_right(self._starts, row) - 1
        if not 0 <= index < len(self._lines):
            return Strip.blank(width, self.style())
        line = self._lines[index]
        mark, meaning = _MARKS[line.voice]
        rows = line.wrapped(self._width - 2)
        offset = min(row - self._starts[index], len(rows) - 1)
        style = self.style(meaning)
        if line.voice == "title":
            text = rows[offset]
            return Strip([Segment(text + "─" * max(width - len(text), 0), style)])
        gutter = mark if not offset or mark == _MARKS["model"][0] else "  "
        return Strip([Segment(gutter, style), Segment(rows[offset], style)])

    def seq_at(self, row: int) -> int | None:
        """The event that a row belongs to."""
        index = bisect_right(self._starts, row) - 1
        return self._lines[index].seq if 0 <= index < len(self._lines) else None

    def render_line(self, y: int) -> Strip:
        """A row, or what to do while there is none."""
        if not self._lines:
            told = "No reply yet." if self._is_live else _EMPTY
            text = f" {told}" if y == 0 else ""
            width = self.scrollable_content_region.width
            return Strip([Segment(text, self.style("dim"))]).crop_extend(0, width, self.style())
        return super().render_line(y)
