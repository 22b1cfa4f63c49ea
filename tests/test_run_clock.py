from __future__ import annotations

from rlm_tui.run_clock import RunClock


def test_time_in_which_a_run_is_held_does_not_count():
    clock = RunClock()
    assert clock.elapsed(3.0) == 3.0
    clock.hold(4.0)
    assert clock.elapsed(10.0) == 4.0
    clock.hold(6.0)  # what is held was edited, and is told again
    assert clock.elapsed(10.0) == 4.0
    clock.go_on(11.0)
    assert clock.elapsed(13.0) == 6.0


def test_going_on_from_no_stop_changes_nothing():
    clock = RunClock()
    clock.go_on(2.0)
    assert clock.elapsed(5.0) == 5.0
