"""Plays a loop of the offline model in this process: its code is run by `exec`."""

from __future__ import annotations

import contextlib
import io
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from rlm_tui.document.facts import ContextFacts, facts_of_text
from rlm_tui.engine import prompts
from rlm_tui.engine.models.offline import root, sub
from rlm_tui.engine.parsing import parse_reply
from rlm_tui.events import Message
from rlm_tui.repl.guest import texttools

_TURNS = 12


@dataclass
class Rehearsal:
    """A loop that is over."""

    answer: str = ""
    replies: list[str] = field(default_factory=list)
    observations: list[str] = field(default_factory=list)
    prompts: list[str] = field(default_factory=list)
    """Of its sub-calls."""
    failures: list[str] = field(default_factory=list)

    @property
    def first_line(self) -> str:
        return self.answer.split("\n")[0]

    @property
    def code(self) -> str:
        return "\n".join(b.code for reply in self.replies for b in parse_reply(reply).blocks)


def rehearse(
    question: str,
    context: str | dict[str, str],
    *,
    depth_left: int = 1,
    ask: Callable[[str], Any] = sub.reply,
    spoil: Callable[[str], str] = lambda code: code,
) -> Rehearsal:
    """Answer a question.

    Args:
        question: to be answered.
        context: a text, or several.
        depth_left: 0 for no sub-calls, 2 for loops below.
        ask: answers a sub-call; an exception object stands for a failed call.
        spoil: changes the code of each block before it runs.
    """
    done = Rehearsal()
    facts = _facts(context)
    history = [
        prompts.system_message(depth_left=depth_left, documents=max(len(facts.parts), 1)),
        prompts.first_message(question, facts, 30),
    ]
    variables = _namespace(question, context, done, ask, depth_left)
    for number in range(1, _TURNS):
        reply = root.reply(history)
        done.replies.append(reply)
        parsed = parse_reply(reply)
        reports = [_run(spoil(block.code), variables, done) for block in parsed.blocks]
        if done.answer:
            return done
        if parsed.final is not None:
            done.answer = parsed.final.content
            return done
        observation = "\n\n".join([*reports, prompts.turn_footer(number, 30)])
        done.observations.append(observation)
        history += [Message("assistant", reply), Message("user", observation)]
    raise AssertionError("it does not come to an end")


def _facts(context: str | dict[str, str]) -> ContextFacts:
    if isinstance(context, str):
        return facts_of_text(context)
    whole = facts_of_text("\n".join(context.values()))
    parts = [(name, len(text)) for name, text in context.items()]
    return ContextFacts("dict", whole.chars, whole.lines, whole.tokens, whole.head, parts)


def _run(code: str, variables: dict[str, Any], done: Rehearsal) -> str:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        try:
            exec(compile(code, "<repl>", "exec"), variables)
        except Exception as error:  # noqa: BLE001 - whatever the code does is told
            done.failures.append(repr(error))
            printed.write(traceback.format_exc())
    return prompts.block_report(1, 1, printed.getvalue(), 0)


def _namespace(
    question: str,
    context: str | dict[str, str],
    done: Rehearsal,
    ask: Callable[[str], Any],
    depth_left: int,
) -> dict[str, Any]:
    tools = texttools.TextTools(lambda: context)
    variables: dict[str, Any] = {"context": context, "query": question}

    def batched(prompts_: list[str]) -> list[Any]:
        done.prompts += prompts_
        return [ask(prompt) for prompt in prompts_]

    def recursive(queries: list[str], contexts: list[str]) -> list[str]:
        loops = zip(queries, contexts, strict=True)
        return [rehearse(q, c, depth_left=depth_left - 1, ask=ask).answer for q, c in loops]

    def final_var(name: str) -> None:
        done.answer = str(variables[name])

    named = ("grep", "find_lines", "lines", "count", "chunks", "sections", "word_frequency")
    variables |= {name: getattr(tools, name) for name in named}
    variables |= {"fast_find_all": texttools.fast_find_all, "FINAL_VAR": final_var}
    variables |= {"llm_query_batched": batched, "rlm_query_batched": recursive}
    return variables
