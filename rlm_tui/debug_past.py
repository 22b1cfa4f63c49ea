"""Where the debugger without a screen looks: where the run is held, or at any event before."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from rlm_tui import debug_views
from rlm_tui.debug_views import Frame
from rlm_tui.debug_word import GoTo, Until
from rlm_tui.document.file import DocumentFile
from rlm_tui.errors import DocumentError, UsageError
from rlm_tui.events import Message, NodeId, Paused, Record, SubCallStarted, parent_of
from rlm_tui.header import Header
from rlm_tui.playhead import Playhead
from rlm_tui.source import Resume, RunTo, Step
from rlm_tui.trajectory import Iteration, Trajectory

_AROUND = 4
"""Lines of the document before and after one that is gone to."""


class Past:
    """A place in the run, its callers, and the ways to other places."""

    def __init__(self) -> None:
        self._playhead = Playhead()
        self._frame = 0
        self._checkpoints: dict[int, tuple[str, int]] = {}

    def extend(self, records: Sequence[Record]) -> None:
        """Take in the next records."""
        self._playhead.extend(records)

    @property
    def trajectory(self) -> Trajectory:
        """The run as it was at this place."""
        return self._playhead.trajectory

    @property
    def is_past(self) -> bool:
        """Whether this is not where the run is held."""
        return not self._playhead.is_at_end

    @property
    def branch_event(self) -> int:
        """The last event up to which a branch from here shares them, but for a stop at the end."""
        return self._playhead.position

    def follow(self) -> None:
        """Look where the run is held."""
        self._stand_at(len(self._playhead.records))

    def _stand_at(self, position: int) -> None:
        self._playhead.move_to(position)
        self._playhead.follows = self._playhead.is_at_end
        self._frame = 0

    # What is here

    @property
    def _node(self) -> NodeId:
        playhead = self._playhead
        if self.trajectory.paused is not None:
            return self.trajectory.paused_at
        return playhead.records[playhead.position - 1].node if playhead.position else ""

    def _frames(self) -> list[Frame]:
        held = self.trajectory.paused
        found = debug_views.frames(self.trajectory, held, self._node)
        return found or [Frame("at the beginning of the run", "")]

    def stop(self) -> list[str]:
        """This place, with its text."""
        held = self.trajectory.paused
        if held is not None:
            rows = debug_views.stop(self.trajectory, held, self._node)
        else:
            frame = self._frames()[0]
            rows = [frame.label, *debug_views.frame_rows(frame)]
        return [self.when(), *rows] if self.is_past else rows

    def where(self) -> list[str]:
        """The callers, the innermost last."""
        found = self._frames()
        rows = [
            f"{'->' if index == self._frame else '':<3}{frame.label}"
            for index, frame in enumerate(found)
        ]
        return [self.when(), *reversed(rows)]

    def look_at_frame(self, by: int) -> list[str]:
        """Look at the caller (-1), or at what it called (1)."""
        found = self._frames()
        frame = self._frame - by
        if not 0 <= frame < len(found):
            raise UsageError("Nobody called this." if by < 0 else "It called nothing yet.")
        self._frame = frame
        return [found[frame].label, *debug_views.frame_rows(found[frame])]

    def listing(self, first: int, last: int) -> list[str]:
        """Lines of the text here; 0 for all of them."""
        frame = self._frames()[self._frame]
        lines = frame.text.split("\n")
        if first > len(lines):
            raise UsageError(f"There are {len(lines):,} lines.")
        return debug_views.numbered(lines, first or 1, last or len(lines), frame.line)

    def variables(self) -> list[str]:
        """The variables of the REPL here."""
        return debug_views.variables(self.trajectory, self._node)

    def prompt(self) -> list[str]:
        """The exact prompt of what is held, or the latest request of its loop."""
        held, node = self.trajectory.paused, self._node
        if held is not None and held.before.endswith("_query"):
            return debug_views.prompt([Message("user", held.text)])
        while node and not isinstance(self.trajectory.nodes.get(node), Iteration):
            node = parent_of(node)
        iteration = self.trajectory.nodes.get(node)
        sent = iteration.prompt if isinstance(iteration, Iteration) else []
        if held is not None and held.before == "model request":
            messages = self.trajectory.loop_of(node).messages if node else []
            return debug_views.prompt([*messages, Message("user", held.text)])
        return debug_views.prompt(sent) or ["no request has been made yet"]

    def when(self, variable: str = "") -> str:
        """Which event this is, or where a variable was set last."""
        if variable:
            return debug_views.set_at(self.trajectory, self._node, variable)
        return debug_views.moment(self.trajectory, self._node, len(self._playhead.records))

    # Other places

    def back(self, how: Literal["step", "next", "continue"]) -> list[str]:
        """Go to the stop before, the one at this depth or above, or the breakpoint hit before."""
        depth = self._node.count(".")
        here = self._playhead.position
        if self.trajectory.paused is not None:
            here = self._last_stop(here)
        for position in range(here - 1, 0, -1):
            if self._is_stop(position, how, depth):
                self._stand_at(position)
                return self.stop()
        raise UsageError("There is no earlier one.")

    def forward(self, word: Step | Resume | RunTo | Until) -> list[str]:
        """Go to the next recorded stop, or to where the run is held."""
        depth = self._node.count(".")
        how = word.how if isinstance(word, Step) else ""
        present = self._last_stop(len(self._playhead.records))
        for position in range(self._playhead.position + 1, present):
            level = self._playhead.records[position - 1].node.count(".")
            fits = how == "into" or (level <= depth if how == "over" else level < depth)
            if how and fits and self._is_stop(position, "step", depth):
                self._stand_at(position)
                return self.stop()
        self.follow()
        return self.stop()

    def _last_stop(self, position: int) -> int:
        """The position of the latest stop up to another one."""
        records = self._playhead.records
        return next(
            (n for n in range(position, 0, -1) if isinstance(records[n - 1].event, Paused)), 0
        )

    def _is_stop(self, position: int, how: str, depth: int) -> bool:
        record = self._playhead.records[position - 1]
        if not isinstance(record.event, Paused) or record.event.reason == "edited":
            return False
        if how == "continue":
            return record.event.breakpoint is not None
        return how == "step" or record.node.count(".") <= depth

    def go_to(self, word: GoTo, header: Header | None) -> list[str]:
        """Go to a place, or show a line of the document."""
        records, at = self._playhead.records, int(word.at)
        match word.place:
            case "line":
                return self._document(at, header)
            case "percent":
                position = round(len(records) * word.at / 100)
            case "iteration":
                stops = self._playhead.iteration_stops
                if not 0 < at <= len(stops):
                    raise UsageError(f"There is no iteration {at} yet.")
                position = stops[at - 1]
            case "call":
                position = self._call(at)
            case "event":
                if at > len(records):
                    raise UsageError(f"There are {len(records):,} events.")
                position = at
        self._stand_at(position)
        return self.stop()

    def _call(self, number: int) -> int:
        """The position after the call of that number in this code block has begun."""
        parts = self._node.split(".")
        block = ".".join(parts[: len(parts) - (len(parts) + 1) % 3])
        for position, record in enumerate(self._playhead.records, 1):
            if record.node == f"{block}.{number}" and isinstance(record.event, SubCallStarted):
                return position
        raise UsageError(f"There is no call #{number} in code block {block} yet.")

    @staticmethod
    def _document(line: int, header: Header | None) -> list[str]:
        if header is None:
            raise UsageError("No document is open yet.")
        try:
            file = DocumentFile(Path(header.document.path))
        except DocumentError as error:
            raise UsageError(str(error)) from error
        try:
            file.build_index(lambda: None)
            if line > file.line_count:
                raise UsageError(f"The document has {file.line_count:,} lines.")
            first = max(line - _AROUND, 1)
            return [
                f"{'->' if number == line else '':<3}{number:>7,}  {debug_views.cut(shown.text)}"
                for number, shown in enumerate(
                    file.lines(first - 1, line + _AROUND - first + 1), first
                )
            ]
        finally:
            file.close()

    def note_checkpoint(self, name: str) -> str:
        """Note this event."""
        number = len(self._checkpoints) + 1
        self._checkpoints[number] = (name, self._playhead.position)
        return f"checkpoint {number} at event {self._playhead.position}"

    def checkpoint_rows(self) -> list[str]:
        """The events that were noted."""
        rows = [
            f"{number:>3}  event {position}  {name}".rstrip()
            for number, (name, position) in self._checkpoints.items()
        ]
        return rows or ["no checkpoints; `checkpoint` notes this event"]

    def restart(self, number: int) -> list[str]:
        """Go back to an event that was noted."""
        if number not in self._checkpoints:
            raise UsageError(f"There is no checkpoint {number}; `info checkpoints` lists them.")
        self._stand_at(self._checkpoints[number][1])
        return self.stop()
