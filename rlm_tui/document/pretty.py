"""Breaks a line of JSON into lines that show its structure; no value is written differently."""

from __future__ import annotations

import json
import re

from rlm_tui.document.shaped import Shaped

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
_STEP = "  "


def pretty(line: str) -> Shaped:
    """The line in an indented form; unchanged when it is not a JSON object or array."""
    if not line.lstrip().startswith(("{", "[")):
        return Shaped(line)
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return Shaped(line)
    pieces: list[str] = []
    steps: list[tuple[int, int]] = []
    depth, before, size = 0, "", 0
    for token in _TOKEN.finditer(line):
        part, front = token[0], ""
        if part in "}]":
            depth -= 1
            if before not in {"{", "["}:
                front = f"\n{_STEP * depth}"
        elif before in {"{", "[", ","}:
            front = f"\n{_STEP * depth}"
        elif before == ":":
            front = " "
        if part in "{[":
            depth += 1
        size += len(front)
        steps.append((token.start(), size))
        size += len(part)
        pieces += (front, part)
        before = part
    return Shaped("".join(pieces), (steps,))
