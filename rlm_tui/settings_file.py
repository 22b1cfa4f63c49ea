"""What `rlm-tui config` prints and writes: every setting, its value and where it came from."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import msgspec

from rlm_tui.config import SETTING_TYPES, Settings
from rlm_tui.errors import UsageError


def listing(settings: Settings, origins: dict[str, str]) -> str:
    """One setting a line: name, value, origin."""
    lines: list[str] = []
    for name in SETTING_TYPES:
        value = getattr(settings, name)
        shown = "not set" if value is None else _toml(value)
        lines.append(f"{name:<16} {shown:<24} {origins[name]}")
    return "\n".join(lines) + "\n"


def write(file: Path) -> None:
    """Write a `config.toml` with every setting commented out at its default.

    Raises:
        UsageError: there is one already, or it cannot be written.
    """
    lines = ["# Settings of rlm-tui. Flags and RLM_TUI_... variables win over this file."]
    for name in SETTING_TYPES:
        value = getattr(Settings(), name)
        lines.append(f"# {name} = {'...' if value is None else _toml(value)}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{file.parent} cannot be made: {error.strerror}.") from error
    try:
        with file.open("x", encoding="utf-8") as out:
            out.write("\n".join(lines) + "\n")
    except FileExistsError as error:
        raise UsageError(f"{file} exists already and was left as it is.") from error
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}.") from error


def _toml(value: object) -> str:
    if isinstance(value, dict):
        pairs = cast("dict[str, object]", value).items()
        return f"{{{', '.join(f'{_toml(name)} = {_toml(item)}' for name, item in pairs)}}}"
    return msgspec.json.encode(value).decode()
