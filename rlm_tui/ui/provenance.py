"""Ties the document pane to the run: what was read, by whom, and where an answer comes from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Literal

from textual import work
from textual.widget import Widget

from rlm_tui.breakpoints import IsInPrompt
from rlm_tui.document.background_reader import BackgroundReader, Told
from rlm_tui.document.coverage import Coverage
from rlm_tui.document.file import DocumentFile, Line
from rlm_tui.document.known import ANSWER, Known
from rlm_tui.document.stretches import Stretches
from rlm_tui.events import NodeId
from rlm_tui.header import DocumentRef
from rlm_tui.trajectory import CodeBlock, Iteration, SubCall
from rlm_tui.ui.run_display import RunDisplay
from rlm_tui.ui.widgets import figures
from rlm_tui.ui.widgets.coverage_marks import LEGEND, CoverageMarks
from rlm_tui.ui.widgets.document_view import DocumentView
from rlm_tui.ui.widgets.run_tree import RunTree

_LOOK = 0.25
"""Seconds between two looks at the run and at the document that is shown."""

_SHOWN_QUOTE = 40


class Provenance(Widget):
    """Follows the run that is shown with a reader in the background; has no place on screen."""

    def __init__(
        self, shown: Callable[[], RunDisplay], to_document: Callable[[DocumentRef | None], None]
    ) -> None:
        """Follow a run.

        Args:
            shown: tells which.
            to_document: brings the document that is shown to the front, or another of the run's.
        """
        super().__init__()
        self.display = False
        self.known = Known()
        """What the reader has told of the run."""
        self._shown = shown
        self._to_document = to_document
        self._run: RunDisplay | None = None
        self._reader: BackgroundReader | None = None
        self._fed = 0
        """How many of the run's records were handed over."""
        self._marks: CoverageMarks | None = None
        self.is_coloured = False
        self._asked: tuple[DocumentFile, IsInPrompt] | None = None
        self._found: tuple[NodeId, int] | None = None
        """The node whose place was shown last, and which of its places in all documents."""
        self._is_due = False
        """Whether that place is shown as soon as its document is there."""

    @property
    def verbs(self) -> dict[str, Callable[[], None]]:
        """What a key can ask for, by its name."""
        return {"locate": self.locate, "coverage": self.toggle_coverage, "who": self.show_readers}

    def on_mount(self) -> None:
        """Look at the run now and then."""
        self.set_interval(_LOOK, self.look)

    async def on_unmount(self) -> None:
        """Leave no process behind."""
        reader, self._reader = self._reader, None
        if reader is not None:
            await reader.end()

    # Following the run

    def look(self) -> None:
        """Bring what is known up to where the run and its reader stand."""
        run = self._shown()
        if run is not self._run:
            self._start_over(run)
        self._look_at_document()
        header, head = run.header, run.transport.playhead
        if header is None or not head.records:
            return
        if self._reader is None and not self.known.trouble:
            reader = self._reader = BackgroundReader(header.documents, self._hear)
            self._begin(reader, run.session)
        if self._reader is not None and self._fed < len(head.records):
            self._reader.take(head.records[self._fed :])
            self._fed = len(head.records)
        if self.known.fold(head.records[head.position - 1].seq if head.position else 0):
            self._show()

    def _start_over(self, run: RunDisplay) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            self._end(reader)
        self._run = run
        self.known, self._fed = Known(), 0
        self._found, self._is_due = None, False
        if self._marks is not None:
            self._marks.located = Stretches()

    def _look_at_document(self) -> None:
        """Mark another document as soon as it is shown, and go to the place that waits for it."""
        file = self._view.file
        if file is not None and (self._marks is None or self._marks.file is not file):
            marks, number = self._marks_of(file), self._number()
            if self._found is not None and number is not None:
                marks.located = self.known.places(self._found[0], number)
            self._refresh_marks()
        if self._is_due:
            self._show_place()

    @work(group="reading", exit_on_error=False)
    async def _begin(self, reader: BackgroundReader, session: str | None) -> None:
        await reader.begin(session)

    @work(group="reading", exit_on_error=False)
    async def _end(self, reader: BackgroundReader) -> None:
        await reader.end()

    def _hear(self, told: Told) -> None:
        if self._reader is None:
            return
        self.known.take(told)
        self._show()

    # Showing

    def _show(self) -> None:
        run = self._run
        if run is not None and self.known.coverages:
            # What is not known to have been read may have been: that is not nothing.
            share = figures.share(self.known.read_share)
            run.read = "read unknown" if self.known.is_unknown else f"read {share}"
            run.refresh_bars()
        self._refresh_marks()

    @property
    def _view(self) -> DocumentView:
        return self.screen.query_one(DocumentView)

    def _number(self) -> int | None:
        """Which of the run's documents is shown; None when it is none of them."""
        run, file = self._run, self._view.file
        if run is None or run.header is None or file is None:
            return None
        names = [Path(ref.path) for ref in run.header.documents]
        path = file.path.absolute()
        same = [n for n, name in enumerate(names) if name == path] or [
            n for n, name in enumerate(names) if name.name == path.name
        ]
        return same[0] if same else None

    def _coverage(self) -> Coverage | None:
        """Of the document that is shown; None when nothing is known of it."""
        number = self._number()
        known = self.known.coverages
        return known[number] if number is not None and number < len(known) else None

    def _marks_of(self, file: DocumentFile) -> CoverageMarks:
        if self._marks is None or self._marks.file is not file:
            if self._marks in self._view.marks:
                self._view.marks.remove(self._marks)
            self._marks = CoverageMarks(file)
        return self._marks

    def _refresh_marks(self) -> None:
        view, file = self._view, self._view.file
        if file is None:
            return
        marks = self._marks_of(file)
        marks.coverage = self._coverage() or Coverage()
        marks.is_coloured = self.is_coloured
        marks.forget()
        was_shown = marks in view.marks
        if marks.is_empty and was_shown:
            view.marks.remove(marks)
        elif not marks.is_empty and not was_shown:
            view.marks.append(marks)
        if was_shown or not marks.is_empty:
            view.redraw()

    def _say(self, text: str, severity: Literal["information", "warning"] = "information") -> None:
        self.notify(text, severity=severity, markup=False)

    def _known(self) -> Coverage | None:
        """What is known of the document that is shown; says so when it is nothing."""
        self.look()
        coverage = self._coverage()
        if coverage is None:
            told = "There is no run on this document yet."
            if self._reader is not None:
                told = self.known.trouble or "What was read is still being found out."
            self._say(told, "warning")
        return coverage

    def is_in(self, first: int, last: int, prompt: str) -> bool:
        """Whether lines of the document that is shown stand in a prompt; asked by breakpoints."""
        file = self._view.file
        if file is None:
            return False
        if self._asked is None or self._asked[0] is not file:
            from rlm_tui.document.line_marks import LineMarks  # noqa: PLC0415 - 10 ms

            self._asked = file, LineMarks(partial(_lines_of, file)).is_in
        return self._asked[1](first, last, prompt)

    # What keys ask for

    def toggle_coverage(self) -> None:
        """Mark lines by how far they have come, or no more."""
        if not self.is_coloured and self._known() is None:
            return
        self.is_coloured = not self.is_coloured
        if self.is_coloured:
            self._say(LEGEND)
        self._refresh_marks()

    def locate(self) -> None:
        """Show what the selected node saw of the documents; again, the next place of it."""
        coverage, file, shown = self._known(), self._view.file, self._number()
        if coverage is None or file is None or shown is None:
            return
        tree = self.screen.query_one(RunTree)
        node = ANSWER if tree.is_on_answer else tree.selected
        self._marks_of(file).located = self.known.places(node, shown)
        self._refresh_marks()
        places = self.known.all_places(node)
        if not places:
            self._found = None
            self._say(f"It is not known what of the document {_named(node)} saw.", "warning")
            return
        if self._found is not None and self._found[0] == node:
            number = (self._found[1] + 1) % len(places)
        else:  # what is in view comes first
            number = next((n for n, (document, _) in enumerate(places) if document == shown), 0)
        self._found = (node, number)
        if places[number][0] == shown:
            self._show_place()
        elif self._run is not None and self._run.header is not None:
            self._is_due = True
            self._to_document(self._run.header.documents[places[number][0]])

    def _show_place(self) -> None:
        """Go to the place that was found last, once its document is known as far as that."""
        file, shown = self._view.file, self._number()
        if self._found is None or file is None:
            return
        node, number = self._found
        places = self.known.all_places(node)
        document, (start, end) = places[number]
        place = file.place_at_char(start) if document == shown else None
        last = file.place_at_char(max(end - 1, start))
        if place is None:
            if not self._is_due:
                self._is_due = True
                self._say("The document is still being read; it goes there when it can.")
            return
        self._is_due = False
        self._to_document(None)
        self._view.go_to(place.offset, rows_above=2)
        lines = f"lines {place.line + 1:,}-{(last or place).line + 1:,}"
        where = f"{file.path.name} {lines}" if len(self.known.sizes) > 1 else lines
        more = f", {number + 1:,} of {len(places):,} places: L for the next" * (len(places) > 1)
        self._say(f"{_named(node)}: {where}{more}")

    def show_readers(self) -> None:
        """List who saw the line that is found, or located, or the first on screen."""
        coverage, line = self._known(), self._line()
        if coverage is None or line is None or self._view.file is None:
            return
        marks = self._marks_of(self._view.file)
        first, end = marks.char_of(line.start), marks.char_of(line.after)
        number = self._view.file.number_at(line.start)[0] + 1
        if first is None or end is None:
            self._say("The document is still being read; try again in a moment.", "warning")
            return
        readings = coverage.seen_by(first, end)
        rows = [f"{reading.level:<8} {self._words(reading.node)}" for reading in readings]
        quotes = self._quotes_of(first, end)
        rows = [f"{'quoted':<8} the answer: {quote}" for quote in quotes] + rows
        if not rows:
            self._say(f"No event shows that anyone saw line {number:,}.")
            return
        nodes = ["" for _ in quotes] + [reading.node for reading in readings]

        def chosen(index: int | None) -> None:
            if index is not None and self._run is not None:
                self._run.set_following(follows=False)
                self.screen.query_one(RunTree).follow(nodes[index])

        from rlm_tui.ui.screens.destinations import Destinations  # noqa: PLC0415 - OptionList takes 10 ms

        dialog = Destinations(f"Who saw line {number:,}", rows)
        self.app.push_screen(dialog, chosen)  # pyright: ignore[reportUnknownMemberType]

    def _line(self) -> Line | None:
        """The line on screen that is found, or located, else the first."""
        view, marks = self._view, self._marks
        hit = view.finding.current if view.finding else None
        lines = [row.line for row in view.visible_rows()]
        found = [line for line in lines if hit and line.start <= hit[0] < line.after]
        located = [line for line in lines if marks and marks.is_located(line.start, line.after)]
        return (found or located or lines or [None])[0]

    def _quotes_of(self, first: int, end: int) -> Sequence[str]:
        run = self._run
        finished = run.transport.playhead.trajectory.root.answer if run else None
        if finished is None:
            return []
        number = self._number()
        quoted = [] if number is None else self.known.quotations(number, first, end)
        return [f"“{finished.answer[one.at : one.until][:_SHOWN_QUOTE]}”" for one in quoted]

    def _words(self, node: NodeId) -> str:
        run = self._run
        match run.transport.playhead.trajectory.nodes.get(node) if run else None:
            case SubCall() as call:
                return f"{call.kind} {node} to {call.model}"
            case Iteration() as iteration:
                return f"it {iteration.number} ({node}), as told to {iteration.model}"
            case CodeBlock():
                return f"code {node}"
            case None:
                return node


def _lines_of(file: DocumentFile, first: int, last: int) -> str:
    """The text of some lines, by their numbers from 1; empty when it cannot be read."""
    try:
        lines = file.lines(max(first, 1) - 1, last - max(first, 1) + 1)
    except OSError:
        return ""
    return "\n".join(line.text for line in lines)


def _named(node: NodeId) -> str:
    return {"": "the run", ANSWER: "the answer"}.get(node, node)
