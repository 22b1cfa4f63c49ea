from __future__ import annotations

import pytest

from rlm_tui import __version__
from rlm_tui.cli_help import HELP


@pytest.mark.parametrize("command", HELP)
def test_each_help_fits_a_screen_and_ends_with_two_examples(command):
    lines = HELP[command].splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 88
    assert "xamples:" in lines[-3]
    assert all(line.startswith("  ") and "rlm-tui " in line for line in lines[-2:])


def test_the_first_line_names_the_command_and_says_what_it_does():
    for command, text in HELP.items():
        assert text.startswith(f"rlm-tui {command}".strip())
        assert ": " in text.splitlines()[0]
    assert __version__ in HELP[""].splitlines()[0]


def test_the_debugger_is_told_with_ask():
    assert "--debug " in HELP["ask"]
    assert "--break SPEC" in HELP["ask"]
