"""What the root's part knows: everything it reads off the messages, and nothing else.

Its code prints lines that begin with `note:`; they say which step is done and what came out of it,
so the next step can be chosen without any memory of its own.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from rlm_tui.events import Message

_QUESTION = re.compile(r"\AQuestion: (.*?)\n\nAbout `context`: ", re.DOTALL)
_SIZE = re.compile(r"\nAbout `context`: (\w+), ([\d,]+) characters, ([\d,]+) lines")
_PART = re.compile(r"^- (.+): ([\d,]+) characters$", re.MULTILINE)
_HEAD = re.compile(r"^It begins: (.*)$", re.MULTILINE)
_NOTE = re.compile(r"^note: (.*)$", re.MULTILINE)
_PAIR = re.compile(r"([a-z_]+)=(\S*)")
_SEEN = re.compile(r"^  (?:(.*), )?lines? ([\d,]+)(?:-([\d,]+))?: (.*)$", re.MULTILINE)
_DIRECT = re.compile(r"<context>\n(.*)\n</context>\n\nQuestion: (.*?)\n\n", re.DOTALL)
_FAILED = re.compile(
    r"^(?:Traceback \(most recent call last\):|\[the code block was stopped:"
    r"|FINAL_VAR\(.*was not taken)",
    re.MULTILINE,
)
_FORCED = "The run ends here:"
_CALLS, _RECURSION = "`llm_query(prompt)`", "`rlm_query(query, context)`"


@dataclass(frozen=True, slots=True)
class Seen:
    """A line of the document that an output showed."""

    document: str
    """Empty for the only one."""
    first: int
    last: int
    """More than `first` for a sentence over several lines."""
    text: str

    @property
    def quote(self) -> str:
        """The line as evidence."""
        where = f"{self.document}, " if self.document else ""
        lines = (
            f"line {self.first:,}"
            if self.first == self.last
            else f"lines {self.first:,}-{self.last:,}"
        )
        return f'  {where}{lines}: "{self.text[:200]}"'


@dataclass(frozen=True, slots=True)
class Situation:
    """Where a loop stands."""

    question: str
    chars: int
    lines: int
    head: str
    """How the text begins."""
    names: list[str] = field(default_factory=list[str])
    """The names of several documents; empty when there is one."""
    can_ask: bool = True
    """Whether there is `llm_query`."""
    can_recurse: bool = False
    """Whether `rlm_query` opens a loop of its own."""
    whole_text: str | None = None
    """The text itself, when the engine put it into the prompt."""
    notes: dict[str, str] = field(default_factory=dict[str, str])
    """What all outputs noted; later ones win."""
    steps: list[str] = field(default_factory=list[str])
    """The steps that are done, in order."""
    seen: list[Seen] = field(default_factory=list[Seen])
    printed: list[str] = field(default_factory=list[str])
    """What outputs printed beside lines of the document and notes."""
    failures: int = 0
    """How many turns failed, since the last that went well."""
    trouble: str = ""
    """The last line of the last failure."""
    is_forced: bool = False
    """Whether this is the last request, after a limit."""

    @property
    def last_step(self) -> str:
        """The step that was done last; empty before the first."""
        return self.steps[-1] if self.steps else ""

    def number(self, name: str) -> int:
        """A noted number; 0 when it was not noted."""
        value = self.notes.get(name, "0").replace(",", "")
        return int(value) if value.lstrip("-").isdigit() else 0


def situation(messages: Sequence[Message]) -> Situation:
    """Read the messages of a root request."""
    system = next((m.content for m in messages if m.role == "system"), "")
    told = [m.content for m in messages if m.role == "user"]
    first = told[0] if told else ""
    direct = _DIRECT.search(first)
    question = _QUESTION.match(first)
    size = _SIZE.search(first)
    head = _HEAD.search(first)
    is_forced = any(text.lstrip().startswith(_FORCED) for text in told[-1:]) and len(told) > 1
    outputs = told[1:-1] if is_forced else told[1:]
    notes: dict[str, str] = {}
    steps: list[str] = []
    failures, trouble = 0, ""
    for output in outputs:
        noted = _NOTE.findall(output)
        for note in noted:
            pairs = dict(_PAIR.findall(note))
            if "step" in pairs:
                steps.append(pairs["step"])
            notes |= pairs
        if _FAILED.search(output) or not noted:
            failures += 1
            trouble = _last_of_failure(output)
        else:
            failures = 0
    parts = _PART.findall(first) if size and size[1] == "dict" else []
    return Situation(
        question=(direct[2] if direct else question[1] if question else first).strip(),
        chars=_int(size[2]) if size else len(first),
        lines=_int(size[3]) if size else first.count("\n") + 1,
        head=_unquoted(head[1]) if head else "",
        names=[_unquoted(name) for name, _ in parts],
        can_ask=_CALLS in system,
        can_recurse=_RECURSION in system,
        whole_text=direct[1] if direct else None,
        notes=notes,
        steps=steps,
        seen=_seen(outputs),
        printed=[line for output in outputs for line in _printed(output)],
        failures=failures,
        trouble=trouble,
        is_forced=is_forced,
    )


def _int(digits: str) -> int:
    return int(digits.replace(",", ""))


def _unquoted(text: str) -> str:
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
    return value if isinstance(value, str) else text


def _seen(outputs: Sequence[str]) -> list[Seen]:
    """The lines that outputs showed, each once, in the order they came."""
    seen: dict[tuple[str, int, int], Seen] = {}
    for output in outputs:
        for document, first, last, text in _SEEN.findall(output):
            line = Seen(document, _int(first), _int(last or first), text.strip().strip('"'))
            seen.setdefault((line.document, line.first, line.last), line)
    return list(seen.values())


def _printed(output: str) -> list[str]:
    """The lines of an output that are neither notes nor lines of the document nor the engine's."""
    ours = ("note: ", "Output of ", "[turn ", "[the ", "(no output)")
    return [
        line.strip()
        for line in output.split("\n")
        if line.strip() and not line.startswith(ours) and not _SEEN.match(line)
    ]


def _last_of_failure(output: str) -> str:
    """What a failed output says in its last line, such as `NameError: …`."""
    stopped = re.search(r"^\[the code block was stopped: (.*)\]$", output, re.MULTILINE)
    if stopped:
        return stopped[1]
    errors = re.findall(r"^((?:\w+\.)*\w*(?:Error|Exception|Interrupt)\b.*)$", output, re.MULTILINE)
    return errors[-1] if errors else ""
