"""The rows of a measurement and how they are printed."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One figure."""

    what: str
    value: float | None
    """None where there is only something to say."""
    unit: str
    goal: str = ""
    """What it should be, in words; empty when it is only told."""


def median_of(measure: Callable[[], float], runs: int = 5) -> float:
    """The median of several runs, after one that does not count."""
    measure()
    return statistics.median(measure() for _ in range(runs))


def percentile(values: Iterable[float], share: float) -> float:
    """The smallest value that at least that share of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def show(title: str, rows: Iterable[Row]) -> None:
    """Print a table."""
    print(f"\n{title}")
    for row in rows:
        goal = f"goal {row.goal}" if row.goal else ""
        value = f"{row.value:>10,.2f}" if row.value is not None else ""
        print(f"  {row.what:<58} {value} {row.unit:<6} {goal}")
