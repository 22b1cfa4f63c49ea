"""The rows that the inspector is made of: text, code with its line numbers, rules, variables."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from rlm_tui.events import NodeId
from rlm_tui.ui.widgets.highlighting import Span, python_spans
from rlm_tui.ui.widgets.lines import drawable
from rlm_tui.variables import Change, Variables

STOP, HERE = "●", "►"
"""In the gutter of code: a breakpoint, and the line that is next."""


class Row(NamedTuple):
    """A line of text as the inspector shows it."""

    text: str
    meaning: str = ""
    """The style of the text; empty for plain."""
    number: str = ""
    """What stands in the gutter."""
    spans: tuple[Span, ...] = ()
    """Parts of the text with a meaning of their own."""
    place: tuple[NodeId, int] | None = None
    """The code block and its line that this is; None for what is no code."""


def within(row: Row, start: int, end: int) -> tuple[Span, ...]:
    """The spans of a line as they fall into one of its rows."""
    return tuple(
        Span(max(span.start, start) - start, min(span.end, end) - start, span.meaning)
        for span in row.spans
        if span.start < end and span.end > start
    )


def rule(text: str, width: int) -> Row:
    """A line across the pane, with a title."""
    line = f"── {text} "
    return Row(line + "─" * max(width - len(line), 0), "dim")


def text_rows(text: str, meaning: str = "") -> Iterator[Row]:
    """Each line of a text."""
    for line in text.split("\n"):
        yield Row(line, meaning)


def code_lines(
    block: NodeId, code: str, marked: int = 0, stops: Collection[int] = ()
) -> Iterator[Row]:
    """Code with its line numbers.

    Args:
        block: the code block that it is.
        code: its text.
        marked: the line that is next or made the call; 0 for none.
        stops: the lines with a breakpoint.
    """
    lines = [drawable(line) for line in code.split("\n")]
    spans = python_spans("\n".join(lines))
    wide = max(len(str(len(lines))), 1)
    for number, line in enumerate(lines, 1):
        stop, here = STOP if number in stops else " ", HERE if number == marked else " "
        meaning = "strong" if number == marked else ""
        gutter = f"{stop}{number:>{wide}}{here} "
        yield Row(line, meaning, gutter, spans[number - 1], (block, number))


def variable_rows(variables: Variables, unread: Collection[str] = ()) -> Iterator[Row]:
    """Each variable with its mark: + new, ~ changed, - gone; and those that no code has read."""
    if not variables.held and not variables.gone:
        yield Row("No variables yet.", "dim")
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
        note = "   never read" if name in unread else ""
        text = f"{name:<{wide}} {variable.type}{size} {variable.value}"
        spans = (Span(len(text), len(text) + len(note), "dim"),) if note else ()
        yield Row(text + note, meaning, mark, spans)
    for name in sorted(variables.gone):
        yield Row(name, "dim", "- ")
