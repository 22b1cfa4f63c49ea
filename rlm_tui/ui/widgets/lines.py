"""What the panes of text have in common: only the rows on screen are ever made.

A pane says how many rows it has and what a row looks like; this scrolls. Text that comes from
models and documents is drawn as it is, never as markup, with control characters made visible.
"""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from rlm_tui.ui.widgets.meanings import Meanings
from rlm_tui.visible import visible_line

TAB = "    "
"""What a tab is drawn as."""


def drawable(text: str) -> str:
    """A line of text with tabs as spaces and control and direction characters as symbols."""
    if text.isascii() and text.isprintable():
        return text
    return visible_line(text.replace("\t", TAB))


class LineView(ScrollView, can_focus=True):
    """A pane of rows. Its content is whatever `strip_at` says."""

    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._meaning = Meanings(self)
        self._title = ("", "")
        self._row_count: int = 0
        self._row_width: int = 0

    def name_pane(self, number: str, name: str) -> None:
        """Set the title in the frame; the number is in reverse while the pane has the focus."""
        self._title = (number, name)
        self._draw_title()

    def _draw_title(self) -> None:
        number, name = self._title
        if name:
            shown = (number, "reverse" if self.has_focus else "")
            self.border_title = Content.assemble(shown, f" {name}")

    def watch_has_focus(self, has_focus: bool) -> None:  # noqa: FBT001 - Textual's signature
        """Mark the number, or unmark it."""
        super().watch_has_focus(has_focus)
        self._draw_title()

    def strip_at(self, row: int, width: int) -> Strip:
        """What row `row` looks like; at least the part that is `width` cells wide matters."""
        raise NotImplementedError

    def style(self, name: str = "") -> Style:
        """The style of a meaning, such as `error`; without a name that of plain text."""
        return self._meaning(name)

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        return self._row_count

    def set_rows(self, count: int, width: int = 0) -> None:
        """Say how many rows there are, and how wide the widest is (0: as wide as the pane)."""
        if count != self._row_count or width != self._row_width:
            self._row_count, self._row_width = count, width
            # Assigned, it would lay out the whole screen: 5 to 9 ms for each row that comes.
            self.set_reactive(Widget.virtual_size, Size(width, count))  # pyright: ignore[reportArgumentType]
            self._scroll_update(self.virtual_size)
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """A row of the screen, as Textual asks for it."""
        scroll_x, scroll_y = self.scroll_offset
        row, width = scroll_y + y, self.scrollable_content_region.width
        if row >= self._row_count:
            return Strip.blank(width, self.style())
        strip = self.strip_at(row, scroll_x + width)
        return strip.crop_extend(scroll_x, scroll_x + width, self.style())

    # Keys that every pane of text knows; `keymap` binds them.

    def action_row(self, step: int) -> None:
        """Move by rows."""
        self.scroll_relative(y=step, animate=False)

    def action_page(self, step: float) -> None:
        """Move by pages, or parts of one."""
        rows = max(int(self.scrollable_content_region.height * abs(step)) - (abs(step) == 1), 1)
        self.scroll_relative(y=rows if step > 0 else -rows, animate=False)

    def action_edge(self, where: str) -> None:
        """Go to the `top` or the `bottom`."""
        if where == "top":
            self.scroll_home(animate=False, x_axis=False)
        else:
            self.scroll_end(animate=False, x_axis=False)

    def action_column(self, step: int) -> None:
        """Move sideways."""
        self.scroll_relative(x=step, animate=False)


def cells(text: str, style: Style) -> Strip:
    """A text in one style; its width is worked out when it is needed."""
    return Strip([Segment(text, style)], len(text) if text.isascii() else None)
