from __future__ import annotations

import os
from pathlib import Path

from rlm_tui.repl.jail.rehearsal import rehearsed


def test_what_goes_well_changes_nothing_here(tmp_path):
    before = Path.cwd()
    assert rehearsed(lambda: os.chdir(tmp_path), str) is None
    assert Path.cwd() == before


def test_what_fails_is_explained():
    why = rehearsed(lambda: os.chdir("/there is no such folder"), lambda error: f"<{error.errno}>")
    assert why == "<2>"


def test_what_ends_its_process_has_failed():
    assert rehearsed(lambda: os._exit(0), str) == "a process that tried it came to an end"


def test_no_process_is_left_behind():
    children = {rehearsed(os.getpid, str) for _ in range(3)}
    assert children == {None}
    try:
        left = os.waitpid(-1, os.WNOHANG)[0]
    except ChildProcessError:
        left = 0
    assert left == 0
