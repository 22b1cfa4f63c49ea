"""The dialog in which code or a prompt is changed before it runs or is sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, NamedTuple

from textual.app import ComposeResult, SuspendNotSupported
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Label

from rlm_tui.errors import UsageError
from rlm_tui.source import Told
from rlm_tui.ui import edits, keymap
from rlm_tui.ui.external_editor import edited
from rlm_tui.ui.screens.dialog import Dialog
from rlm_tui.ui.widgets.choice import Choice
from rlm_tui.ui.widgets.code_area import CodeArea
from rlm_tui.ui.widgets.lines import drawable

_TOLD: tuple[tuple[Told, str], ...] = (
    ("ran", "the model is told the code that ran"),
    ("wrote", "the model is told the code it wrote"),
    ("both", "the model is told what it wrote, and that you changed it"),
)


_REST = 0.3
"""Seconds without a key after which calls are counted."""


class Edited(NamedTuple):
    """How a text was changed."""

    text: str
    told: Told = "ran"
    goes_on: bool = True
    """Whether the run is to go on with it, not to stay held."""


class Editing(Dialog[Edited | None]):
    """Returns the text that is to run or to be sent; None when it was cancelled."""

    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(keymap.EDITING)]

    def __init__(
        self,
        title: str,
        text: str,
        *,
        is_code: bool,
        estimate: Callable[[str, str, Callable[[str], object]], object] | None = None,
    ) -> None:
        """Edit a text.

        Args:
            title: says what it is.
            text: what it was.
            is_code: whether it is checked, and the model is told of it.
            estimate: says what it makes of the sub-calls, given what it was and is.
        """
        super().__init__()
        self._title = Content(drawable(title))
        self._original = text
        self._is_code = is_code
        self._estimate = estimate
        self._calls = ""
        """What the edit makes of the sub-calls; empty while nothing is known."""
        self._counting: Timer | None = None

    def compose(self) -> ComposeResult:
        """The text, what it comes to, and what the model is told."""
        with Vertical(classes="dialog editing") as dialog:
            dialog.border_title = self._title
            run = "Run" if self._is_code else "Send"
            keys = f"ctrl+s {run} edited  ctrl+o {run} original  f2 Keep  f4 $EDITOR  esc Cancel"
            dialog.border_subtitle = keys
            yield CodeArea(self._original, is_code=self._is_code)
            yield Label("", classes="check", markup=False)
            if self._is_code:
                yield Choice([words for _, words in _TOLD])

    def on_mount(self) -> None:
        """Begin at the text."""
        self.query_one(CodeArea).focus()
        self._check()
        self._count_calls()

    def on_text_area_changed(self) -> None:
        """Say what the edit comes to; what it makes of the calls, when typing rests."""
        self._check()
        if self._counting is not None:
            self._counting.stop()
        self._counting = self.set_timer(_REST, self._count_calls)

    def _count_calls(self) -> None:
        if self._estimate is not None:
            self._estimate(self._original, self.query_one(CodeArea).text, self._take_estimate)

    def _take_estimate(self, told: str) -> None:
        if self.is_mounted and self.is_active:
            self._calls = told
            self._check()

    def _check(self) -> None:
        text = self.query_one(CodeArea).text
        told = edits.told(self._original, text, is_code=self._is_code)
        is_right = not self._is_code or told.startswith("syntax ok")
        label = self.query_one(".check", Label)
        label.update(f"{told} · {self._calls}" if self._calls and is_right else told)
        label.set_class(not is_right, "-wrong")

    def _conclude(self, *, goes_on: bool) -> None:
        told: Told = _TOLD[self.query_one(Choice).chosen][0] if self._is_code else "ran"
        self.conclude(Edited(self.query_one(CodeArea).text, told, goes_on))

    def action_run_edited(self) -> None:
        """Take the text and go on."""
        self._conclude(goes_on=True)

    def action_keep(self) -> None:
        """Take the text and stay held."""
        self._conclude(goes_on=False)

    def action_run_original(self) -> None:
        """Go on with what it was."""
        self.conclude(Edited(self._original))

    def action_outside(self) -> None:
        """Let the user's own editor have the terminal and the text."""
        area = self.query_one(CodeArea)
        try:
            with self.app.suspend():  # pyright: ignore[reportUnknownMemberType]
                text = edited(area.text, suffix=".py" if self._is_code else ".md")
        except (SuspendNotSupported, UsageError) as error:
            self.notify(str(error), severity="error", markup=False)
        else:
            area.text = text

    def action_cancel(self) -> None:
        """Change nothing."""
        self.conclude(None)
