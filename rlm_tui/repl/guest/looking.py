"""Shows the user a value where a cell waits for a call, and runs a statement there."""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

from rlm_tui.repl.guest.calls import Calls
from rlm_tui.repl.guest.cell import compiled, echo_to, is_cell, told_error
from rlm_tui.repl.guest.interrupts import Interrupts
from rlm_tui.repl.wire import Channel, Frame

_SHOWN = 20_000
"""Characters that are shown."""


class Looking:
    """Answers `evaluate` in the thread that reads for all that wait."""

    def __init__(
        self, variables: dict[str, Any], calls: Calls, channel: Channel, shield: Interrupts
    ) -> None:
        self._variables = variables
        self._calls = calls
        self._channel = channel
        self._shield = shield

    def answer(self, message: Frame) -> None:
        """Run the code and send what it shows."""
        shown = io.StringIO()
        failed = False
        with redirect_stdout(shown), redirect_stderr(shown), self._calls.refused():
            try:
                with self._shield.lowered():
                    self._run(message["code"], shown)
            except BaseException as error:  # noqa: BLE001 - a border: the code may raise anything
                failed = True
                shown.write(told_error(error)[1])
        text = shown.getvalue().rstrip("\n")
        if len(text) > _SHOWN:
            text = f"{text[:_SHOWN]}… ({len(text):,} characters)"
        self._channel.send({"op": "evaluated", "text": text, "failed": failed})

    def _run(self, code: str, shown: io.StringIO) -> None:
        seen = _waiting_locals()
        hook, sys.displayhook = sys.displayhook, echo_to(shown.write)
        try:
            for part in compiled(code, "<look>"):
                exec(part, self._variables, self._variables if seen is None else seen)  # noqa: S102 - what the user asked for
        finally:
            sys.displayhook = hook


def _waiting_locals() -> dict[str, Any] | None:
    """The variables of the function of a cell that waits here; None at the cell's own level."""
    frame = sys._getframe(1)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - inspect takes 20 ms
    while frame is not None:
        if is_cell(frame.f_code.co_filename):
            return None if frame.f_locals is frame.f_globals else frame.f_locals
        frame = frame.f_back
    return None
