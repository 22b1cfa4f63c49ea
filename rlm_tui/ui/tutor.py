"""Holds the tutorial on a workspace: hears what the run is told, and sees what became of it."""

from __future__ import annotations

from collections.abc import Callable

from textual.screen import Screen

from rlm_tui.source import AnyCommand, Listener, Source
from rlm_tui.tutorial import Course
from rlm_tui.ui import keymap
from rlm_tui.ui.run_display import RunDisplay
from rlm_tui.ui.widgets.key_bar import KeyBar
from rlm_tui.ui.widgets.lesson import LessonPanel

_LOOK_EVERY = 0.1
"""Seconds between two looks at what the reader has done."""


class Overheard:
    """A source whose commands somebody hears."""

    def __init__(self, source: Source, course: Course) -> None:
        self._source = source
        self._course = course

    async def run(self, listener: Listener) -> None:
        """As the source does."""
        await self._source.run(listener)

    def send(self, command: AnyCommand) -> None:
        """Tell the source, and the course."""
        self._course.hear(command)
        self._source.send(command)

    async def close(self) -> None:
        """As the source does."""
        await self._source.close()


class Tutor:
    """One reader's course."""

    def __init__(self) -> None:
        """Teach the keys that there are."""
        keys = (*keymap.DEBUG, *keymap.WORKSPACE)
        self._course = Course.on(name for key in keys for name in key.keys.split(","))
        self._panel = LessonPanel(id="lesson")

    def begin(self, screen: Screen[None], shown: Callable[[], RunDisplay]) -> None:
        """Show the first lesson above the screen's keys, and look at whatever run `shown` says."""
        screen.add_class("-taught")
        screen.mount(self._panel, before=screen.query_one(KeyBar))
        self._show()
        # Nobody is faster; so the run's own path to the screen need not know of lessons.
        screen.set_interval(_LOOK_EVERY, lambda: self._look(shown()))

    def over(self, source: Source) -> Source:
        """The source, overheard."""
        return Overheard(source, self._course)

    def _look(self, run: RunDisplay) -> None:
        header, playhead = run.header, run.transport.playhead
        is_branch = header is not None and header.parent is not None
        is_past = not playhead.is_at_end
        if self._course.look(playhead.trajectory, is_past=is_past, is_branch=is_branch):
            self._show()

    def _show(self) -> None:
        course = self._course
        self._panel.show(course.at + 1, len(course.lessons), course.text)
