"""A word of the debugger, as a value; `debug_words` reads it from what was typed.

A word that is a command of the `Source` seam is that command; the others are asked of whoever shows
the run.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

from rlm_tui.breakpoint import Action
from rlm_tui.source import (
    Answer,
    Cancel,
    Edit,
    Fail,
    Pause,
    RaiseLimit,
    Reject,
    Resume,
    Retry,
    RunTo,
    Skip,
    Step,
    Told,
)

Topic = Literal["variables", "breakpoints", "limits", "prompt", "display", "checkpoints"]

Place = Literal["line", "percent", "iteration", "call", "event"]

Where = Literal["code", "prompt", "output", "answer", "variable", ""]


class Word(Struct, frozen=True, tag_field="type"):
    """Something that whoever shows the run does."""


class Repeat(Word, frozen=True, tag="repeat"):
    """The last step again."""


class Until(Word, frozen=True, tag="until"):
    """Go on until a breakpoint of this spec would hit, once; `""`: until a later line."""

    spec: str = ""


class Frames(Word, frozen=True, tag="frames"):
    """Look at the caller (-1) or at what it called (1)."""

    by: int


class WhereAmI(Word, frozen=True, tag="where"):
    """Tell where the run is, with its callers."""


class List(Word, frozen=True, tag="list"):
    """Show lines of what is held, from `first` to `last`; both 0 for those around the current."""

    first: int = 0
    last: int = 0


class Look(Word, frozen=True, tag="look"):
    """Show a value."""

    expression: str
    form: Literal["value", "pretty", "type"] = "value"

    @property
    def code(self) -> str:
        """What to evaluate for it."""
        match self.form:
            case "value":
                return f"({self.expression}\n)"  # brackets, so that no statement passes for one
            case "pretty":
                return f"__import__('pprint').pprint({self.expression}\n)"
            case "type":
                return f"type({self.expression}\n)"


class Execute(Word, frozen=True, tag="execute"):
    """Run a statement in the REPL."""

    statement: str


class Display(Word, frozen=True, tag="display"):
    """Show a value at every stop; `""` for all of them now."""

    expression: str = ""


class Undisplay(Word, frozen=True, tag="undisplay"):
    """Show these values no more; none means all."""

    numbers: tuple[int, ...] = ()


class Info(Word, frozen=True, tag="info"):
    """Show something about the run."""

    topic: Topic


class Break(Word, frozen=True, tag="break"):
    """Set a breakpoint."""

    spec: str
    once: bool = False


class Enable(Word, frozen=True, tag="enable"):
    """Turn breakpoints on or off; none means all."""

    numbers: tuple[int, ...] = ()
    is_on: bool = True


class Delete(Word, frozen=True, tag="delete"):
    """Remove breakpoints; none means all."""

    numbers: tuple[int, ...] = ()


class Condition(Word, frozen=True, tag="condition"):
    """Give a breakpoint a condition; `""` takes it away."""

    number: int
    spec: str = ""


class Ignore(Word, frozen=True, tag="ignore"):
    """Pass over the next hits of a breakpoint."""

    number: int
    count: int


class Then(Word, frozen=True, tag="then"):
    """What happens at a breakpoint."""

    number: int
    action: Action


class Back(Word, frozen=True, tag="back"):
    """Back to the stop before, to the one at this depth or above, or to the last breakpoint hit."""

    how: Literal["step", "next", "continue"]


class When(Word, frozen=True, tag="when"):
    """Tell which event this is, or where a variable was set last."""

    variable: str = ""


class Checkpoint(Word, frozen=True, tag="checkpoint"):
    """Note this event, to come back to."""

    name: str = ""


class Restart(Word, frozen=True, tag="restart"):
    """Go back to a checkpoint."""

    number: int


class GoTo(Word, frozen=True, tag="go_to"):
    """Go to a line of the document, a percentage of the run, an iteration, a call, an event."""

    place: Place
    at: float


class Compose(Word, frozen=True, tag="compose"):
    """Edit or answer with a text that is yet to be written."""

    what: Literal["edit", "answer"]
    how: Literal["editor", "lines"] = "editor"
    told: Told = "ran"
    pattern: str | None = None


class Branch(Word, frozen=True, tag="branch"):
    """Go on from here in a branch of the run."""

    name: str = ""


class Budget(Word, frozen=True, tag="budget"):
    """Change limits; none shows them."""

    limits: tuple[RaiseLimit, ...] = ()


class Find(Word, frozen=True, tag="find"):
    """Where the run holds a pattern."""

    pattern: str
    where: Where = ""


class Play(Word, frozen=True, tag="play"):
    """Play a recording."""


class Speed(Word, frozen=True, tag="speed"):
    """Play so many times as fast."""

    factor: float


class SkipIdle(Word, frozen=True, tag="skip_idle"):
    """Wait no longer than this while playing; 0 waits as long as it took."""

    seconds: float = 1.0


class Filter(Word, frozen=True, tag="filter"):
    """Show only what matches; `""` for everything."""

    pattern: str = ""


class Option(Word, frozen=True, tag="option"):
    """Turn an option of the screen on or off."""

    name: str
    is_on: bool = True


class Theme(Word, frozen=True, tag="theme"):
    """Other colours."""

    name: str


class Help(Word, frozen=True, tag="help"):
    """Tell about the words, or about one."""

    word: str = ""


class Quit(Word, frozen=True, tag="quit"):
    """End."""


SeamWord: TypeAlias = (
    Step | Resume | RunTo | Pause | Edit | Answer | Fail | Retry | Skip | Reject | Cancel
)
"""Words that are sent to the source as they are."""

AnyWord: TypeAlias = (
    SeamWord
    | Repeat
    | Until
    | Frames
    | WhereAmI
    | List
    | Look
    | Execute
    | Display
    | Undisplay
    | Info
    | Break
    | Enable
    | Delete
    | Condition
    | Ignore
    | Then
    | Back
    | When
    | Checkpoint
    | Restart
    | GoTo
    | Compose
    | Branch
    | Budget
    | Find
    | Play
    | Speed
    | SkipIdle
    | Filter
    | Option
    | Theme
    | Help
    | Quit
)
