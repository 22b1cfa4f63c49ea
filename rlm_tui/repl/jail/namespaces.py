"""Namespaces: a world with no other processes, no network and, once `files` has built it, no files.

As root they are had for the asking; anybody else gets them through a user namespace, where the
system allows one (default Docker and recent Ubuntu do not).
"""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from rlm_tui.repl.jail.kernel import PR_SET_PDEATHSIG, call, prctl
from rlm_tui.repl.jail.rehearsal import rehearsed

_CLONE_NEWNS = 0x00020000
_CLONE_NEWUTS = 0x04000000
_CLONE_NEWIPC = 0x08000000
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWPID = 0x20000000
_CLONE_NEWNET = 0x40000000
_WORLD = _CLONE_NEWNS | _CLONE_NEWUTS | _CLONE_NEWIPC | _CLONE_NEWPID | _CLONE_NEWNET

_MS_REC = 0x4000
_MS_PRIVATE = 1 << 18

_HOST_NAME = b"repl"


def enter(build: Callable[[], None]) -> str | None:
    """Go on as the first process of new namespaces, while the process that was waits for it.

    Args:
        build: what will be done there later, and is tried out here, too.

    Returns why not, when the system refuses; then nothing has changed.
    """

    def separate_and_build() -> None:
        _separate()
        build()

    refusal = rehearsed(separate_and_build, lambda error: f"{error.strerror}{_remedy(error)}")
    if refusal is not None:
        return refusal
    _separate()
    if first := os.fork():
        _wait_for(first)
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    return None


def _separate() -> None:
    """Leave the namespaces of the others; the next child will be process 1 of the new ones."""
    user, group = os.geteuid(), os.getegid()
    try:
        if user != 0:
            raise PermissionError
        call("unshare", _WORLD)
    except PermissionError:  # also root without CAP_SYS_ADMIN, as in a container
        call("unshare", _WORLD | _CLONE_NEWUSER)
        _write("setgroups", "deny")
        _write("uid_map", f"{user} {user} 1")
        _write("gid_map", f"{group} {group} 1")
    call("mount", b"none", b"/", None, _MS_REC | _MS_PRIVATE, None)
    call("sethostname", _HOST_NAME, len(_HOST_NAME))


def _write(name: str, text: str) -> None:
    try:
        Path("/proc/self", name).write_text(text, encoding="ascii")
    except OSError as error:
        raise OSError(error.errno, f"{name}: {error.strerror}") from error


def _remedy(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return "; sysctl user.max_user_namespaces is too low"
    if _sysctl("unprivileged_userns_clone") == "0":
        return "; allow it with sysctl kernel.unprivileged_userns_clone=1"
    if _sysctl("apparmor_restrict_unprivileged_userns") == "1":
        return "; allow it with sysctl kernel.apparmor_restrict_unprivileged_userns=0"
    if error.errno in {errno.EPERM, errno.EACCES}:
        return "; a container can be started with --security-opt seccomp=unconfined"
    return ""


def _sysctl(name: str) -> str | None:
    try:
        return Path("/proc/sys/kernel", name).read_text(encoding="ascii").strip()
    except OSError:
        return None


def _wait_for(first: int) -> NoReturn:
    """Keep the engine's child alive as long as the process that does the work, and end like it."""
    os.closerange(3, 256)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _, status = os.waitpid(first, 0)
    os._exit(max(os.waitstatus_to_exitcode(status), 0) or int(status != 0))
