from __future__ import annotations

from rlm_tui.ui.debug_keys import DEBUG, DEBUG_COMMANDS
from rlm_tui.ui.debugger import Debugger

ASKED = {
    key.action.removeprefix("debug('").removesuffix("')")
    for key in DEBUG
    if key.action.startswith("debug(")
}
VERBS = Debugger(None, lambda: None, print).verbs


def test_every_key_and_command_asks_for_something_the_debugger_does():
    assert ASKED | {verb for _, _, verb in DEBUG_COMMANDS} <= VERBS.keys()


def test_the_debugger_does_nothing_that_has_neither_key_nor_command():
    assert VERBS.keys() <= ASKED | {verb for _, _, verb in DEBUG_COMMANDS}
