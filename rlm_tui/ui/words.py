"""Does what was typed after `:`; the same words as in `ask --debug`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from textual.app import App
from textual.screen import Screen

from rlm_tui import debug_word as words
from rlm_tui.debug_help import help_text
from rlm_tui.debug_words import parse_words
from rlm_tui.errors import UsageError
from rlm_tui.events import NodeId
from rlm_tui.source import (
    Answer,
    Cancel,
    Edit,
    Fail,
    Pause,
    Reject,
    Resume,
    RunTo,
    Skip,
    Step,
    StepKind,
)
from rlm_tui.trajectory import Iteration, SubCall
from rlm_tui.ui.widgets.document_view import DocumentView
from rlm_tui.ui.widgets.run_tree import RunTree
from rlm_tui.variables import variables_at

if TYPE_CHECKING:
    from rlm_tui.ui.debugger import Debugger

_BACK: dict[str, StepKind] = {"step": "into", "next": "over"}
_ELSEWHERE = "That word does something without a screen only: rlm-tui ask … --debug."


class CommandLine:
    """The `:` line of one screen."""

    def __init__(self, screen: Screen[None], debugger: Debugger) -> None:
        """Act through the debugger of a screen."""
        self._screen = screen
        self._debugger = debugger
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
            case Edit() | Answer() | Fail() | Skip() | Reject():
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
            case words.Frames(by) if by < 0:
                debugger.caller()
            case words.GoTo():
                self._go_to(word)
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
            case words.Info(topic="breakpoints"):
                debugger.show_breakpoints()
                return
            case _:
                self._show(word)
                return
        debugger.breakpoints_changed()

    def _show(self, word: words.AnyWord) -> None:
        """What only shows something, or moves in time."""
        run = self._debugger.run
        actions: dict[type[words.Word], Callable[[], object]] = {
            words.Play: run.transport.play,
            words.WhereAmI: lambda: self._tell(self._where()),
            words.Quit: lambda: self._app.call_later(self._screen.run_action, "app.leave"),
        }
        match word:
            case words.Branch(name):
                self._debugger.what_if(name, "")
            case words.When(variable):
                self._tell(self._when(variable))
            case words.Info(topic="variables" | "prompt" as topic):
                self._app.call_later(self._screen.run_action, f"tab('{topic}')")
            case words.Theme(name) if name in self._app.available_themes:
                self._app.theme = name
            case words.Theme(name):
                self._debugger.say(f"There is no theme {name}; ctrl+p lists them.", "warning")
            case words.Help(about):
                self._tell(help_text(about))
            case words.Word() if type(word) in actions:
                actions[type(word)]()
            case _:
                self._debugger.say(_ELSEWHERE, "warning")

    # Places

    def _go_to(self, word: words.GoTo) -> None:
        run, number = self._debugger.run, int(word.at)
        document = self._screen.query_one(DocumentView)
        if document.file is None and word.place == "line":
            raise UsageError("No document is open.")
        match word.place:
            case "line":
                document.go_to_line(number)
            case "percent" if (
                self._screen.focused is document or not run.transport.playhead.records
            ):
                document.go_to_share(word.at / 100)
            case "percent":
                run.transport.go_to(round(len(run.transport.playhead.records) * word.at / 100))
            case "event":
                run.transport.go_to(number)
            case "iteration":
                self._select(Iteration, number)
            case "call":
                self._select(SubCall, number)

    def _select(self, kind: type[Iteration | SubCall], number: int) -> None:
        """Select the iteration of that number, or the call, counted over all of the run."""
        nodes = self._debugger.run.transport.playhead.trajectory.nodes.values()
        found: list[NodeId] = [node.id for node in nodes if isinstance(node, kind)]
        if kind is Iteration:
            found = [node for node in found if "." not in node]
        if number > len(found):
            what = "iteration" if kind is Iteration else "call"
            raise UsageError(f"There is no {what} {number} so far.")
        self._debugger.run.set_following(follows=False)
        self._screen.query_one(RunTree).follow(found[number - 1])

    def _where(self) -> str:
        held = self._debugger.run.held
        head = self._debugger.run.transport.playhead
        where = held.where if held is not None else "between two things"
        return f"Event {head.position:,} of {len(head.records):,}: {where}."

    def _when(self, variable: str) -> str:
        head = self._debugger.run.transport.playhead
        if not variable:
            return f"Event {head.position:,} of {len(head.records):,}."
        held = variables_at(head.trajectory, None).held.get(variable)
        if held is None:
            raise UsageError(f"No variable {variable} is known here.")
        self._debugger.run.set_following(follows=False)
        self._screen.query_one(RunTree).follow(held.set_at)
        return f"{variable} was set last by code {held.set_at}."
