"""Every key of the app, in one table. Ids let a user's file rebind them.

Printable keys act in every pane except while typing. `enter` and `space` belong to the panes.
"""

from __future__ import annotations

from collections.abc import Iterable

from textual.binding import Binding

from rlm_tui.ui.debug_keys import DEBUG, DEBUG_COMMANDS
from rlm_tui.ui.dialog_keys import (
    ANSWERING,
    BRANCHING,
    BREAKPOINTS,
    CHOICE,
    CLOSE,
    DIALOG,
    EDITING,
    JUDGING,
)
from rlm_tui.ui.key import Key

__all__ = ["DEBUG_COMMANDS", "Key", "bindings", "shown_keys"]

_MOVE = "Move in the pane"
_PANES = "Panes"
_RUN = "Run"
_TIME = "Time"
_LOOK = "Look"
_APP = "App"

APP = (
    Key(
        "app.help",
        "question_mark,f1",
        "help",
        "Help",
        "Keys of the focused pane, and all others",
        _APP,
        in_footer=True,
    ),
    Key("app.palette", "ctrl+p", "command_palette", "Palette", "Command palette", _APP),
    Key("app.quit", "ctrl+q", "request_quit", "Quit", "Quit; asks while a run is live", _APP),
    Key("app.redraw", "ctrl+l", "redraw", "Redraw", "Draw the screen anew", _APP),
)

WORKSPACE = (
    Key(
        "run.ask", "ctrl+n", "app.ask", "Ask", "New question on this document", _RUN, in_footer=True
    ),
    Key(
        "time.back",
        "comma,alt+left",
        "event(-1)",
        "Back",
        "Back one event; free, never calls a model",
        _TIME,
        in_footer=True,
    ),
    Key(
        "time.forward",
        "full_stop,alt+right",
        "event(1)",
        "Forward",
        "Forward one event",
        _TIME,
        in_footer=True,
    ),
    Key(
        "time.previous",
        "left_square_bracket,alt+up",
        "iteration(-1)",
        "Previous it",
        "Back to before an iteration's request",
        _TIME,
    ),
    Key(
        "time.next",
        "right_square_bracket,alt+down",
        "iteration(1)",
        "Next it",
        "Forward to before the next iteration's request",
        _TIME,
    ),
    Key("time.slower", "less_than_sign", "speed(-1)", "Slower", "Play slower", _TIME),
    Key("time.faster", "greater_than_sign", "speed(1)", "Faster", "Play faster", _TIME),
    Key("time.follow", "F,ctrl+t", "follow", "Follow", "Follow the run as it happens", _TIME),
    Key(
        "look.prompt",
        "i",
        "tab('prompt')",
        "Prompt",
        "Inspector: the prompt as sent; again, the code",
        _LOOK,
        in_footer=True,
    ),
    Key(
        "look.reply",
        "r",
        "tab('answer')",
        "Answer",
        "Inspector: the reply; again, the code",
        _LOOK,
        in_footer=True,
    ),
    Key(
        "look.variables",
        "v",
        "tab('variables')",
        "Vars",
        "Inspector: the variables then; again, the code",
        _LOOK,
    ),
    Key("look.answer", "A", "final_answer", "Final answer", "The run's final answer", _LOOK),
    Key(
        "look.locate",
        "L,f12",
        "app.provenance('locate')",
        "Locate",
        "What this saw of the document; again, its next place",
        _LOOK,
    ),
    Key(
        "look.coverage",
        "C",
        "app.provenance('coverage')",
        "Colours",
        "Mark what was read of the document, and by what",
        _LOOK,
    ),
    Key("pane.document", "1", "pane('document')", "Document", "Focus the document", _PANES),
    Key("pane.tree", "2", "pane('tree')", "Run tree", "Focus the run tree", _PANES),
    Key("pane.console", "3", "pane('console')", "Console", "Focus the console", _PANES),
    Key("pane.inspector", "4", "pane('inspector')", "Inspector", "Focus the inspector", _PANES),
    Key("pane.timeline", "5", "pane('timeline')", "Timeline", "Focus the timeline", _PANES),
    Key("pane.next", "tab", "next_pane(1)", "Next pane", "Focus the next pane", _PANES),
    Key(
        "pane.previous",
        "shift+tab",
        "next_pane(-1)",
        "Previous pane",
        "Focus the previous pane",
        _PANES,
    ),
    Key(
        "pane.zoom", "z", "zoom", "Zoom", "Give the focused pane the whole screen, and back", _PANES
    ),
    Key("app.open", "ctrl+o", "app.open_path", "Open", "Open a document or a saved session", _APP),
    Key(
        "app.close",
        "q",
        "app.leave",
        "Close",
        "Leave the zoom, or this screen",
        _APP,
        in_footer=True,
    ),
)

TEXT = (
    Key("text.up", "up,k", "row(-1)", "Up", "One row up", _MOVE),
    Key("text.down", "down,j", "row(1)", "Down", "One row down", _MOVE),
    Key("text.page_up", "pageup,backspace", "page(-1)", "Page up", "One page up", _MOVE),
    Key("text.page_down", "pagedown,space", "page(1)", "Page down", "One page down", _MOVE),
    Key("text.half_up", "ctrl+u", "page(-0.5)", "Half page up", "Half a page up", _MOVE),
    Key("text.half_down", "ctrl+d", "page(0.5)", "Half page down", "Half a page down", _MOVE),
    Key("text.top", "g,home", "edge('top')", "Top", "To the beginning", _MOVE),
    Key("text.bottom", "G,end", "edge('bottom')", "Bottom", "To the end", _MOVE),
    Key("text.left", "left,h", "column(-8)", "Left", "Sideways to the left", _MOVE),
    Key("text.right", "right,l", "column(8)", "Right", "Sideways to the right", _MOVE),
)

DOCUMENT = (
    Key("doc.find", "slash", "screen.type('find')", "Find", "Find; a regex if it is one", _LOOK),
    Key("doc.next", "n,f3", "hit(1)", "Next hit", "The next hit", _LOOK),
    Key("doc.previous", "N,shift+f3", "hit(-1)", "Previous hit", "The hit before", _LOOK),
    Key("doc.filter", "ampersand", "screen.type('filter')", "Filter", "Only lines with …", _LOOK),
    Key("doc.choose", "V,shift+down", "choose(1)", "Choose", "Choose a line, then more", _LOOK),
    Key("doc.unchoose", "shift+up", "choose(-1)", "Choose back", "One line less, or above", _LOOK),
    Key("doc.clear", "escape", "clear", "Clear", "Forget choice, search, then filter", _LOOK),
    Key("doc.who", "enter", "app.provenance('who')", "Who saw it", "Who saw this line", _LOOK),
    Key("doc.wrap", "backslash", "wrap", "Wrap", "Wrap long lines, or not", _LOOK),
    Key("doc.pretty", "P", "pretty", "Unfold", "Unfold lines of JSON, or fold them", _LOOK),
    Key("doc.repair", "M", "repair", "Repair", "Show what was decoded twice repaired", _LOOK),
    Key("doc.reload", "ctrl+r", "screen.reload", "Reload", "Open the document anew", _LOOK),
    Key("doc.other", "J", "screen.document(1)", "Next document", "The next document", _PANES),
    Key("doc.back", "K", "screen.document(-1)", "Previous", "The previous document", _PANES),
)

TREE = (
    Key("tree.up", "up,k", "row(-1)", "Up", "One row up", _MOVE),
    Key("tree.down", "down,j", "row(1)", "Down", "One row down", _MOVE),
    Key("tree.page_up", "pageup,backspace", "page(-1)", "Page up", "One page up", _MOVE),
    Key("tree.page_down", "pagedown", "page(1)", "Page down", "One page down", _MOVE),
    Key("tree.half_up", "ctrl+u", "page(-0.5)", "Half page up", "Half a page up", _MOVE),
    Key("tree.half_down", "ctrl+d", "page(0.5)", "Half page down", "Half a page down", _MOVE),
    Key("tree.top", "g,home", "edge('top')", "Top", "To the first row", _MOVE),
    Key("tree.bottom", "G,end", "edge('bottom')", "Bottom", "To the last row", _MOVE),
    Key(
        "tree.collapse", "left,h", "column(-1)", "Collapse", "Collapse, or go to the parent", _MOVE
    ),
    Key("tree.expand", "right,l", "column(1)", "Expand", "Expand, or go to the first child", _MOVE),
    Key("tree.toggle", "space", "fold", "Fold", "Collapse or expand", _MOVE),
    Key("tree.open", "enter", "open", "Inspect", "Open in the inspector", _MOVE),
    Key("tree.expand_all", "plus", "fold_all(1)", "Expand all", "Expand everything", _MOVE),
    Key("tree.collapse_all", "minus", "fold_all(-1)", "Collapse all", "Collapse everything", _MOVE),
)

TIMELINE = (
    Key("timeline.back", "left,h", "screen.event(-1)", "Back", "Back one event", _MOVE),
    Key("timeline.forward", "right,l", "screen.event(1)", "Forward", "Forward one event", _MOVE),
    Key(
        "timeline.back_ten", "shift+left", "screen.event(-10)", "Back ten", "Back ten events", _MOVE
    ),
    Key(
        "timeline.forward_ten",
        "shift+right",
        "screen.event(10)",
        "Forward ten",
        "Forward ten events",
        _MOVE,
    ),
    Key("timeline.start", "home,g", "screen.jump(0)", "Start", "To the start of the run", _MOVE),
    Key("timeline.end", "end,G", "screen.jump(-1)", "End", "To the end of the run", _MOVE),
    Key("timeline.play", "space", "screen.debug('pause')", "Play", "Play or pause", _MOVE),
)

START = (
    Key(
        "start.demo",
        "d",
        "app.demo",
        "Demo",
        "Run the demo: no key, no network",
        _RUN,
        in_footer=True,
    ),
    Key(
        "start.tutorial",
        "t",
        "app.tutorial",
        "Learn",
        "Learn the debugger in five minutes, without a key",
        _RUN,
        in_footer=True,
    ),
    Key(
        "start.open",
        "o,ctrl+o",
        "app.open_path",
        "Open",
        "Open a document or a saved session",
        _APP,
        in_footer=True,
    ),
    Key("start.quit", "q", "app.leave", "Quit", "Quit", _APP, in_footer=True),
)

TABLES: dict[str, tuple[Key, ...]] = {
    "app": APP,
    "debug": DEBUG,
    "workspace": WORKSPACE,
    "text": TEXT,
    "document": DOCUMENT,
    "tree": TREE,
    "timeline": TIMELINE,
    "start": START,
    "dialog": DIALOG,
    "close": CLOSE,
    "editing": EDITING,
    "answering": ANSWERING,
    "judging": JUDGING,
    "branching": BRANCHING,
    "breakpoints": BREAKPOINTS,
    "choice": CHOICE,
}
"""By where they act."""


def bindings(keys: Iterable[Key]) -> list[Binding]:
    """The keys as Textual wants them."""
    return [
        Binding(
            key.keys,
            key.action,
            key.label,
            show=key.in_footer,
            tooltip=key.tooltip,
            id=key.id,
            key_display=SIGNS.get(key.keys.partition(",")[0]),
        )
        for key in keys
    ]


SIGNS = {
    "question_mark": "?",
    "comma": ",",
    "full_stop": ".",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "plus": "+",
    "minus": "-",
    "slash": "/",
    "ampersand": "&",
    "colon": ":",
    "backslash": "\\",
    "equals_sign": "=",
    "exclamation_mark": "!",
}


def shown_key(name: str) -> str:
    """A key for people: `,`, `alt+left`."""
    return SIGNS.get(name, name)


def shown_keys(key: Key) -> str:
    """The keys of an action for people: `, alt+left`."""
    return "  ".join(map(shown_key, key.keys.split(",")))
