"""What a run may use: the limits it began with, as its user has raised them since."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rlm_tui.config import Settings, limit_setting
from rlm_tui.trajectory import Trajectory

_NAMES = ("iterations", "sub-calls", "tokens", "cost", "time")


def allowed_by(trajectory: Trajectory, given: Mapping[str, Any]) -> dict[str, float | None]:
    """The limits in force, by their names for people; None for no limit.

    Args:
        trajectory: the run so far.
        given: the settings in its header, those that are not the default.
    """
    defaults = Settings()
    allowed: dict[str, float | None] = {}
    for name in _NAMES:
        setting = limit_setting(name)
        allowed[name] = given.get(setting, getattr(defaults, setting))
    for _, change in trajectory.interventions:
        if change.kind == "raised_limit":
            name, _, value = change.after.rpartition(" ")
            allowed[name.replace("_", "-")] = float(value)
    return allowed


def iterations_used(trajectory: Trajectory) -> int:
    """Those that count; the last request of a run that a limit ends does not."""
    return sum(iteration.kind != "forced" for iteration in trajectory.root.iterations)
