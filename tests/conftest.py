"""What every test stands on: folders of its own, no keys, no colours or themes from outside."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# The same examples in each run: what passes here passes elsewhere. `make check` tries new ones.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("exploring", deadline=None, print_blob=True)
settings.load_profile("steady")

# Textual reads these when it is imported.
os.environ["TEXTUAL_ANIMATIONS"] = "none"
for variable in ("NO_COLOR", "TEXTUAL_THEME", "COLORTERM"):
    os.environ.pop(variable, None)


@pytest.fixture(autouse=True)
def own_surroundings(tmp_path_factory, monkeypatch):
    """Keep a test away from the user's sessions, settings and keys."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("RLM_TUI_SESSIONS", str(home / "sessions"))
    monkeypatch.setenv("RLM_TUI_CONFIG", str(home / "config.toml"))
    for variable in list(os.environ):
        if variable.endswith("_API_KEY") or variable == "RLM_TUI_MODEL":
            monkeypatch.delenv(variable)
