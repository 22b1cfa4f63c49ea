"""A program in a pseudo-terminal: what it writes, when, and what it answers to keys."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping
from pathlib import Path

ENVIRONMENT = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}


class Terminal:
    """A running program and the terminal it believes to be in."""

    def __init__(
        self, command: list[str], size: tuple[int, int], environ: Mapping[str, str] | None = None
    ) -> None:
        """Start a command in a terminal of `size` (columns, rows)."""
        columns, rows = size
        self.started = time.perf_counter()
        self.pid, self._fd = pty.fork()
        if not self.pid:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            for variable in ("COLUMNS", "LINES"):  # these would count more than the real size
                os.environ.pop(variable, None)
            # As installed: the bytecode of the program is there from its second start on.
            os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
            os.environ.update(ENVIRONMENT | dict(environ or {}))
            os.execv(command[0], command)
        self.written = bytearray()

    def read(self, wait: float) -> bool:
        """Take in what comes within some seconds; False once the program has ended."""
        ready, _, _ = select.select([self._fd], [], [], wait)
        if not ready:
            return True
        try:
            piece = os.read(self._fd, 1 << 16)
        except OSError:
            return False
        self.written += piece
        return bool(piece)

    def wait_for(self, arrived: Callable[[bytes], bool], limit: float = 30.0) -> float:
        """Seconds from the start until what was written satisfies `arrived`."""
        while not arrived(bytes(self.written)):
            if time.perf_counter() - self.started > limit or not self.read(0.05):
                raise TimeoutError(bytes(self.written[-2000:]))
        return time.perf_counter() - self.started

    def press(self, keys: bytes) -> float:
        """Send keys; returns when that was."""
        os.write(self._fd, keys)
        return time.perf_counter()

    def private_memory(self) -> int:
        """Bytes that only this process holds (`Private_*` in its smaps)."""
        text = Path(f"/proc/{self.pid}/smaps_rollup").read_text(encoding="ascii")
        return 1024 * sum(
            int(line.split()[1]) for line in text.splitlines() if line.startswith("Private_")
        )

    def anonymous_memory(self) -> int:
        """Bytes of this process that no file is behind (`RssAnon`)."""
        text = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        (kilobytes,) = (line.split()[1] for line in text.splitlines() if line[:7] == "RssAnon")
        return 1024 * int(kilobytes)

    def end(self) -> None:
        """End the program and reap it."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._fd)
