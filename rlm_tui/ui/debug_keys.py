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
    Key("break.table", "B", "debug('breakpoints')", "Breakpoints", "All breakpoints", _STOP),
    Key(
        "run.command",
        "colon",
        "debug('command')",
        "Command",
        "Type a command: help lists them",
        _STEP,
    ),
    Key(
        "look.find",
        "ctrl+f",
        "debug('find')",
        "Find",
        "Find in code, prompts, answers, output, variables",
        _LOOK,
    ),
    Key(
        "time.problem_back",
        "left_curly_bracket,shift+f8",
        "debug('problem_back')",
        "Problem before",
        "Back to the problem before: error, limit, breakpoint",
        _STEP,
    ),
    Key(
        "time.problem",
        "right_curly_bracket,f8",
        "debug('problem')",
        "Next problem",
        "Forward to the next problem",
        _STEP,
    ),
    Key("look.diff", "d", "tab('diff')", "Diff", "What is different from the step before", _LOOK),
    Key("watch.add", "w", "debug('watch')", "Watch", "Watch an expression, or no more", _LOOK),
    Key(
        "change.set",
        "equals_sign,exclamation_mark",
        "debug('statement')",
        "Set",
        "Run a statement in the REPL: hits = hits[:10]",
        _CHANGE,
    ),
    Key(
        "change.edit",
        "e",
        "debug('edit')",
        "Edit",
        "Edit the code or prompt that is next",
        _CHANGE,
    ),
    Key(
        "change.answer",
        "a",
        "debug('answer')",
        "Answer",
        "Give this call's answer, or judge the run's",
        _CHANGE,
    ),
    Key(
        "change.retry",
        "R",
        "debug('retry')",
        "Again",
        "Make this call again, or with another model",
        _CHANGE,
    ),
    Key("change.what_if", "W", "app.what_if", "What if", "Go on otherwise from here", _CHANGE),
)

DEBUG_COMMANDS = (
    ("Change: Raise a limit", "Let the run go on beyond a limit: cost=2 calls=400", "raise_limit"),
    ("Change: Skip this code block", "Do not run it; the model is told", "skip"),
)
"""What has no key: title, sentence and verb for the command palette."""
