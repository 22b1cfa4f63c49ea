"""Writes the cells that the root's part sends to the REPL, and its final answers in prose.

Templates use `$name`. `$body` is the text, `$text` the argument that names it to the REPL's tools,
`$quote` a sub-model's quote in the variable `quote` as a person is shown it,
and `{$place}`, inside an f-string, is how a line number `number` is told: with several documents
the first cell joins them to one text and defines `place`.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping
from string import Template

NAMED = "offline (no language model)"
"""What this model calls itself."""


class Pen:
    """Writes for one kind of context."""

    def __init__(self, *, is_joined: bool) -> None:
        """Choose how the text and its lines are spoken of.

        Args:
            is_joined: whether several documents were joined to one text.
        """
        self._parts = {
            "body": "text" if is_joined else "context",
            "text": ", text=text" if is_joined else "",
            "only_text": "text=text" if is_joined else "",
            "place": "{place(number)}" if is_joined else "line {number:,}",
            "quote": "placed(quote)" if is_joined else "quote",
        }

    def cell(self, template: str, **parts: object) -> str:
        """A fenced block of code; a line of the template that is only an empty part is left out."""
        template = textwrap.dedent(template).strip("\n")
        for name, value in parts.items():
            if value == "":
                template = re.sub(rf"^\${name}\n|\n\${name}$", "", template, flags=re.MULTILINE)
        code = Template(template).substitute(self._parts, **parts)
        return f"```repl\n{code}\n```"

    def answer(self, statements: str, *, shown: str = "hits[:4]", **parts: object) -> str:
        """The last cell: the answer line, then lines as evidence.

        Args:
            statements: code that makes `first`, the answer line, and may make `more`, a list of
                further lines of the answer.
            shown: an expression for the (line number, line) pairs to quote; empty for none.
            **parts: what `$name` in the statements stands for.
        """
        code = textwrap.dedent(statements).strip("\n")
        lines = ["first"]
        if re.search(r"^more\b", code, re.MULTILINE):
            lines.append("*more")
        if shown:
            place = self._parts["place"]
            if not shown.startswith("hits"):
                code, shown = f"{code}\nshown = {shown}", "shown"
            code += (
                f"\nquotes = [f'  {place}: \"{{line.strip()[:200]}}\"' for number, line in {shown}]"
            )
            lines.append("*quotes")
        code += f'\nfinal_answer = "\\n".join([{", ".join(lines)}])\nprint(final_answer)'
        return self.cell(
            f'# The answer first, then the lines it rests on\n{code}\nFINAL_VAR("final_answer")',
            **parts,
        )


def raw(pattern: str) -> str:
    """A regex as Python source."""
    if not pattern.isprintable() or pattern.endswith("\\"):
        return repr(pattern)
    if '"' not in pattern:
        return f'r"{pattern}"'
    if "'" not in pattern:
        return f"r'{pattern}'"
    if '"""' not in pattern and not pattern.endswith('"'):
        return f'r"""{pattern}"""'
    return repr(pattern)


def said(text: str) -> str:
    """A text as a Python string in double quotes where that is possible."""
    plain = text.isprintable() and '"' not in text and "\\" not in text
    return f'"{text}"' if plain else repr(text)


def table(entries: Mapping[str, str]) -> str:
    """A dict of regexes as Python source, one entry a line."""
    lines = "".join(f"    {said(key)}: {raw(value)},\n" for key, value in entries.items())
    return f"{{\n{lines}}}" if entries else "{}"


def wrapped(words: Iterable[str]) -> str:
    """Words in lines, for a string in code."""
    return textwrap.fill(" ".join(sorted(words)), 96)


def finish(text: str) -> str:
    """A final answer in prose."""
    return f"FINAL({text!r})"


def listing(items: Iterable[str]) -> str:
    """Words in a sentence: `a, b and c`."""
    *most, last = [f'"{item}"' for item in items] or ["nothing"]
    return f"{', '.join(most)} and {last}" if most else last
