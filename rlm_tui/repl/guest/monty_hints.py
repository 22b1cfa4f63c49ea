"""What to do instead of what Monty lacks, in sentences that a model can act on."""

from __future__ import annotations

import re

MODULES = (
    "asyncio base64 binascii bisect collections copy csv dataclasses datetime decimal functools "
    "hashlib itertools json math os pathlib random re sys time typing unicodedata"
)
"""Those that Monty 1.4 has, each in part."""

_IN_A_LOOP = (
    "Call it in a for loop or in a comprehension, not inside map(), sorted(), filter(), min() or "
    "max()."
)
_LISTS = "A generator expression is a list here: write next(iter(…))."
_NO_AWAIT = "Sub-calls need no await; for several at once use llm_query_batched()."
_IN_A_BATCH = "For several sub-calls at once use llm_query_batched()."
_WITHOUT_BASES = (
    "Use classes without bases, dataclasses, dicts or functions; raise ValueError or RuntimeError "
    "instead of an exception of your own."
)

_LACKING = (
    ("yield expressions", "Build a list and return it instead of yielding."),
    ("class inheritance", _WITHOUT_BASES),
    ("method decorators", "Use plain methods, or functions outside the class."),
    ("'del' statement", "Set the variable to None, or use pop() on a list or dict."),
    ("type aliases", "Leave the alias out."),
    ("exception groups", "Use try and except."),
    ("async context managers", "Sub-calls need no async: use llm_query_batched()."),
    ("Wildcard imports", "Name what you import."),
    ("", "Write it another way."),
)
"""What the parser refuses, by a part of what it says."""
_REFUSED = ("NotImplementedError: The monty syntax parser", "NotImplementedError: Wildcard imports")

_HINTS = (
    ("NotImplementedError: external function", _IN_A_LOOP),
    ("TypeError: callable replacement", "Build the text from re.finditer() instead."),
    ("TypeError: 'list' object is not an iterator", _LISTS),
    ("TypeError: 'str' object can't be awaited", _NO_AWAIT),
    ("TypeError: 'list' object can't be awaited", _NO_AWAIT),
    ("ModuleNotFoundError: No module named 'concurrent", _IN_A_BATCH),
    ("ModuleNotFoundError: No module named 'threading", _IN_A_BATCH),
    ("ModuleNotFoundError", f"The modules here, each in part, are: {MODULES}."),
    ("ImportError", "That module has only a part of what Python's has; write what is missing."),
    ("PermissionError", "There are no files; the text is `context`."),
    ("MemoryError", "Work on pieces of the text, and keep less in variables."),
)
"""By what the exception begins with."""

_BUILTINS = {
    "callable": "Use try and except.",
    "dir": "Use SHOW_VARS() for variables.",
    "globals": "Use SHOW_VARS() for variables, or locals().",
    "vars": "Use SHOW_VARS() for variables, or locals().",
    "issubclass": "Use isinstance().",
    "bytearray": "Use bytes or a list.",
}
_NO_NAME = re.compile(r"NameError: name '(\w+)' is not defined")
_NO_ATTRIBUTE = re.compile(r"AttributeError: .* has no attribute '\w+'")


def hint_for(line: str) -> str:
    """A sentence, with its newline, on an exception told in one line; empty when there is none."""
    if line.startswith(_REFUSED):
        hint = next(hint for part, hint in _LACKING if part in line)
        return f"[Nothing of this code block has run. {hint}]\n"
    for beginning, hint in _HINTS:
        if line.startswith(beginning):
            return f"[{hint}]\n"
    if (name := _NO_NAME.match(line)) and name[1] in _BUILTINS:
        return f"[This Python has no {name[1]}(). {_BUILTINS[name[1]]}]\n"
    if _NO_ATTRIBUTE.match(line):
        return "[This is a subset of Python; that part may be missing. Write it another way.]\n"
    return ""
