"""What `help` says of the debugger's words, one entry a word."""

from __future__ import annotations

import textwrap
from typing import NamedTuple

from rlm_tui.errors import UsageError
from rlm_tui.spelling import nearest

_WIDTH = 79


class Entry(NamedTuple):
    """One word of the debugger."""

    names: tuple[str, ...]
    """The first is the word itself, the others are as good."""
    usage: str
    says: str
    """A sentence without its full stop."""
    more: str = ""


_SPECS = """\
  llm_query  after llm_query    before a plain sub-call; when it has its reply
  rlm_query  code  request      a recursive one, a code block, a model request
  FINAL                         before an answer is taken
  line 4     line 3.1:4         before a line of any code block, or of 3.1
  it 5       depth>=1           in an iteration; at a depth
  /E42/ in prompt               a pattern in a prompt, code, output or answer
  doc 1204-1251                 lines of the document stand in a prompt
  cost>0.5  tokens>1e5  calls>20  time>60
  error  empty  refused  cut_off  changed NAME
`and`, `or`, `not` and brackets combine them; `if` adds a condition:
  b llm_query if depth>=1 and /E42/ in prompt"""

GROUPS: dict[str, tuple[Entry, ...]] = {
    "step": (
        Entry(("s", "step"), "s", "go on to the next stop at any depth"),
        Entry(("n", "next"), "n", "go on to the next stop at this depth or above"),
        Entry(("r", "finish", "return", "out"), "r", "finish this block, call or child"),
        Entry(("c", "continue"), "c", "go on until a breakpoint is hit"),
        Entry(
            ("until",),
            "until [LINE | NODE | SPEC]",
            "go on until a place, once",
            "`until 12` is a line of code, `until 3.2.1` a node of the run, anything else what a "
            "breakpoint may say. Alone it goes on to a later line of this code block.",
        ),
        Entry(("pause",), "pause", "hold before the next thing that runs or costs"),
    ),
    "stop": (
        Entry(
            ("b", "break"),
            "b [SPEC]",
            "set a breakpoint; alone, list them",
            f"A spec is:\n{_SPECS}",
        ),
        Entry(("tbreak",), "tbreak SPEC", "set a breakpoint that is off after its first hit"),
        Entry(("delete",), "delete [N ...]", "remove breakpoints; alone, all of them"),
        Entry(("disable",), "disable [N ...]", "turn breakpoints off; alone, all of them"),
        Entry(("enable",), "enable [N ...]", "turn breakpoints on; alone, all of them"),
        Entry(
            ("condition",),
            "condition N [SPEC]",
            "stop at breakpoint N only if this holds, too",
            "Without a spec the condition is taken away.",
        ),
        Entry(("ignore",), "ignore N COUNT", "pass over the next hits of breakpoint N"),
        Entry(
            ("then",),
            "then N pause|log|ask",
            "what happens at breakpoint N",
            "`log` notes the hit and goes on; `ask` pauses and wants an answer from you.",
        ),
    ),
    "change": (
        Entry(
            ("edit",),
            "edit [told=ran|wrote|both] [TEXT | <<]",
            "change the code or the prompt before it runs or is sent",
            "Alone it opens the editor; TEXT replaces by one line; `<<` takes the lines that "
            "follow, up to one that holds a single dot. `told` says what the model will read of "
            "its code: what `ran` (as it is without `told`), what it `wrote`, or `both`.",
        ),
        Entry(
            ("answer",),
            "answer [all /REGEX/] [TEXT | <<]",
            "answer a sub-call yourself, or change a reply or the answer",
            "`all /REGEX/` answers every later call whose prompt matches as well. Alone it opens "
            "the editor; `<<` takes the lines that follow, up to one that holds a single dot.",
        ),
        Entry(
            ("fail",),
            "fail [all /REGEX/] timeout|rate_limit|server_error|empty|refused",
            "fail a sub-call",
        ),
        Entry(("skip",), "skip", "do not run this code block; the model is told"),
        Entry(("reject",), "reject MESSAGE", "do not take the answer; the model is told why"),
        Entry(("accept",), "accept", "take the answer as it is, and go on"),
        Entry(("!",), "! STATEMENT", "run a statement in the REPL, such as `! hits = hits[:10]`"),
        Entry(
            ("budget",),
            "budget [LIMIT=N ...]",
            "change limits; alone, what is used of them",
            "Limits are cost, tokens, sub-calls (or calls), iterations (or it), time and errors: "
            "`budget cost=2 calls=400`.",
        ),
        Entry(
            ("fork",),
            "fork [NAME]",
            "what if: a branch of the run goes on from here",
            "What led here is taken from the recording and costs nothing; the run itself is not "
            "touched.",
        ),
        Entry(("retry",), "retry [model=NAME]", "make this call again, maybe with another model"),
        Entry(("stop", "kill"), "stop", "end the run; everything recorded is kept"),
    ),
    "look": (
        Entry(("w", "where", "bt"), "w", "where the run is, with its callers"),
        Entry(("u", "up"), "u", "look at the caller"),
        Entry(("d", "down"), "d", "look at what it called"),
        Entry(
            ("l", "list"), "l [FIRST[-LAST]]", "the code, prompt or answer, with the current line"
        ),
        Entry(("p", "print"), "p EXPR", "a value, in the REPL of what is held"),
        Entry(("pp",), "pp EXPR", "a value, over several lines"),
        Entry(("whatis",), "whatis EXPR", "the type of a value"),
        Entry(("display",), "display [EXPR]", "show a value at every stop; alone, show them now"),
        Entry(("undisplay",), "undisplay [N ...]", "show values no more; alone, none of them"),
        Entry(("v", "vars"), "v", "the variables: + new, ~ changed, - gone"),
        Entry(
            ("info",),
            "info variables|breakpoints|limits|prompt|display|checkpoints",
            "variables, breakpoints, limits, the exact prompt",
        ),
    ),
    "back": (
        Entry(("rs", "reverse-step"), "rs", "back to the stop before"),
        Entry(("rn", "reverse-next"), "rn", "back to the stop before, at this depth or above"),
        Entry(("rc", "reverse-continue"), "rc", "back to the breakpoint hit before"),
        Entry(
            ("when",),
            "when [NAME]",
            "which event this is; with a variable, where it was set last",
        ),
        Entry(("checkpoint",), "checkpoint [NAME]", "note this event, to come back to"),
        Entry(("restart",), "restart N", "go back to checkpoint N"),
    ),
    "go": (
        Entry(
            ("go",),
            "1204 | 50% | it 3 | #7 | event 28",
            "to a line of the document, a place in the run, an iteration, a call, an event",
            "A colon in front changes nothing: `:it 3`.",
        ),
        Entry(
            ("find",),
            "find /REGEX/ [in:code|prompt|output|answer|variable]",
            "where the run holds a pattern",
        ),
    ),
    "screen": (
        Entry(("play",), "play", "play a recording"),
        Entry(("speed",), "speed N", "play N times as fast"),
        Entry(("skip-idle",), "skip-idle [SECONDS]", "wait no longer than this while playing"),
        Entry(
            ("filter",),
            "filter [REGEX]",
            "show only the lines of the document that match; alone, all",
        ),
        Entry(
            ("set",),
            "set [no]wrap|pretty|repair|colours|follow",
            "turn an option on or off, such as `set nowrap`",
        ),
        Entry(("theme",), "theme NAME", "other colours"),
    ),
    "other": (
        Entry(("help", "h"), "help [WORD]", "these words, or more of one"),
        Entry(("q", "quit"), "q", "end; a run that goes on is stopped"),
    ),
}
"""The words by what they are for."""

ENTRIES: dict[str, Entry] = {
    name: entry for group in GROUPS.values() for entry in group for name in entry.names
}
"""Each entry under each of its names."""

_PLACES = {"it": "go", "event": "go", "#": "go", "line": "b", "spec": "b"}
"""What else one may ask help for, and where it is told."""


def unknown(word: str) -> UsageError:
    """What to say of a word that means nothing."""
    hint = nearest(word, [*ENTRIES, *_PLACES])
    return UsageError(f"There is no command {word[:40]!r}.{hint or ' `help` lists them.'}")


def help_text(word: str = "") -> str:
    """What a word does, or all of them for none. Raises UsageError."""
    if not word:
        return _overview()
    name = word.lstrip(":").split(maxsplit=1)[0] if word.strip(": ") else word
    entry = ENTRIES.get(_PLACES.get(name, name))
    if entry is None:
        raise unknown(word)
    also = f" (also {', '.join(entry.names[1:])})" if entry.names[1:] else ""
    return "\n".join([f"{entry.usage}{also}", *_wrapped(f"{entry.says}."), *_wrapped(entry.more)])


def _overview() -> str:
    lines: list[str] = []
    for name, group in GROUPS.items():
        words = [" ".join(entry.names[:2]) if name == "step" else entry.names[0] for entry in group]
        if name == "go":
            words[0] = "1204, 50%, it 3, #7, event 28"
        lines += textwrap.wrap(
            ", ".join(words), _WIDTH, initial_indent=f"{name:<8}", subsequent_indent=" " * 8
        )
    lines.append("An empty line repeats the last step. `help WORD` says more of one.")
    return "\n".join(lines)


def _wrapped(text: str) -> list[str]:
    """Sentences in lines; lines that begin with a blank stay as they are."""
    return [
        part
        for line in text.splitlines()
        for part in (
            [line]
            if line.startswith(" ")
            else textwrap.wrap(f"{line[:1].upper()}{line[1:]}", _WIDTH)
        )
    ]
