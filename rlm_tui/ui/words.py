"""Does what was typed after `:`; the same words as in `ask --debug`."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.app import App
from textual.screen import Screen

from rlm_tui import debug_word as words
from rlm_tui.debug_words import parse_words
from rlm_tui.errors import UsageError
from rlm_tui.source import (
    Answer,
    Cancel,
    Edit,
    Fail,
    Pause,
    Reject,
    Resume,
    Retry,
    RunTo,
    Skip,
    Step,
    StepKind,
)
from rlm_tui.ui.viewing import Viewing

if TYPE_CHECKING:
    from rlm_tui.ui.debugger import Debugger

_BACK: dict[str, StepKind] = {"step": "into", "next": "over"}


class CommandLine:
    """The `:` line of one screen."""

    def __init__(self, screen: Screen[None], debugger: Debugger) -> None:
        """Act through the debugger of a screen."""
        self._screen = screen
        self._debugger = debugger
        self.viewing = Viewing(screen, debugger)
        """What changes nothing about the run."""
        self._last_step: Step | Resume | words.Back = Step("into")

    def ask(self, begun: str = "") -> None:
        """Let a line be typed, which may have been begun."""
        from rlm_tui.ui.screens.line_prompt import LinePrompt  # noqa: PLC0415 - Input takes 20 ms

        def typed(text: str | None) -> None:
            if text is not None:
                self.obey(text)

        hint = "s n r c · b SPEC · p EXPR · 1204 · 50% · it 3 · event 28 · help"
        self._app.push_screen(LinePrompt(":", value=begun, placeholder=hint, goes_on=True), typed)

    def obey(self, line: str) -> None:
        """Do what a line says; what cannot be done is said."""
        try:
            self._do(parse_words(line))
        except UsageError as error:
            self._debugger.say(str(error), "warning")

    @property
    def _app(self) -> App[object]:
        return cast("App[object]", self._screen.app)  # pyright: ignore[reportUnknownMemberType]

    def _tell(self, text: str) -> None:
        self._debugger.say(text, "information")

    def _do(self, word: words.AnyWord) -> None:
        debugger = self._debugger
        match word:
            case words.Repeat():
                self._do(self._last_step)
            case Step() | Resume() | words.Back():
                self._last_step = word
                self._move(word)
            case words.Until(spec):
                debugger.until(spec)
            case RunTo(node):
                debugger.run_to_node(node)
            case Pause():
                debugger.pause()
            case Cancel():
                debugger.stop()
            case Edit() | Answer() | Fail() | Retry() | Skip() | Reject():
                debugger.changes.decide(word)
            case words.Compose(what="edit"):
                debugger.changes.edit()
            case words.Compose():
                debugger.changes.answer()
            case words.Budget(limits):
                debugger.changes.raise_to(limits)
            case words.Look():
                debugger.looking.value(word.code)
            case words.Execute(statement):
                debugger.looking.execute(statement)
            case words.Display(expression) if expression:
                debugger.looking.watch(expression)
            case words.Undisplay(numbers):
                debugger.looking.watches.remove(numbers)
                debugger.run.refresh()
            case _:
                self._do_more(word)

    def _move(self, word: Step | Resume | words.Back) -> None:
        debugger = self._debugger
        match word:
            case Step(how):
                debugger.step(how)
            case Resume():
                debugger.go_on()
            case words.Back(how) if how in _BACK:
                debugger.step_back(_BACK[how])
            case words.Back():
                debugger.go_back()

    def _do_more(self, word: words.AnyWord) -> None:
        """Breakpoints, and what acts on the screen."""
        debugger, breakpoints = self._debugger, self._debugger.breakpoints
        match word:
            case words.Break(spec, once):
                added = breakpoints.add(spec, once=once)
                self._tell(f"Breakpoint {added.number}: {added.spec}")
            case words.Delete(numbers):
                breakpoints.remove(numbers)
            case words.Enable(numbers, is_on):
                for number in numbers or [item.number for item in breakpoints.all]:
                    breakpoints.change(number, enabled=is_on)
            case words.Condition(number, spec):
                breakpoints.condition(number, spec)
            case words.Ignore(number, count):
                breakpoints.change(number, ignore=count)
            case words.Then(number, action):
                breakpoints.change(number, action=action)
            case words.Branch(name):
                debugger.what_if(name, "")
                return
            case _:
                self.viewing.show(word)
                return
        debugger.breakpoints_changed()
