"""The only door to `pydantic_monty`: an interpreter of a subset of Python, in a process of its own.

That process has no files, no network and no clock to wait on; whatever it cannot do by itself it
asks for, by the names it is given. All methods belong to the main thread, but for `end`.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from typing import Any, Literal, cast

import pydantic_monty as engine

MEMORY = 3 << 30
"""Bytes that the values of a session may take, `context` included."""

RECURSION = 1_000

_PIECE = 48 << 20
"""Characters that are sent at once; a message has at most 256 MB."""

_MOST_BYTES = 250 * 10**6
"""Of texts in one message, which leaves room for what is around them."""

_SEED = 20251224
_ENDLESS = 1 << 40

Say = Callable[[Literal["stdout", "stderr"], str], None]


def _nothing(_stream: str, _text: str) -> None:
    """What is fed by us prints nothing."""


class CodeFailedError(Exception):
    """The code raised, or cannot be run."""

    def __init__(self, told: str, line: str, *, is_interrupt: bool) -> None:
        super().__init__(line)
        self.told = told
        """The traceback."""
        self.line = line
        """The exception alone."""
        self.is_interrupt = is_interrupt


class EndedError(Exception):
    """The interpreter's process is gone, and its variables with it; the text says how."""


class Interpreter:
    """One session."""

    def __init__(self, program: str, names: Mapping[str, Callable[..., Any]]) -> None:
        """Start the process.

        Args:
            program: the file of the interpreter.
            names: what code may call that it does not define itself.

        Raises:
            EndedError: it cannot be started.
        """
        self.is_busy = False
        """Whether the process computes, so that only its end can stop it."""
        self.pid = 0
        self.fed = 0
        """How many pieces of code it has been given; tracebacks name each by its number."""
        self._names = dict(names)
        self._position = ("", 0)
        try:
            self._start(program)
        except (engine.MontyError, OSError, RuntimeError) as error:
            raise EndedError(f"the interpreter could not be started ({error})") from error

    def _start(self, program: str) -> None:
        self._pool = engine.Monty(binary_path=program, min_processes=1, max_processes=1)
        self._pool.__enter__()
        self._session = self._pool.checkout(
            limits={
                "max_memory": MEMORY,
                "max_recursion_depth": RECURSION,
                "max_suspensions": _ENDLESS,
            },
            assert_message_annotations=False,
            os_policy={"sleep": "zero", "random_start": {"seed": _SEED}},
        )
        self._session.__enter__()
        self.pid = self._session.worker_pid or 0

    @property
    def position(self) -> tuple[int, int]:
        """Where the code is that made the latest call: the number of its piece, and its offset."""
        name, start = self._position
        digits = name.rpartition("-")[2].rstrip(">")
        return (int(digits) if digits.isdigit() else -1), start

    def feed(self, code: str, say: Say, inputs: dict[str, Any] | None = None) -> Any:
        """Run a piece of code; the value of its last expression.

        Args:
            code: its text.
            say: takes what it prints.
            inputs: variables to set before.

        Raises:
            CodeFailedError: it raised.
            EndedError: the process is gone.
        """
        self.fed += 1
        self.is_busy = True
        try:
            at = self._session.feed_start(
                code, inputs=inputs, external_lookup=self._names, print_callback=say
            )
            while not isinstance(at, engine.MontyComplete):
                self._position = (at.position.filename, at.position.start)
                at = at.resume_auto()
        except engine.MontyCrashedError as error:
            raise EndedError(_how_it_ended(error)) from error
        except (engine.MontySyntaxError, engine.MontyRuntimeError) as error:
            raise CodeFailedError(
                error.display(),
                error.display("type-msg"),
                is_interrupt=isinstance(error.exception(), KeyboardInterrupt),
            ) from error
        except engine.MontyError as error:
            told = f"{type(error).__name__}: {error}"
            raise CodeFailedError(told, told, is_interrupt=False) from error
        except RuntimeError as error:  # of the pool, which has lost the thread
            raise EndedError(f"the interpreter cannot go on ({error})") from error
        finally:
            self.is_busy = False
        return at.output

    def give(self, name: str, value: str | dict[str, str]) -> None:
        """Set a variable to a text, or a dict of texts, however long. Raises as `feed` does."""
        if isinstance(value, dict):
            self.feed(f"{name} = {{}}", _nothing)
            for key, text in value.items():
                self.give("_rlm_text", text)
                self.feed(f"{name}[_rlm_key] = _rlm_text", _nothing, {"_rlm_key": key})
            self.feed("_rlm_text = None", _nothing)
        elif len(value) <= _PIECE:
            self.feed("pass", _nothing, {name: value})
        else:
            self.feed("_rlm_pieces = []", _nothing)
            for at in range(0, len(value), _PIECE):
                piece = value[at : at + _PIECE]
                self.feed("_rlm_pieces.append(_rlm_piece)", _nothing, {"_rlm_piece": piece})
            self.feed(f'{name} = "".join(_rlm_pieces)\n_rlm_pieces = _rlm_piece = None', _nothing)

    def kept(self) -> bytes:
        """The session between two pieces of code, as `load` takes it. Raises EndedError."""
        try:
            return self._session.dump()
        except engine.MontyError as error:
            raise EndedError(str(error)) from error

    def load(self, state: bytes, fed: int) -> None:
        """Go on from what `kept` returned, before anything else; `fed` is what it was then."""
        self._session.load_session(state)
        self.fed = fed

    def end(self) -> None:
        """End the process, from whichever thread."""
        os.kill(self.pid, signal.SIGKILL)


def _how_it_ended(error: engine.MontyCrashedError) -> str:
    text = str(error)
    if "SIGKILL" in text:
        return "the interpreter was ended"
    return f"the interpreter has ended ({text.splitlines()[0][:200]})"


def check_size(value: object) -> None:
    """Refuse what is too long for a message to the interpreter. Raises MemoryError."""
    parts = cast("list[object]", value) if isinstance(value, list) else [value]
    texts = [part for part in parts if isinstance(part, str)]
    if sum(map(len, texts)) > _PIECE:
        size = sum(len(text.encode("utf-8", "replace")) for text in texts)
        if size > _MOST_BYTES:
            raise MemoryError(f"{size:,} bytes at once are more than Monty takes; ask for less")


def type_name(value: object) -> str:
    """What the interpreter calls the value's class."""
    return value.name if isinstance(value, engine.MontyClassProxy) else type(value).__name__
