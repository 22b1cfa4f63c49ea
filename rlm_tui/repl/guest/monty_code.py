"""Code that runs in Monty itself: the names it can give best, and what tells of its variables.

Passing a text out of the interpreter copies it, so what works on a text that code has at hand is
written here. Names that start with `_rlm` are not shown to anybody;
the built-in ones among them stay what they are when code uses `max` or `list` as a variable.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from rlm_tui.repl.guest.cell import ECHO_LIMIT, is_echo_wanted

PROTECTED = (
    "context",
    "llm_query",
    "llm_query_batched",
    "rlm_query",
    "rlm_query_batched",
    "recursive_lm",
    "recursive_llm",
    "SHOW_VARS",
    "FINAL",
    "FINAL_VAR",
    "SUBMIT",
    "SubCallError",
    "fast_find",
    "fast_contains",
    "fast_find_all",
    "grep",
    "find_lines",
)
"""What is back for the next cell when code has overwritten it."""

_OURS = r"""
from collections import Counter as _rlm_Counter
from collections import defaultdict as _rlm_defaultdict
from collections import deque as _rlm_deque
_rlm_bool = bool
_rlm_bytes = bytes
_rlm_dict = dict
_rlm_eval = eval
_rlm_float = float
_rlm_id = id
_rlm_int = int
_rlm_isinstance = isinstance
_rlm_len = len
_rlm_list = list
_rlm_max = max
_rlm_print = print
_rlm_range = range
_rlm_repr = repr
_rlm_str = str
_rlm_tuple = tuple
_rlm_type = type
_rlm_NameError = NameError
SubCallError = RuntimeError
answer = {"content": "", "ready": False}

def fast_find(text, pattern):
    return text.find(pattern)

def fast_contains(text, pattern):
    return pattern in text

def FINAL(answer=""):
    _rlm_finish("FINAL", answer, None)

def FINAL_VAR(name):
    if _rlm_isinstance(name, _rlm_str):
        _rlm_finish("FINAL_VAR", _rlm_value(name), name)
    else:
        _rlm_finish("FINAL_VAR", name, None)

def SUBMIT(*values, **fields):
    if fields and not values:
        only = [*fields.values()][0] if _rlm_len(fields) == 1 else fields
        _rlm_finish("SUBMIT", only, None)
    elif values and not fields:
        _rlm_finish("SUBMIT", values[0] if _rlm_len(values) == 1 else values, None)
    else:
        raise TypeError("SUBMIT() takes one answer, or named fields")

def _rlm_finish(form, value, variable):
    _rlm_propose(form, _rlm_str(value), variable, _rlm_type(value).__name__)

def SHOW_VARS(names=None):
    made = _rlm_before() if names is None else _rlm_made(names)
    lines = []
    for name, kind, size, value, _ in made:
        size = "" if size is None else f"[{size:,}]"
        lines.append(f"{name}: {kind}{size} = {value}")
    return "\n".join(lines) or "(no variables yet)"

def _rlm_value(_rlm_name):
    if _rlm_name.isidentifier():
        try:
            return _rlm_eval(_rlm_name)
        except _rlm_NameError:
            pass
    raise _rlm_NameError(
        "FINAL_VAR: there is no variable " + _rlm_repr(_rlm_name) + ". Variables: " + _rlm_known()
    )

def _rlm_size(value):
    return _rlm_len(value) if _rlm_type(value) in _rlm_sized else None

def _rlm_short(value, limit, depth):
    kind = _rlm_type(value)
    if kind is _rlm_str:
        text = _rlm_repr(value if _rlm_len(value) <= limit else value[:limit] + "…")
    elif kind is _rlm_bytes:
        text = _rlm_repr(value[:limit])
    elif kind is _rlm_int:
        text = _rlm_repr(value) if -_rlm_wide < value < _rlm_wide else "a very long int"
    elif kind is _rlm_float or kind is _rlm_bool or value is None or kind is _rlm_range:
        text = _rlm_repr(value)
    elif kind in _rlm_containers:
        text = _rlm_items(value, limit, depth)
    elif kind in _rlm_counted:
        text = kind.__name__ + "(" + _rlm_items(value, limit, depth) + ")"
    elif kind is _rlm_class:
        text = _rlm_repr(value)
    else:
        text = "<" + kind.__name__ + " object>"
    return text if _rlm_len(text) <= limit + 8 else text[: limit - 1] + "…"

def _rlm_items(value, limit, depth):
    kind = _rlm_type(value)
    opening, closing = "{", "}"
    if kind is _rlm_list or kind is _rlm_deque:
        opening, closing = "[", "]"
    elif kind is _rlm_tuple:
        opening, closing = "(", ")"
    if not value:
        return kind.__name__ + "()" if kind in _rlm_sets else opening + closing
    if not depth:
        return opening + "…" + closing
    parts = []
    chars = 0
    for item in value:
        if _rlm_len(parts) == 6 or chars > limit:
            parts.append("…")
            break
        part = _rlm_short(item, _rlm_max(limit // 3, 16), depth - 1)
        if kind in _rlm_mappings:
            part = part + ": " + _rlm_short(value[item], _rlm_max(limit // 3, 12), depth - 1)
        parts.append(part)
        chars += _rlm_len(part)
    return opening + ", ".join(parts) + closing

def _rlm_made(names):
    made = []
    for name, value in names.items():
        if name.startswith("_") or _rlm_type(value).__name__ == "module":
            continue
        if name in _rlm_given and _rlm_given[name] is value:
            continue
        told = [name, _rlm_type(value).__name__, _rlm_size(value), _rlm_short(value, 120, 3)]
        made.append(told + [_rlm_id(value)])
    return made

def _rlm_echo(value, limit):
    if value is None:
        return
    if _rlm_type(value) is _rlm_str and _rlm_len(value) > limit:
        _rlm_print(f"{value[:limit]!r}… ({_rlm_len(value):,} characters)")
        return
    text = _rlm_repr(value)
    if _rlm_len(text) > limit:
        text = f"{text[:limit]}… ({_rlm_len(text):,} characters)"
    _rlm_print(text)

def _rlm_look(names):
    lost = [
        name for name in _rlm_protected if name in names and names[name] is not _rlm_given[name]
    ]
    given = names.get("answer")
    proposed = None
    if _rlm_type(given) is _rlm_dict and given.get("ready") is True and "content" in given:
        content = given["content"]
        proposed = [_rlm_str(content), _rlm_type(content).__name__]
    return [_rlm_made(names), lost, proposed]

_rlm_wide = 10 ** 120
_rlm_class = type(int)
_rlm_sets = (set, frozenset)
_rlm_containers = (list, tuple, dict, set, frozenset)
_rlm_mappings = (dict, _rlm_Counter, _rlm_defaultdict)
_rlm_counted = (_rlm_Counter, _rlm_defaultdict, _rlm_deque)
_rlm_sized = (str, bytes, range, *_rlm_containers, *_rlm_counted)
"""

LOOK = "_rlm_look(locals())"
"""The variables as `[name, type, size, short value, identity]`; the protected names that code has
overwritten; the content of `answer` and its type when it is ready, else None."""

WITHDRAW = 'if type(answer) is dict and "ready" in answer:\n    answer["ready"] = False'
"""What is done to the answer of a cell that failed."""

FORGET_CONTEXT = 'context = _rlm_given["context"] = None'
"""What makes a session small enough to be kept; the worker has the context."""

RECALL_CONTEXT = '_rlm_given["context"] = context'
"""What follows when it has been given again."""


ECHO = f"_rlm_echo(_, {ECHO_LIMIT})"
"""What shows the value of a cell's last expression."""

_KEEP = b"_ = "
_KEPT = re.compile(r"^(    )_ = (.*)\n(    )    ( *~+)\n", re.MULTILINE)


def prelude(host_names: Iterable[str]) -> str:
    """What a new session begins with, once `context` and `query` are set."""
    given = {*host_names, *PROTECTED, "answer", "query"}
    pairs = ", ".join(f"{name!r}: {name}" for name in sorted(given) if not name.startswith("_"))
    return f"{_OURS}_rlm_protected = {PROTECTED!r}\n_rlm_given = {{{pairs}}}\n"


def giving_back(names: Iterable[str]) -> str:
    """What puts protected names back."""
    return "\n".join(f"{name} = _rlm_given[{name!r}]" for name in names)


def prepared(code: str) -> tuple[str, bool]:
    """A cell as the interpreter is given it, and whether `ECHO` is to follow.

    The value of a last expression is kept, to be shown from within. Calls of `SHOW_VARS()` that no
    function is around name what is there: only the interpreter's own `locals()` knows of variables
    that this very cell has made.
    """
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError):
        return code, False  # the interpreter tells better what is wrong with it
    lines = code.encode("utf-8", "surrogatepass").split(b"\n")
    calls = list(_outer_calls(tree)) if "SHOW_VARS" in code else []
    for call in reversed(calls):
        line, end = (call.end_lineno or 1) - 1, call.end_col_offset or 0
        lines[line] = lines[line][: end - 1] + b"locals())" + lines[line][end:]
    is_echoed = is_echo_wanted(tree, code)
    if is_echoed:
        last = tree.body[-1]
        text = lines[last.lineno - 1]
        lines[last.lineno - 1] = text[: last.col_offset] + _KEEP + text[last.col_offset :]
    return b"\n".join(lines).decode("utf-8", "surrogatepass"), is_echoed


def without_keeping(traceback: str) -> str:
    """A traceback without what `prepared` put before a last expression."""
    return _KEPT.sub(r"\1\2\n\3\4\n", traceback)


def _outer_calls(tree: ast.AST) -> Iterator[ast.Call]:
    """The calls of `SHOW_VARS()` outside of functions, in their order."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            continue
        match node:
            case ast.Call(func=ast.Name(id="SHOW_VARS"), args=[], keywords=[]):
                yield node
            case _:
                yield from _outer_calls(node)
