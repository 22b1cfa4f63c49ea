"""Brings one source to the panes: through the link to the playhead, and from there on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from textual.screen import Screen

from rlm_tui.errors import RlmTuiError
from rlm_tui.events import NodeId, Record
from rlm_tui.header import Header
from rlm_tui.held import Held, held_at
from rlm_tui.moments import Stop
from rlm_tui.source import (
    AnyCommand,
    AnyNotice,
    Broken,
    CheckFork,
    Evaluated,
    ForkChecked,
    LogLine,
    Remark,
    Saved,
    Source,
)
from rlm_tui.ui.link import Link
from rlm_tui.ui.status import Situation, status_of
from rlm_tui.ui.transport import Transport
from rlm_tui.ui.widgets.bars import StatusLine, Timeline
from rlm_tui.ui.widgets.console import Console
from rlm_tui.ui.widgets.inspector import Inspector
from rlm_tui.ui.widgets.run_tree import RunTree


@dataclass(frozen=True, slots=True)
class Panes:
    """Where a run is shown."""

    tree: RunTree
    console: Console
    inspector: Inspector
    timeline: Timeline
    status: StatusLine


class RunDisplay:
    """Shows one run, live or recorded; asks nobody which it is."""

    def __init__(
        self,
        screen: Screen[None],
        panes: Panes,
        *,
        on_begin: Callable[[Header], None],
        on_end: Callable[[], None],
        on_shown: Callable[[], None],
        on_evaluated: Callable[[Evaluated], None],
    ) -> None:
        """Prepare to show a source.

        Args:
            screen: whose timers and notifications are used.
            panes: where it is shown.
            on_begin: told the header when the run exists.
            on_end: called when the run's end comes into view while it is followed.
            on_shown: called whenever the panes show another state of the run.
            on_evaluated: told what the run has shown of a value.
        """
        self.header: Header | None = None
        self.is_live = False
        """Whether more events may come."""
        self.session: str | None = None
        """The file that holds the run; None while it is not known, or not saved."""
        self.read = ""
        """How much of the documents any model has seen, in words; empty while it is found out."""
        self.on_refused: Callable[[], object] = lambda: None
        """Called when the run could not begin."""
        self.log: list[str] = []
        """What libraries and child processes wrote to their stderr."""
        self.transport = Transport(screen, self._on_moved)
        self._screen = screen
        self._panes = panes
        self._on_begin = on_begin
        self._on_end = on_end
        self._on_shown = on_shown
        self._on_evaluated = on_evaluated
        self.marked: Mapping[NodeId, Collection[int]] = {}
        """Lines of code with a breakpoint, by code block; under `""` those of any block."""
        self._stop: Stop | None = None
        """Where the latest step in what is recorded ended."""
        self._source: Source | None = None
        self._checking: asyncio.Future[str] | None = None
        """What the source was asked about a branch."""
        self._broken: str | None = None
        self._follows_node = True
        """Whether the tree's cursor goes along with the run."""
        self._changed: set[NodeId] = set()
        self._has_gone_back = True
        self._is_due = False
        self._heard_at = 0.0
        """When the latest events came, by the monotonic clock."""
        self._passed = 0.0
        """Seconds since then, as they are shown: whole ticks, none while the run is held."""
        self._shown_state = (False, False)
        """Whether it is live and has events, as the footer knows it."""

    def attach(self, source: Source) -> None:
        """Have a source, so that `close` ends it even if `drive` never gets to run."""
        self._source = source

    async def drive(self, source: Source, at: int | None) -> None:
        """Show a source to its end.

        Args:
            source: what to show.
            at: the event to stand after once everything is there; None for the end.
        """
        self._source, self.is_live = source, True
        link = Link(
            self._screen,
            on_begin=self._begin,
            on_records=self._take,
            on_turn=self._end_turn,
            on_notice=self._hear,
        )
        ticking = self._screen.set_interval(1.0, self._tick)
        try:
            await source.run(link)
            await link.drained()
        except RlmTuiError as error:
            self._broken = str(error)
            self._notify(str(error), "error", "The run did not begin")
            self._screen.call_later(self.on_refused)
        finally:
            ticking.stop()
            self.is_live, self._passed = False, 0.0
            self._hear(ForkChecked())  # whoever waits for it is told by what comes of it
            await source.close()
        if at is not None:
            self.transport.go_to(at)
        self.refresh()

    def send(self, command: AnyCommand) -> None:
        """Tell a live run something."""
        if self._source is not None and self.is_live:
            self._source.send(command)

    async def fork_trouble(self, asked: CheckFork) -> str:
        """What a live run says against a branch of it; empty for nothing."""
        self._checking = asyncio.get_running_loop().create_future()
        self.send(asked)
        return await self._checking

    @property
    def is_at_run(self) -> bool:
        """Whether the run itself stands where the reader does, so that it can be told things."""
        return self.is_live and self.transport.playhead.is_at_end

    @property
    def held(self) -> Held | None:
        """What comes next where the reader stands; None while that is not known, or playing."""
        head = self.transport.playhead
        if self.transport.is_playing:
            return None
        return held_at(head.trajectory, head.records, head.position, is_live=self.is_live)

    def stand_at(self, stop: Stop) -> None:
        """Go to where a step in what is recorded ends."""
        self._stop, self._follows_node = stop, True
        self.transport.go_to(stop.position)
        self.refresh()

    def _stop_reason(self) -> str:
        at = self.transport.playhead.position
        return self._stop.reason if self._stop is not None and self._stop.position == at else ""

    async def close(self) -> None:
        """Leave nothing running."""
        self.transport.pause()
        if self._source is not None:
            await self._source.close()

    # What the source tells

    def _begin(self, header: Header) -> None:
        self.header = header
        self._on_begin(header)
        self.refresh_bars()

    def _tick(self) -> None:
        """Let the clock of a run go on while nothing is heard of it."""
        trajectory = self.transport.playhead.trajectory
        is_still = trajectory.paused or trajectory.finished or self._broken
        if self.is_at_run and trajectory.seq and not is_still:
            self._passed = time.monotonic() - self._heard_at
            self.refresh_bars()

    def _take(self, records: Sequence[Record]) -> None:
        self._heard_at, self._passed = time.monotonic(), 0.0
        try:
            self.transport.extend(records)
        except ValueError as error:
            self._broken = f"event {records[0].seq:,} and on cannot be shown: {error}"

    def _hear(self, notice: AnyNotice) -> None:
        match notice:
            case Saved():
                self.session = notice.path
            case Remark():
                self._notify(notice.text, notice.severity)
            case Broken():
                self._broken = notice.text
            case Evaluated():
                self._on_evaluated(notice)
            case ForkChecked(trouble):
                if self._checking is not None and not self._checking.done():
                    self._checking.set_result(trouble)
            case LogLine():
                self.log.append(notice.text)

    def _notify(self, text: str, severity: str, title: str = "") -> None:
        known = {"warning": "warning", "error": "error"}.get(severity, "information")
        self._screen.notify(text, severity=known, title=title, markup=False)  # type: ignore[arg-type]

    # From the playhead to the panes

    def _on_moved(self, records: Sequence[Record] | None) -> None:
        """Note what is to be drawn; it is drawn once a turn."""
        if records is None:
            self._has_gone_back = True
        else:
            self._changed.update(record.node for record in records)
            if not self._has_gone_back:
                self._panes.console.add(records)
        if not self._is_due:
            self._is_due = True
            self._screen.call_later(self._refresh_if_due)

    def _end_turn(self, more_wait: bool) -> None:  # noqa: FBT001 - a callback's fact
        if more_wait:
            self._is_due = True  # draw once, at the end of a long row of turns
        else:
            self.refresh()

    def _refresh_if_due(self) -> None:
        if self._is_due:
            self.refresh()

    def refresh(self) -> None:
        """Bring the panes up to where the playhead stands."""
        self._is_due = False
        panes, playhead = self._panes, self.transport.playhead
        trajectory, held = playhead.trajectory, self.held
        if self._has_gone_back:
            panes.tree.show(trajectory, None, held)
            panes.console.clear()
            panes.console.add(playhead.records[: playhead.position])
            panes.inspector.show(trajectory, panes.tree.selected, is_answer=panes.tree.is_on_answer)
        elif self._changed:
            panes.tree.show(trajectory, self._changed, held)
            panes.inspector.update(trajectory, self._changed)
        panes.inspector.hold(held, self.marked)
        has_changed = self._has_gone_back or bool(self._changed)
        self._has_gone_back, self._changed = False, set()
        if has_changed and self._follows_node:
            self._follow()
        self.refresh_bars()
        self._on_shown()

    def _follow(self) -> None:
        """Keep the tree's cursor on what comes next or the current iteration, then the answer."""
        trajectory, held = self.transport.playhead.trajectory, self.held
        iterations = trajectory.root.iterations
        if held is not None and (not held.is_recorded or self._stop_reason()):
            self._panes.tree.follow(held.node)
        elif trajectory.finished is not None:
            self._panes.tree.follow("")
            if self.transport.playhead.follows:
                self._on_end()
        elif iterations:
            self._panes.tree.follow(iterations[-1].id)

    def set_following(self, *, follows: bool) -> None:
        """Whether the tree's cursor goes along with the run."""
        self._follows_node = follows
        if follows:
            self._follow()

    def refresh_bars(self) -> None:
        """Draw status and timeline anew."""
        transport = self.transport
        playhead = transport.playhead
        situation = Situation(
            self.header,
            self.is_live,
            transport.is_playing,
            transport.speed,
            self._broken,
            self._stop_reason(),
            self._passed if playhead.is_at_end else 0.0,
            self.read,
        )
        status = status_of(playhead, situation)
        self._panes.status.show(
            status.mode, status.meaning, status.reason, status.figures, status.next
        )
        iterations = playhead.trajectory.root.iterations
        failed = [iteration.state == "error" for iteration in iterations]
        marks = [
            (stop, index < len(failed) and failed[index])
            for index, stop in enumerate(playhead.iteration_stops)
        ]
        words = f" · it {len(iterations)}" if iterations else ""
        if self.is_live:
            words += f"   F follow: {'on' if playhead.follows else 'off'}"
        state = (self.is_live, bool(playhead.records))
        if state != self._shown_state:
            self._shown_state = state
            self._screen.refresh_bindings()
        self._panes.timeline.show(playhead.position, len(playhead.records), marks, words)
        for pane in (self._panes.console, self._panes.tree):
            pane.await_rows(is_live=self.is_live)
        is_over = playhead.is_at_end and (not self.is_live or self._broken is not None)
        self._panes.tree.keep_time(
            self._passed if playhead.is_at_end else 0.0,
            is_cut_off=is_over and playhead.trajectory.finished is None,
        )
