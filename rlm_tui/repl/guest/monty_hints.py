"""What to do instead of what Monty lacks, in sentences that a model can act on."""

from __future__ import annotations

import re

MODULES = (
    "asyncio base64 binascii bisect collections copy csv dataclasses datetime decimal functools "
    "hashlib itertools json math os pathlib random re sys time typing unicodedata"
)
"""Those that Monty 1.4 has, each in part."""

_NOT_RUN = "Nothing of this code block has run. "

_IN_A_LOOP = (
    "Call it in a for loop or in a comprehension, not inside map(), sorted(), filter(), min() or "
    "max()."
)
_WITHOUT_BASES = (
    "Use classes without bases, dataclasses, dicts or functions; raise ValueError or RuntimeError "
    "instead of an exception of your own."
)

_HINTS = (
    ("yield expressions", f"{_NOT_RUN}Build a list and return it instead of yielding."),
    ("class inheritance", f"{_NOT_RUN}{_WITHOUT_BASES}"),
    ("method decorators", f"{_NOT_RUN}Use plain methods, or functions outside the class."),
    ("'del' statement", f"{_NOT_RUN}Set the variable to None, or use pop() on a list or dict."),
    ("type aliases", f"{_NOT_RUN}Leave the alias out."),
    ("exception groups", f"{_NOT_RUN}Use try and except."),
    ("async context managers", f"{_NOT_RUN}Sub-calls need no async: use llm_query_batched()."),
    ("Wildcard imports", f"{_NOT_RUN}Name what you import."),
    ("does not yet support", f"{_NOT_RUN}Write it another way."),
    ("cannot suspend in this synchronous context", _IN_A_LOOP),
    ("callable replacement", "Build the text from re.finditer() instead."),
    ("object is not an iterator", "A generator expression is a list here: write next(iter(…))."),
    ("object can't be awaited", "Sub-calls need no await; for several use llm_query_batched()."),
    ("No module named 'concurrent", "For several sub-calls at once use llm_query_batched()."),
    ("No module named 'threading", "For several sub-calls at once use llm_query_batched()."),
    ("ModuleNotFoundError", f"The modules here, each in part, are: {MODULES}."),
    ("ImportError", "That module has only a part of what Python's has; write what is missing."),
    ("PermissionError", "There are no files; the text is `context`."),
    ("MemoryError", "Work on pieces of the text, and keep less in variables."),
)

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
    for part, hint in _HINTS:
        if part in line:
            return f"[{hint}]\n"
    if (name := _NO_NAME.match(line)) and name[1] in _BUILTINS:
        return f"[This Python has no {name[1]}(). {_BUILTINS[name[1]]}]\n"
    if _NO_ATTRIBUTE.match(line):
        return "[This is a subset of Python; that part may be missing. Write it another way.]\n"
    return ""
