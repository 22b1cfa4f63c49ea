from __future__ import annotations

from rlm_tui.allowances import allowed_by, iterations_used
from rlm_tui.events import Intervened
from rlm_tui.trajectory import Trajectory
from tests.runs import NAMED, numbered


def run_of(records):
    trajectory = Trajectory()
    trajectory.apply_all(records)
    return trajectory


def test_without_a_word_about_limits_those_of_the_defaults_are_in_force():
    assert allowed_by(run_of([]), {}) == {
        "iterations": 30,
        "sub-calls": 200,
        "tokens": None,
        "cost": None,
        "time": None,
    }


def test_a_limit_that_was_raised_takes_the_place_of_the_one_in_the_header():
    raised = Intervened("raised_limit", "sub_calls 4", "sub_calls 20")
    again = Intervened("raised_limit", "cost none", "cost 0.5")
    told = allowed_by(run_of(numbered([("", raised), ("", again)])), {"max_sub_calls": 4})
    assert (told["sub-calls"], told["cost"], told["iterations"]) == (20, 0.5, 30)


def test_the_request_for_the_best_answer_so_far_is_no_iteration_of_the_limit():
    trajectory = run_of(NAMED["forced"]())
    assert (len(trajectory.root.iterations), iterations_used(trajectory)) == (2, 1)
