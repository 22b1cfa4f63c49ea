from __future__ import annotations

import re
from pathlib import Path

import pytest

from rlm_tui.repl.jail import syscalls
from rlm_tui.repl.jail.syscalls import (
    AUDIT_ARCH,
    FILE_MARKS,
    FREE,
    LAST,
    OURS,
    WEIGHED,
    number_of,
    this_machine,
)

TABLES = (FREE, WEIGHED, FILE_MARKS, OURS)
NAMES = [name for table in TABLES for name in table]
HEADERS = {
    "x86_64": ("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "/usr/include/asm/unistd_64.h"),
    "aarch64": ("/usr/include/asm-generic/unistd.h",),
}
NEVER = [
    *("execve", "execveat", "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_open"),
    *("socket", "connect", "bind", "listen", "accept", "accept4", "setsockopt", "sendmmsg"),
    *("vfork", "setns", "setsid", "setpgid", "setuid", "setresuid", "setgroups", "chroot"),
    *("bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "keyctl", "add_key"),
    *("memfd_create", "memfd_secret", "shmget", "msgget", "mq_open", "personality", "setrlimit"),
    *("mknod", "mknodat", "open_by_handle_at", "open_tree", "fsopen", "move_mount", "swapon"),
    *("rt_sigqueueinfo", "rt_tgsigqueueinfo", "tkill", "pidfd_send_signal", "pidfd_getfd"),
    *("init_module", "kexec_load", "reboot", "inotify_init1", "fanotify_init", "modify_ldt"),
]


def test_no_call_stands_in_two_tables():
    assert len(NAMES) == len(set(NAMES))


@pytest.mark.parametrize("machine", AUDIT_ARCH)
def test_numbers_are_of_one_call_each_and_in_range(machine):
    numbers = [number for name in NAMES if (number := number_of(name, machine)) is not None]
    assert len(numbers) == len(set(numbers)) > 130
    assert all(0 <= number <= LAST for number in numbers)


@pytest.mark.parametrize("machine", AUDIT_ARCH)
def test_numbers_are_those_of_the_kernels_headers(machine):
    header = next((path for path in map(Path, HEADERS[machine]) if path.exists()), None)
    if header is None:
        pytest.skip("the kernel's headers are not installed")
    text = header.read_text(encoding="utf-8")
    defined = {
        name: int(number)
        for name, number in re.findall(r"#define\s+__NR(?:3264)?_(\w+)\s+(\d+)\b", text)
    }
    defined |= {"newfstatat": defined.get("newfstatat", defined.get("fstatat"))}
    ours = {name: number_of(name, machine) for name in NAMES}
    assert {name: number for name, number in ours.items() if number is not None} == {
        name: defined[name] for name, number in ours.items() if number is not None
    }


@pytest.mark.parametrize("name", NEVER)
def test_what_leads_out_is_not_free(name):
    assert name not in FREE | WEIGHED | FILE_MARKS


def test_what_builds_the_jail_cannot_be_used_in_it():
    assert not OURS.keys() & (FREE | WEIGHED | FILE_MARKS).keys()
    assert {"mount", "umount2", "pivot_root", "unshare", "capset"} <= OURS.keys()


def test_a_call_that_one_machine_lacks_has_no_number_there():
    assert number_of("open", "x86_64") == 2
    assert number_of("open", "aarch64") is None


def test_a_machine_that_is_not_in_the_tables_is_none(monkeypatch):
    assert this_machine() in {*AUDIT_ARCH, None}
    monkeypatch.setattr(syscalls.sys, "platform", "darwin")
    assert this_machine() is None
