"""The `:` words that change nothing about the run: where they lead, and what they show."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, cast

from textual.app import App
from textual.screen import Screen

from rlm_tui import debug_views
from rlm_tui import debug_word as words
from rlm_tui.debug_help import help_text
from rlm_tui.errors import UsageError
from rlm_tui.events import NodeId, SubCallStarted, parent_of
from rlm_tui.run_search import RunSearch
from rlm_tui.spelling import nearest
from rlm_tui.ui.provenance import Provenance
from rlm_tui.ui.run_display import RunDisplay
from rlm_tui.ui.widgets.document_view import DocumentView
from rlm_tui.ui.widgets.inspector import Inspector, Tab
from rlm_tui.ui.widgets.run_tree import RunTree
from rlm_tui.variables import variables_at

if TYPE_CHECKING:
    from rlm_tui.ui.debugger import Debugger

_SLICE = 0.01
"""Seconds of searching between two looks at what else the screen has to do."""

_TABS: dict[str, Tab] = {"prompt": "prompt", "answer": "answer", "variable": "variables"}
"""Where the inspector shows what was found; code and output stand together."""


class Viewing:
    """What a `:` line shows, for one screen."""

    def __init__(self, screen: Screen[None], debugger: Debugger) -> None:
        """Look at what the debugger of a screen acts on."""
        self._screen = screen
        self._debugger = debugger
        self._checkpoints: list[tuple[RunDisplay, int, str]] = []

    @property
    def _app(self) -> App[object]:
        return cast("App[object]", self._screen.app)  # pyright: ignore[reportUnknownMemberType]

    @property
    def _run(self) -> RunDisplay:
        return self._debugger.run

    def _tell(self, text: str) -> None:
        self._debugger.say(text, "information")

    def _act(self, action: str) -> None:
        self._app.call_later(self._screen.run_action, action)

    def show(self, word: words.AnyWord) -> None:
        """Do what a word says.

        Raises:
            UsageError: it cannot be done, or leads nowhere.
        """
        transport = self._run.transport
        match word:
            case words.GoTo():
                self._go_to(word)
            case words.WhereAmI():
                self._tell(self._where())
            case words.When(variable):
                self._tell(self._when(variable))
            case words.Frames(by):
                self._look_at_frame(by)
            case words.List():
                self._act("tab('code')")
            case words.Info():
                self._show_info(word)
            case words.Display():
                self._read("Watched", self._displayed())
            case words.Find(pattern, where):
                self._find(pattern, where)
            case words.Checkpoint(name):
                self._note_checkpoint(name)
            case words.Restart(number):
                self._restart(number)
            case words.Play():
                transport.play()
            case words.Speed(factor):
                transport.set_speed(factor)
                self._run.refresh_bars()
            case words.SkipIdle(seconds):
                transport.longest_idle = seconds or float("inf")
            case words.Filter(pattern):
                self._screen.query_one(DocumentView).filter(pattern)
            case words.Option(name, is_on):
                self._set(name, is_on=is_on)
            case words.Theme(name):
                self._choose_theme(name)
            case words.Help(about):
                self._read(f"help {about}".strip(), help_text(about).splitlines())
            case words.Quit():
                self._act("app.leave")
            case _:
                raise UsageError(f"{type(word).__name__}: that cannot be done here.")

    def _read(self, title: str, rows: Sequence[str]) -> None:
        """Show some rows of text."""
        from rlm_tui.ui.screens.sheet import Sheet  # noqa: PLC0415 - if asked for

        self._app.push_screen(Sheet(title, rows))

    # The run

    def _where(self) -> str:
        held, head = self._run.held, self._run.transport.playhead
        where = held.where if held is not None else "between two things"
        return f"Event {head.position:,} of {len(head.records):,}: {where}."

    def _when(self, variable: str) -> str:
        head = self._run.transport.playhead
        if not variable:
            return f"Event {head.position:,} of {len(head.records):,}."
        held = variables_at(head.trajectory, None).held.get(variable)
        if held is None:
            raise UsageError(f"No variable {variable} is known here.")
        self._follow(held.set_at)
        return f"{variable} was set last by code {held.set_at}."

    def _follow(self, node: NodeId) -> None:
        self._run.set_following(follows=False)
        self._screen.query_one(RunTree).follow(node)

    def _look_at_frame(self, by: int) -> None:
        if by < 0:
            self._debugger.caller()
            return
        tree = self._screen.query_one(RunTree)
        node = here = tree.selected
        while tree.selected == here:  # a single code block has no row of its own
            nodes = self._run.transport.playhead.trajectory.nodes
            below = next((name for name in nodes if name and parent_of(name) == node), None)
            if below is None:
                raise UsageError("It called nothing yet.")
            self._follow(below)
            node = below

    def _show_info(self, word: words.Info) -> None:
        trajectory = self._run.transport.playhead.trajectory
        header = self._run.header
        match word.topic:
            case "variables" | "prompt" as topic:
                self._act(f"tab('{topic}')")
            case "breakpoints":
                self._debugger.show_breakpoints()
            case "limits":
                rows = debug_views.limits(trajectory, header.settings if header else {})
                self._read("Limits", rows)
            case "display":
                self._read("Watched", self._displayed())
            case "checkpoints":
                rows = [
                    f"{number:>3}  event {position:,}  {name}".rstrip()
                    for number, (run, position, name) in enumerate(self._checkpoints, 1)
                    if run is self._run
                ]
                told = ["none in this run; `checkpoint` notes where you stand"]
                self._read("Checkpoints", rows or told)

    def _displayed(self) -> list[str]:
        watches = self._debugger.looking.watches.all
        rows = [f"{watch.number:>3}  {watch.expression} = {watch.value}" for watch in watches]
        return rows or ["nothing; `display EXPR` or w watches a value"]

    def _find(self, pattern: str, where: words.Where) -> None:
        search = RunSearch(self._run.transport.playhead.trajectory, pattern, where)
        self._screen.run_worker(
            self._list_found(search, pattern),
            group="find in run",
            exclusive=True,
            exit_on_error=False,
        )

    async def _list_found(self, search: RunSearch, pattern: str) -> None:
        from rlm_tui.ui.screens.destinations import Destinations  # noqa: PLC0415 - OptionList takes 10 ms

        try:
            while not search.go_on(_SLICE):  # noqa: ASYNC110 - it is the work itself
                await asyncio.sleep(0)
        except UsageError as error:
            self._debugger.say(str(error), "warning")
            return
        found = search.found
        if not found:
            self._debugger.say(f"/{pattern}/ is nowhere in the run so far.", "warning")
            return

        def chosen(index: int | None) -> None:
            if index is not None:
                self._follow(found[index].node)
                self._screen.query_one(Inspector).choose(_TABS.get(found[index].part, "code"))
                self._act("pane('inspector')")

        more = f", {search.left:,} more are not listed" if search.left else ""
        title = f"/{pattern}/ in the run: {len(found):,}{more}"
        rows = [f"{item.node:<8} {item.part:<8} {item.line}" for item in found]
        self._app.push_screen(Destinations(title, rows), chosen)

    # Places

    def _go_to(self, word: words.GoTo) -> None:
        transport, number = self._run.transport, int(word.at)
        head = transport.playhead
        document = self._screen.query_one(DocumentView)
        if document.file is None and word.place == "line":
            raise UsageError("No document is open.")
        match word.place:
            case "line":
                document.go_to_line(number)
            case "percent" if self._screen.focused is document or not head.records:
                document.go_to_share(word.at / 100)
            case "percent":
                transport.go_to(round(len(head.records) * word.at / 100))
            case "event":
                transport.go_to(number)
            case "iteration":
                stops = head.iteration_stops
                if number > len(stops):
                    raise UsageError(f"There is no iteration {number} so far.")
                transport.go_to(stops[number - 1])
                self._follow(str(number))
            case "call":
                self._go_to_call(number)

    def _go_to_call(self, number: int) -> None:
        """Select a call, counted over all of the run; go to where it has begun if need be."""
        head = self._run.transport.playhead
        calls = (r for r in head.records if isinstance(r.event, SubCallStarted))
        record = next(islice(calls, number - 1, None), None)
        if record is None:
            raise UsageError(f"There is no call {number} so far.")
        if record.node not in head.trajectory.nodes:
            self._run.transport.go_to(record.seq)
            self._run.refresh()
        self._follow(record.node)

    def _note_checkpoint(self, name: str) -> None:
        position = self._run.transport.playhead.position
        self._checkpoints.append((self._run, position, name))
        number = len(self._checkpoints)
        self._tell(f"Checkpoint {number} at event {position:,}; `restart {number}` comes back.")

    def _restart(self, number: int) -> None:
        if not 0 < number <= len(self._checkpoints):
            raise UsageError(f"There is no checkpoint {number}; `info checkpoints` lists them.")
        run, position, _ = self._checkpoints[number - 1]
        if run is not self._run:
            raise UsageError(f"Checkpoint {number} is of a run that is not shown any more.")
        run.transport.go_to(position)

    # The screen

    def _set(self, name: str, *, is_on: bool) -> None:
        document = self._screen.query_one(DocumentView)
        provenance = self._screen.query_one(Provenance)
        toggles: dict[str, tuple[bool, Callable[[], object]]] = {
            "wrap": (document.wraps, document.action_wrap),
            "pretty": (document.is_pretty, document.action_pretty),
            "repair": (document.is_repaired, document.action_repair),
            "colours": (provenance.is_coloured, provenance.toggle_coverage),
        }
        if name == "follow":
            self._run.set_following(follows=is_on)
        elif name not in toggles:
            hint = (
                nearest(name, [*toggles, "follow"]) or f" There are {', '.join(toggles)}, follow."
            )
            raise UsageError(f"There is no option {name[:40]!r}.{hint}")
        elif toggles[name][0] != is_on:
            toggles[name][1]()

    def _choose_theme(self, name: str) -> None:
        if name not in self._app.available_themes:
            hint = nearest(name, self._app.available_themes) or " ctrl+p lists them."
            raise UsageError(f"There is no theme {name[:40]}.{hint}")
        self._app.theme = name
