from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rlm_tui.errors import UsageError
from rlm_tui.repl import interpreter

ROOT = Path(__file__).parents[2]

WITHOUT_IT = """
import sys
from rlm_tui.repl.interpreter import located, version
from rlm_tui.errors import UsageError
try:
    located()
except UsageError as error:
    print(version(), error)
"""


def test_the_package_and_its_program_are_found():
    found = interpreter.located()
    assert (Path(found.folder) / "pydantic_monty").is_dir()
    assert os.access(found.program, os.X_OK)
    assert interpreter.version() is not None


@pytest.fixture(scope="session")
def without_monty(tmp_path_factory) -> dict[str, str]:
    """An import path that has all that is installed here but Monty."""
    folder = tmp_path_factory.mktemp("without")
    for site in {Path(entry) for entry in sys.path if entry.endswith("site-packages")}:
        for path in site.iterdir():
            if "monty" not in path.name and path.suffix != ".pth":
                (folder / path.name).symlink_to(path)
    return {"PYTHONPATH": f"{ROOT}{os.pathsep}{folder}", "PATH": os.environ["PATH"]}


def run_without(environment, *arguments):
    return subprocess.run(
        [sys.executable, "-S", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_without_the_package_the_sentence_says_what_to_install(without_monty):
    done = run_without(without_monty, "-c", WITHOUT_IT)
    assert done.stdout == (
        "None Monty is not installed; try: pip install 'rlm-tui[monty]' (for --sandbox=monty)\n"
    ), done.stderr


@pytest.mark.parametrize(
    ("command", "status"),
    [
        (["ask", "{document}", "-q", "what?", "--model", "offline", "--no-save"], 2),
        (["doctor"], 1),
    ],
)
def test_the_command_line_says_so_too(without_monty, tmp_path, command, status):
    document = tmp_path / "document.txt"
    document.write_text("some text\n" * 10, encoding="utf-8")
    words = [word.format(document=document) for word in command]
    environment = without_monty | {"HOME": str(tmp_path)}
    done = run_without(environment, "-m", "rlm_tui", *words, "--sandbox=monty")
    assert done.returncode == status
    assert "pip install 'rlm-tui[monty]'" in done.stdout + done.stderr


def test_half_an_installation_is_none(monkeypatch):
    monkeypatch.setattr(interpreter, "_RUNTIME", "no-such-distribution")
    with pytest.raises(UsageError, match="not installed"):
        interpreter.located()
