"""Figures as people read them, short enough for a row."""

from __future__ import annotations

from rlm_tui.config import is_billed
from rlm_tui.events import Usage

_MINUTE = 60.0


def tokens(count: int) -> str:
    """`61`, `2.0k`, `41k`, `1.2M`."""
    return _scaled(count, ("", "k", "M", "G"), decimals_below=10)


def seconds(duration: float) -> str:
    """`.4`, `1.1`, `42`, `3:07`; seconds, or minutes and seconds."""
    if duration < 1:
        return f".{max(int(duration * 10), 0)}"
    if round(duration, 1) < 10:  # noqa: PLR2004 - two digits are enough
        return f"{duration:.1f}"
    if round(duration) < _MINUTE:
        return f"{duration:.0f}"
    return f"{round(duration) // 60}:{round(duration) % 60:02}"


def clock(duration: float) -> str:
    """`00:42`, `1:02:07`."""
    minutes, rest = divmod(int(duration), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


def size(count: int) -> str:
    """`29 B`, `440 kB`, `9.8 MB`, `1.0 GB`."""
    return _scaled(count, (" B", " kB", " MB", " GB", " TB"), decimals_below=100)


def share(part: float) -> str:
    """`0%`, `<1%`, `12%`, `>99%`, `100%`; never all or nothing for what is not."""
    if 0 < part < 0.01:  # noqa: PLR2004 - a percent
        return "<1%"
    if 0.99 < part < 1:  # noqa: PLR2004 - likewise
        return ">99%"
    return f"{part:.0%}"


def _scaled(count: int, units: tuple[str, ...], *, decimals_below: float) -> str:
    """A count in the largest unit in which it is at least 1, by what it is when rounded."""
    if count < 1_000:  # noqa: PLR2004 - the step between units
        return f"{count}{units[0]}"
    step, value = 1, count / 1_000
    while round(value) >= 1_000 and step < len(units) - 1:  # noqa: PLR2004 - likewise
        step, value = step + 1, value / 1_000
    digits = 1 if round(value, 1) < decimals_below else 0
    return f"{value:,.{digits}f}{units[step]}"


def cost(usage: Usage, model: str) -> str:
    """`$0.083`; `$?` when it is not known; empty for a model that nobody bills."""
    if not is_billed(model):
        return ""
    return "$?" if usage.cost_usd is None else f"${usage.cost_usd:.3f}"
