"""Runs every attack in one sandbox and tells as JSON what became of it.

A program of its own, so that it can be run as another user: its process stands for the engine.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import json
import os
import platform
import secrets
import shutil
import socket
import sys
import tempfile
from pathlib import Path
from typing import Any

from rlm_tui.repl.cells import Served
from rlm_tui.repl.host import Sandbox
from rlm_tui.repl.repl import Repl
from rlm_tui.visible import visible_text
from tests.repl.attacks import ATTACKS, FORGERS, FUTILE, PRELUDE
from tests.repl.monty_attacks import DOORS
from tests.repl.monty_attacks import PRELUDE as MONTY_PRELUDE

NUMBERS = {
    "tgkill": (234, 131),
    "clone": (56, 220),
    "process_vm_readv": (310, 270),
    "rt_sigqueueinfo": (129, 138),
    "memfd_create": (319, 279),
    "execveat": (322, 281),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "keyctl": (250, 219),
    "pidfd_send_signal": (424, 424),
    "io_uring_setup": (425, 425),
    "pidfd_open": (434, 434),
}
CANARY = "RLM_TUI_CANARY"


class World:
    """What there is to be got at: all of it open to everybody, so only the jail protects it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.chmod(0o777)
        for name in ("secret", "victim", "renamed", "removed"):
            (folder / name).write_text("as it was", encoding="utf-8")
            (folder / name).chmod(0o666)
        self.marker = folder / "marker"
        ctypes.CDLL(None).prctl(0x59616D61, ctypes.c_ulong(-1 % 2**64), 0, 0, 0)
        """PR_SET_PTRACER_ANY: whoever may at all may trace this process."""
        self.word = secrets.token_hex(16)
        self._memory = ctypes.create_string_buffer(self.word.encode())
        self._address = ctypes.addressof(self._memory)
        self.heard: list[str] = []
        self._sockets = {
            "tcp": socket.create_server(("127.0.0.1", 0)),
            "udp": socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
            "unix": socket.socket(socket.AF_UNIX),
            "unix_datagrams": socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM),
            "abstract": socket.socket(socket.AF_UNIX),
        }
        self._sockets["udp"].bind(("127.0.0.1", 0))
        self.abstract = f"rlm-{secrets.token_hex(4)}"
        for name in ("unix", "unix_datagrams"):
            self._sockets[name].bind(str(folder / name))
            (folder / name).chmod(0o777)
        self._sockets["abstract"].bind(f"\0{self.abstract}")
        for name in ("unix", "abstract"):
            self._sockets[name].listen()
        for listening in self._sockets.values():
            listening.settimeout(0)

    def told(self) -> dict[str, Any]:
        arm = platform.machine() == "aarch64"
        return {
            "engine": os.getpid(),
            "uid": os.getuid(),
            "priority": os.getpriority(os.PRIO_PROCESS, 0),
            "folder": str(self.folder),
            "marker": str(self.marker),
            "name": CANARY,
            "canary": os.environ[CANARY],
            "word": self.word,
            "address": self._address,
            "abstract": self.abstract,
            "libraries": [
                line
                for line in Path("/proc/self/maps").read_text(encoding="utf-8").splitlines()
                if "/libc.so" in line or "/libc-" in line
            ],
            "nr": {name: numbers[arm] for name, numbers in NUMBERS.items()},
            **{n: str(self.folder / n) for n in ("secret", "victim", "renamed", "removed")},
            **{n: self._sockets[n].getsockname()[1] for n in ("tcp", "udp")},
            **{n: str(self.folder / n) for n in ("unix", "unix_datagrams")},
        }

    def arrived(self) -> list[str]:
        """What reached the sockets, or the marker, since it was last asked."""
        found = []
        for name, listening in self._sockets.items():
            with contextlib.suppress(BlockingIOError):
                if "u" in name and name != "unix":
                    listening.recv(100)
                else:
                    listening.accept()[0].close()
                found.append(name)
        if self.marker.exists():
            self.marker.unlink()
            found.append("marker")
        return found

    def state(self) -> dict[str, Any]:
        """The files as they are now: name, mode, content."""
        return {
            path.name: (oct(path.lstat().st_mode), path.read_bytes()[:100].decode())
            for path in sorted(self.folder.iterdir())
            if path.is_file()
        }


async def ran(repl: Repl, code: str) -> tuple[str, str]:
    """How a cell ended and what it printed."""
    printed: list[str] = []

    async def on_call(request: Any) -> Served:
        return Served(list(request.prompts))

    def on_output(_: str, text: str) -> None:
        printed.append(text)

    result = await repl.run("1.1", code, budget=60, on_output=on_output, on_call=on_call)
    return result.outcome, "".join(printed) + f"\n[{result.error}]"


async def attacked(world: World, mode: Any, left_out: list[str]) -> dict[str, Any]:
    sandbox = await Sandbox.start([str(world.folder / "told")], mode, left_out=left_out)
    bystander = await sandbox.spawn("bystander")
    await ran(bystander, "kept = 1")
    attacks = ATTACKS if mode == "off" else ATTACKS | FUTILE | FORGERS
    prelude = PRELUDE
    if mode == "monty":
        attacks, prelude = ATTACKS | FUTILE | DOORS, MONTY_PRELUDE
    results = {}
    before = world.state()
    for name, code in attacks.items():
        repl = await sandbox.spawn("attack")
        outcome, out = await ran(repl, prelude + code)
        arrived = world.arrived()
        results[name] = {
            "outcome": outcome,
            "out": out,
            "escaped": bool(arrived) or "ESCAPED" in out.splitlines(),
            "arrived": arrived,
        }
        repl.close()
    escapes = "print('\\x1b]0;title\\x07\\x1b[2J\\x9b31m\\r\\x08')"
    _, shown = await ran(await sandbox.spawn("q"), escapes)
    told = {
        "layers": sandbox.layers,
        "has_checkpoints": sandbox.has_checkpoints,
        "results": results,
        "is_unchanged": world.state() == before,
        "bystander": (await ran(bystander, "kept"))[1],
        "spawned_after": (await ran(await sandbox.spawn("q"), "'alive'"))[1],
        "shown": visible_text(shown),
    }
    await sandbox.close()
    return told


def main() -> None:
    mode, *left_out = sys.argv[1:]
    with tempfile.TemporaryDirectory() as name:
        world = World(Path(name))
        (world.folder / "told").write_text(json.dumps(world.told()), encoding="utf-8")
        told = asyncio.run(attacked(world, mode, left_out))
        shutil.rmtree(name, ignore_errors=True)
        Path(name).mkdir()
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
