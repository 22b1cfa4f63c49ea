"""The seam between whoever shows a run and whatever produces it.

A screen is given a `Source`, sends it commands, and never asks whether it is a run in this process,
one in the engine process, or a recording.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Literal, Protocol, TypeAlias

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from rlm_tui.breakpoint import Breakpoint
from rlm_tui.codec import encode_line, printable
from rlm_tui.config import Settings
from rlm_tui.events import NodeId, Record, Told
from rlm_tui.header import Header

StepKind = Literal["into", "over", "out"]
"""`into`: to the next stop at any depth; `over`: at this depth or above; `out`: above."""

FailKind = Literal["timeout", "rate_limit", "server_error", "empty", "refused"]


class Fork(Struct, frozen=True):
    """Where a run goes on from."""

    session: str
    """The file of the recorded run."""
    event: int
    """The `seq` of its last event that is kept."""
    name: str = ""
    """What the user calls the branch."""


class RunRequest(Struct, frozen=True, tag_field="type", tag="run"):
    """What to run: the first thing the engine is told."""

    question: str
    documents: list[str]
    """Paths; several make `context` a dict from path to text."""
    settings: Settings
    paused: bool = False
    """Stop before the first model request."""
    breakpoints: list[Breakpoint] = []
    fork: Fork | None = None
    """Go on from within a recorded run."""
    typing_pace: float = 0.0
    """Seconds between the words of the offline model, so that a person can follow; 0 for none."""
    is_attended: bool = True
    """Whether somebody can let the run go on where it is held."""


class Command(Struct, frozen=True, tag_field="type"):
    """Anything one can tell a run."""


class Pause(Command, frozen=True, tag="pause"):
    """Hold the run before the next thing that runs or costs; calls in flight finish."""


class Resume(Command, frozen=True, tag="resume"):
    """Let a held run go on."""


class Step(Command, frozen=True, tag="step"):
    """Let a held run go on to its next stop."""

    how: StepKind


class RunTo(Command, frozen=True, tag="run_to"):
    """Let a held run go on until this node is next."""

    node: NodeId


class SetBreakpoints(Command, frozen=True, tag="set_breakpoints"):
    """Have these breakpoints and no others."""

    breakpoints: list[Breakpoint]


class Edit(Command, frozen=True, tag="edit"):
    """Change the code or the prompt that the run is held before; it stays held."""

    text: str
    told: Told = "ran"
    """What a loop's model is told it wrote: the code that `ran`, what it `wrote`, or `both`."""


class Answer(Command, frozen=True, tag="answer"):
    """Answer the sub-call that the run is held before, or change the reply or answer it has."""

    text: str
    pattern: str | None = None
    """Also answer every later sub-call whose prompt matches."""


class Fail(Command, frozen=True, tag="fail"):
    """Fail the sub-call that the run is held before."""

    kind: FailKind
    pattern: str | None = None
    """Also fail every later sub-call whose prompt matches."""


class Retry(Command, frozen=True, tag="retry"):
    """Make a sub-call with another model, or once more after its reply."""

    model: str = ""
    """Empty for the model that it has."""


class Skip(Command, frozen=True, tag="skip"):
    """Do not run the code block that the run is held before."""


class Reject(Command, frozen=True, tag="reject"):
    """Do not take the answer that the run is held before; the model is told why."""

    message: str


class Evaluate(Command, frozen=True, tag="evaluate"):
    """Show a value, or run a statement, in the REPL of what the run is held before."""

    id: int
    """Comes back with `Evaluated`."""
    code: str
    is_statement: bool = False


class RaiseLimit(Command, frozen=True, tag="raise_limit"):
    """Change a limit of the run."""

    limit: str
    value: float


class CheckFork(Command, frozen=True, tag="check_fork"):
    """Say whether a branch of the run could begin; the run is left as it is."""

    fork: Fork
    settings: Settings | None = None
    """Those of the branch; None for the run's own."""


class Cancel(Command, frozen=True, tag="cancel"):
    """Stop the run; everything recorded is kept."""


AnyCommand: TypeAlias = (
    Pause
    | Resume
    | Step
    | RunTo
    | SetBreakpoints
    | Edit
    | Answer
    | Fail
    | Retry
    | Skip
    | Reject
    | Evaluate
    | RaiseLimit
    | CheckFork
    | Cancel
)


class Notice(Struct, frozen=True, tag_field="type"):
    """What a source says beside the events; never part of a session."""


class Saved(Notice, frozen=True, tag="saved"):
    """The run is written to this file as it happens; None when it is not saved."""

    path: str | None
    is_whole: bool = True
    """False at the end of a run whose last events could not be written."""


class Remark(Notice, frozen=True, tag="remark"):
    """A sentence for the user."""

    text: str
    severity: Literal["information", "warning", "error"] = "information"


class Evaluated(Notice, frozen=True, tag="evaluated"):
    """What an `Evaluate` has shown."""

    id: int
    text: str
    is_error: bool = False


class ForkChecked(Notice, frozen=True, tag="fork_checked"):
    """What a `CheckFork` has found."""

    trouble: str = ""
    """Why no branch can begin there, in a sentence; empty when one can."""


class LogLine(Notice, frozen=True, tag="log"):
    """Something a library or a child process wrote where nobody looks."""

    text: str


class Rested(Notice, frozen=True, tag="rested"):
    """The engine has said everything about a run and waits for another request."""


class Broken(Notice, frozen=True, tag="broken"):
    """No more events will come although the run has not finished, and why."""

    text: str


AnyNotice: TypeAlias = Saved | Remark | Evaluated | ForkChecked | LogLine | Broken


class Listener(Protocol):
    """Takes what a source tells. Called on the source's own event loop; must not block."""

    def begin(self, header: Header) -> None:
        """The run exists; comes once, first."""
        ...

    def take(self, records: Sequence[Record]) -> None:
        """The next records, in order."""
        ...

    def say(self, notice: AnyNotice) -> None:
        """Something that is not an event."""
        ...


class Source(Protocol):
    """A run, wherever it comes from."""

    async def run(self, listener: Listener) -> None:
        """Tell the listener everything; returns when no more will come.

        A run that goes wrong ends in `RunFinished` or `Broken`, not in an exception.
        """
        ...

    def send(self, command: AnyCommand) -> None:
        """Tell the run something; a source that cannot use it ignores it."""
        ...

    async def close(self) -> None:
        """Leave nothing running. Safe to call twice."""
        ...


class Opener(Protocol):
    """Makes sources; given to a screen so that it need not know how."""

    def ask(self, request: RunRequest) -> Source:
        """A run that starts when its source is run."""
        ...

    def fork_trouble(self, request: RunRequest) -> str:
        """Why a branch of a run that is over cannot begin; empty when it can. Blocks."""
        ...

    def open_session(self, path: str) -> Source:
        """A recording."""
        ...

    def warm_up(self) -> None:
        """Start what takes long to start, before it is needed."""
        ...

    def forget(self) -> None:
        """Let go of what the latest run has left for the next."""
        ...

    async def close(self) -> None:
        """End what `warm_up` started and nobody used."""
        ...


_commands = msgspec.json.Decoder(RunRequest | AnyCommand)
_notices = msgspec.json.Decoder(AnyNotice | Rested)


def encode_message(message: RunRequest | AnyCommand | AnyNotice | Rested) -> bytes:
    """One line for the other side of a socket, its newline included."""
    if isinstance(message, RunRequest):
        documents = [_as_text(path) for path in message.documents]
        message = replace(message, question=printable(message.question), documents=documents)
    return encode_line(message)


def decode_command(line: bytes) -> RunRequest | AnyCommand:
    """A line that went down. Raises ValueError."""
    message = _commands.decode(line)
    if isinstance(message, RunRequest):
        message = replace(message, documents=[_as_path(text) for text in message.documents])
    return message


def _as_text(path: str) -> str:
    """A path as JSON can carry it: one with bytes that are no UTF-8 in hexadecimal, after a NUL."""
    return path if path == printable(path) else "\0" + os.fsencode(path).hex()


def _as_path(text: str) -> str:
    return os.fsdecode(bytes.fromhex(text[1:])) if text.startswith("\0") else text


def decode_notice(line: bytes) -> AnyNotice | Rested:
    """A line that came up and is neither header nor record. Raises ValueError."""
    return _notices.decode(line)
