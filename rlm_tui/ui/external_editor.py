"""Edits a text in the user's own editor, as `$VISUAL` or `$EDITOR` names it."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from rlm_tui.errors import UsageError


def editor_of(environ: Mapping[str, str]) -> list[str]:
    """The command of the editor. Raises UsageError when it cannot be read."""
    named = environ.get("VISUAL") or environ.get("EDITOR") or "vi"
    try:
        return shlex.split(named)
    except ValueError as error:
        raise UsageError(f"$EDITOR is {named!r}, which is not a command: {error}.") from error


def edited(text: str, *, suffix: str, environ: Mapping[str, str] | None = None) -> str:
    """The text as it is when the editor ends; blocks, and needs the terminal.

    Raises:
        UsageError: the editor cannot be started, or said that it failed.
    """
    command = editor_of(os.environ if environ is None else environ)
    with tempfile.TemporaryDirectory(prefix="rlm-tui-") as folder:  # which only its owner can read
        path = Path(folder) / f"edit{suffix}"
        path.write_bytes(text.encode())
        try:
            status = subprocess.run([*command, str(path)], check=False).returncode
        except OSError as error:
            raise UsageError(f"{command[0]} cannot be started: {error.strerror}.") from error
        if status:
            raise UsageError(f"{command[0]} ended with status {status}; nothing was changed.")
        try:
            written = path.read_bytes().decode()
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"What {command[0]} wrote cannot be read: {error}.") from error
    # Editors end a file with a newline, which a text that had none was not given by its user.
    has_none = written.endswith("\n") and not text.endswith("\n")
    return written[:-1] if has_none else written
