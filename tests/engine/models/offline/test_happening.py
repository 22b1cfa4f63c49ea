"""Errors ranked with their busy times, and busy hours."""

from __future__ import annotations

import re

import pytest

from rlm_tui.engine.models.offline.happening import error_key
from tests.engine.models.offline.rehearsing import rehearse


def log(*errors):
    """A line each minute: an error, or INFO where there is none."""
    lines = [
        f"2024-05-01 {9 + n // 60:02}:{n % 60:02}:00 "
        + (f'ERROR shop code={code} msg="it was {code.lower()} again"' if code else "INFO shop ok")
        for n, code in enumerate(errors)
    ]
    return "\n".join(lines) + "\n"


BURST = log(*[""] * 30, *["A_FULL"] * 12, "", "B_LATE", *[""] * 20, *["B_LATE"] * 4, "A_FULL")
ASK = "Which errors repeat most, and when?"


def test_the_leader_and_its_busy_time_come_first():
    done = rehearse(ASK, BURST)
    assert done.failures == []
    assert done.first_line == (
        "A_FULL repeats most: 13 of 18 errors, 10 of them from 2024-05-01 09:30 to 09:39"
    )
    assert "2. B_LATE: 5 times, 4 of them from 2024-05-01 10:00 to 10:09" in done.answer


def test_the_lines_around_are_read_by_sub_calls_and_quoted():
    done = rehearse(ASK, BURST)
    assert 2 <= len(done.prompts) <= 6
    assert all("what came just before it?" in prompt for prompt in done.prompts)
    assert '  line 31: "2024-05-01 09:30:00 ERROR shop code=A_FULL' in done.answer


def test_without_sub_calls_the_first_line_is_quoted():
    done = rehearse(ASK, BURST, depth_left=0)
    assert (done.failures, done.prompts) == ([], [])
    assert '  line 31: "2024-05-01 09:30:00 ERROR shop code=A_FULL' in done.answer


def test_failed_sub_calls_cost_no_more_than_their_quotes():
    done = rehearse(ASK, BURST, ask=lambda _: ValueError("no"))
    assert done.failures == []
    assert done.first_line.startswith("A_FULL repeats most: 13 of 18")


def test_a_tie_is_told_as_a_tie():
    done = rehearse(ASK, log("A_FULL", "B_LATE", "A_FULL", "B_LATE"))
    assert done.first_line == "A tie: A_FULL, B_LATE repeat most, 2 times each of 4 errors"


def test_conditions_narrow_the_errors():
    text = BURST.replace("shop code=B", "mill code=B")
    done = rehearse("Which errors repeat most in the mill?", text)
    assert done.first_line.startswith("B_LATE repeats most: 5 of 5 errors")
    assert done.first_line.endswith("(those with mill)")
    done = rehearse("Which errors repeat most in Zanzibar?", text)
    assert done.first_line.startswith("No such line has Zanzibar. Without that: A_FULL")


def test_without_times_the_lines_tell_when():
    text = "".join("ERROR disk full on sda3\n" if 40 < n < 50 else f"ok {n}\n" for n in range(100))
    done = rehearse(ASK, text)
    assert done.failures == []
    assert done.first_line.startswith("disk full on sda# repeats most: 9 of 9 errors")
    assert "in lines 4" in done.first_line


def test_a_text_without_errors_is_said_to_have_none():
    done = rehearse(ASK, "All is well.\n")
    assert done.first_line.startswith("No errors found: none of the 1 lines")
    assert done.prompts == []


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        (["ERROR x code=E_1 msg=a", "ERROR x code=E_2 msg=b"], "E_1"),
        (["ERROR ValueError: bad", "ERROR KeyError: 'x'"], "ValueError"),
        (["ERROR got DB_FULL now", "ERROR got DB_LATE now"], "DB_FULL"),
        (["ERROR [E1042] bad", "ERROR [E1043] bad"], "E1042"),
        (["ERROR disk 7 is full"], "disk # is full"),
        (['{"level": "error", "message": "disk full"}'] * 2, "disk full"),
        (['{"level": "error", "n": 3}'] * 2, "error"),
    ],
)
def test_kinds_of_errors_are_told_apart_by_what_the_lines_have(lines, kind):
    pattern, code = error_key(lines)
    found = re.search(pattern, lines[0])
    assert eval(code, {"kind": found, "re": re}) == kind


@pytest.mark.parametrize(
    ("question", "first"),
    [
        (
            "Which hour has the most errors?",
            "2024-05-01 09 (hour) has most: 13 of 18 lines (those with error lines)",
        ),
        ("Which hour has the fewest lines?", "2024-05-01 10 (hour) has least: 9 of 69 lines"),
        (
            "How many errors per day?",
            "2024-05-01 (day) has most: 18 of 18 lines (those with error lines)",
        ),
    ],
)
def test_hours_and_days_are_compared(question, first):
    done = rehearse(question, BURST)
    assert done.failures == []
    assert done.first_line == first


def test_hours_that_tie_are_told_as_a_tie():
    text = log(*["A"] * 120)
    assert rehearse("Which hour has the most errors?", text).first_line.startswith(
        "A tie of 2024-05-01 09, 2024-05-01 10: 60 lines each"
    )


def test_a_text_without_times_has_no_busy_hour():
    done = rehearse("Which hour has the most errors?", "All is well, and no hour is busy.\n")
    assert done.first_line.startswith("Not stated")
