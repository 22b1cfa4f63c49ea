"""Runs a few lines in a process of their own, as root and as an ordinary user."""

from __future__ import annotations

import textwrap

import pytest

from tests.repl.users import USERS, Somebody


@pytest.fixture(params=USERS)
def somebody(request, tmp_path) -> Somebody:
    return Somebody(request.param, tmp_path)


@pytest.fixture
def printed(somebody):
    """What lines of Python print that must end well."""

    def run(code: str) -> str:
        return somebody.run("-c", textwrap.dedent(code))

    return run
