"""Paints the document's first lines with plain terminal codes, before anything else is imported.

The screen proper takes a quarter of a second to import; this takes a few milliseconds, and its
lines stand where the document pane will have them.
"""

from __future__ import annotations

import os
import sys

_READ = 64 * 1024
_is_shown = False

_COMMANDS = frozenset(
    {
        *("ask", "replay", "demo", "sessions", "stats", "export", "import", "compare"),
        *("models", "doctor", "config"),
    }
)
"""None of these means a file of that name."""

_TREE = {60: 30, 100: 42, 160: 50}
"""Cells of the tree to the left of the document, from a width on."""


def show(arguments: list[str]) -> None:
    """Paint the first lines of the document that is about to be opened, if one is."""
    if not arguments or arguments[0].startswith("-") or arguments[0] in _COMMANDS:
        return
    if not {"-h", "--help"}.isdisjoint(arguments) or not _is_screen():
        return
    try:
        if not os.path.isfile(arguments[0]):  # noqa: PTH113 - pathlib takes 8 ms to import
            return
        with open(arguments[0], "rb") as file:  # noqa: PTH123 - as above
            content = file.read(_READ)
        width, height = os.get_terminal_size()
    except (OSError, ValueError):
        return  # the program proper says what is wrong
    if content.startswith((b'{"type":"header"', b'{"type": "header"')) or b"\0" in content:
        return
    global _is_shown  # noqa: PLW0603 - there is one terminal
    _is_shown = True
    sys.stdout.buffer.write(page(content, width, height).encode(sys.stdout.encoding, "replace"))
    sys.stdout.flush()


def leave() -> None:
    """Give the terminal back as it was: the app does not come up after all."""
    if _is_shown:
        sys.stdout.write("\x1b[?1049l\x1b[?25h")
        sys.stdout.flush()


def _is_screen() -> bool:
    try:
        if not (os.isatty(0) and os.isatty(1)):
            return False
    except OSError:
        return False
    return os.environ.get("TERM", "dumb") not in {"dumb", "unknown", ""}


def page(content: bytes, width: int, height: int) -> str:
    """The terminal codes that paint the first lines at the size of a terminal."""
    left = 0
    for least, cells in _TREE.items():
        if width >= least:
            left = cells
    text = content.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    rows = ["\x1b[?1049h\x1b[?25l\x1b[2J"]
    room = max(width - left - 2 - 6 - 1, 0)
    lines = text.removesuffix("\n").split("\n")
    for number, line in enumerate(lines[: max(height - 6, 0)], 1):
        shown = "".join(c if c.isprintable() else " " for c in line.replace("\t", "    ")[:room])
        if not shown.isascii():
            shown = _fitting(shown, room)
        rows.append(f"\x1b[{number + 2};{left + 2}H\x1b[2m{number:>4}\x1b[22m  {shown}")
    return "".join(rows)


def _fitting(line: str, room: int) -> str:
    """As much of a line as fits into some cells; wide characters take two."""
    from unicodedata import east_asian_width  # noqa: PLC0415 - most documents do not need it

    for index, char in enumerate(line):
        room -= 2 if east_asian_width(char) in "WF" else 1
        if room < 0:
            return line[:index]
    return line
