"""What code in Monty can call that the worker does for it.

A call suspends the interpreter, so its arguments and what it returns are copies.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from rlm_tui.repl.guest.calls import Calls, SubCallError, context_of, contexts_for
from rlm_tui.repl.guest.monty import type_name
from rlm_tui.repl.guest.texttools import TextTools, fast_find_all
from rlm_tui.repl.wire import STOPPED, Frame, pack

_SURELY_FITS = 4 << 20
"""Characters of an answer that fit into a frame, whatever they are."""


class MontyNames:
    """The functions of one session."""

    def __init__(
        self, calls: Calls, context: Callable[[], Any], place: Callable[[], Frame]
    ) -> None:
        """Answer for a session.

        Args:
            calls: makes the sub-calls.
            context: tells the context.
            place: tells the cell and the line of the call that is being made.
        """
        self.final: Frame | None = None
        """The first answer of the running cell."""
        self.variables: list[list[Any]] = []
        """The variables as they were when the running cell began."""
        self.on_stopped: Callable[[], object] = lambda: None
        """Told when the replies say that the cell is being stopped."""
        self._calls = calls
        self._place = place
        tools = TextTools(context)
        self.functions: dict[str, Callable[..., Any]] = {
            "llm_query": self._llm_query,
            "llm_query_batched": self._llm_query_batched,
            "rlm_query": self._rlm_query,
            "rlm_query_batched": self._rlm_query_batched,
            "recursive_lm": self._rlm_query,
            "recursive_llm": self._rlm_query,
            "fast_find_all": fast_find_all,
            "grep": tools.grep,
            "find_lines": tools.find_lines,
            "lines": tools.lines,
            "count": tools.count,
            "chunks": tools.chunks,
            "sections": tools.sections,
            "word_frequency": tools.word_frequency,
            "group_count": tools.group_count,
            "numeric_stats": tools.numeric_stats,
            "input": _no_input,
            "_rlm_propose": self.propose,
            "_rlm_known": self._known,
            "_rlm_before": self._before,
        }

    # Sub-calls

    def _llm_query(self, prompt: str, model: str | None = None) -> str:
        return self._single("llm_query", prompt, model)

    def _llm_query_batched(
        self, prompts: Sequence[str], model: str | None = None, *, raise_errors: bool = False
    ) -> list[Any]:
        return self._batch("llm_query", prompts, {"model": model}, raise_errors=raise_errors)

    def _rlm_query(self, query: str, context: Any = None, model: str | None = None) -> str:
        contexts = None if context is None else [context_of(context)]
        return self._single("rlm_query", query, model, contexts=contexts)

    def _rlm_query_batched(
        self,
        queries: Sequence[str],
        contexts: Sequence[Any] | None = None,
        model: str | None = None,
        *,
        raise_errors: bool = False,
    ) -> list[Any]:
        more = {"model": model} | contexts_for(queries, contexts)
        return self._batch("rlm_query", queries, more, raise_errors=raise_errors)

    def _single(self, kind: str, prompt: Any, model: Any, **more: Any) -> str:
        if not isinstance(prompt, str):
            raise TypeError(f"{kind}() needs a str, not {type_name(prompt)}")
        message = {"kind": kind, "prompts": [prompt], "batch": False, "model": model, **more}
        (reply,) = self._asked(kind, message)
        if isinstance(reply, RuntimeError):
            raise reply
        return reply

    def _batch(self, kind: str, prompts: Any, more: Frame, *, raise_errors: bool) -> list[Any]:
        prompts = [prompts] if isinstance(prompts, str) else list(prompts)
        for prompt in prompts:
            if not isinstance(prompt, str):
                raise TypeError(f"{kind}_batched() needs strings, not {type_name(prompt)}")
        if not prompts:
            return []
        message = {"kind": kind, "prompts": prompts, "batch": True, **more}
        replies = self._asked(f"{kind}_batched", message)
        if raise_errors:
            for reply in replies:
                if isinstance(reply, RuntimeError):
                    raise reply
        return replies

    def _asked(self, function: str, message: Frame) -> list[Any]:
        """The replies; a failed one is a RuntimeError, which is what Monty calls SubCallError."""
        model = message["model"]
        if model is not None and not isinstance(model, str):
            raise TypeError(f"{function}(): model is a name, not {type_name(model)}")
        (replies,) = self._calls.ask([message | self._place()])
        if any(isinstance(reply, SubCallError) and str(reply) == STOPPED for reply in replies):
            self.on_stopped()
            raise KeyboardInterrupt
        return [
            RuntimeError(f"{reply.kind}: {reply}") if isinstance(reply, SubCallError) else reply
            for reply in replies
        ]

    # Finishing

    def propose(self, form: str, text: str, variable: str | None, kind: str) -> None:
        """Take an answer of a type, unless there is one. Raises FrameTooLargeError."""
        if self.final is None:
            final = {"form": form, "text": text, "variable": variable, "type": kind}
            if len(text) > _SURELY_FITS:
                pack(final)
            self.final = final

    def take_final(self) -> Frame | None:
        """The answer, which the next cell begins without."""
        final, self.final = self.final, None
        return final

    # Variables

    def _known(self) -> str:
        return ", ".join(item[0] for item in self.variables) or "none yet"

    def _before(self) -> list[list[Any]]:
        """The variables from before this cell, as the interpreter told them then."""
        return self.variables


def _no_input(prompt: str = "") -> str:
    raise RuntimeError(f"input({prompt!r}): nobody can type here; ask with llm_query()")
