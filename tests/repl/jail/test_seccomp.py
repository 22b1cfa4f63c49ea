from __future__ import annotations

import errno
import os
import signal
import struct

import pytest

from rlm_tui.repl.jail import seccomp
from rlm_tui.repl.jail.seccomp import program
from rlm_tui.repl.jail.syscalls import (
    AUDIT_ARCH,
    FILE_MARKS,
    FREE,
    LAST,
    OURS,
    number_of,
    this_machine,
)

ALLOW, NOTIFY, KILL = 0x7FFF0000, 0x7FC00000, 0x80000000
EPERM, ENOSYS = 0x50000 | errno.EPERM, 0x50000 | errno.ENOSYS


@pytest.fixture(params=AUDIT_ARCH)
def machine(request):
    return request.param


def decided(code: bytes, arch: int, number: int, *arguments: int) -> int:
    """What a filter returns: the kernel's packet machine, as far as the filter uses it."""
    seen = struct.pack("<iIQ6Q", number, arch, 0, *arguments, *[0] * (6 - len(arguments)))
    value, at = 0, 0
    while True:
        operation, then, otherwise, k = struct.unpack_from("=HBBI", code, 8 * at)
        at += 1
        match operation:
            case 0x20:
                (value,) = struct.unpack_from("<I", seen, k)
            case 0x54:
                value &= k
            case 0x15:
                at += then if value == k else otherwise
            case 0x35:
                at += then if value >= k else otherwise
            case 0x45:
                at += then if value & k else otherwise
            case 0x06:
                return k
            case _:
                raise AssertionError(f"instruction {operation:#x} is not known")


@pytest.fixture
def asked(machine):
    """Asks a filter about a call by its name."""

    def ask(name: str, *arguments: int, **options):
        number = number_of(name, machine)
        if number is None:
            pytest.skip(f"{machine} has no {name}")
        code = program(machine, **({"forks": "asked", "has_own_files": True} | options))
        return decided(code, AUDIT_ARCH[machine], number, *arguments)

    return ask


def test_a_filter_is_short_enough_for_the_kernel(machine):
    code = program(machine, forks="asked", has_own_files=False, signals_to=5, truncates=False)
    assert len(code) % 8 == 0
    assert 100 < len(code) // 8 < 4096


def test_every_number_gets_the_answer_that_its_table_says(machine):
    code = program(machine, forks="never", has_own_files=True)
    free = {number_of(name, machine) for name in FREE | FILE_MARKS}
    for number in range(LAST + 1):
        answer = decided(code, AUDIT_ARCH[machine], number, *[2**64 - 1] * 6)
        if number in free:
            assert answer == ALLOW, number
        elif number == number_of("clone3", machine):
            assert answer == ENOSYS
        else:
            assert answer == EPERM, number


@pytest.mark.parametrize("number", [LAST + 1, 1000, 0x40000000, 0x40000029, -1, -(2**31)])
def test_numbers_that_the_tables_do_not_know_are_missing(machine, number):
    code = program(machine, forks="asked", has_own_files=True)
    assert decided(code, AUDIT_ARCH[machine], number) == ENOSYS


def test_calls_of_another_machine_end_the_process(machine):
    code = program(machine, forks="asked", has_own_files=True)
    for arch in {*AUDIT_ARCH.values(), 0x40000003, 0x40000028} - {AUDIT_ARCH[machine]}:
        assert decided(code, arch, 0) == KILL


@pytest.mark.parametrize("name", OURS)
def test_the_jail_cannot_be_built_on(asked, name):
    assert asked(name) == EPERM


THREAD = 0x3D0F00
CASES = {
    "a thread": ("clone", [THREAD], ALLOW),
    "a fork": ("clone", [0x01200011], NOTIFY),
    "a fork of musl": ("clone", [0x11], NOTIFY),
    "a fork of old": ("fork", [], NOTIFY),
    "a fork that shares memory": ("clone", [0x4111], EPERM),
    "a fork beside its parent": ("clone", [0x8011], EPERM),
    **{
        f"a namespace by {flag:#x}": ("clone", [THREAD | flag], EPERM)
        for flag in (0x80, 0x20000, *(1 << bit for bit in range(25, 31)))
    },
    "a pair of streams": ("socketpair", [1, 1 | 0o2000000 | 0o4000], ALLOW),
    "a pair of datagrams": ("socketpair", [1, 2], EPERM),
    "a pair of packets": ("socketpair", [1, 5], EPERM),
    "a pair on the network": ("socketpair", [2, 1], EPERM),
    "is it a terminal": ("ioctl", [0, 0x5401], ALLOW),
    "typing for the user": ("ioctl", [0, 0x5412], EPERM),
    "not to block": ("fcntl", [0, 4], ALLOW),
    "signals from a pipe": ("fcntl", [0, 8], EPERM),
    "a thread's name": ("prctl", [15], ALLOW),
    "being traced": ("prctl", [4, 1], EPERM),
    "outliving the zygote": ("prctl", [1, 0], EPERM),
    "its own limits": ("prlimit64", [0, 7, 0, 4096], ALLOW),
    "new limits": ("prlimit64", [0, 7, 4096, 0], EPERM),
    "new limits far away": ("prlimit64", [0, 7, 1 << 32, 0], EPERM),
    "limits of others": ("prlimit64", [1, 7, 0, 4096], EPERM),
    "a signal": ("kill", [5, 9], ALLOW),
    "a signal to a thread": ("tgkill", [5, 5, 9], ALLOW),
    "a signal to its group": ("kill", [0, 9], EPERM),
    "a signal to everyone": ("kill", [2**32 - 1, 9], EPERM),
    "a signal to another group": ("kill", [2**64 - 5, 9], EPERM),
}


@pytest.mark.parametrize(("name", "arguments", "answer"), CASES.values(), ids=CASES)
def test_what_depends_on_arguments(asked, name, arguments, answer):
    assert asked(name, *arguments) == answer


@pytest.mark.parametrize("name", ["clone", "fork"])
def test_where_nobody_can_be_asked_no_fork_happens(asked, name):
    assert asked(name, 0x01200011, forks="never") == EPERM


def test_where_others_can_be_reached_signals_go_to_one_process_only(asked):
    assert asked("kill", 77, 9, signals_to=77) == ALLOW
    assert {asked("kill", pid, 9, signals_to=77) for pid in (76, 0, 2**32 - 1)} == {EPERM}
    assert asked("tgkill", 76, 76, 9, signals_to=77) == EPERM


@pytest.mark.parametrize("name", FILE_MARKS)
def test_where_files_of_others_are_in_sight_their_marks_cannot_be_changed(asked, name):
    assert asked(name, has_own_files=False) == EPERM


@pytest.mark.parametrize(("name", "index"), [("open", 1), ("openat", 2)])
def test_where_nothing_else_watches_it_opening_cuts_no_file(asked, name, index):
    before = [0] * index
    assert asked(name, *before, os.O_RDONLY | os.O_TRUNC, truncates=False) == EPERM
    assert asked(name, *before, os.O_RDONLY, truncates=False) == ALLOW
    assert asked(name, *before, os.O_RDONLY | os.O_TRUNC) == ALLOW


def test_the_kernel_takes_the_filter_and_keeps_to_it(printed):
    refusal, _ = seccomp.tried("never")
    if refusal is not None:
        pytest.skip(refusal)
    out = printed("""
        import os, threading
        from rlm_tui.repl.jail import rights, seccomp
        from rlm_tui.repl.jail.syscalls import this_machine
        rights.give_up_rights(become_nobody=False)
        code = seccomp.program(this_machine(), forks="never", has_own_files=True)
        print(seccomp.install(code, forks="never"))
        for action in (os.fork, os.setsid, lambda: os.execv("/bin/true", ["true"])):
            try:
                action()
            except PermissionError:
                print("refused")
        thread = threading.Thread(target=print, args=("a thread",))
        thread.start()
        thread.join()
    """)
    assert out.splitlines() == ["None", "refused", "refused", "refused", "a thread"]


@pytest.mark.skipif(this_machine() != "x86_64", reason="its 32-bit calls are another machine's")
def test_code_that_calls_as_another_machine_is_killed(somebody):
    with somebody.started(
        "-c",
        """
import ctypes, mmap
from rlm_tui.repl.jail import rights, seccomp
rights.give_up_rights(become_nobody=False)
memory = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
memory.write(bytes([0xB8, 20, 0, 0, 0, 0xCD, 0x80, 0xC3]))  # getpid by int 0x80
made = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(memory)))
if made() < 0:
    raise SystemExit(3)  # the kernel has no 32-bit calls
seccomp.install(seccomp.program("x86_64", forks="never", has_own_files=True), forks="never")
made()
""",
    ) as process:
        process.communicate()
    if process.returncode == 3:
        pytest.skip("this kernel has no 32-bit calls")
    assert process.returncode == -signal.SIGSYS


def test_an_unknown_machine_has_no_filter(monkeypatch):
    monkeypatch.setattr(seccomp, "this_machine", lambda: None)
    refusal, forks = seccomp.tried("asked")
    assert "are not known" in refusal
    assert forks == "never"


def test_an_older_kernel_cannot_let_a_call_go_on(monkeypatch):
    class Old:
        release = "5.4.0-generic"

    monkeypatch.setattr(seccomp.os, "uname", lambda: Old)
    assert not seccomp._can_let_go_on()
