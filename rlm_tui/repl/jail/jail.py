"""The jail as a whole: which layers a mode asks for, which the system grants, and their order.

The zygote enters (it leaves the others' namespaces), reads the documents, and seals itself; each
worker confines itself before it runs any model code.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Iterable

from rlm_tui.repl.jail import files, landlock, namespaces, rights, seccomp
from rlm_tui.repl.jail.gate import Gate
from rlm_tui.repl.jail.kernel import PR_SET_PDEATHSIG, prctl
from rlm_tui.repl.jail.syscalls import this_machine

OFF, STRICT, MONTY = "off", "strict", "monty"
NAMED = ("monty", "ns", "landlock", "seccomp")
"""The layers that are told of; limits of resources are always there with them."""


class JailError(Exception):
    """Model code cannot be shut in well enough; the text says why and what would help."""


class Jail:
    """The state of one zygote's jail."""

    def __init__(self, mode: str, left_out: Iterable[str] = (), program: str = "") -> None:
        """Take a mode: `auto`, `strict` (no forks), `monty` (one program a worker) or `off`.

        Args:
            mode: what is asked for.
            left_out: layers to do without, as if the system refused them.
            program: the file of the interpreter that a worker starts, in the mode `monty`.
        """
        self.layers: list[str] = []
        """The layers in force, of `monty`, `ns`, `landlock`, `seccomp` and `rlimits`."""
        self.missing = dict.fromkeys(left_out, "it was left out")
        """Why each of the others is not, and what would help."""
        self.forks: seccomp.Forks = "never" if mode == STRICT else "asked"
        self.gate = Gate()
        self._is_off = mode == OFF
        self._program = program
        self._is_monty = mode == MONTY
        if self._is_monty:
            self.layers.append("monty")
        self._folders: list[str] = []

    def enter(self) -> None:
        """Find out what can be had, and go where no other process is. May change the process.

        Raises:
            JailError: it would not hold.
        """
        if self._is_off:
            return
        self._folders = files.readable_folders() if sys.platform == "linux" else []
        self._probe()
        if "ns" not in self.missing:
            refusal = namespaces.enter(self._leave_all_others)
            self._note("ns", refusal)
        if not self._is_monty:  # that interpreter has no door to what the layers keep out of reach
            self._require()

    def _leave_all_others(self) -> None:
        files.leave_all_others(self._folders, self._program)

    def _note(self, layer: str, refusal: str | None) -> None:
        if refusal is None:
            self.layers.append(layer)
        else:
            self.missing[layer] = refusal

    def _probe(self) -> None:
        if sys.platform != "linux":
            for layer in ("ns", "landlock", "seccomp"):
                self.missing[layer] = "only Linux has it"
            return
        if "landlock" not in self.missing:
            try:
                landlock.abi()
            except OSError as error:
                self.missing["landlock"] = landlock.why_not(error)
        if "seccomp" not in self.missing:
            wanted = self.forks
            refusal, self.forks = seccomp.tried(wanted)
            if refusal is not None:
                self.missing["seccomp"] = refusal
            elif self.forks != wanted and self._is_monty:
                self.missing["seccomp"] = (
                    "the zygote cannot be asked about programs; Linux before 5.5, or nested"
                )
            elif self.forks != wanted:
                self.missing["forks"] = "the zygote cannot be asked; Linux before 5.5, or nested"

    def _require(self) -> None:
        """Files must be out of reach by one of two layers, everything else by seccomp."""
        lacking = {"seccomp"} & self.missing.keys()
        if {"ns", "landlock"} <= self.missing.keys():
            lacking |= {"ns", "landlock"}
        if lacking:
            reasons = "; ".join(f"{layer}: {self.missing[layer]}" for layer in sorted(lacking))
            raise JailError(f"model code cannot be shut in here ({reasons})")

    def seal(self) -> None:
        """Give up files, users, rights and room; the documents have been read.

        Raises:
            JailError: it does not hold.
        """
        if self._is_off:
            return
        os.umask(0o022)
        try:
            self._seal()
        except OSError as error:
            raise JailError(f"model code cannot be shut in here ({error.strerror})") from error

    def _seal(self) -> None:
        runnable = [self._program, files.loader_of(self._program)] if self._program else []
        seen = [*self._folders, *filter(None, runnable)]
        rights.limit_resources()
        self.layers.append("rlimits")
        has_own_files = "ns" in self.layers
        if has_own_files:
            self._leave_all_others()
        rights.give_up_rights(become_nobody=files.can_be_read_by_all(seen))
        rights.keep_memory_private()
        if "landlock" not in self.missing:
            private = [files.PRIVATE] if has_own_files else []
            landlock.restrict(
                [*self._folders, *files.READABLE_FILES],
                [*files.WRITABLE_FILES, *private],
                [*filter(None, runnable)],
            )
            self.layers.append("landlock")
        if has_own_files:
            prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # a change of user has taken it back
        if "seccomp" not in self.missing:
            self.layers.append("seccomp")  # each worker puts it on, as `seccomp.tried` has shown

    def line_for_worker(self) -> tuple[socket.socket, socket.socket] | None:
        """Before a worker is forked: what it will be heard through when it wants to fork."""
        return socket.socketpair() if self.is_gated else None

    def described(self) -> dict[str, object]:
        """What the engine is told: the layers it names, and why others are missing."""
        return {
            "layers": [layer for layer in NAMED if layer in self.layers],
            "missing": self.missing,
            "has_checkpoints": self.has_checkpoints,
        }

    @property
    def is_gated(self) -> bool:
        """Whether forks must be let through one by one."""
        return not self._is_off and self.forks == "asked" and "seccomp" not in self.missing

    @property
    def has_checkpoints(self) -> bool:
        """Whether a worker may fork at all, or needs not to."""
        return self._is_off or self._is_monty or self.forks == "asked"

    def expect(self, line: tuple[socket.socket, socket.socket] | None, worker: int) -> None:
        """In the zygote, when the worker has been forked."""
        if line is not None:
            ours, theirs = line
            theirs.close()
            self.gate.expect(ours, worker if self._is_monty else None)

    def confine_worker(self, zygote: int, line: tuple[socket.socket, socket.socket] | None) -> None:
        """In the worker, before any model code: give up what the zygote needed.

        Raises:
            OSError: a layer does not hold; no model code may run.
        """
        self.gate.leave()
        if self._is_off:
            return
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != zygote:
            os._exit(1)  # it ended before the line above
        if "seccomp" in self.missing:
            return
        machine = this_machine()
        assert machine is not None  # noqa: S101 - else nothing would have begun
        has_own_files = "ns" in self.layers
        code = seccomp.program(
            machine,
            forks=self.forks,
            has_own_files=has_own_files,
            signals_to=None if self._signals_stay_inside() or has_own_files else os.getpid(),
            truncates=has_own_files
            or ("landlock" in self.layers and landlock.abi() >= landlock.TRUNCATION_FROM),
            starts_program=self._is_monty,
        )
        listener = seccomp.install(code, forks=self.forks)
        if line is not None and listener is not None:
            ours, theirs = line
            ours.close()
            with theirs:
                socket.send_fds(theirs, [b"f"], [listener])
            os.close(listener)

    def _signals_stay_inside(self) -> bool:
        if "landlock" not in self.layers:
            return False
        try:
            landlock.keep_signals_inside()
        except OSError:
            return False  # a kernel before 6.12
        return True
