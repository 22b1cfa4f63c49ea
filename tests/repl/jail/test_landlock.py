from __future__ import annotations

import errno
import json

import pytest

from rlm_tui.repl.jail import landlock

RESTRICTED = """
import json, os, socket, sys, tempfile
from rlm_tui.repl.jail import landlock, rights
folder = tempfile.mkdtemp()
for name in ("read", "write", "out"):
    os.mkdir(f"{folder}/{name}")
    open(f"{folder}/{name}/file", "w").write(name)
rights.give_up_rights(become_nobody=False)
landlock.restrict([f"{folder}/read", "/there/is/none"], [f"{folder}/write", "/dev/null"])

def tried(action):
    try:
        action()
        return "done"
    except OSError as error:
        return type(error).__name__
"""


@pytest.fixture(autouse=True)
def known():
    try:
        return landlock.abi()
    except OSError:
        pytest.skip("this system has no landlock")


def test_only_what_was_named_can_be_read_and_written(printed):
    told = json.loads(
        printed(
            RESTRICTED
            + """
print(json.dumps({
    "read": tried(lambda: open(f"{folder}/read/file").read()),
    "list": tried(lambda: os.listdir(f"{folder}/read")),
    "change what is read": tried(lambda: open(f"{folder}/read/file", "a")),
    "make where is read": tried(lambda: open(f"{folder}/read/new", "w")),
    "remove where is read": tried(lambda: os.unlink(f"{folder}/read/file")),
    "write": tried(lambda: open(f"{folder}/write/file", "w").write("x")),
    "make": tried(lambda: os.mkdir(f"{folder}/write/new")),
    "remove": tried(lambda: os.unlink(f"{folder}/write/file")),
    "null": tried(lambda: open(os.devnull, "w").write("x")),
    "other": tried(lambda: open(f"{folder}/out/file").read()),
    "list other": tried(lambda: os.listdir(f"{folder}/out")),
    "root": tried(lambda: os.listdir("/")),
}))
"""
        )
    )
    refused = {name for name, outcome in told.items() if outcome == "PermissionError"}
    assert refused == {
        "change what is read",
        "make where is read",
        "remove where is read",
        "other",
        "list other",
        "root",
    }
    assert {told[name] for name in told.keys() - refused} == {"done"}


def test_nothing_can_be_connected_to(printed, known):
    if known < 4:
        pytest.skip("this kernel's landlock does not know of networks")
    code = """
listening = socket.socket()
print(tried(lambda: listening.bind(("127.0.0.1", 0))))
print(tried(lambda: socket.create_connection(("127.0.0.1", 9))))
"""
    assert printed(RESTRICTED + code).split() == ["PermissionError"] * 2


def test_signals_reach_children_and_nobody_else(printed, known):
    if known < 6:
        pytest.skip("this kernel's landlock does not know of signals")
    out = printed("""
        import os, signal
        from rlm_tui.repl.jail import landlock, rights
        outside = os.fork()
        if not outside:
            os.close(1)
            signal.alarm(30)
            signal.pause()
        rights.give_up_rights(become_nobody=False)
        landlock.keep_signals_inside()
        inside = os.fork() or signal.pause()
        os.kill(inside, signal.SIGKILL)
        print(os.waitstatus_to_exitcode(os.waitpid(inside, 0)[1]))
        try:
            os.kill(outside, signal.SIGKILL)
        except PermissionError:
            print("out of reach", flush=True)
        os._exit(0)
    """)
    assert out == "-9\nout of reach\n"


@pytest.mark.parametrize(
    ("number", "remedy"),
    [(errno.ENOSYS, "Linux 5.13"), (errno.EOPNOTSUPP, "lsm="), (errno.EPERM, "no, thanks")],
)
def test_a_refusal_names_what_would_help(number, remedy):
    assert remedy in landlock.why_not(OSError(number, "no, thanks"))
