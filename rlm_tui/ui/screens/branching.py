"""The dialog in which a run is made to go on otherwise from an earlier event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal, NamedTuple

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Label

from rlm_tui.errors import UsageError
from rlm_tui.held import Held
from rlm_tui.ui import keymap
from rlm_tui.ui.screens.dialog import Dialog
from rlm_tui.ui.widgets.choice import Choice
from rlm_tui.ui.widgets.lines import drawable

Change = Literal["", "edit", "answer", "set"]
"""What is changed at the first stop; empty for nothing."""


class Place(NamedTuple):
    """Where a branch can leave."""

    event: int
    """The `seq` of the last event that it shares."""
    held: Held | None
    """What comes next there; None for nothing that could be held."""
    is_selected: bool = False
    """Whether it is the selected node, not where the reader stands."""

    @property
    def words(self) -> str:
        """The place for a row of the dialog."""
        where = f", {self.held.where}" if self.held is not None else ""
        which = "what is selected" if self.is_selected else "where you stand"
        return f"event {self.event:,}{where} ({which})"

    @property
    def changes(self) -> list[tuple[Change, str]]:
        """What can be changed there, each with its words."""
        changes: list[tuple[Change, str]] = [("", "nothing: let it run again from there")]
        before = self.held.next.before if self.held is not None else ""
        if before == "code block":
            changes.append(("edit", "the code, before it runs"))
        elif before in {"model request", "llm_query", "rlm_query"}:
            changes.append(("edit", "the prompt, before it is sent"))
        if before in {"llm_query", "rlm_query", "answer"}:
            changes.append(("answer", "the answer: I give it myself"))
        changes.append(("set", "a variable, by a statement"))
        return changes


class Begun(NamedTuple):
    """How a branch is to begin."""

    event: int
    name: str = ""
    change: Change = ""
    model: str = ""
    sub_model: str = ""
    limits: str = ""
    """As they were typed: `cost=2 calls=400`."""
    paused: bool = True


class Branching(Dialog[Begun | None]):
    """Returns how the branch is to begin; None when there is to be none."""

    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(keymap.BRANCHING)]

    def __init__(
        self,
        places: Sequence[Place],
        models: tuple[str, str],
        *,
        is_live: bool,
        name: str = "",
        change: Change = "",
    ) -> None:
        """Offer a branch.

        Args:
            places: where it can leave, the likeliest first.
            models: the root model and the sub-model of the run.
            is_live: whether its parent has to be stopped.
            name: what it is called, if that is known.
            change: what the reader was about to do.
        """
        super().__init__()
        self._places = places
        self._models = models
        self._is_live = is_live
        self._called = name
        self._change: Change = change

    def compose(self) -> ComposeResult:
        """The place, the change, models and limits, the name."""
        with Vertical(classes="dialog branching") as dialog:
            dialog.border_title = "What if"
            dialog.border_subtitle = "enter Begin paused   ctrl+r Begin   esc Cancel"
            if len(self._places) > 1:
                yield Choice([drawable(place.words) for place in self._places], id="place")
            else:
                yield Label(drawable(f"From {self._places[0].words}."), markup=False)
            yield Label(
                "What lies before is taken from the recording: no calls, no cost. From there on "
                "the run is live, in a branch with a file of its own.",
                classes="note",
                markup=False,
            )
            if self._is_live:
                yield Label(
                    "The run that goes on now is stopped; it stays saved.", classes="-wrong"
                )
            yield Label("Change", classes="heading")
            yield Choice(["nothing"], id="change")
            for field, placeholder, value in (
                ("root", "", self._models[0]),
                ("sub", "", self._models[1]),
                ("limits", "as they were; cost=2 calls=400 changes them", ""),
                ("name", "none", self._called),
            ):
                with Horizontal(classes="field"):
                    yield Label(field)
                    yield Input(drawable(value), placeholder=placeholder, compact=True, id=field)
            yield Label("", classes="-wrong", id="trouble", markup=False)

    def on_mount(self) -> None:
        """Begin at the change."""
        self._offer_changes()
        self.query_one("#change").focus()

    def on_choice_chosen(self, message: Choice.Chosen) -> None:
        """Another place offers other changes."""
        if message.choice.id == "place":
            self._offer_changes()

    @property
    def _place(self) -> Place:
        choices = self.query("#place").results(Choice)
        chosen = next((choice.chosen for choice in choices), 0)
        return self._places[chosen]

    def _offer_changes(self) -> None:
        changes, choice = self._place.changes, self.query_one("#change", Choice)
        choice.offer([words for _, words in changes])
        wanted = [index for index, (change, _) in enumerate(changes) if change == self._change]
        choice.choose(wanted[0] if wanted else 0)

    def on_input_submitted(self) -> None:
        """Enter begins it."""
        self._begin(paused=True)

    def action_begin(self) -> None:
        """Begin with a stop."""
        self._begin(paused=True)

    def action_begin_running(self) -> None:
        """Begin without a stop."""
        self._begin(paused=False)

    def _begin(self, *, paused: bool) -> None:
        root, sub, limits, name = (
            self.query_one(f"#{field}", Input).value.strip()
            for field in ("root", "sub", "limits", "name")
        )
        try:
            limits_of(limits)
        except UsageError as error:
            self.query_one("#trouble", Label).update(str(error))
            self.query_one("#limits").focus()
            return
        place = self._place
        change = place.changes[self.query_one("#change", Choice).chosen][0]
        begun = Begun(place.event, name, change, root, sub, limits, paused or bool(change))
        self.conclude(begun)

    def action_cancel(self) -> None:
        """No branch."""
        self.conclude(None)


def limits_of(typed: str) -> dict[str, float]:
    """Limits as they were typed, by their names. Raises UsageError."""
    from rlm_tui.debug_word import Budget  # noqa: PLC0415 - 3 ms with the next
    from rlm_tui.debug_words import parse_words  # noqa: PLC0415

    word = parse_words(f"budget {typed}")
    return {item.limit: item.value for item in word.limits} if isinstance(word, Budget) else {}
