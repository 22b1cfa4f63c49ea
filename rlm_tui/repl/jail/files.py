"""The files that model code may see: the standard library, shared libraries, time zones.

In a mount namespace nothing else exists; elsewhere landlock lets nothing else be read.
"""

from __future__ import annotations

import os
import stat
import struct
import sys
from pathlib import Path

from rlm_tui.repl.jail.kernel import call

READABLE_FILES = ("/dev/urandom", "/etc/ld.so.cache")
WRITABLE_FILES = ("/dev/null",)
PRIVATE = "/tmp"  # noqa: S108 - a file system of its own
"""The only folder that can be written to, and only where there is a mount namespace."""

PRIVATE_BYTES = 64 << 20
_PRIVATE_FILES = 4096

_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 1, 2, 4, 8
_MS_REMOUNT, _MS_BIND, _MS_REC = 32, 4096, 16384
_MNT_DETACH = 2
_KEPT = {
    os.ST_RDONLY: _MS_RDONLY,
    os.ST_NOEXEC: _MS_NOEXEC,
    os.ST_NOATIME: 1 << 10,
    os.ST_NODIRATIME: 1 << 11,
    os.ST_RELATIME: 1 << 21,
}
"""Flags that may not be taken from a mount in a user namespace, and what `mount` calls them."""

_OF_OTHERS = stat.S_IROTH | stat.S_IXOTH

_PT_INTERP = 3

_LIBRARIES = ("/lib64", "/usr/lib64", "/nix/store")
_ZONES = "/usr/share/zoneinfo"


def readable_folders() -> list[str]:
    """Where Python imports from and the loader finds libraries; none lies within another."""
    multiarch = getattr(sys.implementation, "_multiarch", "")  # sysconfig takes 5 ms to say it
    wanted = {
        os.path.dirname(os.__file__),  # noqa: PTH120 - a str is wanted
        *(path for path in sys.path if Path(path).is_relative_to(sys.base_prefix)),
        *_LIBRARIES,
        *_folders_of_loaded_libraries(),
        _ZONES,
    }
    if multiarch:
        wanted |= {f"/lib/{multiarch}", f"/usr/lib/{multiarch}"}
    kept: list[str] = []
    for folder in sorted(filter(os.path.isdir, wanted)):
        if not any(f"{folder}/".startswith(f"{outer}/") for outer in kept):
            kept.append(folder)
    return kept


def _folders_of_loaded_libraries() -> set[str]:
    with open("/proc/self/maps", encoding="utf-8", errors="surrogateescape") as maps:  # noqa: PTH123 - as quick as can be
        loaded = {line[line.index("/") :].rstrip("\n") for line in maps if "/" in line}
    return {os.path.dirname(path) for path in loaded if ".so" in os.path.basename(path)}  # noqa: PTH119, PTH120


def leave_all_others(folders: list[str], program: str = "") -> None:
    """Make the readable folders and a private `/tmp` all there is. Needs a mount namespace.

    Args:
        folders: what is to be seen.
        program: a file that is to be seen as well, to be started.

    Raises OSError.
    """
    stage = folders[0]  # any folder will do to put a new root on; it is uncovered again
    hard = _MS_NOSUID | _MS_NODEV
    call("mount", b"repl", stage.encode(), b"tmpfs", hard, b"size=1m,mode=755")
    os.mkdir(f"{stage}/.old")  # noqa: PTH102
    call("pivot_root", stage.encode(), f"{stage}/.old".encode())
    os.chdir("/")
    os.makedirs(PRIVATE, exist_ok=True)  # noqa: PTH103
    options = f"size={PRIVATE_BYTES},nr_inodes={_PRIVATE_FILES},mode=1777"
    call("mount", b"tmp", PRIVATE.encode(), b"tmpfs", hard | _MS_NOEXEC, options.encode())
    for folder in folders:
        os.makedirs(folder, exist_ok=True)  # noqa: PTH103
        _show(folder, _MS_RDONLY | hard)
    files: dict[str, int] = dict.fromkeys((*READABLE_FILES, *WRITABLE_FILES), _MS_NOSUID)
    if program and not any(program.startswith(f"{folder}/") for folder in folders):
        files[program] = _MS_RDONLY | hard
    for file, flags in files.items():
        if os.path.exists(f"/.old{file}"):  # noqa: PTH110
            os.makedirs(os.path.dirname(file), exist_ok=True)  # noqa: PTH103, PTH120
            Path(file).touch()
            _show(file, flags)
    call("umount2", b"/.old", _MNT_DETACH)
    os.rmdir("/.old")  # noqa: PTH106
    call("mount", b"repl", b"/", None, _MS_REMOUNT | _MS_BIND | _MS_RDONLY | hard, None)


def _show(path: str, flags: int) -> None:
    """Let a path of the old root be seen under the same name."""
    call("mount", f"/.old{path}".encode(), path.encode(), None, _MS_BIND | _MS_REC, None)
    now = os.statvfs(path).f_flag
    kept = sum(flag for mark, flag in _KEPT.items() if now & mark)
    call("mount", None, path.encode(), None, _MS_REMOUNT | _MS_BIND | flags | kept, None)


def can_be_read_by_all(folders: list[str]) -> bool:
    """Whether another user can reach these folders."""
    paths = {Path(folder).resolve() for folder in folders}
    paths |= {above for path in paths for above in path.parents}
    return all(path.stat().st_mode & _OF_OTHERS == _OF_OTHERS for path in paths)


def loader_of(program: str) -> str:
    """The dynamic loader that a program names (ELF, `PT_INTERP`); empty when it names none.

    Raises OSError.
    """
    with open(program, "rb") as file:  # noqa: PTH123 - as quick as can be
        head = file.read(64)
        if head[:5] != b"\x7fELF\x02":
            return ""
        (table,) = struct.unpack_from("=Q", head, 32)
        size, count = struct.unpack_from("=HH", head, 54)
        file.seek(table)
        entries = file.read(size * count)
        for at in range(0, len(entries), size):
            kind, _, offset, _, _, length = struct.unpack_from("=IIQQQQ", entries, at)
            if kind == _PT_INTERP:
                file.seek(offset)
                return file.read(length).rstrip(b"\0").decode()
    return ""
