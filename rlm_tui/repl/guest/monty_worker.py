"""One REPL whose code runs in Monty: this process serves the engine, its child runs the code.

The child computes or waits for us, never both. While it computes only its end can stop it, and its
variables go with it; while it waits an interrupt is raised in the code, and they stay. A checkpoint
is what the interpreter says of its session, so it costs no process.
"""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import socket
import threading
import time
from operator import itemgetter
from typing import Any, NoReturn

from rlm_tui.repl.guest.calls import CELL_PREFIX, Calls
from rlm_tui.repl.guest.interrupts import Interrupts
from rlm_tui.repl.guest.monty import CodeFailedError, EndedError, Interpreter, check_size
from rlm_tui.repl.guest.monty_code import (
    ECHO,
    FORGET_CONTEXT,
    LOOK,
    PROTECTED,
    RECALL_CONTEXT,
    WITHDRAW,
    giving_back,
    prelude,
    prepared,
    without_keeping,
)
from rlm_tui.repl.guest.monty_hints import hint_for
from rlm_tui.repl.guest.monty_names import MontyNames
from rlm_tui.repl.guest.output import Output
from rlm_tui.repl.wire import FRAME_LIMIT, Channel, Frame, FrameTooLargeError

_ERROR_LIMIT = 2_000
_MOST = 1 << 53
"""Of what a size is told."""
_INPUT = re.compile(r"<python-input-(\d+)>")
_FRAME = re.compile(r'^  File "<python-input-(\d+)>".*\n(?:    .*\n|\n)*', re.MULTILINE)
"""A frame of a traceback, with its lines of code."""
_NO_LOOKING = (
    "Monty shows no values while its code waits; look between two code blocks, or in the inspector."
)


def _leave() -> NoReturn:
    os._exit(0)


def _nothing(_stream: str, _text: str) -> None:
    """Our own code prints nothing."""


class MontyWorker:
    """The state of one REPL."""

    def __init__(self, sock: socket.socket, context: Any, program: str) -> None:
        """Serve `sock`; `context` is what the zygote holds, `program` the interpreter's file."""
        self.interrupts = Interrupts()
        self.channel = Channel(sock, _leave)
        self.output = Output(self.channel, self.interrupts)
        self.calls = Calls(self.channel, self.interrupts, self.output.flush)
        self.calls.on_look = self._refuse_look
        self.names = MontyNames(self.calls, lambda: self._context, self._place)
        self._functions = {
            name: self._attended(function) for name, function in self.names.functions.items()
        }
        self.names.on_stopped = self._note_stop
        self._context = context
        self._program = program
        self._interpreter: Interpreter | None = None
        self._has_context = True
        self._cells: dict[int, tuple[str, str]] = {}
        """The name and the text of each cell, by the number the interpreter gave it."""
        self._is_running = False
        """Whether a cell runs."""
        self._heard = 0
        """The signals that came to stop it."""
        self._taken_before = 0
        """What `interrupts.taken` was when it began: what came on top was raised in the code."""
        self._told = 0
        """How often a reply said that it is being stopped, which is raised in the code, too."""
        self._seen: dict[str, list[Any]] = {}
        """The variables as they were told last."""

    @property
    def interpreter(self) -> Interpreter:
        """The child; there once the REPL is set up."""
        assert self._interpreter is not None  # noqa: S101 - set up before anything else
        return self._interpreter

    def serve(self) -> NoReturn:
        """Answer the engine until it is gone."""
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # the pool waits for its process itself
        self.interrupts.install()
        self._watch_for_interrupts()
        while True:
            message = self.channel.receive()
            match message["op"]:
                case "setup":
                    self._set_up(message)
                case "run":
                    self._run(message)
                case "variables":
                    items = [_described(item) for item in self.names.variables]
                    self.channel.send({"op": "variables", "items": items})
                case "keep":
                    self._keep()
                case _:
                    pass  # a late result of an interrupted cell

    def _watch_for_interrupts(self) -> None:
        """End the interpreter on SIGINT while it computes: this thread waits for nothing else."""
        woken, wake = os.pipe2(os.O_CLOEXEC)
        os.set_blocking(wake, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)

        def watch() -> None:
            while numbers := os.read(woken, 64):
                heard = numbers.count(signal.SIGINT)
                if not heard or not self._is_running:
                    continue
                self._heard += heard
                raised = self._told + self.interrupts.taken - self._taken_before
                if self._heard > raised and self.interpreter.is_busy:
                    try:
                        self.interpreter.end()
                    except PermissionError:  # no layer tells our own child from other processes
                        os._exit(1)
                    except ProcessLookupError:
                        continue  # it has ended by itself

        threading.Thread(target=watch, daemon=True).start()

    # Set-up and checkpoints

    def _set_up(self, message: Frame) -> None:
        if message.get("context") is not None:
            self._context = message["context"]
        why = ""
        try:
            self._start(message)
        except (CodeFailedError, EndedError, RuntimeError) as error:
            why = str(error)
        self.channel.send({"op": "ready", "pid": os.getpid(), "why": why})

    def _start(self, message: Frame) -> None:
        child = self._interpreter = Interpreter(self._program, self._functions)
        if state := message.get("state"):
            kept = json.loads(state)
            child.load(base64.b64decode(kept["session"]), kept["fed"])
            self._cells = {int(number): tuple(cell) for number, cell in kept["cells"].items()}
            self._seen, self.names.variables = kept["seen"], kept["variables"]
            self._has_context = False
        else:
            child.give("context", self._context)
            child.feed(prelude(self.names.functions), _nothing, {"query": message["query"]})

    def _keep(self) -> None:
        """Send the session; without the context, which is no news to anybody."""
        try:
            if self._has_context:
                self.interpreter.feed(FORGET_CONTEXT, _nothing)
                self._has_context = False
            session = self.interpreter.kept()
            state = {
                "session": base64.b64encode(session).decode("ascii"),
                "fed": self.interpreter.fed,
                "cells": self._cells,
                "seen": self._seen,
                "variables": self.names.variables,
            }
            told = {"op": "kept", "state": json.dumps(state), "why": ""}
            self.channel.send(told)
        except FrameTooLargeError:
            why = f"its variables take more than {FRAME_LIMIT >> 20} MB"
            self.channel.send({"op": "kept", "state": "", "why": why})
        except (EndedError, CodeFailedError) as error:
            self.channel.send({"op": "kept", "state": "", "why": str(error)})
            _leave()

    # Cells

    def _run(self, message: Frame) -> None:
        cell: str = message["cell"]
        self.output.begin_cell()
        self.names.take_final()
        self._heard = self._told = 0
        self._taken_before = self.interrupts.taken
        self._is_running = True
        outcome, error = "ok", ""
        self.calls.open()
        started = time.perf_counter()
        changes: Frame | None = None
        try:
            outcome, error = self._execute(cell, message["code"])
            changes = self._look(is_answer_taken=outcome == "ok")
        except EndedError as ended:
            outcome, error = "ended", str(ended)
        self._is_running = False
        elapsed = time.perf_counter() - started
        self.calls.close()
        self.output.end_cell()
        done = {"op": "done", "cell": cell, "outcome": outcome, "error": error, "elapsed": elapsed}
        done |= {"final": self.names.take_final(), "dropped": self.output.dropped}
        self.channel.send(done | {"changes": changes})
        if outcome == "ended":
            _leave()

    def _execute(self, cell: str, code: str) -> tuple[str, str]:
        """How a cell ended, and the exception in a line. Raises EndedError."""
        child = self.interpreter
        try:
            if not self._has_context:
                child.give("context", self._context)
                child.feed(RECALL_CONTEXT, _nothing)
                self._has_context = True
            text, is_echoed = prepared(code.replace("\r\n", "\n").replace("\r", "\n"))
            self._cells[child.fed] = (cell, text)
            child.feed(text, self._say)
            if is_echoed:
                child.feed(ECHO, self._say)
        except CodeFailedError as failed:
            return self._tell(failed)
        except EndedError:
            raise
        except Exception as refused:  # noqa: BLE001 - a border: the text may be no text for the interpreter
            self._say("stderr", f"{type(refused).__name__}: {refused}\n")
            return "error", f"{type(refused).__name__}: {refused}"[:_ERROR_LIMIT]
        return "ok", ""

    def _tell(self, failed: CodeFailedError) -> tuple[str, str]:
        """Print the traceback, and what to do instead of what Monty lacks."""
        told = _INPUT.sub(self._cell_name, _FRAME.sub(self._if_of_a_cell, failed.told))
        told = without_keeping(told)
        hint = hint_for(failed.line)
        self._say("stderr", f"{told}\n{hint}")
        outcome = "interrupted" if failed.is_interrupt else "error"
        return outcome, failed.line.split("\n")[0][:_ERROR_LIMIT]

    def _if_of_a_cell(self, match: re.Match[str]) -> str:
        return match[0] if int(match[1]) in self._cells else ""

    def _cell_name(self, match: re.Match[str]) -> str:
        cell = self._cells.get(int(match[1]))
        return f"{CELL_PREFIX}{cell[0]}>" if cell else match[0]

    def _look(self, *, is_answer_taken: bool) -> Frame | None:
        """What the cell has changed; takes or withdraws its answer. Raises EndedError."""
        child = self.interpreter
        try:
            made, lost, ready = _look_of(child.feed(LOOK, _nothing))
            if not is_answer_taken:
                child.feed(WITHDRAW, _nothing)
            elif ready:
                self._take_answer(*ready)
            if lost:
                child.feed(giving_back(lost), _nothing)
        except (CodeFailedError, TypeError, ValueError):
            return None  # code has overwritten what tells of it
        for name in lost:
            self._say(
                "stderr",
                f"Warning: this code overwrote {name}; it is back for the next code block.\n",
            )
        kept = [item for item in made if item[0] not in lost]
        self.names.variables = sorted(kept, key=itemgetter(0))
        before, self._seen = self._seen, {item[0]: item for item in self.names.variables}
        changed = [item for item in self.names.variables if before.get(item[0]) != item]
        gone = sorted(before.keys() - self._seen.keys())
        if not changed and not gone:
            return None
        told: Frame = {"new": [], "changed": [], "gone": gone}
        for item in changed:
            told["changed" if item[0] in before else "new"].append(_described(item))
        return told

    def _take_answer(self, text: str, kind: str) -> None:
        try:
            self.names.propose("answer", text, "answer", kind)
        except FrameTooLargeError as error:
            self._say("stderr", f"The answer was not taken: {error}.\n")

    # What the interpreter asks for

    def _attended(self, function: Any) -> Any:
        """A function during which an interrupt is raised here, and not the interpreter's end."""

        def attended(*args: Any, **named: Any) -> Any:
            child = self._interpreter
            if child is not None:
                child.is_busy = False
            self.interrupts.arm()
            try:
                value = function(*args, **named)
                check_size(value)
                return value
            finally:
                self.interrupts.is_armed = False
                if child is not None:
                    child.is_busy = True

        return attended

    def _note_stop(self) -> None:
        self._told += 1

    def _say(self, stream: str, text: str) -> None:
        self.output.write(stream, text)

    def _place(self) -> Frame:
        """The cell and the line of the call that the interpreter waits for."""
        number, start = self.interpreter.position
        cell, code = self._cells.get(number, ("", ""))
        before = code.encode("utf-8", "surrogatepass")[:start]
        return {"cell": cell, "line": before.count(b"\n") + 1 if cell else 0}

    def _refuse_look(self, _message: Frame) -> None:
        self.channel.send({"op": "evaluated", "text": _NO_LOOKING, "failed": True})


def _look_of(told: Any) -> tuple[list[list[Any]], list[str], list[Any]]:
    """What the interpreter tells of its variables. Raises TypeError or ValueError."""
    made, lost, ready = told
    for name, kind, size, value, identity in made:
        texts = isinstance(name, str) and isinstance(kind, str) and isinstance(value, str)
        has_size = size is None or (isinstance(size, int) and 0 <= size < _MOST)
        if not (texts and has_size and isinstance(identity, int)):
            raise TypeError("code has overwritten what tells of its variables")
    if ready and not (len(ready) == 2 and all(isinstance(text, str) for text in ready)):  # noqa: PLR2004 - a text and its type
        raise TypeError("code has overwritten what tells of its answer")
    return list(made), [name for name in PROTECTED if name in lost], ready or []


def _described(item: list[Any]) -> Frame:
    name, kind, size, value, _ = item
    return {"name": name, "type": kind, "size": size, "value": value}
