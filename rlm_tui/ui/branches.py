"""What if: asks how a run is to go on otherwise, and has it go on in a branch."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from rlm_tui.config import Settings, limit_setting
from rlm_tui.errors import UsageError
from rlm_tui.held import held_at
from rlm_tui.source import Cancel, CheckFork, Fork, Opener, RunRequest
from rlm_tui.trajectory import Trajectory
from rlm_tui.ui.run_display import RunDisplay
from rlm_tui.ui.screens.branching import Begun, Branching, Change, Place, limits_of
from rlm_tui.ui.widgets.run_tree import RunTree

if TYPE_CHECKING:
    from rlm_tui.ui.screens.workspace import Workspace

_OWN = ("api_base", "env_file", "theme", "save")
"""Settings that are the user's, not the recorded run's."""


class WhatIf:
    """Branches of the run that a workspace shows."""

    def __init__(
        self, workspace: Workspace, opener: Opener, settings: Settings, typing_pace: float
    ) -> None:
        """Make branches with sources of `opener` and what is the user's own of `settings`."""
        self._workspace = workspace
        self._opener = opener
        self._settings = settings
        self._typing_pace = typing_pace

    def ask(self, name: str = "", change: Change = "") -> None:
        """Ask how the run is to go on, and have it; says so when it cannot."""
        run = self._workspace.run
        try:
            places = self._places(run)
        except UsageError as error:
            self._workspace.notify(str(error), severity="warning", markup=False)
            return
        header = run.header
        models = (header.model, header.sub_model) if header is not None else ("", "")
        dialog = Branching(places, models, is_live=run.is_live, name=name, change=change)
        self._workspace.app.push_screen(dialog, lambda begun: self._begin(run, begun))  # pyright: ignore[reportUnknownMemberType]

    def _places(self, run: RunDisplay) -> list[Place]:
        """Where a branch can leave: where the reader stands, and before the selected node.

        An iteration is asked for and then runs, so there are two places before it.

        Raises:
            UsageError: no branch can go on from this run.
        """
        head = run.transport.playhead
        if run.header is None or not head.records:
            raise UsageError("There is no run here to go on from.")
        if run.session is None:
            raise UsageError("This run is not saved, so no branch can go on from it.")
        here = Place(head.position, run.held)
        node = self._workspace.query_one(RunTree).selected
        before = self._workspace.debugger.moments().event_before
        nodes = [node] if "." in node or not node else [f"{node}.1", node]
        events = [event for event in map(before, nodes) if event is not None]
        selected = [
            Place(event, held_at(Trajectory(), head.records, event), is_selected=True)
            for event in events
            if event != here.event and not (here.held and here.held.node in nodes)
        ]
        return [*selected, here] if head.is_at_end and not run.is_live else [here, *selected]

    def _begin(self, run: RunDisplay, begun: Begun | None) -> None:
        if begun is None:
            return
        try:
            request = branch_request(run, self._settings, begun, self._typing_pace)
        except msgspec.ValidationError as error:
            self._refuse(f"The run's settings mean nothing here: {error}.")
            return
        checking = self._begin_checked(run, request, begun.change)
        self._workspace.run_worker(checking, group="branch", exclusive=True)  # pyright: ignore[reportUnknownMemberType]

    async def _begin_checked(self, run: RunDisplay, request: RunRequest, change: Change) -> None:
        """Stop the run only for a branch that can begin."""
        fork = request.fork
        if run.is_live and fork is not None:
            trouble = await run.fork_trouble(CheckFork(fork, request.settings))
        else:
            trouble = await asyncio.to_thread(self._opener.fork_trouble, request)
        if trouble:
            self._refuse(trouble)
            return
        run.send(Cancel())
        self._when_ended(run, lambda: self._show(run, request, change))

    def _refuse(self, why: str) -> None:
        self._workspace.notify(why, title="No branch", severity="error", markup=False)

    def _show(self, parent: RunDisplay, request: RunRequest, change: Change) -> None:
        workspace = self._workspace
        workspace.debugger.at_first_stop(change)
        workspace.show_run(self._opener.ask(request))
        # What cannot be known before may still hinder it.
        workspace.run.on_refused = partial(self._show_again, parent)

    def _show_again(self, parent: RunDisplay) -> None:
        self._workspace.debugger.at_first_stop("")
        if parent.session is not None:
            recording = self._opener.open_session(parent.session)
            self._workspace.show_run(recording, at=parent.transport.playhead.position)

    def _when_ended(self, run: RunDisplay, then: Callable[[], object]) -> None:
        """Do something when a run that was told to stop has stopped."""
        if run.is_live:
            self._workspace.set_timer(0.02, lambda: self._when_ended(run, then))
        else:
            then()


def branch_request(
    run: RunDisplay, settings: Settings, begun: Begun, typing_pace: float
) -> RunRequest:
    """A run that goes on from an event of the one that is shown, with its models and limits."""
    header = run.header
    assert header is not None  # noqa: S101 - `_places` has seen to it
    assert run.session is not None  # noqa: S101 - likewise
    recorded = {"model": header.model, "sub_model": header.sub_model, **header.settings}
    own = {name: getattr(settings, name) for name in _OWN}
    wanted = {
        "model": begun.model or header.model,
        "sub_model": begun.sub_model or header.sub_model,
    }
    limits = {limit_setting(name): value for name, value in limits_of(begun.limits).items()}
    known = {
        key: value for key, value in (recorded | own | wanted | limits).items() if value is not None
    }
    return RunRequest(
        question=header.question,
        documents=[document.path for document in header.documents],
        settings=msgspec.convert(known, Settings, strict=False),
        paused=begun.paused,
        breakpoints=run.transport.playhead.trajectory.breakpoints,
        fork=Fork(run.session, begun.event, begun.name),
        typing_pace=typing_pace,
    )
