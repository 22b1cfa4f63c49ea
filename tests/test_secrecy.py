from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from rlm_tui import secrecy
from tests.repl.users import Somebody

SECRET = """
import ctypes, resource, sys
from rlm_tui import secrecy
if sys.argv[1:] != ["open"]:
    secrecy.keep_memory_private()
print(ctypes.CDLL(None).prctl(3), resource.getrlimit(resource.RLIMIT_CORE)[0], flush=True)
sys.stdin.read()
"""

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has it")


def told(*arguments: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", SECRET, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@linux_only
def test_a_process_can_no_longer_be_traced_and_leaves_no_core():
    assert told().split() == ["0", "0"]
    assert told("open").split()[0] == "1"


@linux_only
def test_its_environment_cannot_be_read_by_another_process_of_its_user(tmp_path):
    somebody = Somebody("user", tmp_path)
    reader = "import sys; print(open(f'/proc/{sys.argv[1]}/environ', 'rb').read().count(b'KEY='))"
    for way, outcome in ("open", "1"), ("private", ""):
        with somebody.started("-c", SECRET, way, KEY="secret") as process:
            process.stdout.readline()
            with somebody.started("-c", reader, str(process.pid)) as reading:
                assert reading.stdout.read().strip() == outcome
            process.stdin.close()


@linux_only
def test_the_engine_is_private_before_it_is_told_anything(tmp_path):
    """The owner of what stands in /proc for a process that is not to be dumped is root."""
    somebody = Somebody("user", tmp_path)
    if somebody.uid == 0:
        pytest.skip("root owns them anyway")
    ours, theirs = socket.socketpair()
    with ours, theirs:
        process = subprocess.Popen(
            [somebody.python, "-m", "rlm_tui.worker", *[str(theirs.fileno())] * 2],
            env=somebody.environ,
            cwd="/",
            pass_fds=[theirs.fileno()],
            preexec_fn=somebody.preexec,  # noqa: PLW1509 - the tests have one thread
        )
        theirs.close()
        with process:
            environ = Path(f"/proc/{process.pid}/environ")
            while process.poll() is None and environ.stat().st_uid != 0:
                os.sched_yield()
            assert process.poll() is None
            process.send_signal(signal.SIGKILL)


def test_on_other_systems_it_is_no_error(monkeypatch):
    monkeypatch.setattr(secrecy.sys, "platform", "win32")
    monkeypatch.setitem(sys.modules, "resource", None)
    secrecy.keep_memory_private()
