from __future__ import annotations

import io
import subprocess
import sys
from importlib.metadata import version

import pytest

from rlm_tui import __version__, doctor, paths
from rlm_tui.repl import interpreter
from rlm_tui.repl.host import Sandbox


def test_what_there_is_fits_a_screen_and_runs_are_possible():
    text, is_possible = doctor.report("auto")
    lines = text.splitlines()
    assert is_possible
    assert lines[-1].split() == ["runs", "possible"]
    assert len(lines) <= 22
    assert all(word in text for word in ("sandbox", "terminal", "versions", "folders"))
    assert f"rlm-tui {__version__}, Python {sys.version.split()[0]}" in text
    assert "textual 8" in text
    assert "litellm 1" in text
    assert str(paths.sessions_dir()) in text


async def test_the_layers_are_those_of_a_sandbox_as_runs_have_it():
    sandbox = await Sandbox.start([])
    await sandbox.close()
    rows, _ = await doctor._sandbox("auto", [])
    assert rows[0] == ("sandbox", f"{sandbox.layers} (--sandbox=auto)")


def test_a_layer_that_is_missing_is_told_with_its_reason():
    text, is_possible = doctor.report("auto", left_out=["ns"])
    assert is_possible
    assert "  - namespaces: it was left out\n" in text
    assert "  + landlock: " in text


def test_where_nothing_can_be_had_runs_are_not_possible():
    text, is_possible = doctor.report("auto", left_out=["seccomp"])
    assert not is_possible
    assert "none (--sandbox=auto)" in text
    assert "--sandbox=off" in text
    assert text.endswith("not possible; see the sandbox above\n")


def test_modes_are_told_apart():
    assert "whatever you may" in doctor.report("off")[0]
    assert "checkpoints: this mode allows no forks" in doctor.report("strict")[0]


def test_monty_is_a_layer_of_its_mode_alone():
    text, is_possible = doctor.report("monty")
    assert is_possible
    assert "sandbox     monty" in text
    assert "  + monty: an interpreter" in text
    assert "monty: an interpreter" not in doctor.report("auto")[0]


def test_monty_is_told_with_its_version_or_with_what_to_install(monkeypatch):
    assert f"monty       pydantic-monty {version('pydantic-monty')}" in doctor.report("off")[0]
    monkeypatch.setattr(interpreter, "PACKAGE", "no-such-package")
    monkeypatch.setattr(interpreter, "_CLIENT", "no-such-package")
    text, is_possible = doctor.report("monty")
    assert not is_possible
    assert text.count("pip install 'rlm-tui[monty]'") == 2


class Terminal(io.TextIOWrapper):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("environ", "encoding", "told"),
    [
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, "utf-8", ["16 million colours", "unicode"]),
        ({"TERM": "xterm-256color"}, "UTF8", ["TERM=xterm-256color, 256 colours"]),
        ({"TERM": "linux"}, "ascii", ["16 colours", "no unicode (ascii)"]),
        ({"TERM": "dumb"}, "utf-8", ["no colours"]),
        ({}, "utf-8", ["no colours"]),
        ({"TERM": "xterm", "NO_COLOR": "1"}, "utf-8", ["NO_COLOR is set"]),
    ],
)
def test_a_terminal_is_told_by_what_it_says_of_itself(environ, encoding, told):
    text = doctor.terminal(environ, Terminal(io.BytesIO(), encoding=encoding))
    assert all(part in text for part in told)


def test_a_pipe_is_no_terminal():
    assert doctor.terminal({"TERM": "xterm"}, io.StringIO()).startswith("none")


def test_a_package_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setattr(doctor, "_PACKAGES", ("textual", "surely-not-there"))
    assert doctor.versions()[1].endswith("surely-not-there is not installed")


def test_a_folder_that_cannot_be_written_is_marked(tmp_path, monkeypatch):
    assert doctor._remark(tmp_path) == ""
    assert doctor._remark(tmp_path / "new") == " (not there yet)"
    monkeypatch.setattr(doctor.os, "access", lambda *_: False)
    assert doctor._remark(tmp_path) == " (cannot be written)"


@pytest.mark.parametrize(
    ("arguments", "status"),
    [([], 0), (["--sandbox", "off"], 0), (["--sandbox", "strit"], 2), (["--help"], 0)],
)
def test_the_command_ends_with_a_status_for_scripts(arguments, status):
    done = subprocess.run(
        [sys.executable, "-m", "rlm_tui", "doctor", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stderr
    assert ("Did you mean strict" in done.stderr) == (status == 2)
    assert bool(done.stdout) == (status == 0)


def test_nothing_heavy_is_imported_to_tell_its_version():
    code = (
        "import sys; from rlm_tui import doctor; doctor.report('off');"
        "print({'litellm', 'textual', 'tiktoken'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
