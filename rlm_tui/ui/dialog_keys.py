"""The keys of the dialogs."""

from __future__ import annotations

from rlm_tui.ui.key import Key

_DIALOG = "Dialog"

DIALOG = (
    Key(
        "dialog.cancel",
        "escape",
        "cancel",
        "Cancel",
        "Close without doing anything",
        _DIALOG,
        in_footer=True,
    ),
)

CLOSE = (Key("dialog.close", "q", "cancel", "Close", "Close it", _DIALOG),)

EDITING = (
    Key("edit.run", "ctrl+s", "run_edited", "Run edited", "Take the text and go on", _DIALOG),
    Key("edit.keep", "f2", "keep", "Keep", "Take the text and stay paused", _DIALOG),
    Key("edit.original", "ctrl+o", "run_original", "Run original", "Go on unchanged", _DIALOG),
    Key("edit.outside", "f4", "outside", "$EDITOR", "Edit it in your own editor", _DIALOG),
)

CHOICE = (
    Key("choice.up", "up,k", "choose(-1)", "Up", "Choose the row above", _DIALOG),
    Key("choice.down", "down,j,space", "choose(1)", "Down", "Choose the row below", _DIALOG),
)
