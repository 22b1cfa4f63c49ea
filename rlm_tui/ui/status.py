"""What the status line says: the mode as a word, why, and the figures in their fixed order."""

from __future__ import annotations

from dataclasses import dataclass

from rlm_tui.allowances import allowed_by, iterations_used
from rlm_tui.config import is_billed, shown_name
from rlm_tui.events import Outcome
from rlm_tui.header import Header
from rlm_tui.held import Held, held_at
from rlm_tui.playhead import Playhead
from rlm_tui.trajectory import Iteration, Trajectory
from rlm_tui.ui.widgets import figures

_ENDS: dict[Outcome, tuple[str, str]] = {
    "answered": ("DONE", "done"),
    "forced": ("LIMIT", "held"),
    "limited": ("LIMIT", "held"),
    "cancelled": ("STOPPED", "held"),
    "failed": ("FAILED", "failed"),
}


@dataclass(frozen=True, slots=True)
class Status:
    """A status line."""

    mode: str
    meaning: str
    """The colour of the mode: idle, live, held, done or failed."""
    reason: str
    figures: list[str]
    next: str = ""
    """What going on costs; empty while nothing is held."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What the screen knows beside the trajectory."""

    header: Header | None
    is_live: bool
    """Whether more events may come."""
    is_playing: bool
    speed: float
    broken: str | None
    """Why no more events come although the run has not finished."""
    stop: str = ""
    """Why a step in what is recorded ended here; empty where none did."""
    passed: float = 0.0
    """Seconds that the run has been running since its latest event."""
    read: str = ""
    """How much of the documents any model has seen, in words; empty while it is found out."""


def status_of(playhead: Playhead, situation: Situation) -> Status:
    """The status line for a run at a place."""
    held = held_at(
        playhead.trajectory, playhead.records, playhead.position, is_live=situation.is_live
    )
    mode, meaning, reason = _mode(playhead, situation, held)
    is_held = held is not None and (mode == "PAUSED" or (mode == "REPLAY" and bool(situation.stop)))
    price = held.price if held is not None and is_held else ""
    return Status(mode, meaning, reason, _figures(playhead.trajectory, situation), price)


def _mode(playhead: Playhead, situation: Situation, held: Held | None) -> tuple[str, str, str]:
    trajectory = playhead.trajectory
    if situation.header is None:
        if situation.is_live:
            return "STARTING", "live", "the sandbox and the model client"
        if situation.broken:
            return "FAILED", "failed", situation.broken
        return "IDLE", "idle", ""
    if situation.broken and playhead.follows and trajectory.finished is None:
        return "FAILED", "failed", situation.broken  # even where events at the end are unusable
    if situation.is_playing or not playhead.is_at_end:
        speed = f" {situation.speed:g}x" if situation.is_playing else ""
        where = held.where if held is not None and not situation.is_playing else ""
        behind = "the run goes on" if situation.is_live else ""
        told = (where, "" if situation.is_playing else situation.stop, behind)
        return f"REPLAY{speed}", "held", " · ".join(filter(None, told))
    finished = trajectory.finished
    if finished is not None:
        word, meaning = _ENDS[finished.outcome]
        return word, meaning, finished.error.message if finished.error else ""
    if not situation.is_live:
        return "TORN", "failed", "the recording ends before the run did"
    if held is not None:
        return "PAUSED", "held", " · ".join(filter(None, (held.where, held.next.reason)))
    retry = _retry(trajectory)
    if retry:
        return "WAITING", "held", retry
    return "LIVE", "live", ""


def _retry(trajectory: Trajectory) -> str:
    iterations = trajectory.root.iterations
    last: Iteration | None = iterations[-1] if iterations else None
    if last is None or last.retry is None:
        return ""
    return f"attempt {last.retry.attempt} in {last.retry.wait:.0f} s: {last.retry.error.message}"


def _figures(trajectory: Trajectory, situation: Situation) -> list[str]:
    header = situation.header
    if header is None:
        return []
    settings = header.settings
    allowed = allowed_by(trajectory, settings)
    spent = trajectory.spent
    told = [
        f"it {iterations_used(trajectory)}/{allowed['iterations'] or 0:.0f}",
        f"calls {trajectory.call_count}/{allowed['sub-calls'] or 0:.0f}",
    ]
    if trajectory.deepest:
        told.append(f"depth {trajectory.deepest}/{settings.get('max_depth', 1)}")
    cached = f" cached {figures.tokens(spent.cached_tokens)}" if spent.cached_tokens else ""
    sent, got = figures.tokens(spent.input_tokens), figures.tokens(spent.output_tokens)
    total = figures.tokens(spent.input_tokens + spent.output_tokens)
    told.append(f"{total} tok (in {sent} out {got}{cached})")
    if is_billed(header.model) or is_billed(header.sub_model):
        limit = allowed["cost"]
        of = f" of ${limit:.2f}" if limit is not None else ""
        known = "cost unknown" if spent.cost_usd is None else f"${spent.cost_usd:.3f}"
        told.append(f"{known}{of}")
    told.append(figures.clock(trajectory.clock.elapsed(trajectory.at) + situation.passed))
    if situation.read:
        told.append(situation.read)
    told.append(" > ".join(map(shown_name, dict.fromkeys((header.model, header.sub_model)))))
    if trajectory.started is not None:
        told.append(f"sandbox: {trajectory.started.sandbox}")
    return told
