from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest

from rlm_tui.repl.jail import namespaces

ENTERED = """
import json, os, socket
from rlm_tui.repl.jail import namespaces
before = os.getpid()
refusal = namespaces.enter(lambda: None)
if refusal is not None:
    print(json.dumps(None))
    raise SystemExit
"""


@pytest.fixture
def told(printed):
    def run(code: str):
        if (found := json.loads(printed(ENTERED + code))) is None:
            pytest.skip("this system grants no namespaces")
        return found

    return run


def test_the_process_is_the_first_of_a_world_of_its_own(told):
    found = told("""
def reached(action):
    try:
        return bool(action() or True)
    except OSError:
        return False

print(json.dumps({
    "pid": os.getpid(),
    "parent": os.getppid(),
    "host": os.uname().nodename,
    "interfaces": [name for _, name in socket.if_nameindex()],
    "others": reached(lambda: os.kill(before, 0)),
    "network": reached(lambda: socket.create_connection(("127.0.0.1", 9))),
}))
""")
    assert found == {
        "pid": 1,
        "parent": 0,
        "host": "repl",
        "interfaces": ["lo"],
        "others": False,
        "network": False,
    }


def test_files_can_be_hidden_there_and_nobody_else_notices(told):
    found = told("""
from rlm_tui.repl.jail.kernel import call
call("mount", b"none", b"/usr/share", b"tmpfs", 0, None)
print(json.dumps(os.listdir("/usr/share")))
""")
    assert found == []
    assert any(Path("/usr/share").iterdir())


def test_the_process_that_was_ends_as_the_new_one_does(somebody):
    with somebody.started("-c", ENTERED + "print(flush=True)\nos._exit(7)") as process:
        if process.stdout.read() == "null\n":
            pytest.skip("this system grants no namespaces")
    assert process.returncode == 7


def test_the_death_of_the_process_that_was_is_that_of_the_new_one(somebody):
    code = ENTERED + "print(1, flush=True)\nimport signal\nsignal.pause()"
    with somebody.started("-c", code) as process:
        if process.stdout.readline() == "null\n":
            pytest.skip("this system grants no namespaces")
        process.kill()
        assert process.stdout.read() == ""  # nobody has the other end open any more


def test_what_cannot_be_built_there_is_a_refusal_and_nothing_has_changed(printed):
    out = printed("""
        import os
        from rlm_tui.repl.jail import namespaces
        before = os.getpid()

        def build():
            raise OSError(5, "no room")

        refusal = namespaces.enter(build)
        print(refusal.startswith("no room") or refusal, os.getpid() == before)
    """)
    assert out.endswith(" True\n")


@pytest.mark.parametrize(
    ("number", "sysctls", "remedy"),
    [
        (errno.ENOSPC, {}, "user.max_user_namespaces"),
        (errno.EPERM, {"unprivileged_userns_clone": "0"}, "unprivileged_userns_clone=1"),
        (errno.EACCES, {"apparmor_restrict_unprivileged_userns": "1"}, "apparmor_restrict"),
        (errno.EPERM, {}, "--security-opt"),
    ],
)
def test_a_refusal_names_what_would_help(monkeypatch, number, sysctls, remedy):
    monkeypatch.setattr(namespaces, "_sysctl", sysctls.get)
    assert remedy in namespaces._remedy(OSError(number, ""))
