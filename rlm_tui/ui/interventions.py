"""Lets the user change what a held run is about to do: opens the dialogs, sends what they give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from textual.screen import Screen

from rlm_tui.errors import UsageError
from rlm_tui.held import Held
from rlm_tui.source import (
    Answer,
    AnyCommand,
    Edit,
    Fail,
    RaiseLimit,
    Reject,
    Resume,
    Retry,
    Skip,
    Step,
)
from rlm_tui.ui.call_estimates import CallEstimates, Evaluate
from rlm_tui.ui.run_display import RunDisplay

if TYPE_CHECKING:
    from rlm_tui.ui.screens.branching import Change
    from rlm_tui.ui.screens.editing import Edited

AskWhatIf: TypeAlias = "Callable[[str, Change], object]"

_NOT_HELD = "The run is not paused: p pauses it before the next thing that runs or costs."
_RECORDED = "This has happened already. W goes on from here, live, with whatever you change."


class Interventions:
    """Edits, answers and skips, for one screen."""

    def __init__(
        self,
        screen: Screen[None],
        shown: Callable[[], RunDisplay],
        what_if: AskWhatIf,
        evaluate: Evaluate,
    ) -> None:
        """Change whatever run `shown` says; in a recording a branch of it, by `what_if`.

        `evaluate` asks the REPL of the held run.
        """
        self._evaluate = evaluate
        self._what_if = what_if
        self._screen = screen
        self._shown = shown

    @property
    def _run(self) -> RunDisplay:
        return self._shown()

    def _say(self, text: str) -> None:
        self._screen.notify(text, severity="warning", markup=False)

    def _ask(self, dialog: Screen[Any], then: Callable[[Any], None]) -> None:
        self._screen.app.push_screen(dialog, then)  # pyright: ignore[reportUnknownMemberType]

    def _held(self, change: Change = "") -> Held | None:
        """What the run is held before; says why nothing can be changed when it is not.

        What has happened already can be made otherwise in a branch.
        """
        held = self._run.held
        if held is not None and not held.is_recorded:
            return held
        if self._run.is_at_run:
            self._say(_NOT_HELD)
        elif change:
            self._what_if("", change)
        else:
            self._say(_RECORDED)
        return None

    def _send(self, held: Held, *commands: AnyCommand) -> None:
        """Tell the run something, unless it has gone on meanwhile."""
        if self._run.held != held:
            self._say("The run has gone on meanwhile; nothing was changed.")
            return
        self._run.set_following(follows=True)
        for command in commands:
            self._run.send(command)

    # Before it runs or is sent

    def edit(self) -> None:
        """Change the code or the prompt that comes next."""
        held = self._held("edit")
        if held is None:
            return
        if held.next.before in {"reply", "answer"}:
            self.answer()
        elif not held.is_sent and held.next.before != "code block":
            self._say("This code runs already: it can be changed before it starts.")
        else:
            from rlm_tui.ui.screens.editing import Editing  # noqa: PLC0415 - TextArea takes 30 ms

            call = f" of {held.next.before} #{held.node.rpartition('.')[2]}" if held.is_call else ""
            what = f"code {held.node} before it runs" if held.is_code else f"the prompt{call}"
            estimate = CallEstimates(self._run, self._evaluate).tell if held.is_code else None
            title = f"Edit {what}"
            dialog = Editing(title, held.next.text, is_code=held.is_code, estimate=estimate)
            self._ask(dialog, lambda edited: self._edited(held, edited))

    def _edited(self, held: Held, edited: Edited | None) -> None:
        if edited is None:
            return
        changes = [] if edited.text == held.next.text else [Edit(edited.text, edited.told)]
        self._send(held, *changes, *([Step("over")] if edited.goes_on else []))

    def skip(self) -> None:
        """Do not run the code block that comes next."""
        held = self._held()
        if held is not None:
            self._send(held, Skip())

    # Instead of a model

    def answer(self) -> None:
        """Answer or fail the call that comes next, or change a reply or the run's answer."""
        held = self._held("answer")
        if held is None:
            return
        if held.is_call:
            from rlm_tui.ui.screens.answering import Answering  # noqa: PLC0415 - as above

            title = f"Answer {held.next.before} #{held.node.rpartition('.')[2]} yourself"
            self._ask(Answering(title, held.next.text), lambda given: self._settled(held, given))
        elif held.next.before == "answer":
            from rlm_tui.ui.screens.judging import Judging  # noqa: PLC0415 - as above

            self._ask(Judging(held.next.text), lambda given: self._settled(held, given))
        elif held.next.before == "reply":
            from rlm_tui.ui.screens.editing import Editing  # noqa: PLC0415 - as above

            dialog = Editing("Change the reply", held.next.text, is_code=False)
            self._ask(dialog, lambda edited: self._replied(held, edited))
        else:
            self._say("Only a sub-call, its reply or the answer can be given by hand.")

    def _settled(self, held: Held, given: AnyCommand | None) -> None:
        if given is None:
            return
        self._send(held, Step("over") if isinstance(given, Resume) else given)

    def _replied(self, held: Held, edited: Edited | None) -> None:
        if edited is not None:
            is_same = edited.text == held.next.text
            self._send(held, Step("over") if is_same else Answer(edited.text))

    # Limits

    def raise_limit(self) -> None:
        """Let a limit be typed: `cost=2 calls=400`."""
        if not self._run.is_live:
            self._say("No run is going on.")
            return
        from rlm_tui.ui.screens.prompt import Prompt  # noqa: PLC0415 - Input takes 20 ms

        reached = self._run.transport.playhead.trajectory.limit
        value = f"{reached.limit}={reached.allowed * 2:g}" if reached else ""
        note = "Limits: iterations, sub-calls, tokens, cost, time, errors."
        dialog = Prompt("Raise a limit", value=value, placeholder="cost=2 calls=400", note=note)
        self._ask(dialog, self._limits_typed)

    def _limits_typed(self, text: str | None) -> None:
        if text is None:
            return
        from rlm_tui.debug_word import Budget  # noqa: PLC0415 - 3 ms with the next
        from rlm_tui.debug_words import parse_words  # noqa: PLC0415

        try:
            word = parse_words(f"budget {text}")
        except UsageError as error:
            self._say(str(error))
            return
        self.raise_to(word.limits if isinstance(word, Budget) else ())

    def raise_to(self, limits: Sequence[RaiseLimit]) -> None:
        """Change limits of the run that goes on; without any, let them be typed."""
        if not limits or not self._run.is_live:
            self.raise_limit()
        for limit in limits:
            self._run.send(limit)

    def retry(self) -> None:
        """Make the call that comes next with another model, or the one that has its reply again."""
        held = self._held()
        if held is None:
            return
        if held.next.before not in {"llm_query", "reply"}:
            self._say("Only a plain sub-call can be made with another model, or again.")
            return
        from rlm_tui.ui.screens.line_prompt import LinePrompt  # noqa: PLC0415 - Input takes 20 ms

        def named(model: str | None) -> None:
            if model is not None:
                self._send(held, Retry(model.strip()))

        prompt = LinePrompt("model ", value=held.next.model, placeholder="the one that it has")
        self._ask(prompt, named)

    def decide(self, decision: Edit | Answer | Fail | Retry | Skip | Reject) -> None:
        """Change what comes next as it was typed."""
        held = self._held()
        if held is not None:
            self._send(held, decision)
