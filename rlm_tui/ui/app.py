"""The Textual app: which screen is shown, and what acts across screens."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from msgspec.structs import replace
from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.events import Key
from textual.screen import Screen

from rlm_tui import paths, secrecy
from rlm_tui.breakpoint import Breakpoint
from rlm_tui.config import Settings, place_of_key, shown_name
from rlm_tui.source import Cancel, Opener, RunRequest, Source
from rlm_tui.ui import keymap, remapping, theming
from rlm_tui.ui.provenance import Provenance
from rlm_tui.ui.screens.dialog import Dialog
from rlm_tui.ui.screens.workspace import WIDTHS, Workspace

if TYPE_CHECKING:
    from rlm_tui.ui.screens.branching import Change

TYPING_PACE = 0.008
"""Seconds between the words of the offline model, so that a person can follow."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What the app shows first."""

    document: Path | None = None
    more_documents: tuple[Path, ...] = ()
    """Others to ask about together with it."""
    session: Path | None = None
    question: str | None = None
    """Starts a run at once."""
    paused: bool = False
    at: int | None = None
    """The event of a session to stand after."""


def _collect_garbage_from_now_on() -> None:
    """What is there now stays; to look it over again and again takes 20 ms a time."""
    gc.freeze()
    gc.enable()


def _breakpoints_left(workspace: Workspace) -> list[Breakpoint]:
    """The breakpoints that the latest run on a workspace's document left."""
    from rlm_tui.session.remembered import breakpoints_of_last_run  # noqa: PLC0415 - if asked for

    folder, studied = paths.sessions_dir(), workspace.studied
    return breakpoints_of_last_run(folder, studied[0]) if studied else []


class RlmApp(App[None]):
    """The app."""

    CSS_PATH = "app.tcss"
    TITLE = "rlm-tui"
    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(keymap.APP)]
    HORIZONTAL_BREAKPOINTS = list(WIDTHS)  # noqa: RUF012 - Textual declares it without ClassVar

    def __init__(self, opener: Opener, settings: Settings, opening: Opening) -> None:
        """Show `opening`, with sources made by `opener`."""
        super().__init__()
        self._opener = opener
        self._settings = settings
        self._opening = opening
        self._has_start = opening.document is None and opening.session is None
        """Whether leaving a workspace leads back to the start screen."""
        where = partial(place_of_key, paths.config_file())
        chosen = remapping.remapped(settings.key_preset, settings.keys, where)
        self.keys = remapping.tables(chosen)
        """What each key does, with the user's own keys."""
        self.set_keymap(chosen)
        for theme in theming.shipped_themes():
            self.register_theme(theme)
        known = settings.theme in self.available_themes
        self.theme = settings.theme if known else "rlm-dark"

    def on_mount(self) -> None:
        """Show the first screen."""
        self.call_after_refresh(secrecy.keep_memory_private)  # keys may be in the environment
        self.call_after_refresh(_collect_garbage_from_now_on)
        opening = self._opening
        if self._has_start:
            from rlm_tui.ui.screens.start import Start  # noqa: PLC0415 - 15 ms for its widgets

            self.push_screen(Start(self._settings, str(paths.sessions_dir())))
            return
        self._show(opening)

    @property
    def workspace(self) -> Workspace | None:
        """The workspace, if that is what is shown."""
        return next((s for s in reversed(self.screen_stack) if isinstance(s, Workspace)), None)

    def _open(self, opening: Opening) -> None:
        workspace = self.workspace
        if workspace is None:
            return
        if opening.session is not None:
            source = self._opener.open_session(str(opening.session))
            workspace.show_run(source, at=opening.at)
            return
        if opening.document is not None:
            # Behind the first frames, so that the engine's start does not slow them down.
            self.set_timer(0.3, self._opener.warm_up)
        if opening.question is not None:
            self._start_run(workspace, opening.question, self._settings, paused=opening.paused)

    def _start_run(
        self,
        workspace: Workspace,
        question: str,
        settings: Settings,
        *,
        paused: bool = False,
        through: Callable[[Source], Source] = lambda source: source,
    ) -> None:
        assert workspace.document is not None  # noqa: S101 - asked only of an open document
        request = RunRequest(
            question=question,
            documents=[str(path.absolute()) for path in workspace.studied],
            settings=settings,
            paused=paused,
            breakpoints=workspace.debugger.breakpoints.all,
            typing_pace=TYPING_PACE,
        )
        workspace.show_run(through(self._opener.ask(request)))

    def _show(self, opening: Opening) -> None:
        """Show something in a workspace of its own."""
        documents = (opening.document, *opening.more_documents) if opening.document else ()
        encoding = self._settings.encoding
        workspace = Workspace(*documents, width=self.size.width, encoding=encoding)
        workspace.debugger.breakpoints.remembered = partial(_breakpoints_left, workspace)
        self.push_screen(workspace)
        self.call_after_refresh(self._open, opening)

    def on_key(self, event: Key) -> None:
        """Give a dialog what was typed ahead of it: Textual sent it to who had the focus then."""
        if isinstance(self.screen, Dialog) and self.screen.take_key(event):
            event.prevent_default()

    # Actions

    def action_provenance(self, verb: str) -> None:
        """Show what was read of the document, by whom, or where."""
        if self.workspace is not None:
            self.workspace.query_one(Provenance).verbs[verb]()

    def action_ask(self) -> None:
        """Ask a question about the open document."""
        workspace = self.workspace
        if workspace is None or workspace.document is None:
            self.notify("Open a document first: ctrl+o.", severity="warning")
            return
        if workspace.run.is_live:
            self.notify("A run is going on; x stops it.", severity="warning")
            return
        from rlm_tui.ui.screens.prompt import Prompt  # noqa: PLC0415 - Input takes 20 ms

        def asked(question: str | None) -> None:
            if question:
                self._start_run(workspace, question, self._settings_for_another(workspace))

        models = dict.fromkeys((self._settings.root_model, self._settings.query_model))
        note = f"Model: {' > '.join(map(shown_name, models))}"
        header = workspace.run.header
        dialog = Prompt(
            f"Ask about {workspace.document.name}",
            value=header.question if header else "",
            placeholder="Which errors repeat most, and when?",
            note=note,
        )
        self.push_screen(dialog, asked)

    def _settings_for_another(self, workspace: Workspace) -> Settings:
        """The settings of a question that is asked by hand; a named file is for the first run."""
        if self._settings.session is None or workspace.run.header is None:
            return self._settings
        told = "This run is saved among the sessions; --session names the file of the first."
        self.notify(told, markup=False)
        return replace(self._settings, session=None)

    def action_open_path(self) -> None:
        """Open a document or a session."""
        from rlm_tui.session.reader import is_session  # noqa: PLC0415 - likewise
        from rlm_tui.ui.screens.prompt import Prompt  # noqa: PLC0415 - likewise

        def named(text: str | None) -> None:
            if not text:
                return
            path = Path(text).expanduser()
            if not path.is_file():
                self.notify(f"{path} is not a file.", severity="error", markup=False)
            elif is_session(path):
                self._show(Opening(session=path))
            else:
                self._show(Opening(document=path))

        self.push_screen(Prompt("Open", placeholder="path of a document or a saved session"), named)

    def action_demo(self) -> None:
        """Run the demo with the offline model."""
        from rlm_tui.document.demo import DEMO_QUESTION, write_demo  # noqa: PLC0415 - if asked for

        path = write_demo(paths.documents_dir())
        self._show(Opening(document=path))
        self.call_after_refresh(self._ask_demo, DEMO_QUESTION)

    def _ask_demo(self, question: str) -> None:
        workspace = self.workspace
        if workspace is not None and workspace.document is not None:
            settings = Settings(model="offline", save=self._settings.save)
            self._start_run(workspace, question, settings)

    def action_tutorial(self) -> None:
        """Teach the debugger on a small run of a scripted model."""
        from rlm_tui.tutorial import write_materials  # noqa: PLC0415 - if asked for

        materials = write_materials(paths.documents_dir())
        self._show(Opening(document=materials.document))
        self.call_after_refresh(self._teach, materials.model)

    def _teach(self, model: str) -> None:
        from rlm_tui.tutorial import FIRST_STOP, QUESTION  # noqa: PLC0415 - likewise
        from rlm_tui.ui.tutor import Tutor  # noqa: PLC0415 - likewise

        workspace = self.workspace
        if workspace is None:
            return
        tutor = Tutor()
        tutor.begin(workspace, lambda: workspace.run)
        workspace.debugger.breakpoints.take([FIRST_STOP])
        settings = Settings(model=model, save=self._settings.save)
        self._start_run(workspace, QUESTION, settings, paused=True, through=tutor.over)

    def action_what_if(self, name: str = "", change: Change = "") -> None:
        """Go on otherwise from where the reader stands, in a branch of its own."""
        from rlm_tui.ui.branches import WhatIf  # noqa: PLC0415 - if asked for

        if self.workspace is not None:
            WhatIf(self.workspace, self._opener, self._settings, TYPING_PACE).ask(name, change)

    def action_help(self) -> None:
        """Show the keys: the focused pane's, then all others."""
        from rlm_tui.ui.screens.help import Help  # noqa: PLC0415 - if asked for

        if isinstance(self.screen, Help):
            return
        panes = {"tree": ["tree"], "timeline": ["timeline"], "document": ["document", "text"]}
        pane = panes.get(self.focused.id or "" if self.focused else "", ["text"])
        where = "workspace" if self.workspace is self.screen else "start"
        names = [*pane, "debug", where, "app"] if where == "workspace" else [where, "app"]
        self.push_screen(Help([("", self.keys[name]) for name in names]))

    def action_redraw(self) -> None:
        """Draw the screen anew."""
        self.refresh(repaint=True, layout=True)

    def action_leave(self) -> None:
        """Leave the zoom, then the screen; a workspace opened from the start screen goes back."""
        screen = self.screen
        if screen.maximized is not None:
            screen.minimize()
        elif isinstance(screen, Workspace) and self._has_start:
            self._leave_run(self._back_to_start)
        else:
            self.action_request_quit()

    def _back_to_start(self) -> None:
        self.pop_screen()
        self._opener.forget()

    def action_help_quit(self) -> None:
        """Say how to quit to who tries ctrl+c, where nothing was selected to be copied."""
        quitting = next(key for key in self.keys["app"] if key.id == "app.quit")
        self.notify(f"{keymap.shown_keys(quitting)} quits; ctrl+c copies what is selected.")

    def action_request_quit(self) -> None:
        """Quit; asks while a run is live."""
        self._leave_run(self.exit)

    def _leave_run(self, leave: Callable[[], object]) -> None:
        workspace = self.workspace
        if workspace is None or not workspace.run.is_live:
            leave()
            return
        from rlm_tui.ui.screens.confirm import Confirm  # noqa: PLC0415 - if asked for

        def decided(stop: bool | None) -> None:  # noqa: FBT001 - the dialog's result
            if stop:
                workspace.run.send(Cancel())
                leave()

        question = "A run is going on. Stop it and leave? Everything recorded so far is kept."
        self.push_screen(Confirm(question, "Stop and leave"), decided)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The command palette: every action with its key, then Textual's own."""
        places = ("debug", "workspace") if isinstance(screen, Workspace) else ("start",)
        tables = [self.keys[name] for name in ("app", *places)]
        for key in (key for table in tables for key in table):
            if key.id in {"app.palette", "app.quit"}:
                continue
            title = f"{key.group}: {key.label}"
            told = f"{key.tooltip} ({keymap.shown_keys(key)})"
            yield SystemCommand(title, told, partial(self.run_action, key.action, screen))
        if isinstance(screen, Workspace):
            for title, told, verb in keymap.DEBUG_COMMANDS:
                yield SystemCommand(title, told, screen.debugger.verbs[verb])
        for command in super().get_system_commands(screen):  # pyright: ignore[reportUnknownMemberType]
            if command.title != "Keys":
                yield command

    async def on_unmount(self) -> None:
        """Leave nothing running."""
        await self._opener.close()
