"""Looks at values: watches at every stop, and whatever is asked for while the run is held."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from textual.screen import Screen

from rlm_tui.errors import UsageError
from rlm_tui.events import parent_of
from rlm_tui.source import Evaluate, Evaluated
from rlm_tui.trajectory import CodeBlock
from rlm_tui.ui.run_display import RunDisplay
from rlm_tui.ui.values_here import ValuesHere
from rlm_tui.ui.watches import Watches
from rlm_tui.ui.widgets.watch_pane import Watched
from rlm_tui.variables import Variables, variables_at

_INSIDE = frozenset({"line", "llm_query", "rlm_query", "reply"})
"""What a code block is held before while it runs."""
_NOT_HELD = "Values can be looked at while the run is paused: p pauses it."
_RECORDED = "recorded as text only"


class Looking:
    """What one wants to see of the REPL, for one screen."""

    def __init__(self, screen: Screen[None], shown: Callable[[], RunDisplay]) -> None:
        """Look at whatever run `shown` says."""
        self.watches = Watches()
        self._screen = screen
        self._shown = shown
        self._asked: dict[int, Callable[[Evaluated], None]] = {}
        self._next = 1
        self._here = ValuesHere()
        self._seen: tuple[RunDisplay, int] | None = None
        """The stop whose values the watches have."""

    def at_stop(self) -> None:
        """Evaluate the watches where the live run is held, once a stop."""
        run = self._shown()
        held = run.held
        if held is None or held.is_recorded:
            return
        stop = (run, run.transport.playhead.position)
        if stop != self._seen:
            self._seen = stop
            for watch in self.watches.all:
                self._evaluate_watch(watch.number, watch.expression)
            if held.block != self._here.block:
                self._here.end()
            # The stop itself is drawn before anybody looks around.
            self._screen.call_after_refresh(self._look_around, stop)

    def _look_around(self, stop: tuple[RunDisplay, int]) -> None:
        """Ask for the values of the names in the block that runs, if one does at that stop."""
        held = self._shown().held
        if stop != self._seen or held is None or held.is_recorded:
            return
        block = self._shown().transport.playhead.trajectory.nodes.get(held.block)
        if not isinstance(block, CodeBlock) or held.next.before not in _INSIDE:
            self._here.end()
            return
        for name in self._here.begin(block.id, block.code):
            self._send(name, partial(self._take_here, name))

    def _take_here(self, name: str, told: Evaluated) -> None:
        if self._here.take(name, told.text, is_error=told.is_error):
            self._shown().refresh()

    def _evaluate_watch(self, number: int, expression: str) -> None:
        def take(told: Evaluated) -> None:
            self.watches.take(number, told.text, is_error=told.is_error)
            self._shown().refresh()

        self._send(f"({expression}\n)", take)

    def evaluate(self, code: str, take: Callable[[Evaluated], None]) -> None:
        """Have the REPL of the held run show what some code comes to."""
        self._send(code, take)

    def _send(self, code: str, take: Callable[[Evaluated], None], *, changes: bool = False) -> None:
        self._asked[self._next] = take
        self._shown().send(Evaluate(self._next, code, changes))
        self._next += 1

    def take(self, told: Evaluated) -> None:
        """Something that was asked for is there."""
        self._asked.pop(told.id, self._say)(told)

    def _say(self, told: Evaluated) -> None:
        severity = "error" if told.is_error else "information"
        self._screen.notify(told.text or "(nothing)", severity=severity, markup=False)

    def rows(self) -> list[Watched]:
        """The watches as they are where the reader stands."""
        run = self._shown()
        held = run.held
        if run.is_at_run and (held is None or not held.is_recorded):
            return [Watched(w.expression, w.value, w.was, w.is_error) for w in self.watches.all]
        variables = self._recorded()
        return [
            Watched(w.expression, _recorded_value(variables, w.expression))
            for w in self.watches.all
        ]

    def here(self) -> list[Watched]:
        """The names of the block that the live run is held in, while the reader stands there."""
        run = self._shown()
        held = run.held
        is_there = run.is_at_run and held is not None and not held.is_recorded
        return self._here.rows if is_there else []

    def _recorded(self) -> Variables:
        """The variables where the reader stands in what is recorded."""
        run = self._shown()
        trajectory, held = run.transport.playhead.trajectory, run.held
        node = held.node if held is not None else ""
        while node and node not in trajectory.nodes:
            node = parent_of(node)
        return variables_at(trajectory, trajectory.nodes.get(node))

    # What the user asks for

    def value(self, code: str) -> None:
        """Show what some code comes to. Says so when the run is not held."""
        if self._is_held():
            self._send(code, self._say)

    def execute(self, statement: str) -> None:
        """Run a statement in the REPL of what the run is held before."""
        if self._is_held():
            self._send(statement, self._after_statement, changes=True)

    def _after_statement(self, told: Evaluated) -> None:
        if told.text or told.is_error:
            self._say(told)
        self._seen = None  # what it has changed may be watched
        self.at_stop()

    def _is_held(self) -> bool:
        run = self._shown()
        held = run.held
        is_held = run.is_at_run and held is not None and not held.is_recorded
        if not is_held:
            self._screen.notify(_NOT_HELD, severity="warning", markup=False)
        return is_held

    def watch(self, expression: str) -> None:
        """Watch an expression, or no more when it is watched already."""
        try:
            added = self.watches.toggle(expression)
        except UsageError as error:
            self._screen.notify(str(error), severity="error", markup=False)
            return
        run = self._shown()
        held = run.held
        if added is not None and held is not None and not held.is_recorded:
            self._evaluate_watch(added.number, added.expression)
        run.refresh()

    def ask_watch(self) -> None:
        """Let an expression be typed."""
        self._ask(
            "watch ", "an expression, such as len(hits); the same again removes it", self.watch
        )

    def ask_statement(self) -> None:
        """Let a statement be typed."""
        if self._is_held():
            self._ask("! ", "a statement, such as hits = hits[:10]", self.execute)

    def _ask(self, sign: str, placeholder: str, act: Callable[[str], None]) -> None:
        from rlm_tui.ui.screens.line_prompt import LinePrompt  # noqa: PLC0415 - Input takes 20 ms

        def typed(text: str | None) -> None:
            if text and text.strip():
                act(text.strip())

        self._screen.app.push_screen(LinePrompt(sign, placeholder=placeholder), typed)  # pyright: ignore[reportUnknownMemberType]


def _recorded_value(variables: Variables, expression: str) -> str:
    """What is recorded of a variable; other expressions would need the REPL."""
    held = variables.held.get(expression)
    return held.variable.value if held is not None else _RECORDED
