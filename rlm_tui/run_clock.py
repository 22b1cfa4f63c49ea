"""How long a run has been running, without the stops in which it was held; times in seconds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class RunClock:
    """Told when a run is held and goes on, by the times of its events."""

    _stopped: float = 0.0
    """Seconds in the stops that are over."""
    _since: float | None = None
    """When the stop that lasts began."""

    def hold(self, at: float) -> None:
        """The run is held; where it is held already, that goes on."""
        if self._since is None:
            self._since = at

    def go_on(self, at: float) -> None:
        """Nothing is held any more."""
        if self._since is not None:
            self._stopped += at - self._since
            self._since = None

    def elapsed(self, at: float) -> float:
        """For how long it had been running at a time."""
        return (at if self._since is None else self._since) - self._stopped
