"""A text to edit: coloured where it is Python, with the lines that were changed marked."""

from __future__ import annotations

from rich.style import Style
from rich.text import Text
from textual.widgets import TextArea

from rlm_tui.ui.edits import changed_lines
from rlm_tui.ui.widgets.highlighting import python_spans
from rlm_tui.ui.widgets.meanings import Meanings

_MOST_MARKED = 2_000
"""Lines up to which changes are looked for on every key; 20 ms."""


class CodeArea(TextArea):
    """Code, or the text of a prompt."""

    def __init__(self, text: str, *, is_code: bool) -> None:
        """Edit a text; what is code is coloured and not wrapped."""
        super().__init__(
            text,
            soft_wrap=not is_code,
            show_line_numbers=is_code,
            compact=True,
            highlight_cursor_line=False,
        )
        self._original = text
        self._is_code = is_code
        self._meaning = Meanings(self)
        self._changed_lines: frozenset[int] = frozenset()

    def on_text_area_changed(self) -> None:
        """Find the lines that are others than they were."""
        if self.document.line_count <= _MOST_MARKED:
            self._changed_lines = frozenset(changed_lines(self._original, self.text)[0])
            self.refresh()

    def get_line(self, line_index: int) -> Text:
        """A line in its colours; a changed one on a ground of its own."""
        line = super().get_line(line_index)
        if self._is_code:
            spans = python_spans(self.text)
            for span in spans[line_index] if line_index < len(spans) else ():
                line.stylize(Style(color=self._meaning(span.meaning).color), span.start, span.end)
        if line_index in self._changed_lines:
            line.stylize(Style(bgcolor=self._meaning("mark").bgcolor))
        return line
