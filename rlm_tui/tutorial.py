"""The tutorial: five minutes of the debugger on a small log, with a scripted model.

A lesson is a text and the state it waits for; it is over when what the reader has done has brought
the run there. Who shows it tells a `Course` how things are, and shows what it is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import msgspec

from rlm_tui.breakpoint import Breakpoint
from rlm_tui.document.demo import service_log
from rlm_tui.events import Intervention
from rlm_tui.source import AnyCommand, Pause, Resume, Step
from rlm_tui.trajectory import Trajectory

QUESTION = "Which errors are in this log?"

FIRST_STOP = Breakpoint(1, "code and it 3", once=True)
"""Holds a reader who lets the run go too far."""

_NAME = "tutorial"
_SEED, _LINES = 7, 60

_LOOK = """I look at the size of the log first, and at how it begins.

```repl
print(len(context), "characters")
print(context[:200])
```
"""

_COUNT = """It is a service log. I count the lines that tell of an error.

```repl
errors = grep("ERROR")
print(len(errors), "errors; the first:", errors[0])
```
"""

_ASK = """The log has a few thousand characters. I ask about a part of it at a time.

```repl
found = []
for part in chunks(2500):
    reply = llm_query("Name the first error here:\\n" + part)
    found.append(reply)
print(found)
```
"""

_SCRIPT = {
    "root": [_LOOK, _COUNT, _ASK, "Each part has been answered for.\n\nFINAL_VAR(found)"],
    "sub": [{"match": r"ERROR\s+(\w+)\s+code=(\w+)", "reply": "\\2, in the service \\1"}],
    "sub_default": "no error in this part",
    "chunk_delay": 0.12,
}


class Materials(NamedTuple):
    """What a course is held on."""

    document: Path
    model: str
    """The name of the scripted model."""


def write_materials(folder: Path) -> Materials:
    """Put log and script into a folder, which is made. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    document, script = folder / f"{_NAME}.log", folder / f"{_NAME}.json"
    document.write_text(service_log(_SEED, _LINES), encoding="utf-8")
    script.write_bytes(msgspec.json.encode(_SCRIPT))
    return Materials(document, f"scripted:{script}")


@dataclass(frozen=True, slots=True)
class Progress:
    """How things are: what a lesson can wait for."""

    trajectory: Trajectory
    """The run as it is shown."""
    sent: frozenset[type[AnyCommand]] = frozenset()
    """The kinds of commands that were sent since the lesson began."""
    is_past: bool = False
    """Whether an earlier event is shown than the latest."""
    is_branch: bool = False
    """Whether the run goes on from within another."""

    def is_held_at(self, node: str = "", *before: str) -> bool:
        """Whether the run is held at a node or below it, before one of these."""
        held = self.trajectory.paused
        if held is None or not self.trajectory.paused_at.startswith(node):
            return False
        return not before or held.before in before

    def has_changed(self, kind: Intervention) -> bool:
        """Whether the reader has changed the run so."""
        return any(change.kind == kind for _, change in self.trajectory.interventions)


@dataclass(frozen=True, slots=True)
class Lesson:
    """What to do, and how to tell that it was done."""

    keys: str
    """Those it teaches, as they are bound; a lesson on a key that is not there is left out."""
    text: str
    is_over: Callable[[Progress], bool]
    needs_run: bool = True
    """Whether it can be taken only while the run goes on."""


LESSONS: tuple[Lesson, ...] = (
    Lesson(
        "p",
        "This run is held before its first request: nothing has been sent or paid for, and the "
        "status line says what comes next and its price. `p` lets it go on. Press it, and while "
        "the reply comes in press `p` again: that holds it before what runs or costs next.",
        lambda now: (
            now.is_held_at("", "code block", "line") and {Pause, Resume} & now.sent != set()
        ),
    ),
    Lesson(
        "s,o",
        "The model has written code, and none of it has run: it stands in the inspector. `o` steps "
        "over: this block runs, with all that it asks of others. `s` would step into it, line by "
        "line. Take a step.",
        lambda now: now.is_held_at() and Step in now.sent,
    ),
    Lesson(
        "c",
        "`c` lets the run go on until a breakpoint is hit. One waits before the code of "
        "iteration 3.",
        lambda now: now.is_held_at("3.1"),
    ),
    Lesson(
        "b",
        "A breakpoint of your own: `4` goes to the inspector, `down` to the line with llm_query, "
        "and `b` marks it. `b` again would take it away.",
        lambda now: any(item.spec != FIRST_STOP.spec for item in now.trajectory.breakpoints),
    ),
    Lesson(
        "e",
        "The loop will ask another model once for each part. Change that before it costs: `e` "
        "opens the code. Make the parts 3500 characters long, and let it run as you changed it.",
        lambda now: now.has_changed("edited"),
    ),
    Lesson(
        "c",
        "`c` goes on to your breakpoint, if the run is not there yet: inside the loop, before the "
        "line that asks.",
        lambda now: now.is_held_at("3.1", "line", "llm_query"),
    ),
    Lesson(
        "s",
        "`s` steps into the line, and stops before the request: its prompt, tokens and price are "
        "shown, and `i` shows every word that would be sent.",
        lambda now: now.is_held_at("3.1.", "llm_query"),
    ),
    Lesson(
        "a",
        "Answer this one yourself: `a`, then what you would have the sub-model say. The code gets "
        "your answer, and nothing is sent.",
        lambda now: now.has_changed("answered"),
    ),
    Lesson(
        "c",
        "Let the run come to its end: `b` on the marked line takes the breakpoint away, or `c` "
        "passes it each time. The answer holds your words.",
        lambda now: now.trajectory.finished is not None,
    ),
    Lesson(
        "left_square_bracket,comma",
        "Everything that happened is kept. `,` goes back an event, `[` an iteration: code, prompts "
        "and variables are as they were then, and nothing is called. Go back.",
        lambda now: now.is_past,
        needs_run=False,
    ),
    Lesson(
        "W",
        "What if? `W` goes on from here in a branch of its own: what led here is taken from the "
        "recording, free of charge, and the first run is not touched.",
        lambda now: now.is_branch,
        needs_run=False,
    ),
)

END = (
    "That was all of it. `?` shows every key, `q` leads back; any run of yours works the same way."
)


@dataclass(slots=True)
class Course:
    """The lessons, taken one after another."""

    lessons: tuple[Lesson, ...] = LESSONS
    at: int = 0
    _sent: set[type[AnyCommand]] = field(default_factory=set[type[AnyCommand]])

    @classmethod
    def on(cls, keys: Iterable[str]) -> Course:
        """The lessons that can be taught with the keys that are there."""
        there = set(keys)
        return cls(tuple(each for each in LESSONS if there.issuperset(each.keys.split(","))))

    @property
    def text(self) -> str:
        """What to do now."""
        return END if self.is_over else self.lessons[self.at].text

    @property
    def is_over(self) -> bool:
        """Whether no lesson is left."""
        return self.at >= len(self.lessons)

    def hear(self, command: AnyCommand) -> None:
        """The reader has told the run something."""
        self._sent.add(type(command))

    def look(
        self, trajectory: Trajectory, *, is_past: bool = False, is_branch: bool = False
    ) -> bool:
        """See how things are; whether another lesson has its turn."""
        before = self.at
        while not self.is_over:
            lesson = self.lessons[self.at]
            now = Progress(trajectory, frozenset(self._sent), is_past, is_branch)
            is_missed = lesson.needs_run and trajectory.finished is not None
            if not lesson.is_over(now) and not is_missed:
                break
            self.at += 1
            self._sent.clear()
        return self.at != before
