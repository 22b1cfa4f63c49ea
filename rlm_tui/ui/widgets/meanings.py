"""Colours by meaning: what a word of the interface is, mapped to the theme's variables.

Textual's component classes would say the same in CSS, but each costs a node and a pass of the style
sheet for every widget that has it: 30 ms of the first frame here.
"""

from __future__ import annotations

from typing import NamedTuple, cast

from rich.style import Style
from textual.app import App
from textual.color import Color
from textual.widget import Widget


class Look(NamedTuple):
    """How a meaning is drawn."""

    color: str
    """A variable of the theme."""
    strength: float = 1.0
    """How far the colour stands out from the background."""
    bold: bool = False
    background: str = ""
    """A variable of the theme; empty for the widget's own background."""


LOOKS: dict[str, Look] = {
    "": Look("foreground"),
    "dim": Look("foreground", 0.5),
    "faint": Look("foreground", 0.3),
    "strong": Look("foreground", bold=True),
    "title": Look("accent", bold=True),
    "ok": Look("success"),
    "error": Look("error"),
    "waiting": Look("warning"),
    "running": Look("accent", bold=True),
    "model": Look("secondary"),
    "code": Look("primary"),
    "key": Look("accent", bold=True),
    "cursor": Look("block-cursor-foreground", bold=True, background="block-cursor-background"),
    "mark": Look("foreground", background="panel"),
    "found": Look("background", background="warning"),
    "here": Look("background", bold=True, background="accent"),
    "keyword": Look("secondary"),
    "string": Look("success"),
    "number": Look("accent"),
    "name": Look("primary"),
    "mode-idle": Look("foreground", bold=True, background="panel"),
    "mode-live": Look("background", bold=True, background="accent"),
    "mode-held": Look("background", bold=True, background="warning"),
    "mode-done": Look("background", bold=True, background="success"),
    "mode-failed": Look("background", bold=True, background="error"),
}
"""Every meaning. A state is never told by its colour alone: the word stands there, too."""


_NONE = Color(0, 0, 0, 0)


class Meanings:
    """The styles of one widget, made when they are first asked for."""

    def __init__(self, widget: Widget) -> None:
        self._widget = widget
        self._styles: dict[str, Style] = {}
        self._made_for: tuple[str, Color] | None = None

    def __call__(self, name: str = "") -> Style:
        """The style of a meaning, on the widget's background."""
        app = cast("App[object]", self._widget.app)  # pyright: ignore[reportUnknownMemberType]
        background = (
            self._widget.visual_style.background or _NONE
        )  # kept, `background_colors` is not
        current = (app.theme, background)
        if current != self._made_for:
            self._styles.clear()
            self._made_for = current
        if name not in self._styles:
            self._styles[name] = self._made(LOOKS[name], app.theme_variables, background)
        return self._styles[name]

    @staticmethod
    def _made(look: Look, variables: dict[str, str], background: Color) -> Style:
        if look.background:
            background = Color.parse(variables[look.background])
        color = _parsed(variables[look.color], background)
        if look.strength < 1:
            color = background.blend(color, look.strength)
        return Style(color=color.rich_color, bgcolor=background.rich_color, bold=look.bold or None)


def _parsed(value: str, background: Color) -> Color:
    """A colour of a theme; Textual's own themes say `auto 87%` for what stands out that far."""
    if not value.startswith("auto"):
        return Color.parse(value)
    strength = float(value.removeprefix("auto").strip().removesuffix("%") or 100) / 100
    return background.blend(background.get_contrast_text(1.0), strength)
