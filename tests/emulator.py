"""A program in a terminal that can be looked at: what its screen shows, and how it leaves it."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import time
from collections.abc import Mapping
from typing import Self

import pyte

from tests.bench.terminal import Terminal

PATIENCE = 60.0
"""Seconds until a text that does not come is given up."""

_UNKNOWN_TO_PYTE = re.compile(rb"\x1b\[[<=>][0-9;]*[A-Za-z]|\x1b\[\?[0-9;]*\$[A-Za-z]")
"""The keyboard protocol and questions about modes, which pyte would print."""

_LONGEST_CODE = 64

_MODE = re.compile(rb"\x1b\[\?([0-9;]+)([hl])")
_KEYBOARD = re.compile(rb"\x1b\[([<>])[0-9;]*u")


class Emulated(Terminal):
    """A running program, and the screen that a person would see."""

    def __init__(
        self, command: list[str], size: tuple[int, int], environ: Mapping[str, str] | None = None
    ) -> None:
        """Start a command in a terminal of `size` (columns, rows)."""
        super().__init__(command, size, environ)
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)
        self._fed = 0
        self._status: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._status is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._fd)

    def rows(self) -> list[str]:
        """What stands on the screen, without the spaces to the right."""
        whole = len(self.written)
        begun = self.written.rfind(b"\x1b", max(whole - _LONGEST_CODE, self._fed))
        if begun >= 0 and not self.written[begun:].rstrip(b"0123456789;?$<=>[\x1b"):
            whole = begun  # a code of which the rest is still to come
        self._stream.feed(_UNKNOWN_TO_PYTE.sub(b"", bytes(self.written[self._fed : whole])))
        self._fed = whole
        return [row.rstrip() for row in self._screen.display]

    def until(self, *texts: str) -> list[str]:
        """Wait until all the texts stand on the screen; returns its rows."""
        given_up_at = time.monotonic() + PATIENCE
        goes_on = True
        while missing := [text for text in texts if text not in "\n".join(self.rows())]:
            if not goes_on or time.monotonic() > given_up_at:
                raise AssertionError("\n".join([f"{missing} did not come:", *self.rows()]))
            goes_on = self.read(0.05)
        return self.rows()

    def status(self) -> int:
        """The exit status of the program, which is expected to end by itself."""
        given_up_at = time.monotonic() + PATIENCE
        while self.read(0.05):
            if time.monotonic() > given_up_at:
                raise AssertionError("it did not end:\n" + "\n".join(self.rows()))
        _, ended = os.waitpid(self.pid, 0)
        self._status = os.waitstatus_to_exitcode(ended)
        return self._status

    def modes_left(self) -> dict[int, bool]:
        """The modes that the program switched and did not switch back; by their number."""
        usual = {7: True, 25: True}
        left: dict[int, bool] = {}
        for numbers, how in _MODE.findall(bytes(self.written)):
            left |= dict.fromkeys(map(int, numbers.split(b";")), how == b"h")
        return {mode: is_on for mode, is_on in left.items() if is_on != usual.get(mode, False)}

    def keyboard_modes_left(self) -> int:
        """How many more keyboard modes it entered than left."""
        signs = _KEYBOARD.findall(bytes(self.written))
        return signs.count(b">") - signs.count(b"<")
