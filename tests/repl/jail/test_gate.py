from __future__ import annotations

import socket

import pytest

from rlm_tui.repl.jail.gate import Gate

ASKING = """
import os, select, socket, sys, threading
from rlm_tui.repl.jail import rights, seccomp
from rlm_tui.repl.jail.gate import Gate
from rlm_tui.repl.jail.syscalls import this_machine

refusal, forks = seccomp.tried("asked")
if forks != "asked":
    print("cannot be had")
    raise SystemExit
gate = Gate()
ours, theirs = socket.socketpair()
worker = os.fork()
if not worker:
    rights.give_up_rights(become_nobody=False)
    code = seccomp.program(this_machine(), forks="asked", has_own_files=True)
    listener = seccomp.install(code, forks="asked")
    socket.send_fds(theirs, [b"f"], [listener])
    os.close(listener)
    ours.close()
    threading.Thread(target=int).start()
    for _ in range(int(sys.argv[1])):
        try:
            if not os.fork():
                os._exit(0)
            os.wait()
            print("forked", flush=True)
        except PermissionError:
            print("refused", flush=True)
    os._exit(0)
theirs.close()
gate.expect(ours)
for _ in range(int(sys.argv[2])):
    gate.allow(worker)
gate.allow(worker + 1)
while gate.fds:
    poll = select.poll()
    for fd in gate.fds:
        poll.register(fd, select.POLLIN)
    for fd, event in poll.poll():
        gate.attend(fd, is_abandoned=not event & select.POLLIN)
os.waitpid(worker, 0)
"""


@pytest.mark.parametrize(("forks", "leaves"), [(3, 0), (3, 1), (3, 3), (1, 2)])
def test_as_many_forks_happen_as_were_allowed(somebody, forks, leaves):
    told = somebody.run("-c", ASKING, str(forks), str(leaves)).split()
    if told[0] == "cannot":
        pytest.skip("this system cannot hold forks back")
    assert told == ["forked"] * min(forks, leaves) + ["refused"] * max(forks - leaves, 0)


def test_a_leave_ends_with_its_process():
    gate = Gate()
    gate.allow(5)
    gate.forget(5)
    gate.forget(6)
    assert gate._leaves[5] == 0


def test_a_worker_that_ends_before_it_is_heard_of_is_no_trouble():
    gate = Gate()
    ours, theirs = socket.socketpair()
    gate.expect(ours)
    theirs.close()
    (fd,) = gate.fds
    gate.attend(fd, is_abandoned=False)
    assert gate.fds == []


def test_a_worker_takes_no_part():
    gate = Gate()
    ours, theirs = socket.socketpair()
    gate.expect(ours)
    gate.leave()
    assert gate.fds == []
    assert theirs.recv(1) == b""
    theirs.close()


STARTING = """
import os, select, socket, sys
from rlm_tui.repl.jail import rights, seccomp
from rlm_tui.repl.jail.gate import Gate
from rlm_tui.repl.jail.syscalls import this_machine

refusal, forks = seccomp.tried("asked")
if forks != "asked":
    print("cannot be had")
    raise SystemExit
gate = Gate()
ours, theirs = socket.socketpair()
program = [sys.executable, "-I", "-S", "-c", sys.argv[1]]
worker = os.fork()
if not worker:
    rights.give_up_rights(become_nobody=False)
    code = seccomp.program(this_machine(), forks="asked", has_own_files=True, starts_program=True)
    listener = seccomp.install(code, forks="asked")
    socket.send_fds(theirs, [b"f"], [listener])
    os.close(listener)
    ours.close()
    for _ in range(2):
        try:
            os.waitpid(os.posix_spawn(program[0], program, {}), 0)
        except PermissionError:
            print("not started", flush=True)
    try:
        os.execv(program[0], program)
    except PermissionError:
        print("not become", flush=True)
    os._exit(0)
theirs.close()
gate.expect(ours, worker)
gate.allow(worker)
while gate.fds:
    poll = select.poll()
    for fd in gate.fds:
        poll.register(fd, select.POLLIN)
    for fd, event in poll.poll():
        gate.attend(fd, is_abandoned=not event & select.POLLIN)
os.waitpid(worker, 0)
"""
TRYING = """
import os
print("started", flush=True)
for action in (os.fork, lambda: os.execv("/bin/true", ["true"])):
    try:
        action()
        print("got through", flush=True)
    except PermissionError:
        print("refused", flush=True)
"""


def test_a_worker_starts_one_program_which_starts_none(somebody):
    told = somebody.run("-c", STARTING, TRYING).splitlines()
    if told[0] == "cannot be had":
        pytest.skip("this system cannot hold forks back")
    assert told == ["started", "refused", "refused", "not started", "not become"]
