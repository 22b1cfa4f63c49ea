from __future__ import annotations

import pytest

from rlm_tui.document.line_numbers import LineNumbers
from rlm_tui.document.provenance import Locator
from rlm_tui.document.settling import settled

SAME = "ERROR E42 disk full on /var/lib/postgres"
TEXT = "".join(
    f"{SAME}\n" if number % 10 == 3 else f"INFO request {number} took {number * 37} ms\n"
    for number in range(100)
)
LINES = TEXT.splitlines()


def located(prompt: str):
    (found,) = Locator(TEXT).locate([prompt])
    return found


@pytest.mark.parametrize(
    "prompt",
    [f"24:{SAME}", f"[(24, '{SAME}')]", f"line 24: {SAME}", f"24 | {SAME}"],
)
def test_the_number_before_a_line_says_which_of_its_places_is_meant(prompt):
    (span,) = located(prompt).spans
    assert TEXT[: span.start].count("\n") == 23


def test_a_number_that_is_not_that_of_such_a_line_says_nothing():
    found = located(f"25:{SAME}")
    assert not found.spans
    (repeat,) = found.repeats
    assert len(repeat.starts) == 10


@pytest.mark.parametrize("sign", ["> ", "- ", "* "])
def test_what_goes_on_from_a_line_that_is_known_is_known(sign):
    prompt = "\n".join(sign + line for line in LINES[32:35])
    found = located(prompt)
    assert not found.repeats
    assert [TEXT[: span.start].count("\n") for span in found.spans] == [32, 33, 34]


def test_what_ends_where_a_known_line_begins_is_known():
    prompt = "\n".join(f"> {line}" for line in LINES[43:45])
    assert [TEXT[: span.start].count("\n") for span in located(prompt).spans] == [43, 44]


def test_a_repeated_line_beside_lines_of_elsewhere_stays_open():
    prompt = "\n".join(f"> {line}" for line in (LINES[35], SAME, LINES[71]))
    found = located(prompt)
    assert len(found.spans) == 2
    assert len(found.repeats) == 1


def test_nothing_is_settled_where_nothing_was_chosen():
    assert settled(TEXT, LineNumbers(TEXT), "x", []) == ([], [])
