"""Figures as people read them, short enough for a row."""

from __future__ import annotations

from rlm_tui.config import is_billed
from rlm_tui.events import Usage

_THOUSAND = 1_000
_MINUTE = 60.0


def tokens(count: int) -> str:
    """`61`, `2.0k`, `41k`, `1.2M`."""
    if count < _THOUSAND:
        return str(count)
    if count < 10 * _THOUSAND:
        return f"{count / _THOUSAND:.1f}k"
    if count < _THOUSAND * _THOUSAND:
        return f"{count / _THOUSAND:.0f}k"
    return f"{count / _THOUSAND / _THOUSAND:.1f}M"


def seconds(duration: float) -> str:
    """`.4`, `1.1`, `42`, `3:07`; seconds, or minutes and seconds."""
    if duration < 1:
        return f".{min(int(duration * 10), 9)}"
    if duration < 10:  # noqa: PLR2004 - two digits are enough
        return f"{duration:.1f}"
    if duration < _MINUTE:
        return f"{duration:.0f}"
    return f"{int(duration // _MINUTE)}:{int(duration % _MINUTE):02}"


def clock(duration: float) -> str:
    """`00:42`, `1:02:07`."""
    minutes, rest = divmod(int(duration), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


def size(count: int) -> str:
    """`29 B`, `440 kB`, `9.8 MB`, `1.0 GB`."""
    value, unit = float(count), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if value < _THOUSAND or unit == "TB":
            break
        value /= _THOUSAND
    return f"{value:.0f} {unit}" if unit == "B" or value >= 100 else f"{value:.1f} {unit}"  # noqa: PLR2004


def cost(usage: Usage, model: str) -> str:
    """`$0.083`; `$?` when it is not known; empty for a model that nobody bills."""
    if not is_billed(model):
        return ""
    return "$?" if usage.cost_usd is None else f"${usage.cost_usd:.3f}"
