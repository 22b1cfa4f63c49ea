"""The user's hand on the run that is shown: the same words for a live one and a recording.

Where the run itself stands, it is told; where the reader stands in what is recorded, the playhead
moves by the same rules and nothing is called.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Literal

from textual.screen import Screen

from rlm_tui.errors import UsageError
from rlm_tui.events import NodeId, depth_of, parent_of
from rlm_tui.held import Held
from rlm_tui.moments import Moments, Stop
from rlm_tui.source import Cancel, Pause, Resume, RunTo, SetBreakpoints, Step, StepKind
from rlm_tui.trajectory import CodeBlock, Iteration, SubCall
from rlm_tui.ui.breakpoint_list import BreakpointList
from rlm_tui.ui.interventions import AskWhatIf, Interventions
from rlm_tui.ui.looking import Looking
from rlm_tui.ui.provenance import Provenance
from rlm_tui.ui.run_display import RunDisplay
from rlm_tui.ui.widgets.document_view import DocumentView
from rlm_tui.ui.widgets.inspector import Inspector
from rlm_tui.ui.widgets.run_tree import RunTree
from rlm_tui.ui.widgets.watch_pane import WatchPane

if TYPE_CHECKING:
    from rlm_tui.ui.screens.branching import Change
    from rlm_tui.ui.words import CommandLine

Direction = Literal["forth", "back"]


class Debugger:
    """Steps, breakpoints and what else one does to a run; kept from one run to the next."""

    def __init__(
        self, screen: Screen[None], shown: Callable[[], RunDisplay], what_if: AskWhatIf
    ) -> None:
        """Act on a run.

        Args:
            screen: for which.
            shown: says which run it is.
            what_if: asks how the run is to go on otherwise, given a name and what is to be changed.
        """
        self.what_if = what_if
        self.breakpoints = BreakpointList()
        self._screen = screen
        self._shown = shown
        self._moments = Moments()
        self._moments_of: RunDisplay | None = None
        self.looking = Looking(screen, shown)
        self.changes = Interventions(screen, shown, what_if, self.looking.evaluate)
        self._command_line: CommandLine | None = None
        self._temporary: set[int] = set()
        """Breakpoints that go when they are hit."""
        self._adopted: RunDisplay | None = None
        """The recording whose breakpoints were taken over."""
        self._change: Change = ""
        """What the user wants to change at the next stop."""

    @property
    def verbs(self) -> dict[str, Callable[[], object]]:
        """What a key can ask for, by its name."""
        return {
            "into": lambda: self.step("into"),
            "over": lambda: self.step("over"),
            "out": lambda: self.step("out"),
            "go_on": self.go_on,
            "pause": self.pause,
            "run_to": self.run_to,
            "stop": self.stop,
            "caller": self.caller,
            "toggle_breakpoint": self.toggle_breakpoint,
            "breakpoints": self.show_breakpoints,
            "edit": self.changes.edit,
            "answer": self.changes.answer,
            "skip": self.changes.skip,
            "retry": self.changes.retry,
            "find": lambda: self.command_line.ask("find "),
            "problem_back": lambda: self.to_problem(-1),
            "problem": lambda: self.to_problem(1),
            "watch": self.looking.ask_watch,
            "statement": self.looking.ask_statement,
            "command": self.type_command,
            "raise_limit": self.changes.raise_limit,
        }

    @property
    def command_line(self) -> CommandLine:
        """The `:` line."""
        if self._command_line is None:
            from rlm_tui.ui.words import CommandLine  # noqa: PLC0415 - 5 ms, if asked for

            self._command_line = CommandLine(self._screen, self)
        return self._command_line

    def type_command(self) -> None:
        """Let a `:` line be typed."""
        self.command_line.ask()

    @property
    def run(self) -> RunDisplay:
        """The run that is shown."""
        return self._shown()

    @property
    def held(self) -> Held | None:
        """What the live run is held before, where the reader stands there, too."""
        held = self.run.held
        return None if held is None or held.is_recorded else held

    @property
    def offered(self) -> tuple[str, ...]:
        """The keys to show first, by the ids of their bindings."""
        steps = ("step.into", "step.over", "step.out", "run.continue")
        held, run = self.held, self.run
        if held is not None:
            return (*steps, *self._changes(held), "change.what_if", "break.toggle")
        if run.is_at_run:
            return ("run.pause", "run.stop", "break.toggle")
        if run.transport.playhead.records:
            return (*steps, "run.pause", "time.back", "time.forward", "change.what_if")
        return ()

    @staticmethod
    def _changes(held: Held) -> tuple[str, ...]:
        """The keys that change what comes next."""
        if held.is_call:
            return ("change.edit", "change.answer")
        if held.next.before in {"reply", "answer"}:
            return ("change.answer",)
        return ("change.edit",) if held.is_sent or held.next.before == "code block" else ()

    def is_possible(self, verb: str) -> bool:
        """Whether a verb could do anything now."""
        run = self.run
        if verb == "stop":
            return run.is_live
        if verb in {"command", "breakpoints", "toggle_breakpoint", "watch"}:
            return True
        return run.is_live or bool(run.transport.playhead.records)

    def say(self, text: str, severity: Literal["information", "warning", "error"]) -> None:
        """Tell the user a sentence."""
        self._screen.notify(text, severity=severity, markup=False)

    # Going on

    def step(self, how: StepKind) -> None:
        """Go on to the next stop: into, over or out."""
        run = self.run
        if run.is_at_run:
            run.set_following(follows=True)
            run.send(Step(how))
        else:
            self._move(self.moments().forward(run.transport.playhead.position, how), "forth")

    def go_on(self) -> None:
        """Go on until a breakpoint is hit."""
        run = self.run
        if run.is_at_run:
            run.set_following(follows=True)
            run.send(Resume())
        else:
            self._move(self.moments().next_hit(run.transport.playhead.position), "forth")

    def step_back(self, how: StepKind) -> None:
        """Back to the stop before at which such a step could have ended; free."""
        self._move(self.moments().back(self.run.transport.playhead.position, how), "back")

    def go_back(self) -> None:
        """Back to the breakpoint hit before; free."""
        self._move(self.moments().previous_hit(self.run.transport.playhead.position), "back")

    def run_to(self) -> None:
        """Go on until the selected node, or the line of code one stands on, is next."""
        place, node = self._place_in_code(), self._screen.query_one(RunTree).selected
        if place is not None and self.run.is_at_run:
            self.until(f"line {place[0]}:{place[1]}")
        elif node:
            self.run_to_node(node)
        else:
            self.say("Select an iteration, a code block or a call to run to.", "warning")

    def run_to_node(self, node: NodeId) -> None:
        """Go on until a node, or the first thing below it, is next."""
        run = self.run
        if run.is_at_run:
            run.set_following(follows=True)
            run.send(RunTo(node))
            return
        moments, at = self.moments(), run.transport.playhead.position
        # What the tree shows of a recording has happened: if it comes no more, it lies behind.
        self._move(moments.to_node(at, node) or moments.to_node(0, node), "forth")

    def until(self, spec: str) -> None:
        """Go on to a breakpoint that is there once; without words, to a later line."""
        held = self.run.held
        if not spec and held is not None and held.next.before == "line":
            spec = f"line {held.node}:{held.next.line + 1}"
        if not spec:
            self.step("over")
            return
        self._temporary.add(self.breakpoints.add(spec, once=True).number)
        self.breakpoints_changed()
        self.go_on()

    def _forget(self, number: int | None) -> None:
        """A breakpoint was hit; one that was there for that only goes."""
        if number in self._temporary:
            self._temporary.discard(number)
            self.breakpoints.remove([number])
            self.breakpoints_changed()

    def _move(self, stop: Stop | None, direction: Direction) -> None:
        run = self.run
        transport, head = run.transport, run.transport.playhead
        if stop is not None:
            run.stand_at(stop)
            self._forget(stop.breakpoint)
        elif direction == "back":
            if not head.position:
                self.say("This is the start of the run.", "warning")
            run.stand_at(Stop(0, "the start of the run"))
        elif not head.is_at_end:
            transport.go_to(len(head.records))
            run.set_following(follows=True)
        elif head.records:
            self.what_if("", "")

    def moments(self) -> Moments:
        """Those of the run so far, with the breakpoints of the screen."""
        run = self.run
        if self._moments_of is not run:
            self._moments, self._moments_of = Moments(), run
        self._moments.extend(run.transport.playhead.records)
        is_in_prompt = self._screen.query_one(Provenance).is_in
        self._moments.set_breakpoints(self.breakpoints.all, is_in_prompt)
        return self._moments

    def pause(self) -> None:
        """Pause or resume a run; where what is recorded is shown, play it or pause that."""
        run, transport = self.run, self.run.transport
        if transport.is_playing:
            transport.pause()
            run.refresh()
        elif run.is_at_run:
            is_paused = transport.playhead.trajectory.paused is not None
            run.send(Resume() if is_paused else Pause())
            if not is_paused:
                told = "Pausing before the next thing that runs or costs."
                self._screen.notify(told, timeout=2)
        elif transport.playhead.records:
            transport.play()
        run.refresh_bars()

    def stop(self) -> None:
        """Stop a live run, after asking."""
        if not self.run.is_live:
            self.say("No run is going on.", "warning")
            return
        from rlm_tui.ui.screens.confirm import Confirm  # noqa: PLC0415 - if asked for

        def decided(stop: bool | None) -> None:  # noqa: FBT001 - the dialog's result
            if stop:
                self.run.send(Cancel())

        question = "Stop the run? Everything recorded so far is kept."
        self._screen.app.push_screen(Confirm(question, "Stop"), decided)  # pyright: ignore[reportUnknownMemberType]

    # Looking

    def to_problem(self, step: int) -> None:
        """Stand after the next problem of what is recorded, or the one before; free."""
        transport = self.run.transport
        head = transport.playhead
        position = head.next_problem() if step > 0 else head.previous_problem()
        if not position:
            self.say("No problem lies there: no error, limit, odd reply or breakpoint.", "warning")
            return
        transport.go_to(position)
        self.run.refresh()
        self.run.set_following(follows=False)
        self._screen.query_one(RunTree).follow(head.records[position - 1].node)

    def caller(self) -> None:
        """Go to what asked for the selected node: a call's code, a child's call."""
        tree = self._screen.query_one(RunTree)
        caller = parent_of(tree.selected)
        if not caller:
            self.say("Nothing of the run called this.", "warning")
            return
        self.run.set_following(follows=False)
        tree.follow(caller)

    def _place_in_code(self) -> tuple[str, int] | None:
        """The line of code that the reader stands on in the inspector."""
        inspector = self._screen.query_one(Inspector)
        return inspector.place if inspector.has_focus else None

    # Breakpoints

    def toggle_breakpoint(self) -> None:
        """Stop at the line of code one stands on, or at what the selected node is; or no more."""
        place, document = self._place_in_code(), self._screen.query_one(DocumentView)
        chosen = document.chosen.spec if document.has_focus else ""
        if document.has_focus and document.file is not None and not chosen:
            self.command_line.ask("b doc ")
            return
        spec = f"line {place[0]}:{place[1]}" if place else chosen or self._spec_of_selected()
        if spec:
            self.toggle(spec)
        else:
            self.say("Select an iteration, a code block, a call or a line of code.", "warning")

    def toggle(self, spec: str) -> None:
        """Have a breakpoint of these words, or no more. Says so."""
        try:
            added = self.breakpoints.toggle(spec)
        except UsageError as error:
            self.say(str(error), "error")
            return
        told = f"Breakpoint {added.number}: {spec}" if added else f"No breakpoint any more: {spec}"
        self.say(told, "information")
        self.breakpoints_changed()

    def show_breakpoints(self) -> None:
        """Show all of them, and let them be changed."""
        from rlm_tui.ui.screens.breakpoint_table import BreakpointTable  # noqa: PLC0415 - Input

        dialog = BreakpointTable(self.breakpoints, self.hits, self.breakpoints_changed)
        self._screen.app.push_screen(dialog)  # pyright: ignore[reportUnknownMemberType]

    def hits(self) -> Mapping[int, int]:
        """How often each was hit: by the live run so far, or in all of a recording."""
        run = self.run
        return run.transport.playhead.trajectory.hits if run.is_live else self.moments().hits

    def _spec_of_selected(self) -> str:
        tree = self._screen.query_one(RunTree)
        node = tree.selected
        held = self.run.held
        if held is not None and held.node == node and held.is_call:
            return held.next.before
        match self.run.transport.playhead.trajectory.nodes.get(node):
            case Iteration() as iteration:
                deeper = f" and depth {depth_of(node)}" if depth_of(node) else ""
                return f"it {iteration.number}{deeper}"
            case CodeBlock():
                return "code"
            case SubCall() as call:
                return call.kind
            case None:
                return "answer" if tree.is_on_answer else ""

    def breakpoints_changed(self) -> None:
        """Tell the run, if it goes on, and mark the lines."""
        if self.run.is_live:
            self.run.send(SetBreakpoints(self.breakpoints.all))
        self.run.marked = self.breakpoints.lines
        self._screen.query_one(DocumentView).break_at(self.breakpoints.document_lines)
        self.run.refresh()

    def at_first_stop(self, change: Change) -> None:
        """Have the user make a change when the next run is held first."""
        self._change = change

    def _make_change(self) -> None:
        change, self._change = self._change, ""
        verbs: dict[str, Callable[[], object]] = {
            "edit": self.changes.edit,
            "answer": self.changes.answer,
            "set": self.looking.ask_statement,
        }
        if change in verbs:
            self._screen.call_later(verbs[change])

    def shown(self) -> None:
        """The panes show another state of the run."""
        run = self.run
        recorded = run.transport.playhead.trajectory.breakpoints
        is_new = not run.is_live and self._adopted is not run
        if is_new and recorded and not self.breakpoints.all:
            self._adopted = run
            self.breakpoints.take(recorded)
            self.breakpoints_changed()
        if self.held is not None:
            self._forget(self.held.next.breakpoint)
            self._make_change()
        self.looking.at_stop()
        hits: Mapping[int, int] = self.hits() if self.breakpoints.all else {}
        watches, pane = self.looking.rows(), self._screen.query_one(WatchPane)
        pane.show(watches, self.breakpoints.all, hits)
        inspector = self._screen.query_one(Inspector)
        inspector.show_values(() if pane.display else watches, self.looking.here())
