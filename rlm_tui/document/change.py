"""Whether a document on disk is still the one that was opened."""

from __future__ import annotations

import os

from rlm_tui.document.contents import Contents


def change_of(contents: Contents) -> str:
    """What has happened to a file since it was opened, in words; empty for nothing."""
    then = contents.status
    try:
        now = os.stat(contents.path)  # noqa: PTH116 - its neighbour takes a descriptor
        held = os.fstat(contents.file_fd)
    except FileNotFoundError:
        return "was deleted"
    except OSError as error:
        return f"cannot be looked at: {error.strerror}"
    if (now.st_dev, now.st_ino) != (then.st_dev, then.st_ino):
        return "was replaced by another file"
    if held.st_size < then.st_size:
        return "was cut short on disk"
    if held.st_size > then.st_size:
        return "has grown on disk"
    if held.st_mtime_ns != then.st_mtime_ns:
        return "was changed on disk"
    return ""
