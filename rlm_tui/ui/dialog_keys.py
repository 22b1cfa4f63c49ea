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

ANSWERING = (
    Key("answer.use", "ctrl+s", "use", "Use it", "Answer, or fail, the call", _DIALOG),
    Key("answer.ask", "ctrl+o", "ask_model", "Ask the model", "Make the call", _DIALOG),
)

JUDGING = (Key("judge.use", "ctrl+s", "use", "Do it", "Take or reject the answer", _DIALOG),)

BREAKPOINTS = (
    Key("breaks.up", "up,k", "row(-1)", "Up", "The breakpoint above", _DIALOG),
    Key("breaks.last", "u", "remembered", "The last run's", "Set those of the last run", _DIALOG),
    Key("breaks.down", "down,j", "row(1)", "Down", "The breakpoint below", _DIALOG),
    Key("breaks.new", "n", "new", "New", "Set one more", _DIALOG),
    Key("breaks.toggle", "space", "change('toggle')", "On/off", "Turn it on or off", _DIALOG),
    Key("breaks.edit", "enter,c", "edit", "Edit", "Give it other words", _DIALOG),
    Key("breaks.then", "t", "change('then')", "Then", "Pause, only log, or ask there", _DIALOG),
    Key("breaks.once", "o", "change('once')", "Once", "Off after its first hit, or not", _DIALOG),
    Key("breaks.remove", "delete,d", "change('remove')", "Remove", "Remove it", _DIALOG),
)

BRANCHING = (
    Key("branch.begin", "enter", "begin", "Begin paused", "Begin, held where it begins", _DIALOG),
    Key("branch.run", "ctrl+r", "begin_running", "Begin", "Begin without a stop", _DIALOG),
)
