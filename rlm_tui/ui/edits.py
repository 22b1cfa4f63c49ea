"""What an edit comes to: whether the code can be read, and which of its lines are others."""

from __future__ import annotations

import ast
import difflib
import warnings


def syntax(code: str) -> str:
    """Empty for code that can be read, else what is wrong and on which line."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of strings such as "\\d", which the REPL takes, too
            compile(code, "<edit>", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except SyntaxError as error:
        return f"line {error.lineno}: {error.msg}" if error.lineno else str(error.msg)
    except (ValueError, RecursionError, MemoryError) as error:
        return str(error)
    return ""


def changed_lines(before: str, after: str) -> tuple[list[int], int]:
    """The lines of a text that are new or others, from 0; and how many of the old ones are gone.

    A line that was changed is one of the first and does not count as gone.
    """
    matcher = difflib.SequenceMatcher(None, before.split("\n"), after.split("\n"), autojunk=False)
    new: list[int] = []
    gone = 0
    for kind, old_start, old_end, start, end in matcher.get_opcodes():
        if kind != "equal":
            new.extend(range(start, end))
            gone += max((old_end - old_start) - (end - start), 0)
    return new, gone


def told(before: str, after: str, *, is_code: bool) -> str:
    """What is to be said of an edit: `syntax ok · 1 line changed`."""
    new, gone = changed_lines(before, after)
    count = len(new) + gone
    said = "nothing changed" if not count else f"{count:,} line{'s' * (count > 1)} changed"
    if not is_code:
        return f"{said} · {len(after):,} characters"
    wrong = syntax(after)
    return f"{wrong or 'syntax ok'} · {said}"
