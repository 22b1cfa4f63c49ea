"""The names that model code finds in its REPL, and the four ways to finish with an answer."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from types import ModuleType
from typing import Any, cast

from rlm_tui.repl.guest import describe
from rlm_tui.repl.guest.calls import Calls, SubCallError
from rlm_tui.repl.guest.fingerprints import Fingerprints
from rlm_tui.repl.guest.texttools import TextTools, fast_contains, fast_find, fast_find_all
from rlm_tui.repl.wire import FRAME_LIMIT, Frame, pack

_NOTHING = object()
_SURELY_FITS = FRAME_LIMIT // 16
"""Characters of an answer; in JSON one takes up to 12 bytes."""


class Namespace:
    """The variables of one REPL.

    `context` and the functions that the run depends on are protected: code may overwrite them, is
    told so, and finds them back in the next cell. The plain-word helpers (`chunks`, `lines`,
    `count` …) give way for good to a variable of that name, because models use such names.
    """

    def __init__(self, calls: Calls, say: Callable[[str], object]) -> None:
        self.final: Frame | None = None
        """The first answer of the running cell."""
        self._say = say
        self._calls = calls
        self._protected: dict[str, Any] = {}
        self._given: dict[str, Any] = {}
        self.module = ModuleType("__main__")
        """The module that model code runs as, so that its classes can be found by their names."""
        self.variables: dict[str, Any] = self.module.__dict__
        self._seen = Fingerprints({})

    def fill(self, context: Any, query: str) -> None:
        """Lay out the names of a new REPL."""
        tools = TextTools(lambda: self._protected["context"])
        calls = self._calls
        self._protected = {
            "context": context,
            "llm_query": calls.llm_query,
            "llm_query_batched": calls.llm_query_batched,
            "rlm_query": calls.rlm_query,
            "rlm_query_batched": calls.rlm_query_batched,
            "recursive_lm": calls.rlm_query,
            "recursive_llm": calls.rlm_query,
            "SHOW_VARS": self._show_vars,
            "FINAL": self._final,
            "FINAL_VAR": self._final_var,
            "SUBMIT": self._submit,
            "SubCallError": SubCallError,
            "fast_find": fast_find,
            "fast_contains": fast_contains,
            "fast_find_all": fast_find_all,
            "grep": tools.grep,
            "find_lines": tools.find_lines,
        }
        plain = {
            "query": query,
            "lines": tools.lines,
            "count": tools.count,
            "chunks": tools.chunks,
            "sections": tools.sections,
            "word_frequency": tools.word_frequency,
            "group_count": tools.group_count,
            "numeric_stats": tools.numeric_stats,
            "answer": {"content": "", "ready": False},
        }
        self.variables |= {
            "__builtins__": builtins,
            "input": _no_input,
            **self._protected,
            **plain,
        }
        self._given = dict(self.variables)

    def restore(self) -> list[str]:
        """Put protected names back; returns those that code had overwritten or deleted."""
        lost = [
            name
            for name, value in self._protected.items()
            if self.variables.get(name, _NOTHING) is not value
        ]
        self.variables.update(self._protected)
        return lost

    def take_final(self) -> Frame | None:
        """The cell's answer: the first that was given, else the `answer` dict when it is ready."""
        if self.final is None:
            given = self.variables.get("answer")
            if type(given) is dict and given.get("ready") is True and "content" in given:  # pyright: ignore[reportUnknownMemberType]
                self._propose("answer", given["content"], variable="answer")
        final, self.final = self.final, None
        return final

    def withdraw(self) -> Frame | None:
        """The answer of a cell that failed: told, so that the model learns it was not taken."""
        given = self.variables.get("answer")
        if type(given) is dict and "ready" in given:
            given["ready"] = False
        final, self.final = self.final, None
        return final

    def described(self) -> list[dict[str, Any]]:
        """The variables that code has made, without running any of it."""
        return describe.variables(self._made())

    def changes(self) -> Frame | None:
        """What is different since this was last asked; None when nothing is."""
        made = self._made()
        before, self._seen = self._seen, Fingerprints(made)
        changed = self._seen.changed_since(before)
        gone = self._seen.gone_since(before)
        if not changed and not gone:
            return None
        told: Frame = {"new": [], "changed": [], "gone": gone}
        for item in describe.variables({name: made[name] for name in changed}):
            told["changed" if before.has(item["name"]) else "new"].append(item)
        return told

    def _made(self) -> dict[str, object]:
        """The variables that code has made."""
        return {
            name: value
            for name, value in list(self.variables.items())
            if type(name) is str
            and not name.startswith("_")
            and type(value) is not ModuleType
            and self._given.get(name, _NOTHING) is not value
        }

    def _propose(self, form: str, value: Any, variable: str | None = None) -> None:
        if self.final is None:
            text = str(value if isinstance(value, str) else str(value))
            final = {
                "form": form,
                "text": text,
                "variable": variable,
                "type": describe.class_name(cast("type", type(value))),
            }
            if len(text) > _SURELY_FITS:
                pack(final)
            self.final = final

    def _final(self, answer: Any = "") -> None:
        """Finish with this answer."""
        self._propose("FINAL", answer)

    def _final_var(self, name: Any) -> None:
        """Finish with the value of the variable of this name."""
        if not isinstance(name, str):
            self._propose("FINAL_VAR", name)
            return
        if name not in self.variables:
            known = ", ".join(item["name"] for item in self.described()) or "none yet"
            raise NameError(f"FINAL_VAR: there is no variable {name!r}. Variables: {known}")
        self._propose("FINAL_VAR", self.variables[name], variable=name)

    def _submit(self, *values: Any, **fields: Any) -> None:
        """Finish with a value, or with named fields."""
        if fields and not values:
            only = next(iter(fields.values())) if len(fields) == 1 else fields
            self._propose("SUBMIT", only)
        elif values and not fields:
            self._propose("SUBMIT", values[0] if len(values) == 1 else values)
        else:
            raise TypeError("SUBMIT() takes one answer, or named fields")

    def _show_vars(self) -> str:
        """The variables so far, one a line."""
        lines = [
            f"{item['name']}: {item['type']}"
            + ("" if item["size"] is None else f"[{item['size']:,}]")
            + f" = {item['value']}"
            for item in self.described()
        ]
        return "\n".join(lines) or "(no variables yet)"


def _no_input(prompt: str = "") -> str:
    """There is nobody to ask."""
    raise EOFError(f"input({prompt!r}): nobody can type here; ask with llm_query()")
