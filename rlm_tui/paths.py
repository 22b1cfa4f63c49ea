"""Where files are kept: the user's directories, and what ships with the program."""

from __future__ import annotations

import os
from pathlib import Path

APP = "rlm-tui"


def shipped(name: str) -> Path:
    """The folder `themes` or `sessions`: inside the package when installed, else beside it."""
    package = Path(__file__).parent
    inside = package / name
    return inside if inside.is_dir() else package.parent / name


def config_file() -> Path:
    """The user's `config.toml`, whether or not it exists; `RLM_TUI_CONFIG` names another."""
    named = os.environ.get("RLM_TUI_CONFIG")
    if named:
        return Path(named)
    import platformdirs  # noqa: PLC0415 - 5 ms that opening a recording does not need

    return Path(platformdirs.user_config_dir(APP, appauthor=False)) / "config.toml"


def sessions_dir() -> Path:
    """Where runs are saved; `RLM_TUI_SESSIONS` names another folder."""
    named = os.environ.get("RLM_TUI_SESSIONS")
    if named:
        return Path(named)
    import platformdirs  # noqa: PLC0415 - as above

    return Path(platformdirs.user_data_dir(APP, appauthor=False)) / "sessions"


def documents_dir() -> Path:
    """Where documents read from stdin and the generated demo document are kept."""
    return sessions_dir().parent / "documents"
