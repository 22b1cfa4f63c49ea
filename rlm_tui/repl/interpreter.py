"""Where Monty is installed: the interpreter that `--sandbox=monty` runs code in.

Nothing of it is imported here; the zygote does that.
"""

from __future__ import annotations

from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from rlm_tui.errors import UsageError

PACKAGE = "pydantic-monty"
_CLIENT, _RUNTIME = "pydantic-monty-client", "pydantic-monty-runtime"

INSTALL = "pip install 'rlm-tui[monty]'"


class Interpreter(NamedTuple):
    """Two places on this machine."""

    folder: str
    """Where Python finds the package."""
    program: str
    """The file of the interpreter."""


def version() -> str | None:
    """The installed version; None when it is not installed."""
    try:
        return metadata.version(PACKAGE)
    except metadata.PackageNotFoundError:
        return None


def located() -> Interpreter:
    """Where it is.

    Raises:
        UsageError: it is not installed, or not whole.
    """
    client = _file_of(_CLIENT, "pydantic_monty/__init__.py")
    program = _file_of(_RUNTIME, "/monty")
    if client is None or program is None:
        raise UsageError(f"Monty is not installed; try: {INSTALL} (for --sandbox=monty)")
    return Interpreter(str(client.parents[1]), str(program))


def _file_of(distribution: str, ending: str) -> Path | None:
    """The file of an installed distribution whose path ends so."""
    try:
        files = metadata.distribution(distribution).files or []
    except metadata.PackageNotFoundError:
        return None
    for file in files:
        if file.as_posix().endswith(ending):
            path = Path(str(file.locate())).resolve()
            return path if path.exists() else None
    return None
