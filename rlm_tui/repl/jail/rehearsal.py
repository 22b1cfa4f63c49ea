"""Tries out in a child what could not be taken back if it failed half-way."""

from __future__ import annotations

import os
from collections.abc import Callable


def rehearsed(action: Callable[[], None], explain: Callable[[OSError], str]) -> str | None:
    """None when the action went well in a child; else why not."""
    ours, theirs = os.pipe()
    if child := os.fork():
        os.close(theirs)
        with os.fdopen(ours, "rb") as told:
            said = told.read().decode()
        os.waitpid(child, 0)
        return None if said == "done" else said or "a process that tried it came to an end"
    try:
        action()
        said = "done"
    except OSError as error:
        said = explain(error)
    os.write(theirs, said.encode())
    os._exit(0)
