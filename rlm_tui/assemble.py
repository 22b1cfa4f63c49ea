"""Builds sources from settings and files; the only place that knows all the parts."""

from __future__ import annotations

from rlm_tui.live import LiveRun
from rlm_tui.source import RunRequest, Source


def live(request: RunRequest) -> Source:
    """A run in this process."""
    return LiveRun(request)
