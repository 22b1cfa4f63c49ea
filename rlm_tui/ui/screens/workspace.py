"""The workspace: document, run tree, console and inspector around one run."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import ClassVar, Literal

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.screen import Screen
from textual.widget import Widget

from rlm_tui import paths
from rlm_tui.document.facts import identity
from rlm_tui.document.file import DocumentFile
from rlm_tui.errors import DocumentError, UsageError
from rlm_tui.header import DocumentRef, Header
from rlm_tui.source import Source
from rlm_tui.ui import keymap
from rlm_tui.ui.debugger import Debugger
from rlm_tui.ui.provenance import Provenance
from rlm_tui.ui.run_display import Panes, RunDisplay
from rlm_tui.ui.widgets import figures
from rlm_tui.ui.widgets.bars import StatusLine, Timeline, TitleBar
from rlm_tui.ui.widgets.console import Console
from rlm_tui.ui.widgets.document_view import DocumentView, Question
from rlm_tui.ui.widgets.inspector import Inspector, Tab
from rlm_tui.ui.widgets.key_bar import KeyBar
from rlm_tui.ui.widgets.run_tree import RunTree
from rlm_tui.ui.widgets.watch_pane import WatchPane

Pane = Literal["document", "tree", "console", "inspector", "timeline"]

_ORDER: tuple[Pane, ...] = ("tree", "document", "console", "inspector", "timeline")
_TABBED: dict[str, str] = {"document": "1 Doc", "console": "3 Console", "inspector": "4 Insp"}
"""The panes that share a place on a small screen, and their words in the title."""

WIDTHS = ((0, "-tiny"), (60, "-small"), (100, "-medium"), (160, "-wide"))
"""The classes that the style sheet lays the panes out by, from a width in cells on."""


def size_class(width: int) -> str:
    """The class for a width; given from the start, so that nothing is styled twice."""
    return next(name for least, name in reversed(WIDTHS) if width >= least)


def _studied(path: Path, size: int) -> Path:
    """Where a recording's document is: where it was, or among those that are kept here."""
    kept = paths.documents_dir() / path.name
    if not path.exists() and kept.is_file() and kept.stat().st_size == size:
        return kept
    return path


class Workspace(Screen[None]):
    """Shows one document and one run on it, live or recorded."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *keymap.bindings(keymap.DEBUG),
        *keymap.bindings(keymap.WORKSPACE),
    ]
    AUTO_FOCUS = ""

    def __init__(self, *documents: Path, width: int, encoding: str = "") -> None:
        """Show the first of some documents from the first frame on, or nothing yet.

        Args:
            documents: what can be shown, and asked about together.
            width: of the screen, in cells.
            encoding: of the documents; empty to find it out.
        """
        super().__init__(classes=size_class(width))
        self.documents = list(documents)
        """The documents that can be shown."""
        self.document = documents[0] if documents else None
        """The document that is open, whether or not it can be read."""
        self._encoding = encoding
        self._tab = "document"
        self._display: RunDisplay | None = None
        self.debugger = Debugger(self, lambda: self.run, self._ask_what_if)

    def compose(self) -> ComposeResult:
        """The panes in the order in which tab goes through them."""
        yield TitleBar(id="title")
        with Container(id="panes"):
            with Container(id="left"):
                yield RunTree(id="tree")
                yield WatchPane(id="watch")
            with Container(id="main", classes="-front"):
                yield DocumentView(id="document", classes="-front")
                yield Console(id="console", classes="-behind")
            yield Inspector(id="inspector")
        yield Timeline(id="timeline")
        yield StatusLine(id="status")
        yield KeyBar()
        yield Provenance(lambda: self.run, self.show_document)

    def on_mount(self) -> None:
        """Name the panes and show the empty state."""
        self.query_one(RunTree).name_pane("2", "Run")
        self.query_one(DocumentView).name_pane("1", "Document")
        self.query_one(Console).name_pane("3", "Console")
        self.on_inspector_tab_chosen()
        self.query_one(DocumentView).focus()
        if self.document is not None:
            self.open_document(self.document)
        self.set_interval(0.25, self._tick)
        self._new_display().refresh_bars()

    async def on_unmount(self) -> None:
        """Leave nothing running."""
        if self._display is not None:
            await self._display.close()

    def on_resize(self) -> None:
        """The title says other things on a small screen."""
        self.call_after_refresh(self._refresh_title)
        self.call_after_refresh(self.on_inspector_tab_chosen)

    # The document and the run

    @property
    def run(self) -> RunDisplay:
        """The run that is shown; one without events before the first question."""
        return self._display or self._new_display()

    @property
    def studied(self) -> list[Path]:
        """What a question is about: all documents, or one that was opened alone."""
        if self.document is None or self.document in self.documents:
            return self.documents
        return [self.document]

    def _new_display(self) -> RunDisplay:
        panes = Panes(
            tree=self.query_one(RunTree),
            console=self.query_one(Console),
            inspector=self.query_one(Inspector),
            timeline=self.query_one(Timeline),
            status=self.query_one(StatusLine),
        )
        self._display = RunDisplay(
            self,
            panes,
            on_begin=self._on_begin,
            on_end=self._on_end,
            on_shown=self._on_shown,
            on_evaluated=self.debugger.looking.take,
        )
        return self._display

    def open_document(self, path: Path) -> None:
        """Show a document, or say why it cannot be read."""
        self.document = path
        view = self.query_one(DocumentView)
        try:
            view.open(DocumentFile(path, self._encoding))
        except (DocumentError, UsageError) as error:
            view.fail(str(error))
        self._refresh_title()

    def show_document(self, ref: DocumentRef | None) -> None:
        """Bring the document to the front, or another one that the run has studied."""
        if ref is not None:
            path = _studied(Path(ref.path), ref.bytes)
            self.open_document(next((p for p in self.documents if p.absolute() == path), path))
        self.action_pane("document")

    def action_reload(self) -> None:
        """Open the document anew, as it is now."""
        if self.document is not None:
            self.open_document(self.document)

    def action_document(self, step: int) -> None:
        """Show the next document."""
        if self.document in self.documents and len(self.documents) > 1:
            at = self.documents.index(self.document) + step
            self.open_document(self.documents[at % len(self.documents)])

    def action_type(self, question: Question) -> None:
        """Let the reader type what to find or what to filter by."""
        from rlm_tui.ui.screens.line_prompt import LinePrompt  # noqa: PLC0415 - Input takes 20 ms

        view = self.query_one(DocumentView)
        sign, placeholder, act = {
            "find": ("/", "text or regex; a capital letter makes case matter", view.find),
            "filter": ("&", "show only lines with this; ! before it: without", view.filter),
        }[question]

        def typed(text: str | None) -> None:
            if text is not None:
                act(text)

        prompt = LinePrompt(sign, value=view.typed(question), placeholder=placeholder)
        self.app.push_screen(prompt, typed)  # pyright: ignore[reportUnknownMemberType]

    def show_run(self, source: Source, *, at: int | None = None) -> None:
        """Show a source from its beginning, live or recorded.

        Args:
            source: what to show.
            at: the event to stand after once everything is there; None follows.
        """
        if self.document is not None:
            self._choose_tab("console")
        display = self._new_display()
        display.attach(source)
        display.refresh()
        self._drive(display, source, at)

    @work(exclusive=True, group="run", exit_on_error=False)
    async def _drive(self, display: RunDisplay, source: Source, at: int | None) -> None:
        """Run the source; it reaches the screen only through the link."""
        await display.drive(source, at)

    def _on_begin(self, header: Header) -> None:
        if self.document is None:
            self._open_studied(header)
        self._refresh_title()

    def _open_studied(self, header: Header) -> None:
        """Show the document of a recording; say so when it is not the one that was studied."""
        self.documents = [_studied(Path(one.path), one.bytes) for one in header.documents]
        self.query_one(RunTree).focus()
        self._choose_tab("inspector")
        self.open_document(self.documents[0])
        for path, document in zip(self.documents, header.documents, strict=True):
            self._compare(path, document)

    @work(thread=True, group="compare", exit_on_error=False)
    def _compare(self, path: Path, studied: DocumentRef) -> None:
        """Say what differs when a document is not the one that was studied any more."""
        try:
            size, digest = identity(path)
        except OSError:
            return  # the pane says so
        if (size, digest) == (studied.bytes, studied.sha256):
            return
        told = f"{path} has {size:,} bytes; the run studied {studied.bytes:,}."
        if size == studied.bytes:
            told = f"{path} has the size it had when the run studied it, but other contents."
        say = partial(self.notify, told, severity="warning", title="Changed on disk", markup=False)
        self.app.call_from_thread(say)  # pyright: ignore[reportUnknownMemberType]

    def _on_end(self) -> None:
        """Bring the answer to the front, if the reader is still watching the run."""
        if self._tab == "console":
            self._choose_tab("inspector")

    def _on_shown(self) -> None:
        """Bring the code to the front where the run is held; the focus stays where it is."""
        if not self.query(KeyBar) or not self.query(WatchPane):  # it is being taken down
            return
        self.debugger.shown()
        self.query_one(KeyBar).offer(self.debugger.offered)
        if self.debugger.held is not None and self._tab == "console":
            self._choose_tab("inspector")

    def _tick(self) -> None:
        if self.run.is_live:
            self.run.refresh_bars()

    def _refresh_title(self) -> None:
        header = self.run.header
        name = self.document.name if self.document else "rlm-tui"
        file = self.query_one(DocumentView).file
        rest = f" {figures.size(file.contents.status.st_size)}" if file is not None else ""
        if self.document in self.documents and len(self.documents) > 1:
            number = self.documents.index(self.document) + 1
            rest += f" ({number} of {len(self.documents)}: J K)"
        if header is not None:
            rest += f" · {header.question}"
        if self.has_class("-small"):
            words = (f"[{w}]" if tab == self._tab else w for tab, w in _TABBED.items())
            right = "  ".join(words)
        else:
            right = header.label if header else "rlm-tui"
        self.query_one(TitleBar).show(name, rest, right)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether a key does anything now; the footer leaves out the others."""
        has_events = bool(self._display and self._display.transport.playhead.records)
        if action in {"event", "iteration", "jump", "speed", "tab", "final_answer", "follow"}:
            return has_events
        return action != "debug" or (
            self._display is not None and self.debugger.is_possible(str(parameters[0]))
        )

    # Panes

    def _choose_tab(self, tab: str) -> None:
        self._tab = tab
        main = self.query_one("#main")
        main.set_class(tab != "inspector", "-front")
        for name in _TABBED:
            self.query_one(f"#{name}").set_class(name == tab, "-front")
        for name in ("document", "console") if tab != "inspector" else ():
            self.query_one(f"#{name}").set_class(name != tab, "-behind")
        self._refresh_title()

    def on_inspector_tab_chosen(self) -> None:
        """Name the tab in the frame."""
        inspector = self.query_one(Inspector)
        if self.has_class("-small") or self.has_class("-tiny"):
            inspector.name_pane("4", inspector.title.replace("  ", " "))
        else:
            inspector.name_pane("4", f"Inspect  {inspector.title}")

    def on_run_tree_selected(self, message: RunTree.Selected) -> None:
        """Show the row in the inspector."""
        trajectory = self.run.transport.playhead.trajectory
        self.query_one(Inspector).show(trajectory, message.node, is_answer=message.is_answer)

    def on_run_tree_opened(self, message: RunTree.Opened) -> None:
        """Bring the inspector to the front for a row."""
        self.on_run_tree_selected(message)
        self._choose_tab("inspector")

    def on_run_tree_moved(self) -> None:
        """Whoever moves in the tree wants to look, not to be moved along."""
        self.run.set_following(follows=False)

    def action_pane(self, name: Pane) -> None:
        """Focus a pane, bringing it to the front."""
        if name in _TABBED:
            self._choose_tab(name)
        self.query_one(f"#{name}").focus()

    def action_next_pane(self, step: int) -> None:
        """Focus the next pane that is on screen."""
        panes = [name for name in _ORDER if self._is_on_screen(self.query_one(f"#{name}"))]
        focused = self.focused.id if self.focused else ""
        at = panes.index(focused) if focused in panes else -1
        self.query_one(f"#{panes[(at + step) % len(panes)]}").focus()

    @staticmethod
    def _is_on_screen(pane: Widget) -> bool:
        return all(node.display for node in pane.ancestors_with_self)

    def action_zoom(self) -> None:
        """Give the focused pane the whole screen, and back."""
        if self.maximized is not None:
            self.minimize()
        elif self.focused is not None:
            self.maximize(self.focused, container=False)

    def action_tab(self, tab: Tab) -> None:
        """Show a tab of the inspector; the same one again goes back to the code."""
        inspector = self.query_one(Inspector)
        is_shown = inspector.tab == tab and self._is_on_screen(inspector)
        inspector.choose("code" if is_shown else tab)
        self._choose_tab("inspector")

    def action_final_answer(self) -> None:
        """Show the run's final answer."""
        self.query_one(RunTree).follow("")
        trajectory = self.run.transport.playhead.trajectory
        self.query_one(Inspector).show(trajectory, "", is_answer=True)
        self._choose_tab("inspector")

    # The run

    def action_debug(self, verb: str) -> None:
        """Do something to the run."""
        self.debugger.verbs[verb]()

    def _ask_what_if(self, name: str, change: str) -> None:
        self.app.call_later(self.app.run_action, ("", "what_if", (name, change)))  # pyright: ignore[reportUnknownMemberType]

    def on_inspector_line_marked(self, message: Inspector.LineMarked) -> None:
        """Have a breakpoint at a line of code, or no more."""
        self.debugger.toggle(f"line {message.block}:{message.line}")

    # Time

    def action_event(self, step: int) -> None:
        """Go back or forward by events; free, never calls a model."""
        self.run.transport.step(step)

    def action_iteration(self, step: int) -> None:
        """Go to before an iteration's model request."""
        self.run.transport.iteration(step)

    def action_jump(self, position: int) -> None:
        """Go to an event; -1 is the end."""
        transport = self.run.transport
        transport.go_to(position if position >= 0 else len(transport.playhead.records))

    def action_speed(self, step: int) -> None:
        """Play faster or slower."""
        self.run.transport.change_speed(step)
        self.run.refresh_bars()

    def action_follow(self) -> None:
        """Go to the end and stay there as the run goes on."""
        self.action_jump(-1)
        self.run.set_following(follows=True)
