"""The settings, and where each came from: defaults, `config.toml`, environment, flags.

A setting has one name everywhere: `max_iterations` in the file, `RLM_TUI_MAX_ITERATIONS` in the
environment, `--max-iterations` on the command line.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, Struct

from rlm_tui.errors import UsageError
from rlm_tui.spelling import nearest

SandboxMode = Literal["auto", "strict", "monty", "off"]
KeyPreset = Literal["default", "pdb", "vscode"]

Count = Annotated[int, Meta(ge=0)]
AtLeastOne = Annotated[int, Meta(ge=1)]
Amount = Annotated[float, Meta(gt=0, le=1e9)]
"""Never infinite: JSON, in which settings travel and are kept, has no word for it."""


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
    together: bool = True
    """Make the sub-calls of a loop at once where they do not depend on one another."""
    sandbox: SandboxMode = "auto"
    force_rlm: bool = False
    """Never put a small document into the prompt."""
    encoding: str = ""
    """Of the documents, such as `cp1252`; empty to find it out."""
    env_file: str | None = None
    """A file of `KEY=value` lines, read for providers' keys."""
    session: str | None = None
    """The file to save the run to; None names one in the sessions folder."""
    save: bool = True
    theme: str = "rlm-dark"
    key_preset: KeyPreset = "default"
    """Which keys do what."""
    keys: dict[str, str] = {}
    """Other keys, comma-separated, by the id of what they do, such as `"step.over" = "n,f10"`."""

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


_PREFIX = "RLM_TUI_"
PLACES = ("RLM_TUI_CONFIG", "RLM_TUI_SESSIONS")
"""Variables of the same form that name files, not settings; see `paths`."""


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


def _checked(
    given: Mapping[str, object], where: Callable[[str], str], *, strict: bool = True
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in given.items():
        kind = SETTING_TYPES[name]
        try:
            values[name] = msgspec.convert(value, kind, strict=strict)
        except msgspec.ValidationError as error:
            words = get_args(kind) if get_origin(kind) is Literal else ()
            hint = nearest(str(value), words) or (words and f" It is one of {', '.join(words)}.")
            raise UsageError(
                f"{where(name)}: {name} = {value!r} cannot be used: {error}.{hint or ''}"
            ) from error
    return values


def _line_of(key: str, text: str, inside: str = "") -> int:
    """The line on which a key's statement begins: the first lines that hold it end with it.

    Args:
        key: a setting, or a key of a table.
        text: of the file.
        inside: the table; empty for a setting.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    begin = 1
    for number in range(1, len(lines)):
        try:
            table = tomllib.loads("\n".join(lines[:number]))
        except tomllib.TOMLDecodeError:
            continue  # in the middle of a statement
        if key in (table.get(inside, {}) if inside else table):
            break
        begin = number + 1
    return begin


def place_of_key(path: Path, identity: str) -> str:
    """Where a `config.toml` sets the keys of an action: file, line and table."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return f"{path}, [keys]"  # it was there a moment ago
    return f"{path}, line {_line_of(identity, text, 'keys')}, [keys]"


def read_file(path: Path) -> dict[str, Any]:
    """The settings in a `config.toml`; an absent file has none.

    Raises:
        UsageError: naming file, line and key, and the nearest valid name.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {error}.") from error
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: not valid TOML: {error}.") from error

    def where(key: str) -> str:
        return f"{path}, line {_line_of(key, text)}"

    for key in table:
        if key not in SETTING_TYPES:
            hint = nearest(key, SETTING_TYPES)
            raise UsageError(f"{where(key)}: there is no setting {key!r}.{hint}")
    return _checked(table, where)


def from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    """The settings given as `RLM_TUI_…` variables; empty values do not count.

    Raises:
        UsageError: a variable of that form names no setting, or its value cannot be used.
    """
    words = {"1": True, "yes": True, "on": True, "0": False, "no": False, "off": False}
    given: dict[str, object] = {}
    known = {*map(_variable, SETTING_TYPES), *PLACES}
    for variable in environ:
        if variable.startswith(_PREFIX) and variable not in known:
            raise UsageError(
                f"environment variable {variable}: there is no such setting."
                f"{nearest(variable, known)}"
            )
    for name, kind in SETTING_TYPES.items():
        text = environ.get(_variable(name))
        if text:
            given[name] = words.get(text.lower(), text) if kind is bool else text
    return _checked(given, lambda name: f"environment variable {_variable(name)}", strict=False)


def _variable(name: str) -> str:
    return _PREFIX + name.upper()


def read_env_file(path: Path) -> dict[str, str]:
    """The variables of a file of `KEY=value` lines; `export`, quotes and `#` lines are understood.

    Raises:
        UsageError: the file cannot be read, or a line is no assignment (its value is not shown).
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The environment file {path} cannot be read: {error}.") from error
    values: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip().removeprefix("export ").strip()
        if not stripped or stripped.startswith("#"):
            continue
        key, equals, value = stripped.partition("=")
        if not equals or not key.strip().isidentifier() or "\0" in value:
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
        ("flag", _checked(flags, lambda name: "--" + name.replace("_", "-"))),
    )
    values: dict[str, Any] = {}
    origins = dict.fromkeys(SETTING_TYPES, "default")
    for origin, layer in layers:
        values |= layer
        origins |= dict.fromkeys(layer, origin)
    return Settings(**values), origins


def limit_setting(limit: str) -> str:
    """The name of the setting for a limit, such as `max_sub_calls` for `sub-calls`."""
    return "max_" + limit.replace("-", "_").removeprefix("max_")
