"""Writes a session file, one `os.write` a line.

A kill of the process loses nothing that was written; a full disk loses nothing either, because
what did not fit is kept here and written as soon as there is room.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

from rlm_tui.errors import SessionError


class SessionWriter:
    """An open session file. Used by one thread."""

    def __init__(self, path: Path) -> None:
        """Create the file, mode 0600, and its folder.

        Raises:
            SessionError: it exists already, or cannot be created.
        """
        self.path = path
        self.trouble: str | None = None
        """Why the last write did not reach the disk; None when it did."""
        self._unwritten = bytearray()
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._fd = os.open(path, flags, 0o600)
        except OSError as error:
            if os.path.lexists(path):
                raise SessionError(
                    f"{path} exists already; name another file with --session."
                ) from error
            # Of a file in the folder's place mkdir says that it exists.
            is_file = isinstance(error, FileExistsError)
            reason = "its folder is a file" if is_file else error.strerror
            raise SessionError(
                f"{path} cannot be created: {reason}. "
                "Name another file with --session, or run with --no-save."
            ) from error

    def write(self, line: bytes) -> None:
        """Append a line. Never raises; `trouble` says whether it is on the disk."""
        self._unwritten += line
        try:
            while self._unwritten:
                written = os.write(self._fd, self._unwritten)
                del self._unwritten[:written]
        except OSError as error:
            reason = "the disk is full" if error.errno == errno.ENOSPC else str(error.strerror)
            self.trouble = f"{self.path} cannot be written: {reason}"
        else:
            self.trouble = None

    def sync(self) -> None:
        """Bring what was written onto the disk; a file that cannot be synced stays as it is."""
        try:
            os.fsync(self._fd)
        except OSError as error:
            # Pipes and some network file systems refuse; the data is with the kernel all the same.
            if error.errno not in {errno.EINVAL, errno.EROFS, errno.ENOTSUP}:
                self.trouble = f"{self.path} cannot be synced: {error.strerror}"

    def close(self) -> None:
        """Write what is left and close the file."""
        if self._fd < 0:
            return
        self.write(b"")
        self.sync()
        os.close(self._fd)
        self._fd = -1
