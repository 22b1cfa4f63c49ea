"""What this machine offers rlm-tui, as plain text that fits a screen."""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import TextIO

from rlm_tui import __version__, paths
from rlm_tui.config import SandboxMode
from rlm_tui.errors import ReplError, UsageError
from rlm_tui.repl import interpreter
from rlm_tui.repl.host import Sandbox

_PACKAGES = ("textual", "litellm", "tiktoken")
_LAYERS = {
    "monty": "monty: an interpreter without files, network or processes, in a process of its own",
    "ns": "namespaces: no other files, processes or network in sight",
    "landlock": "landlock: no file outside the standard library can be opened",
    "seccomp": "seccomp: no sockets, programs, forks or tracing",
}
_LABEL = 12

Row = tuple[str, str]


def report(mode: SandboxMode, *, left_out: Sequence[str] = ()) -> tuple[str, bool]:
    """What there is, and whether runs are possible with it."""
    sandbox, is_possible = asyncio.run(_sandbox(mode, left_out))
    rows: list[Row] = [
        *sandbox,
        ("monty", monty()),
        ("terminal", terminal(os.environ, sys.stdout)),
        *_labelled("versions", versions()),
        *_labelled("folders", _folders()),
        ("runs", "possible" if is_possible else "not possible; see the sandbox above"),
    ]
    return "".join(f"{label:<{_LABEL}}{text}\n" for label, text in rows), is_possible


def _labelled(label: str, texts: Iterable[str]) -> list[Row]:
    """A label in front of the first of some lines."""
    return [(label if index == 0 else "", text) for index, text in enumerate(texts)]


async def _sandbox(mode: SandboxMode, left_out: Sequence[str]) -> tuple[list[Row], bool]:
    """Start one and see what it is made of."""
    try:
        sandbox = await Sandbox.start([], mode, left_out=left_out)
    except (ReplError, UsageError) as error:
        return [("sandbox", f"none (--sandbox={mode})"), ("", str(error))], False
    await sandbox.close()
    rows = [("sandbox", f"{sandbox.layers} (--sandbox={mode})")]
    if mode == "off":
        return [*rows, ("", "model code may do whatever you may")], True
    in_force = sandbox.layers.split("+")
    for layer, meaning in _LAYERS.items():
        if layer == "monty" and mode != "monty":
            continue
        if layer in in_force:
            rows.append(("", f"  + {meaning}"))
        else:
            why = sandbox.missing.get(layer, "it does not apply in this mode")
            rows.append(("", f"  - {meaning.partition(':')[0]}: {why}"))
    if not sandbox.has_checkpoints:
        why = sandbox.missing.get("forks", "this mode allows no forks")
        rows.append(("", f"  - checkpoints: {why}"))
    return rows, True


def monty() -> str:
    """Whether `--sandbox=monty` can be had."""
    installed = interpreter.version()
    if installed is None:
        return f"not installed; for --sandbox=monty: {interpreter.INSTALL}"
    return f"{interpreter.PACKAGE} {installed}, used with --sandbox=monty"


def terminal(environ: Mapping[str, str], stream: TextIO) -> str:
    """What the terminal says it can do."""
    if not stream.isatty():
        return "none: the output is not a terminal"
    width, height = shutil.get_terminal_size()
    is_unicode = (stream.encoding or "").lower().replace("-", "") == "utf8"
    return ", ".join(
        [
            f"TERM={environ.get('TERM', '')}",
            _colours(environ),
            f"{width} x {height}",
            "unicode" if is_unicode else f"no unicode ({stream.encoding})",
        ]
    )


def _colours(environ: Mapping[str, str]) -> str:
    term = environ.get("TERM", "dumb")
    if environ.get("NO_COLOR"):
        return "no colours (NO_COLOR is set)"
    if environ.get("COLORTERM") in {"truecolor", "24bit"}:
        return "16 million colours"
    if "256color" in term:
        return "256 colours"
    return "no colours" if term in {"", "dumb"} else "16 colours"


def versions() -> list[str]:
    """The program, Python and what matters most of the packages; none is imported for it."""
    found = [f"rlm-tui {__version__}, Python {platform.python_version()} on {platform.platform()}"]
    told: list[str] = []
    for package in _PACKAGES:
        try:
            told.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            told.append(f"{package} is not installed")
    return [*found, ", ".join(told)]


def _folders() -> list[str]:
    named = {
        "settings": paths.config_file(),
        "sessions": paths.sessions_dir(),
        "documents": paths.documents_dir(),
    }
    return [f"{name}: {path}{_remark(path)}" for name, path in named.items()]


def _remark(path: Path) -> str:
    if not path.exists():
        return " (not there yet)"
    return "" if os.access(path, os.W_OK) else " (cannot be written)"
