from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_tui.events import Usage
from rlm_tui.ui.widgets import figures


@pytest.mark.parametrize(
    ("duration", "shown"),
    [
        (0.0, ".0"),
        (0.49, ".4"),
        (0.999, ".9"),
        (1.0, "1.0"),
        (9.94, "9.9"),
        (9.96, "10"),
        (42.4, "42"),
        (59.6, "1:00"),
        (187.2, "3:07"),
        (3600.0, "60:00"),
        (-0.5, ".0"),
    ],
)
def test_seconds_take_two_or_three_cells_below_a_minute(duration, shown):
    assert figures.seconds(duration) == shown


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0"),
        (999, "999"),
        (2_048, "2.0k"),
        (9_999, "10k"),
        (41_200, "41k"),
        (999_499, "999k"),
        (999_999, "1.0M"),
        (12_345_678, "12M"),
        (3_000_000_000, "3.0G"),
        (5_000_000_000_000, "5,000G"),
    ],
)
def test_tokens_are_told_in_the_largest_unit_in_which_they_are_at_least_one(count, shown):
    assert figures.tokens(count) == shown


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (29, "29 B"),
        (11_888, "11.9 kB"),
        (99_960, "100 kB"),
        (440_820, "441 kB"),
        (999_600, "1.0 MB"),
        (9_800_000, "9.8 MB"),
        (1_073_741_824, "1.1 GB"),
        (10**16, "10,000 TB"),
    ],
)
def test_a_size_is_told_in_decimal_units(count, shown):
    assert figures.size(count) == shown


@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_more_tokens_never_look_like_fewer(one, other):
    def worth(shown: str) -> float:
        scale = {"k": 1e3, "M": 1e6, "G": 1e9}.get(shown[-1], 1.0)
        return float(shown.rstrip("kMG").replace(",", "")) * scale

    few, many = sorted((one, other))
    assert worth(figures.tokens(few)) <= worth(figures.tokens(many))


@given(st.integers(0, 999_499_999))
def test_tokens_of_any_run_that_can_be_paid_fit_into_four_cells(count):
    assert len(figures.tokens(count)) <= 4


@pytest.mark.parametrize(
    ("duration", "shown"),
    [(0.0, "00:00"), (42.9, "00:42"), (3_599.9, "59:59"), (3_727.0, "1:02:07")],
)
def test_a_clock_shows_hours_once_there_are_some(duration, shown):
    assert figures.clock(duration) == shown


@pytest.mark.parametrize(
    ("model", "usage", "shown"),
    [
        ("openai/gpt-5", Usage(1, cost_usd=0.0834), "$0.083"),
        ("openai/gpt-5", Usage(1, cost_usd=0.0), "$0.000"),
        ("openai/gpt-5", Usage(1, cost_usd=None), "$?"),
        ("offline", Usage(1, cost_usd=None), ""),
        ("scripted:/a.json", Usage(1, cost_usd=1.0), ""),
    ],
    ids=["known", "nothing", "unknown", "offline", "scripted"],
)
def test_an_unknown_price_is_never_nothing_and_a_model_nobody_bills_has_none(model, usage, shown):
    assert figures.cost(usage, model) == shown


@pytest.mark.parametrize(
    ("part", "shown"),
    [(0.0, "0%"), (0.0004, "<1%"), (0.12, "12%"), (0.996, ">99%"), (1.0, "100%")],
)
def test_a_share_is_never_nothing_or_all_when_it_is_not(part, shown):
    assert figures.share(part) == shown
