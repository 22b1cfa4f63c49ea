"""Other keys for the same actions: presets, and what a user's `config.toml` says."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from itertools import pairwise

from textual.keys import KEY_NAME_REPLACEMENTS, Keys

from rlm_tui.config import KeyPreset
from rlm_tui.errors import UsageError
from rlm_tui.spelling import nearest
from rlm_tui.ui import keymap
from rlm_tui.ui.key import Key

Tables = Mapping[str, tuple[Key, ...]]

PRESETS: dict[KeyPreset, dict[str, str]] = {
    "default": {},
    "pdb": {
        "step.over": "n,f10",
        "step.out": "r,shift+f11",
        "look.reply": "o",
        "doc.next": "f3",
    },
    "vscode": {
        "step.into": "f11,s",
        "step.over": "f10,o",
        "step.out": "shift+f11,f",
        "step.to": "ctrl+f10,T",
        "run.continue": "f5,c",
        "run.pause": "f6,p",
        "run.stop": "shift+f5,x",
        "break.toggle": "f9,b",
    },
}
"""Keys by the id of their binding; those that are not named stay as they are."""

PLACES: tuple[tuple[str, ...], ...] = (
    *(("app", "debug", "workspace", pane) for pane in ("text", "tree", "timeline")),
    ("app", "debug", "workspace", "document", "text"),
    ("app", "start"),
    ("app", "dialog", "close", "text"),
    ("app", "dialog", "close", "breakpoints"),
    *(
        ("app", "dialog", name, "choice")
        for name in ("editing", "answering", "judging", "branching")
    ),
)
"""The tables whose keys act at the same time."""


def remapped(
    preset: KeyPreset,
    keys: Mapping[str, str],
    where: Callable[[str], str] = lambda _: "config.toml, [keys]",
) -> dict[str, str]:
    """The keys that differ from the default, by the id of their binding.

    Args:
        preset: which keys to begin with.
        keys: those that a user chose, by id, comma-separated.
        where: tells for such an id where it was chosen.

    Raises:
        UsageError: an id or a key is not known, or a key would do two things in one place.
    """
    known = {key.id for table in keymap.TABLES.values() for key in table}
    chosen = dict(PRESETS[preset])
    for identity, names in keys.items():
        if identity not in known:
            raise UsageError(
                f"{where(identity)}: there is no key {identity!r}.{nearest(identity, known)}"
            )
        named = [_named(name.strip()) for name in _split(names)]
        if None in named:
            raise UsageError(f"{where(identity)}: {identity} = {names!r} is not the name of a key.")
        chosen[identity] = ",".join(filter(None, named))
    if double := conflicts(tables(chosen)):
        name, first, second = double[0]
        raise UsageError(
            f"{where(first if first in keys else second)}: {keymap.shown_key(name)} would mean "
            f"both {first} and {second}; give one of them another key."
        )
    return chosen


def _split(names: str) -> list[str]:
    return [","] if names.strip() == "," else [name for name in names.split(",") if name.strip()]


def _named(name: str) -> str | None:
    """Textual's name of a key, which may be given as the sign on it; None for no key."""
    was_sign = len(name) == 1 and not name.isalnum()
    if was_sign:
        said = unicodedata.name(name, "").lower().replace(" ", "_").replace("-", "_")
        name = KEY_NAME_REPLACEMENTS.get(said, said)
    last = name.rpartition("+")[2] if len(name) > 1 else name
    known = {key.value for key in Keys} | keymap.SIGNS.keys()
    if not (len(last) == 1 and last.isalnum()) and last not in known and not was_sign:
        return None
    return name


def tables(chosen: Mapping[str, str]) -> dict[str, tuple[Key, ...]]:
    """The tables of the key map with other keys."""
    return {
        name: tuple(key._replace(keys=chosen.get(key.id, key.keys)) for key in table)
        for name, table in keymap.TABLES.items()
    }


def conflicts(shown: Tables) -> list[tuple[str, str, str]]:
    """Keys that would do two things in one place: the key, and the ids of both."""
    found: list[tuple[str, str, str]] = []
    for place in PLACES:
        rows = sorted(
            (name, key.action, key.id)
            for table in place
            for key in shown[table]
            for name in key.keys.split(",")
        )
        found += [(a[0], a[2], b[2]) for a, b in pairwise(rows) if a[0] == b[0] and a[1] != b[1]]
    return found
