"""The dialog in which a sub-call is answered by hand, or made to fail."""

from __future__ import annotations

from typing import ClassVar, TypeAlias

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Label

from rlm_tui.source import Answer, Fail, FailKind, Resume
from rlm_tui.typed_pattern import compile_typed
from rlm_tui.ui import keymap
from rlm_tui.ui.screens.dialog import Dialog
from rlm_tui.ui.widgets.choice import Choice
from rlm_tui.ui.widgets.code_area import CodeArea
from rlm_tui.ui.widgets.lines import drawable

Settled: TypeAlias = Answer | Fail | Resume
"""What becomes of a call; `Resume` asks the model."""

_WAYS = (
    "answer this call only",
    "answer every call whose prompt matches a pattern",
    "fail this call",
    "fail every call whose prompt matches a pattern",
)
_FAILURES: tuple[tuple[FailKind, str], ...] = (
    ("timeout", "timeout"),
    ("rate_limit", "rate limit (429)"),
    ("server_error", "server error (500)"),
    ("empty", "an empty reply"),
    ("refused", "refused by the provider"),
)
_PROMPT_SHOWN = 300


class Answering(Dialog[Settled | None]):
    """Returns what becomes of the call; None when it was cancelled."""

    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(keymap.ANSWERING)]

    def __init__(self, title: str, prompt: str) -> None:
        """Answer a call, whose prompt is shown in short."""
        super().__init__()
        self._title = Content(drawable(title))
        short = " ".join(prompt[: 2 * _PROMPT_SHOWN].split())
        more = "…" if len(short) > _PROMPT_SHOWN or len(prompt) > 2 * _PROMPT_SHOWN else ""
        self._prompt = drawable(short[:_PROMPT_SHOWN]) + more

    def compose(self) -> ComposeResult:
        """The prompt, the answer, and for which calls."""
        with Vertical(classes="dialog answering") as dialog:
            dialog.border_title = self._title
            dialog.border_subtitle = "ctrl+s Use it   ctrl+o Ask the model   esc Cancel"
            yield Label(self._prompt, classes="note", markup=False)
            yield CodeArea("", is_code=False)
            yield Choice(_WAYS, id="way")
            yield Input(placeholder="pattern (a regex on the prompt)", compact=True)
            yield Choice([words for _, words in _FAILURES], id="failure")
            yield Label("", classes="check -wrong", markup=False)

    def on_mount(self) -> None:
        """Begin at the answer."""
        self.query_one(CodeArea).focus()
        self.on_choice_chosen()

    def on_choice_chosen(self) -> None:
        """Ask only for what the chosen way needs."""
        way = self.query_one("#way", Choice).chosen
        self.query_one(CodeArea).display = way < 2  # noqa: PLR2004 - the first two answer
        self.query_one("#failure").display = way >= 2  # noqa: PLR2004 - likewise
        self.query_one(Input).display = way % 2 == 1

    def on_input_submitted(self) -> None:
        """Enter in the pattern is as good as ctrl+s."""
        self.action_use()

    def action_use(self) -> None:
        """Settle the call, unless the pattern is not one."""
        way = self.query_one("#way", Choice).chosen
        pattern = self.query_one(Input).value if way % 2 else None
        if pattern is not None and (why := _why_not(pattern)):
            self.query_one(".check", Label).update(why)
            self.query_one(Input).focus()
            return
        if way < 2:  # noqa: PLR2004 - the first two answer
            self.conclude(Answer(self.query_one(CodeArea).text, pattern))
        else:
            kind = _FAILURES[self.query_one("#failure", Choice).chosen][0]
            self.conclude(Fail(kind, pattern))

    def action_ask_model(self) -> None:
        """Make the call."""
        self.conclude(Resume())

    def action_cancel(self) -> None:
        """Change nothing."""
        self.conclude(None)


def _why_not(pattern: str) -> str:
    if not pattern:
        return "A pattern is missing: which prompts?"
    try:
        compile_typed(pattern)
    except ValueError as error:
        return f"/{pattern}/ is not a pattern: {error}."
    return ""
