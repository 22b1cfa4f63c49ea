"""The user's hand on the run that is shown: the same words for a live one and a recording.

Where the run itself stands, it is told; where the reader stands in what is recorded, the playhead
moves by the same rules and nothing is called.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from textual.screen import Screen

from rlm_tui.errors import UsageError
from rlm_tui.events import depth_of, parent_of
from rlm_tui.held import Held
from rlm_tui.moments import Moments, Stop
from rlm_tui.source import Cancel, Evaluated, Pause, Resume, RunTo, SetBreakpoints, Step, StepKind
from rlm_tui.trajectory import CodeBlock, Iteration, SubCall
from rlm_tui.ui.breakpoint_list import BreakpointList
from rlm_tui.ui.run_display import RunDisplay
from rlm_tui.ui.screens.confirm import Confirm
from rlm_tui.ui.widgets.inspector import Inspector
from rlm_tui.ui.widgets.run_tree import RunTree

Direction = Literal["forth", "back"]

AT_END = "This is the end of the recording. W goes on from here, live, in a branch of its own."


class Debugger:
    """Steps, breakpoints and what else one does to a run; kept from one run to the next."""

    def __init__(self, screen: Screen[None], shown: Callable[[], RunDisplay]) -> None:
        """Act on whatever run `shown` says, for a screen."""
        self.breakpoints = BreakpointList()
        self._screen = screen
        self._shown = shown
        self._moments = Moments()
        self._moments_of: RunDisplay | None = None
        self._adopted: RunDisplay | None = None
        """The recording whose breakpoints were taken over."""

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
        }

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
            return (*steps, *self._changes(held), "break.toggle")
        if run.is_at_run:
            return ("run.pause", "run.stop", "break.toggle")
        if run.transport.playhead.records:
            return ("time.back", "time.forward", *steps, "run.pause")
        return ()

    def _changes(self, held: Held) -> tuple[str, ...]:
        return ()

    def is_possible(self, verb: str) -> bool:
        """Whether a verb could do anything now."""
        run = self.run
        if verb == "stop":
            return run.is_live
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
        run, place = self.run, self._place_in_code()
        node = self._screen.query_one(RunTree).selected
        if run.is_at_run:
            run.set_following(follows=True)
            if place is not None:
                self._until(f"line {place[0]}:{place[1]}")
            else:
                run.send(RunTo(node))
            return
        if not node:
            self.say("Select an iteration, a code block or a call to run to.", "warning")
            return
        moments, at = self.moments(), run.transport.playhead.position
        # What the tree shows of a recording has happened: if it comes no more, it lies behind.
        self._move(moments.to_node(at, node) or moments.to_node(0, node), "forth")

    def _until(self, spec: str) -> None:
        """Go on to a breakpoint that is there once."""
        self.breakpoints.add(spec, once=True)
        self.breakpoints_changed()
        self.run.send(Resume())

    def _move(self, stop: Stop | None, direction: Direction) -> None:
        run = self.run
        transport, head = run.transport, run.transport.playhead
        if stop is not None:
            run.stand_at(stop)
        elif direction == "back":
            if not head.position:
                self.say("This is the start of the run.", "warning")
            run.stand_at(Stop(0, "the start of the run"))
        elif not head.is_at_end:
            transport.go_to(len(head.records))
            run.set_following(follows=True)
        elif head.records:
            self.say(AT_END, "warning")

    def moments(self) -> Moments:
        """Those of the run so far, with the breakpoints of the screen."""
        run = self.run
        if self._moments_of is not run:
            self._moments, self._moments_of = Moments(), run
        self._moments.extend(run.transport.playhead.records)
        self._moments.set_breakpoints(self.breakpoints.all)
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

        def decided(stop: bool | None) -> None:  # noqa: FBT001 - the dialog's result
            if stop:
                self.run.send(Cancel())

        question = "Stop the run? Everything recorded so far is kept."
        self._screen.app.push_screen(Confirm(question, "Stop"), decided)  # pyright: ignore[reportUnknownMemberType]

    # Looking

    def caller(self) -> None:
        """Go to what asked for the selected node: a call's code, a child's call."""
        tree = self._screen.query_one(RunTree)
        caller = parent_of(tree.selected)
        if not caller:
            self.say("Nothing of the run called this.", "warning")
            return
        self.run.set_following(follows=False)
        tree.follow(caller)

    def evaluated(self, told: Evaluated) -> None:
        """Show what the run has shown of a value."""
        self.say(told.text or "None", "error" if told.is_error else "information")

    def _place_in_code(self) -> tuple[str, int] | None:
        """The line of code that the reader stands on in the inspector."""
        inspector = self._screen.query_one(Inspector)
        return inspector.place if inspector.has_focus else None

    # Breakpoints

    def toggle_breakpoint(self) -> None:
        """Stop at the line of code one stands on, or at what the selected node is; or no more."""
        place = self._place_in_code()
        spec = f"line {place[0]}:{place[1]}" if place is not None else self._spec_of_selected()
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
        run = self.run
        if run.is_live:
            run.send(SetBreakpoints(self.breakpoints.all))
        run.marked = self.breakpoints.lines
        run.refresh()

    def shown(self) -> None:
        """The panes show another state of the run."""
        run = self.run
        recorded = run.transport.playhead.trajectory.breakpoints
        is_new = not run.is_live and self._adopted is not run
        if is_new and recorded and not self.breakpoints.all:
            self._adopted = run
            self.breakpoints.take(recorded)
            self.breakpoints_changed()
