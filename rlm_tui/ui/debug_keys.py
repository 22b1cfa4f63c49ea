"""The keys of the debugger: they act in every pane, live and in a recording."""

from __future__ import annotations

from rlm_tui.ui.key import Key

_STEP = "Step (live or recorded)"
_STOP = "Breakpoints"
_CHANGE = "Change what happens"
_LOOK = "Look"

DEBUG = (
    Key("step.into", "s,f11", "debug('into')", "Into", "Step to the next stop at any depth", _STEP),
    Key("step.over", "o,f10", "debug('over')", "Over", "Step, not into calls and children", _STEP),
    Key(
        "step.out", "f,shift+f11", "debug('out')", "Out", "Finish this block, call or child", _STEP
    ),
    Key("step.to", "T,ctrl+f10", "debug('run_to')", "Run to", "Run to the selected node", _STEP),
    Key(
        "run.continue", "c,f5", "debug('go_on')", "Continue", "Go on to the next breakpoint", _STEP
    ),
    Key(
        "run.pause",
        "p,f6",
        "debug('pause')",
        "Pause/Play",
        "Pause or resume the run; play or pause a recording",
        _STEP,
        in_footer=True,
    ),
    Key(
        "run.stop",
        "x,shift+f5",
        "debug('stop')",
        "Stop",
        "Stop the run; everything recorded is kept",
        _STEP,
    ),
    Key("look.caller", "u", "debug('caller')", "Caller", "Go to what called this", _STEP),
    Key(
        "break.toggle",
        "b,f9",
        "debug('toggle_breakpoint')",
        "Break",
        "Break at the selected node or line, or not any more",
        _STOP,
    ),
)
