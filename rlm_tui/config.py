"""The settings, and where each came from: defaults, `config.toml`, environment, flags.

A setting has one name everywhere: `max_iterations` in the file, `RLM_TUI_MAX_ITERATIONS` in the
environment, `--max-iterations` on the command line.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

import msgspec
from msgspec import Meta, Struct

from rlm_tui.errors import UsageError

SandboxMode = Literal["auto", "strict", "monty", "off"]

Count = Annotated[int, Meta(ge=0)]
AtLeastOne = Annotated[int, Meta(ge=1)]
Amount = Annotated[float, Meta(gt=0)]


class Settings(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Everything a user can set that is not the question or the document."""

    model: str | None = None
    """The root model; None picks one by the keys that are there, else `offline`."""
    sub_model: str | None = None
    """For `llm_query`; None is what `model` is."""
    fast_model: str | None = None
    """For calls with `model="fast"`; None is what `sub_model` is."""
    api_base: str | None = None
    """The base URL of an OpenAI-compatible server."""
    max_iterations: AtLeastOne = 30
    """For each loop, children included."""
    max_depth: Count = 1
    """0: no sub-calls; 1: plain ones; 2: children with REPLs; and so on."""
    max_sub_calls: Count = 200
    """For the whole tree."""
    max_tokens: AtLeastOne | None = None
    """Input and output together, for the whole tree."""
    max_cost: Amount | None = None
    """US dollars, for the whole tree."""
    max_time: Amount | None = None
    """Seconds, without the time spent paused."""
    max_cell_time: Amount = 60.0
    """Seconds a code block may run, without the time it waits for sub-calls."""
    max_errors: AtLeastOne = 5
    """Iterations in a row that end in an error."""
    concurrency: AtLeastOne = 16
    """Sub-calls in flight at once."""
    timeout: Amount = 120.0
    """Seconds without a sign from a provider before a request is given up."""
    cache: bool = True
    """Answer equal sub-calls from the cache."""
    sandbox: SandboxMode = "auto"
    force_rlm: bool = False
    """Never put a small document into the prompt."""
    env_file: str | None = None
    """A file of `KEY=value` lines, read for providers' keys."""
    session: str | None = None
    """The file to save the run to; None names one in the sessions folder."""
    save: bool = True
    theme: str = "rlm-dark"

    @property
    def root_model(self) -> str:
        """The root model's name, `offline` where none was chosen."""
        return self.model or "offline"

    @property
    def query_model(self) -> str:
        """The sub-model's name."""
        return self.sub_model or self.root_model


SETTING_TYPES: dict[str, Any] = {
    name: hint
    for name, hint in get_type_hints(Settings, include_extras=True).items()
    if name in Settings.__struct_fields__
}


def nearest(word: str, known: Iterable[str]) -> str:
    """`" Did you mean …?"`, or nothing when no known word is near."""
    close = difflib.get_close_matches(word, list(known), n=1)
    return f" Did you mean {close[0]}?" if close else ""


def is_billed(model: str) -> bool:
    """Whether somebody may charge for a model; the built-in ones are free."""
    return model != "offline" and not model.startswith(("scripted:", "recorded:"))


def shown_name(model: str) -> str:
    """A model's name for people; the offline model never passes for an AI."""
    if model == "offline":
        return "offline (no language model)"
    kind, colon, path = model.partition(":")
    return f"{kind}:{Path(path).name}" if colon and not is_billed(model) else model


def non_default(settings: Settings) -> dict[str, Any]:
    """The settings that differ from their defaults, as a session header keeps them."""
    return msgspec.to_builtins(settings)


def _checked(name: str, value: object, where: str, *, strict: bool = True) -> Any:
    try:
        return msgspec.convert(value, SETTING_TYPES[name], strict=strict)
    except msgspec.ValidationError as error:
        raise UsageError(f"{where}: {name} = {value!r} cannot be used: {error}.") from error


def _line_of(key: str, lines: list[str]) -> int:
    for number, line in enumerate(lines, 1):
        if line.split("=", 1)[0].strip().strip("\"'") == key:
            return number
    return 1


def read_file(path: Path) -> dict[str, Any]:
    """The settings in a `config.toml`; an absent file has none.

    Raises:
        UsageError: naming file, line and key, and the nearest valid name.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {error}.") from error
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: not valid TOML: {error}.") from error
    lines = text.splitlines()
    values: dict[str, Any] = {}
    for key, value in table.items():
        where = f"{path}, line {_line_of(key, lines)}"
        if key not in SETTING_TYPES:
            raise UsageError(f"{where}: there is no setting {key!r}.{nearest(key, SETTING_TYPES)}")
        values[key] = _checked(key, value, where)
    return values


def from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    """The settings given as `RLM_TUI_…` variables; empty values do not count."""
    values: dict[str, Any] = {}
    for name, kind in SETTING_TYPES.items():
        variable = "RLM_TUI_" + name.upper()
        text = environ.get(variable)
        if text:
            words = {"1": True, "yes": True, "on": True, "0": False, "no": False, "off": False}
            value: object = text
            if kind is bool:
                value = words.get(text.lower(), text)
            values[name] = _checked(name, value, f"environment variable {variable}", strict=False)
    return values


def read_env_file(path: Path) -> dict[str, str]:
    """The variables of a file of `KEY=value` lines; `export`, quotes and `#` lines are understood.

    Raises:
        UsageError: the file cannot be read, or a line is no assignment (its value is not shown).
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The environment file {path} cannot be read: {error}.") from error
    values: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip().removeprefix("export ").strip()
        if not stripped or stripped.startswith("#"):
            continue
        key, equals, value = stripped.partition("=")
        if not equals or not key.strip().isidentifier():
            raise UsageError(f"{path}, line {number}: expected KEY=value.")
        value = value.strip()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        values[key.strip()] = value
    return values


def load(
    flags: Mapping[str, Any], *, file: Path, environ: Mapping[str, str] | None = None
) -> tuple[Settings, dict[str, str]]:
    """The settings in force, and where each came from.

    Args:
        flags: what the command line set, by setting name.
        file: the `config.toml` to read.
        environ: the environment; None is this process's.

    Raises:
        UsageError: a setting is unknown or has a wrong value.
    """
    environment = from_environment(os.environ if environ is None else environ)
    layers = (
        (str(file), read_file(file)),
        ("environment", environment),
        ("flag", {k: _checked(k, v, "--" + k.replace("_", "-")) for k, v in flags.items()}),
    )
    values: dict[str, Any] = {}
    origins = dict.fromkeys(SETTING_TYPES, "default")
    for origin, layer in layers:
        values |= layer
        origins |= dict.fromkeys(layer, origin)
    return Settings(**values), origins
