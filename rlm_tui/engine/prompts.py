"""Every word that a model is told by the engine.

The system prompt and the first message are the same for a whole run and later messages are only
added at the end, so that a provider's prompt cache serves them.
"""

from __future__ import annotations

from collections.abc import Sequence

from rlm_tui.document.facts import ContextFacts
from rlm_tui.engine.limits import sentence
from rlm_tui.engine.parsing import Block
from rlm_tui.events import LimitReached, Message, ReplyFault
from rlm_tui.repl.guest.monty_hints import MODULES

OUTPUT_SHOWN = 20_000
"""Characters of a code block's output that the model sees."""

_NAME_SHOWN, _NAMES_SHOWN = 200, 2_000

CHUNK_CHARS = 200_000
"""What a sub-call takes comfortably."""

_SYSTEM = """\
You answer a question about a text that is too long for a prompt. The text is the variable \
`context` of a Python REPL, and you work on it by writing code.

Write code in fenced blocks marked `repl`. It runs in order, the variables stay, and what it \
prints (and the value of a last expression) is shown to you in the next message, cut to 20,000 \
characters a block. So look at parts and summaries, never at the whole text at once.

In the REPL you find:
- `context`, the text{context_kind}, and `query`, the question.
{calls}\
- `grep(regex, ignore_case=False, limit=None)` and `find_lines(text, mode="phrase"|"any"|"all")`: \
the lines that match, as (line number, line). `lines(first, last)`: those lines.
- `fast_find(text, pattern)`, `fast_find_all(text, pattern, limit=None, ignore_case=False)`: \
offsets of a literal. `count(text)`: how often it occurs.
- `chunks(size, overlap=0)`, `sections()`, `word_frequency()`, `group_count(regex)`, \
`numeric_stats(regex)` over `context`.
- `SHOW_VARS()`: the variables you have made.
{language}

How to work: first look at the shape of the text (its beginning, its structure). Find the relevant \
parts with code: search, slice, count. {delegate}Keep results in variables and combine them with \
code. Check a surprising result before you rely on it. Quote the text and its line numbers where \
they support the answer.

When you have the answer, finish in one of these ways:
- in code: `FINAL(value)`, or `FINAL_VAR("name")` to give the value of a variable;
- in prose, at the start of a line outside a code block: FINAL(your answer), or FINAL_VAR(name).
Do not finish before you have seen the output that the answer rests on.

Example of a turn:
```repl
hits = grep(r"timeout", ignore_case=True)
print(len(hits), hits[:5])
```
"""

_PYTHON = "- Python's standard library. There are no files and there is no network."

_MONTY = f"""\
- A subset of Python. There are functions, lambdas, comprehensions, f-strings, try/except, match, \
simple classes and dataclasses. There is no yield, no class inheritance and so no exception of \
your own, no del, no property or staticmethod, no threads, no files and no network. These modules \
are there, each in part: {MODULES}. Do not call the functions above inside map(), sorted(), min() \
or max(); use a loop or a comprehension. Sub-calls need no `await`."""

_PLAIN_CALLS = """\
- `llm_query(prompt)`: asks a smaller model, which sees only the prompt and takes up to about \
{chunk:,} characters. `llm_query_batched(prompts)`: several at once, much faster than one by one.
"""

_RECURSIVE_CALLS = """\
- `rlm_query(query, context)`: answers a question over a long piece of text in a REPL of its own. \
`rlm_query_batched(queries, contexts)`: several at once.
"""

_ONE_OF_SEVERAL = """\
- The helpers below work on one text of `context`: `grep(regex, text=context[path])` and so on.
"""

_DELEGATE = (
    "Where understanding is needed and not only searching, give pieces of the text to `llm_query` "
    "with a precise question, several pieces in one batch. "
)


def system_message(*, depth_left: int, documents: int | None, is_monty: bool = False) -> Message:
    """The system prompt.

    Args:
        depth_left: how many levels of calls are allowed below this loop: 0 for none, 1 for plain
            sub-calls, more for children with REPLs.
        documents: how many texts `context` holds as a dict; None when it is a str.
        is_monty: whether code runs in Monty, which knows a subset of Python.
    """
    calls = ""
    if depth_left > 0:
        calls = _PLAIN_CALLS.format(chunk=CHUNK_CHARS)
    if depth_left > 1:
        calls += _RECURSIVE_CALLS
    kind = " (a str)"
    if documents is not None:
        kind = f" (a dict from path to text, {documents} of them)"
        calls += _ONE_OF_SEVERAL
    content = _SYSTEM.format(
        context_kind=kind,
        calls=calls,
        delegate=_DELEGATE if depth_left else "",
        language=_MONTY if is_monty else _PYTHON,
    )
    return Message("system", content)


def first_message(query: str, facts: ContextFacts, max_iterations: int) -> Message:
    """The question and what is known about the context; its size does not grow with the text."""
    advice = (
        f"About {-(-facts.chars // CHUNK_CHARS):,} pieces of {CHUNK_CHARS:,} characters hold it."
        if facts.chars > CHUNK_CHARS
        else "It is short enough to be given to one sub-call."
    )
    listing = "".join(f"\n- {name!r}: {chars:,} characters" for name, chars in facts.parts)
    return Message(
        "user",
        f"Question: {query}\n\n"
        f"About `context`: {facts.kind}, {facts.chars:,} characters, {facts.lines:,} lines, about "
        f"{facts.tokens:,} tokens. {advice}{listing}\n"
        f"It begins: {facts.head!r}\n\n"
        f"You have {max_iterations} turns. Begin.",
    )


def direct_message(query: str, text: str) -> Message:
    """The question with the whole text, which is short."""
    return Message(
        "user",
        "The text is short, so here it is in full; it is `context` in the REPL, too.\n\n"
        f"<context>\n{text}\n</context>\n\nQuestion: {query}\n\n"
        "If you can answer from reading it, answer now in plain words, without code. "
        "If code is needed, for counting or arithmetic say, write a `repl` block.",
    )


def cut(text: str, limit: int = OUTPUT_SHOWN) -> str:
    """The head and tail of a long text, with the number of characters left out between."""
    if len(text) <= limit:
        return text
    head = limit * 2 // 3
    tail = limit - head
    left_out = len(text) - limit
    return f"{text[:head]}\n… [{left_out:,} characters left out] …\n{text[-tail:]}"


def block_report(number: int, total: int, output: str, dropped: int) -> str:
    """What the model is told of a code block's output."""
    name = "the code block" if total == 1 else f"code block {number} of {total}"
    lost = f"\n[{dropped:,} more characters of output were not kept]" if dropped else ""
    return f"Output of {name}:\n{cut(output) or '(no output)'}{lost}"


def not_run_report(first: int, last: int) -> str:
    """What the model is told of blocks behind one that failed."""
    which = f"block {first}" if first == last else f"blocks {first} to {last}"
    return f"Code {which} did not run, because an earlier one failed."


def turn_footer(number: int, max_iterations: int) -> str:
    """Where the run stands."""
    left = max_iterations - number
    return f"[turn {number} of {max_iterations} is over, {left} left]"


def observation(
    fault: ReplyFault, *, foreign: Sequence[Block] = (), variable: str = "", known: str = ""
) -> str:
    """What the model is told when its reply could not be used as it was."""
    match fault:
        case "no_code":
            return (
                "Your reply had no code and no final answer. Write a ```repl block to go on, or "
                "finish with FINAL(your answer) at the start of a line."
            )
        case "empty":
            return "Your reply was empty. Write a ```repl block, or finish with FINAL(your answer)."
        case "refused":
            return (
                "Your reply was withheld by the provider. Go on with another approach: write a "
                "```repl block, or finish with FINAL(your answer)."
            )
        case "cut_off":
            return (
                "Your reply was cut off, so its unfinished part was not run. "
                "Write shorter code, one step at a time."
            )
        case "other_language":
            names = ", ".join(dict.fromkeys(block.language for block in foreign))
            return (
                f"Only Python runs here; your code block was marked {names}. Write a ```repl block "
                "with Python."
            )
        case "final_unclosed":
            return "FINAL( has no closing bracket, so it was not taken. Write it again, complete."
        case "unknown_variable":
            return (
                f"FINAL_VAR({cut(variable, _NAME_SHOWN)}) was not taken: there is no variable of "
                f"that name. Variables: {cut(known, _NAMES_SHOWN) or 'none yet'}."
            )
        case "code_raised":
            return (
                "Your code raised an exception, so the final answer of the same reply was not "
                "taken. Mend the code, look at its output, then finish."
            )


def forced_message(reached: LimitReached, facts: ContextFacts) -> Message:
    """Asks for the best answer when a limit ends the run."""
    return Message(
        "user",
        f"The run ends here: {sentence(reached)}. Give your best answer to the question now, in "
        "plain words or as FINAL(your answer), from what you have seen so far. Sub-calls are no "
        f"longer possible. If what you have seen of the {facts.lines:,} lines does not answer it, "
        "say what is known and what is missing.",
    )
