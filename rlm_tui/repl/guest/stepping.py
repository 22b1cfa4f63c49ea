"""Holds a cell before its lines, for the debugger. Where nobody steps, nothing is traced."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any

from rlm_tui.repl.guest.cell import is_cell

_COMPREHENSIONS = frozenset({"<listcomp>", "<dictcomp>", "<setcomp>"})


class Stepping:
    """Traces the main thread's frames of cells, and no others."""

    def __init__(self, hold: Callable[[FrameType], str]) -> None:
        """Make one; `hold` waits before a line, and returns how to go on.

        That is `into`, `over`, `out` (of the function), or `go`.
        """
        self._hold = hold
        self._how = "go"
        self._depth = 0
        """How many frames of cells lay on the stack where it was last held."""
        self._at = (0, 0)
        """The frame and the line of it that ran last, when one steps over."""
        self._lines: frozenset[int] = frozenset()
        self._cell = ""

    def start(self, cell: str, how: str, lines: Iterable[int]) -> None:
        """Begin with a cell of that file name; `lines` are those of it to hold at."""
        self._cell, self._how, self._lines = cell, how or "go", frozenset(lines)
        if self._how != "go" or self._lines:
            sys.settrace(self._on_call)

    def take_up(self, how: str, lines: Iterable[int]) -> None:
        """Go on otherwise from where the cell has waited, for a line or a sub-call.

        `lines` are those to hold at from here on; `how` is empty where nobody steps on from here.
        """
        if threading.current_thread() is not threading.main_thread():
            return
        self._lines = frozenset(lines)
        if not how and (sys.gettrace() is not None or not self._lines):
            return
        frame: FrameType | None = sys._getframe()  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - inspect takes 20 ms
        self._how, self._depth = how or "go", 0
        while frame is not None:
            if is_cell(frame.f_code.co_filename):
                frame.f_trace = self._on_line
                # A comprehension is no function of its own; from 3.12 on it has no frame either.
                self._depth += frame.f_code.co_name not in _COMPREHENSIONS
            frame = frame.f_back
        sys.settrace(self._on_call)

    def stop(self) -> None:
        """The cell has ended."""
        sys.settrace(None)

    def _on_call(self, frame: FrameType, _event: str, _arg: Any) -> Callable[..., Any] | None:
        return self._on_line if is_cell(frame.f_code.co_filename) else None

    def _on_line(self, frame: FrameType, event: str, _arg: Any) -> Callable[..., Any]:
        if event == "line" and self._is_wanted(frame):
            self._how = self._hold(frame)
            self._depth = _depth_of(frame)
            self._at = id(frame), frame.f_lineno
        return self._on_line

    def _is_wanted(self, frame: FrameType) -> bool:
        if frame.f_lineno in self._lines and frame.f_code.co_filename == self._cell:
            return True
        match self._how:
            case "into":
                return True
            case "over":
                return _depth_of(frame) <= self._depth and self._is_another(frame)
            case "out":
                return _depth_of(frame) < self._depth
            case _:
                return False

    def _is_another(self, frame: FrameType) -> bool:
        """Whether a line begins, not the one that runs once more: a loop, or a comprehension."""
        before, self._at = self._at, (id(frame), frame.f_lineno)
        return before != self._at


def _depth_of(frame: FrameType | None) -> int:
    depth = 0
    while frame is not None:
        depth += is_cell(frame.f_code.co_filename)
        frame = frame.f_back
    return depth
