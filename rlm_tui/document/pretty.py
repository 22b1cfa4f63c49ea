"""Breaks a line of JSON into lines that show its structure; no value is written differently."""

from __future__ import annotations

import json
import re

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
_STEP = "  "


def pretty(line: str) -> str:
    """The line in an indented form; unchanged when it is not a JSON object or array."""
    if not line.lstrip().startswith(("{", "[")):
        return line
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return line
    pieces: list[str] = []
    depth, before = 0, ""
    for part in _TOKEN.findall(line):
        if part in "}]":
            depth -= 1
            pieces.append(part if before in {"{", "["} else f"\n{_STEP * depth}{part}")
        else:
            pieces.append(f"\n{_STEP * depth}{part}" if before in {"{", "[", ","} else part)
        if part in "{[":
            depth += 1
        elif part == ":":
            pieces.append(" ")
        before = part
    return "".join(pieces)
