"""One REPL: takes cells from the engine, runs them, and forks itself when asked.

A fork is how a checkpoint is taken (nobody talks to the child until it is needed) and how one is
restored (the checkpoint forks in turn, so it can be restored again).
"""

from __future__ import annotations

import os
import random
import signal
import socket
import sys
import threading
import time
from typing import Any, NoReturn

from rlm_tui.repl.guest.calls import CELL_PREFIX, Calls
from rlm_tui.repl.guest.cell import compiled, install_echo, run_codes, told_error
from rlm_tui.repl.guest.describe import class_name
from rlm_tui.repl.guest.interrupts import Interrupts
from rlm_tui.repl.guest.looking import Looking
from rlm_tui.repl.guest.namespace import Namespace
from rlm_tui.repl.guest.output import Output
from rlm_tui.repl.guest.refusals import fork
from rlm_tui.repl.guest.stepping import Stepping
from rlm_tui.repl.guest.together import Together
from rlm_tui.repl.wire import Channel, Frame

_SEED = 20251224
_ERROR_LIMIT = 2_000


def _leave() -> NoReturn:
    os._exit(0)


class Worker:
    """The state of one REPL process."""

    def __init__(self, sock: socket.socket, context: Any) -> None:
        """Serve `sock`; `context` is what the zygote holds."""
        self.interrupts = Interrupts()
        self.channel = Channel(sock, _leave)
        self.output = Output(self.channel, self.interrupts)
        self.calls = Calls(self.channel, self.interrupts, self.output.flush)
        self.together = Together(self.calls)
        self.namespace = Namespace(self.calls, self.output.stderr.write)
        self.stepping = Stepping(self.calls.hold)
        self.calls.on_trace = self.stepping.take_up
        variables = self.namespace.variables
        self.calls.on_look = Looking(variables, self.calls, self.channel, self.interrupts).answer
        self._context = context

    def serve(self) -> NoReturn:
        """Answer the engine until it is gone."""
        self.interrupts.install()
        self.together.install()
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # forked checkpoints reap themselves
        sys.stdout, sys.stderr = self.output.stdout, self.output.stderr
        sys.__stdout__, sys.__stderr__ = sys.stdout, sys.stderr  # type: ignore[misc]
        random.seed(_SEED)  # a recorded run must be the same when its cells run again
        while True:
            message = self.channel.receive()
            match message["op"]:
                case "setup":
                    self._set_up(message)
                case "run":
                    self.together.is_on = message.get("together", True)
                    self._run(message)
                case "variables":
                    self.channel.send({"op": "variables", "items": self.namespace.described()})
                case "fork":
                    self._fork()
                case _:
                    pass  # a late result of an interrupted cell

    def _set_up(self, message: Frame) -> None:
        context = message.get("context")
        self.namespace.fill(self._context if context is None else context, message["query"])
        sys.modules["__main__"] = self.namespace.module
        if context is not None:
            self._context = None
        self.channel.send({"op": "ready", "pid": os.getpid()})

    def _run(self, message: Frame) -> None:
        cell: str = message["cell"]
        self.output.begin_cell()
        sys.stdout, sys.stderr = self.output.stdout, self.output.stderr
        self.namespace.restore()
        self.namespace.final = None
        outcome, error, final = "ok", "", None
        self.calls.open()
        started = time.perf_counter()
        try:
            final = self._execute(message)
        except BaseException as raised:  # noqa: BLE001 - a border: model code may raise anything
            self.interrupts.is_armed = False
            # issubclass, because isinstance would run a `__class__` property.
            outcome = "interrupted" if issubclass(type(raised), KeyboardInterrupt) else "error"
            error = self._tell(raised)
            final = self.namespace.withdraw()
        elapsed = time.perf_counter() - started
        self.calls.close()
        for name in self.namespace.restore():
            self.output.stderr.write(
                f"Warning: this code overwrote {name}; it is back for the next code block.\n"
            )
        self.output.end_cell()
        done = {"op": "done", "cell": cell, "outcome": outcome, "error": error, "elapsed": elapsed}
        done |= {"final": final, "dropped": self.output.dropped}
        self.channel.send(done | {"changes": self.namespace.changes()})

    def _execute(self, message: Frame) -> Frame | None:
        name = f"{CELL_PREFIX}{message['cell']}>"
        self.interrupts.arm()
        try:
            parts = compiled(message["code"], name, self.together.marked)
            install_echo(self.output.stdout.write)
            self.stepping.start(name, message.get("step", ""), message.get("lines", ()))
            run_codes(parts, self.namespace.variables)
            return self.namespace.take_final()
        finally:
            self.interrupts.is_armed = False
            self.stepping.stop()

    def _tell(self, raised: BaseException) -> str:
        """Print the traceback and return its last line; an exception can lie about itself too."""
        self.interrupts.arm()
        try:
            shown, line = told_error(raised)
            self.output.stderr.write(shown)
            return line[:_ERROR_LIMIT]
        except BaseException as second:  # noqa: BLE001 - the same border
            self.interrupts.is_armed = False
            return f"{class_name(type(raised))} (its text raised {class_name(type(second))})"
        finally:
            self.interrupts.is_armed = False

    def _fork(self) -> None:
        """Become two; the child serves the socket that came with the message."""
        sock = socket.socket(fileno=self.channel.fds.pop(0))
        why = "threads of an earlier code block still run" if threading.active_count() > 1 else ""
        chance = random.getstate()  # which the module forgets in a child
        try:
            is_child = not why and not fork()
        except OSError as error:
            is_child, why = False, str(error)
        if not is_child:
            sock.close()
            self.channel.send({"op": "forked", "why": why})
            return
        random.setstate(chance)
        self.channel.replace(sock)
        self.interrupts.install()
        self.channel.send({"op": "ready", "pid": os.getpid()})
