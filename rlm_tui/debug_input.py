"""What the user of the debugger without a screen types: lines of stdin, and texts in an editor."""

from __future__ import annotations

import asyncio
import os
import shlex
import sys
import tempfile
from pathlib import Path

from rlm_tui.errors import UsageError

_READ = 1 << 16


class TypedLines:
    """The lines of stdin, read only when one is wanted, so that an editor can have the others."""

    def __init__(self, descriptor: int | None) -> None:
        """Read from a descriptor; None is one that is closed."""
        self._descriptor = descriptor
        self._rest = b""
        self._has_ended = descriptor is None

    async def next(self) -> str | None:
        """The next line without its newline; None at the end."""
        while b"\n" not in self._rest and not self._has_ended:
            piece = await self._piece()
            self._has_ended = not piece
            self._rest += piece
        if not self._rest:
            return None
        line, _, self._rest = self._rest.partition(b"\n")
        return line.removesuffix(b"\r").decode("utf-8", "replace")

    async def up_to_dot(self) -> str:
        """The lines up to one that holds a single dot. Raises UsageError when there is none."""
        lines: list[str] = []
        while (line := await self.next()) != ".":
            if line is None:
                raise UsageError("No line with a single dot ended the text; nothing was changed.")
            lines.append(line)
        return "\n".join(lines)

    async def _piece(self) -> bytes:
        descriptor = self._descriptor
        if descriptor is None:
            return b""
        loop = asyncio.get_running_loop()
        ready = loop.create_future()
        try:
            loop.add_reader(descriptor, lambda: ready.done() or ready.set_result(None))
        except PermissionError:
            return os.read(descriptor, _READ)  # a file, which never lets one wait
        try:
            await ready
        finally:
            loop.remove_reader(descriptor)
        try:
            return os.read(descriptor, _READ)
        except OSError:
            return b""  # a terminal that is gone


def stdin_descriptor() -> int | None:
    """That of stdin; None in a process that was started with it closed."""
    stdin = sys.stdin
    if stdin is None or stdin.closed:  # pyright: ignore[reportUnnecessaryComparison]
        return None
    return stdin.fileno()


async def composed(text: str, suffix: str) -> str:
    """A text as the user's editor leaves it.

    Args:
        text: what it begins with.
        suffix: of its file, so that the editor colours it.

    Raises:
        UsageError: there is no editor, or it failed.
    """
    command = shlex.split(os.environ.get("EDITOR", ""))
    if not command:
        raise UsageError("No editor is set: set EDITOR, or give the text, or `<<` and lines.")
    with tempfile.TemporaryDirectory(prefix="rlm-tui-") as folder:
        path = Path(folder, f"text{suffix}")
        path.write_text(text, encoding="utf-8", errors="replace")  # noqa: ASYNC240 - it is small
        await _run([*command, str(path)])
        written = _content_of(path)
    # Editors end every line, the last one, too.
    return written if text.endswith("\n") else written.removesuffix("\n")


def _content_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(f"The editor left no text: {error.strerror}.") from error


async def _run(command: list[str]) -> None:
    """Run an editor on the terminal; stdout stays clean for the answer."""
    is_terminal = os.isatty(0)
    try:
        running = await asyncio.create_subprocess_exec(
            *command,
            stdin=None if is_terminal else asyncio.subprocess.DEVNULL,
            stdout=None if os.isatty(1) else sys.stderr,
        )
        status = await running.wait()
    except OSError as error:
        raise UsageError(f"{command[0]} cannot be started: {error.strerror}.") from error
    if status:
        raise UsageError(f"{command[0]} ended with status {status}; nothing was changed.")
