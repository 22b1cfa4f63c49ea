"""The tutorial's panel: which lesson this is, and what to do."""

from __future__ import annotations

import re

from rich.text import Text
from textual.widget import Widget

from rlm_tui.ui.widgets.meanings import Meanings

_KEY = re.compile(r"`([^`]+)`")


class LessonPanel(Widget):
    """A few rows of text; keys stand out."""

    DEFAULT_CSS = "LessonPanel { height: auto; padding: 0 1; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._meaning = Meanings(self)
        self._place = ""
        self._text = ""

    def show(self, number: int, count: int, text: str) -> None:
        """Show lesson `number` of `count`; its keys stand in backquotes."""
        self._place = f"{number}/{count}" if number <= count else "end"
        self._text = text
        self.refresh(layout=True)

    def render(self) -> Text:
        """As many rows as the text needs."""
        text = Text(f"Tutorial {self._place}  ", self._meaning("title"))
        for index, part in enumerate(_KEY.split(self._text)):
            text.append(part, self._meaning("key" if index % 2 else ""))
        return text
