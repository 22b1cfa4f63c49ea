from __future__ import annotations

from types import SimpleNamespace

import pytest

from rlm_tui.events import Intervened
from rlm_tui.source import Evaluated
from rlm_tui.trajectory import SubCall, Trajectory
from rlm_tui.ui.call_estimates import CallEstimates
from rlm_tui.ui.screens.editing import Editing
from tests.runs import NAMED
from tests.ui.conftest import QUESTION, until
from tests.ui.test_debugger import SIZE, at_stop
from tests.ui.test_interventions import dialog, run_to

LOOP = "for c in {}:\n    llm_query(c)"


def estimates(values: dict[str, object], *, records=(), settings=None, asked=None) -> CallEstimates:
    """Estimates over a run, and a REPL with these variables."""
    trajectory = Trajectory()
    trajectory.apply_all(records)
    run = SimpleNamespace(
        transport=SimpleNamespace(playhead=SimpleNamespace(trajectory=trajectory)),
        header=SimpleNamespace(settings=settings or {}),
    )

    def evaluate(code, take):
        if asked is not None:
            asked.append(code)
        try:
            take(Evaluated(1, f"{eval(code, {}, values)}\n"))
        except NameError as error:
            take(Evaluated(1, str(error), is_error=True))

    return CallEstimates(run, evaluate)


def told(estimate: CallEstimates, before: str, after: str) -> str:
    said = []
    estimate.tell(before, after, said.append)
    (words,) = said
    return words


def test_the_number_of_calls_is_told_with_what_it_was():
    estimate = estimates({"parts": range(4_883)}, settings={"max_sub_calls": 9_000})
    words = told(estimate, LOOP.format("parts"), LOOP.format("parts[:10]"))
    assert words == "10 sub-calls (was 4,883)"


def test_the_same_question_is_asked_once():
    asked = []
    estimate = estimates({"parts": range(3)}, asked=asked)
    for _ in range(3):
        told(estimate, LOOP.format("parts"), LOOP.format("parts"))
    assert len(asked) == 1


def test_what_the_text_or_the_repl_does_not_tell_is_said_with_what_is_left():
    estimate = estimates({}, settings={"max_sub_calls": 48})
    assert told(estimate, "", "while True: llm_query('a')") == (
        "sub-calls: cannot be told, 48 left"
    )
    assert told(estimate, "", LOOP.format("missing")) == "sub-calls: cannot be told, 48 left"


def test_more_calls_than_are_left_are_said():
    estimate = estimates({"parts": range(60)}, settings={"max_sub_calls": 48})
    assert "only 48 left" in told(estimate, "", LOOP.format("parts"))


def test_without_calls_nothing_is_said():
    assert told(estimates({}), "x = 1", "x = 2") == ""


def test_a_price_is_told_by_the_calls_that_were_made():
    records = NAMED["parallel"]()
    trajectory = Trajectory()
    trajectory.apply_all(records)
    costs = [
        node.result.usage.cost_usd
        for node in trajectory.nodes.values()
        if isinstance(node, SubCall) and node.result.usage.cost_usd is not None
    ]
    words = told(estimates({"parts": range(10)}, records=records), "", LOOP.format("parts"))
    assert costs
    assert "by the calls so far" in words


@pytest.mark.parametrize("raised", ["sub-calls 400", "sub_calls 400"])
def test_a_limit_that_was_raised_counts(raised):
    estimate = estimates({"parts": range(60)}, settings={"max_sub_calls": 48})
    change = Intervened("raised_limit", "sub-calls 48", raised)
    estimate._run.transport.playhead.trajectory.interventions.append(("", change))
    assert "left" not in told(estimate, "", LOOP.format("parts"))


async def test_the_dialog_says_it_of_the_run_that_is_held(open_app, studied):
    app = open_app(document=studied, question=QUESTION, paused=True)
    async with app.run_test(size=SIZE) as pilot:
        await at_stop(pilot, app, 1)
        await run_to(pilot, app, "it 2 and code")
        await pilot.press("e")
        screen = await dialog(pilot, app, Editing)
        await until(pilot, lambda: "14 sub-calls" in str(screen.query_one(".check").render()))
