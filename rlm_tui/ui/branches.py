"""What is asked of the engine to go on from within a run that is shown."""

from __future__ import annotations

import msgspec

from rlm_tui.config import Settings
from rlm_tui.errors import UsageError
from rlm_tui.source import Fork, RunRequest
from rlm_tui.ui.run_display import RunDisplay

_OWN = ("api_base", "env_file", "theme", "save")
"""Settings that are the user's, not the recorded run's."""


def branch_point(run: RunDisplay) -> int:
    """The `seq` of the event at which a branch would leave. Raises UsageError."""
    playhead = run.transport.playhead
    if run.header is None or not playhead.records:
        raise UsageError("There is no run here to go on from.")
    if run.session is None:
        raise UsageError("This run is not saved, so no branch can go on from it.")
    return playhead.records[playhead.position - 1].seq if playhead.position else 0


def branch_request(
    run: RunDisplay, settings: Settings, event: int, name: str, *, paused: bool, typing_pace: float
) -> RunRequest:
    """A run that goes on from an event of the one that is shown, with its models and limits."""
    header = run.header
    assert header is not None  # noqa: S101 - `branch_point` has seen to it
    assert run.session is not None  # noqa: S101 - likewise
    recorded = {"model": header.model, "sub_model": header.sub_model, **header.settings}
    own = {name: getattr(settings, name) for name in _OWN}
    known = {key: value for key, value in (recorded | own).items() if value is not None}
    return RunRequest(
        question=header.question,
        documents=[document.path for document in header.documents],
        settings=msgspec.convert(known, Settings),
        paused=paused,
        breakpoints=run.transport.playhead.trajectory.breakpoints,
        fork=Fork(run.session, event, name),
        typing_pace=typing_pace,
    )
