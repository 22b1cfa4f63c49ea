from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rlm_tui import paths


@pytest.mark.parametrize(
    ("variable", "path", "named"),
    [
        ("RLM_TUI_CONFIG", paths.config_file, "/here/settings.toml"),
        ("RLM_TUI_SESSIONS", paths.sessions_dir, "/here/runs"),
    ],
    ids=["config", "sessions"],
)
def test_the_environment_names_another_place(monkeypatch, variable, path, named):
    monkeypatch.setenv(variable, named)
    assert path() == Path(named)
    for nothing in ("", None):
        if nothing is None:
            monkeypatch.delenv(variable)
        else:
            monkeypatch.setenv(variable, nothing)
        assert path() != Path(named)
        assert path().is_absolute()


@pytest.mark.skipif(sys.platform != "linux", reason="the folders of other systems are others")
def test_without_it_files_are_where_the_system_keeps_them(monkeypatch):
    for variable in ("RLM_TUI_CONFIG", "RLM_TUI_SESSIONS"):
        monkeypatch.delenv(variable)
    monkeypatch.setenv("XDG_CONFIG_HOME", "/c")
    monkeypatch.setenv("XDG_DATA_HOME", "/d")
    assert paths.config_file() == Path("/c/rlm-tui/config.toml")
    assert paths.sessions_dir() == Path("/d/rlm-tui/sessions")
    assert paths.documents_dir() == Path("/d/rlm-tui/documents")


def test_documents_lie_beside_the_sessions(monkeypatch):
    monkeypatch.setenv("RLM_TUI_SESSIONS", "/here/runs")
    assert paths.documents_dir() == Path("/here/documents")


def test_nothing_is_made_by_asking_for_a_path(tmp_path, monkeypatch):
    monkeypatch.setenv("RLM_TUI_SESSIONS", str(tmp_path / "s"))
    monkeypatch.setenv("RLM_TUI_CONFIG", str(tmp_path / "c" / "config.toml"))
    assert not paths.sessions_dir().exists()
    assert not paths.documents_dir().exists()
    assert not paths.config_file().parent.exists()


def test_the_themes_that_ship_are_found_in_a_checkout():
    assert list(paths.shipped("themes").glob("*.toml"))


def test_what_ships_inside_the_package_comes_before_what_lies_beside_it(tmp_path, monkeypatch):
    package = tmp_path / "rlm_tui"
    package.mkdir()
    (tmp_path / "themes").mkdir()
    monkeypatch.setattr(paths, "__file__", str(package / "paths.py"))
    assert paths.shipped("themes") == tmp_path / "themes"
    (package / "themes").mkdir()
    assert paths.shipped("themes") == package / "themes"


def test_a_named_place_is_found_without_importing_platformdirs():
    code = "import sys; from rlm_tui import paths; paths.sessions_dir(); paths.config_file()"
    code += "; sys.exit('platformdirs' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", code], env=dict(os.environ), check=False).returncode
        == 0
    )
