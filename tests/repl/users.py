"""Runs Python programs of this project as root and as an ordinary user."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOBODY = 65534
USERS = ("root", "user")


def _is_open_to_all(path: Path) -> bool:
    return all(above.stat().st_mode & 0o001 for above in [path, *path.resolve().parents])


def _interpreters() -> Iterable[Path]:
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    yield Path(sys.executable).resolve()
    yield from (Path(folder) / name for folder in ("/usr/bin", "/usr/local/bin"))


def _become_nobody() -> None:
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)


class Somebody:
    """A user, and how Python is started as that user."""

    def __init__(self, user: str, folder: Path) -> None:
        """Be `root` or `user`; a copy of the project goes to `folder` where it is needed.

        Skips the test where that user cannot be had.
        """
        is_root = os.getuid() == 0
        if user == "root" and not is_root:
            pytest.skip("the tests do not run as root")
        self.preexec: Callable[[], None] | None = None
        self.python = sys.executable
        self.uid = os.getuid()
        packages = Path(sysconfig.get_path("purelib"))
        project = ROOT
        if user == "user" and is_root:
            reachable = [
                path for path in _interpreters() if path.exists() and _is_open_to_all(path)
            ]
            if not reachable:
                pytest.skip("an ordinary user can reach no interpreter of this version")
            self.python, self.uid, self.preexec = str(reachable[0]), NOBODY, _become_nobody
            if not _is_open_to_all(ROOT):
                project = folder / "project"
                for part in ("rlm_tui", "tests"):
                    shutil.copytree(ROOT / part, project / part)
            if not _is_open_to_all(packages):
                for package in ("msgspec", "platformdirs"):
                    shutil.copytree(packages / package, project / package)
                packages = project
        self.environ = {
            "PYTHONPATH": f"{project}{os.pathsep}{packages}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PATH": os.defpath,
        }

    def started(self, *arguments: str, **environ: str) -> subprocess.Popen[str]:
        """A Python program, with a pipe for what it writes to stdout."""
        return subprocess.Popen(
            [self.python, *arguments],
            env=self.environ | environ,
            cwd="/",
            preexec_fn=self.preexec,  # noqa: PLW1509 - the tests have one thread
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, **environ: str) -> str:
        """What a Python program that must not fail writes to stdout."""
        with self.started(*arguments, **environ) as process:
            out, _ = process.communicate()
        assert process.returncode == 0, arguments
        return out
