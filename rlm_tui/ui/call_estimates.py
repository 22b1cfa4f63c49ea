"""How many sub-calls code will make, and what they may cost by those that were made so far."""

from __future__ import annotations

from collections.abc import Callable

from rlm_tui.allowances import allowed_by
from rlm_tui.code_reading import calls_made
from rlm_tui.held import amount
from rlm_tui.source import Evaluated
from rlm_tui.trajectory import SubCall
from rlm_tui.ui.run_display import RunDisplay

Evaluate = Callable[[str, Callable[[Evaluated], None]], object]
"""Has the REPL of a held run show what some code comes to."""


class CallEstimates:
    """Estimates for the code that a run is held before."""

    def __init__(self, run: RunDisplay, evaluate: Evaluate) -> None:
        """Ask the REPL through `evaluate` how long its variables are."""
        self._run = run
        self._evaluate = evaluate
        self._counts: dict[str, int | None] = {}
        """By expression; None where the REPL cannot say."""

    def tell(self, before: str, after: str, then: Callable[[str], object]) -> None:
        """Say what an edit does to the number of calls, once that is known."""
        codes = (before, after)
        self._count(codes, [], then)

    def _count(
        self, codes: tuple[str, ...], counts: list[int | None], then: Callable[[str], object]
    ) -> None:
        """Count the calls of one code after the other."""
        if len(counts) == len(codes):
            then(self._words(*counts))
            return
        expression = calls_made(codes[len(counts)])

        def go_on(count: int | None) -> None:
            self._count(codes, [*counts, count], then)

        if expression is None or expression in self._counts:
            go_on(self._counts.get(expression) if expression is not None else None)
        elif expression.isdecimal():
            go_on(int(expression))
        else:

            def take(told: Evaluated) -> None:
                text = told.text.strip()
                is_count = not told.is_error and text.isdecimal()
                self._counts[expression] = int(text) if is_count else None
                go_on(self._counts[expression])

            self._evaluate(f"({expression}\n)", take)

    def _words(self, before: int | None, after: int | None) -> str:
        if before == 0 == after:
            return ""
        if after is None:
            return f"sub-calls: cannot be told, {self._left:,} left"
        was = "" if before in {None, after} else f" (was {before:,})"
        call = self._mean_cost
        cost = "" if call is None else f", {amount(after * call)} by the calls so far"
        over = f", only {self._left:,} left" if after > self._left else ""
        return f"{after:,} sub-calls{was}{cost}{over}"

    @property
    def _left(self) -> int:
        trajectory, header = self._run.transport.playhead.trajectory, self._run.header
        given = header.settings if header is not None else {}
        most = allowed_by(trajectory, given)["sub-calls"] or 0
        return max(int(most) - trajectory.call_count, 0)

    @property
    def _mean_cost(self) -> float | None:
        """US dollars a call so far; None while no price is known."""
        costs = [
            node.result.usage.cost_usd
            for node in self._run.transport.playhead.trajectory.nodes.values()
            if isinstance(node, SubCall) and node.result and node.result.usage.cost_usd is not None
        ]
        return sum(costs) / len(costs) if costs else None
