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

from rlm_tui.codec import encode_line, printable
from rlm_tui.config import Settings
from rlm_tui.events import Header, Record


class RunRequest(Struct, frozen=True, tag_field="type", tag="run"):
    """What to run: the first thing the engine is told."""

    question: str
    documents: list[str]
    """Paths; several make `context` a dict from path to text."""
    settings: Settings
    paused: bool = False
    """Stop before the first model request."""
    typing_pace: float = 0.0
    """Seconds between the words of the offline model, so that a person can follow; 0 for none."""


class Command(Struct, frozen=True, tag_field="type"):
    """Anything one can tell a run."""


class Pause(Command, frozen=True, tag="pause"):
    """Hold the run before the next thing that runs or costs; calls in flight finish."""


class Resume(Command, frozen=True, tag="resume"):
    """Let a held run go on."""


class Cancel(Command, frozen=True, tag="cancel"):
    """Stop the run; everything recorded is kept."""


AnyCommand: TypeAlias = Pause | Resume | Cancel


class Notice(Struct, frozen=True, tag_field="type"):
    """What a source says beside the events; never part of a session."""


class Saved(Notice, frozen=True, tag="saved"):
    """The run is written to this file as it happens; None when it is not saved."""

    path: str | None


class Remark(Notice, frozen=True, tag="remark"):
    """A sentence for the user."""

    text: str
    severity: Literal["information", "warning", "error"] = "information"


class LogLine(Notice, frozen=True, tag="log"):
    """Something a library or a child process wrote where nobody looks."""

    text: str


class Broken(Notice, frozen=True, tag="broken"):
    """No more events will come although the run has not finished, and why."""

    text: str


AnyNotice: TypeAlias = Saved | Remark | LogLine | Broken


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

    def open_session(self, path: str) -> Source:
        """A recording."""
        ...

    def warm_up(self) -> None:
        """Start what takes long to start, before it is needed."""
        ...

    async def close(self) -> None:
        """End what `warm_up` started and nobody used."""
        ...


_commands = msgspec.json.Decoder(RunRequest | Pause | Resume | Cancel)
_notices = msgspec.json.Decoder(AnyNotice)


def encode_message(message: RunRequest | AnyCommand | AnyNotice) -> bytes:
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


def decode_notice(line: bytes) -> AnyNotice:
    """A line that came up and is neither header nor record. Raises ValueError."""
    return _notices.decode(line)
