"""The document pane: a file of any size, with what is known of its lines."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import ClassVar, Literal

from textual import work
from textual.binding import BindingType
from textual.content import Content
from textual.events import Resize
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from rlm_tui.document.change import change_of
from rlm_tui.document.file import DocumentFile
from rlm_tui.document.mojibake import is_decoded_twice, repaired
from rlm_tui.document.pattern import Wanted
from rlm_tui.document.pretty import pretty
from rlm_tui.document.search import Search
from rlm_tui.ui import keymap
from rlm_tui.ui.widgets.document_colours import Colours
from rlm_tui.ui.widgets.document_filter import AT_ONCE, FilteredLines
from rlm_tui.ui.widgets.document_finding import Finding
from rlm_tui.ui.widgets.document_lines import ChosenLines, NumberedLines
from rlm_tui.ui.widgets.document_marks import Mark
from rlm_tui.ui.widgets.document_page import Page
from rlm_tui.ui.widgets.document_place import DocumentPlace
from rlm_tui.ui.widgets.document_rows import Spot
from rlm_tui.ui.widgets.lines import cells, drawable

_LOOK = 1.0
"""Seconds between two looks at whether the file has changed."""

Question = Literal["find", "filter"]


class DocumentView(DocumentPlace):
    """The document pane."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *keymap.bindings(keymap.DOCUMENT),
        *keymap.bindings(keymap.TEXT),
    ]

    class Indexed(Message):
        """More lines are known."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.problem = "No document. ctrl+o opens one."
        """What is said in place of a document."""
        self.filtering: Search | None = None
        """The search whose lines alone are shown; None to show all."""
        self.page: Page | None = None
        self.chosen = ChosenLines()
        """The lines that the reader chose."""
        self._breaks = NumberedLines(Mark("●", "error"), ())
        self.is_twice_decoded = False
        """Whether the text looks as if it had been decoded twice."""
        self.wraps = self.is_pretty = self.is_repaired = False
        self._unturned: tuple[tuple[Spot, int], tuple[Spot, int]] | None = None
        """Where wrapping was turned on or off last: where that led to, and from where."""
        self._left_at: dict[Path, int] = {}
        """The line at the top of each file that was shown, for when it comes back."""
        self._change = ""
        self._ending: asyncio.Future[None] | None = None
        """The end of the searches of files that were shown before."""

    # The file

    def open(self, file: DocumentFile) -> None:
        """Show a file from its beginning."""
        self._let_go()
        self.start_over(file)
        assert self.rows is not None  # noqa: S101 - there is a file
        self.page = Page(self, file, self.rows)
        self.finding = Finding(file, self._on_found)
        self.chosen.clear()
        self.chosen.file = self._breaks.file = file
        self._change, self._unturned = "", None
        self.wraps = self.is_pretty = self.is_repaired = self.is_twice_decoded = False
        self.scroll_home(animate=False)
        self._show_marks()
        self._index(file, self.page)
        at = self._left_at.get(file.path, 0)
        if 0 < at < file.size:
            self.move(lambda _: Spot(file.line_start(at)))

    def fail(self, problem: str) -> None:
        """Say why there is no document; one that was shown goes."""
        self.problem = problem
        self._let_go()
        self.border_subtitle = ""
        self.refresh()

    def _let_go(self) -> None:
        """Have nothing open any more."""
        file, top = self.file, self.top.start
        searches = [search for search in (self._search, self.filtering) if search]
        self.page = self.finding = self.filtering = None
        self.start_over(None)
        if file is not None:
            self._left_at[file.path] = top
            file.close()
        if searches:
            self._ending = asyncio.ensure_future(_end(self._ending, searches))

    @property
    def _search(self) -> Search | None:
        return None if self.finding is None else self.finding.search

    def on_mount(self) -> None:
        """Look at the file now and then."""
        self.set_interval(_LOOK, self._look)

    async def on_unmount(self) -> None:
        """Close the file, and leave no process behind."""
        self._let_go()
        if self._ending is not None:
            await self._ending

    @work(exclusive=True, group="look", exit_on_error=False)
    async def _look(self) -> None:
        file = self.file
        if file is None:
            return
        change = await asyncio.to_thread(change_of, file.contents)
        if file is self.file and change != self._change:
            self._change = change
            self.redraw()

    @work(thread=True, exclusive=True, group="index", exit_on_error=False)
    def _index(self, file: DocumentFile, page: Page) -> None:
        """Unpack and count the lines, telling about four times a second; find out the colours."""
        page.colours = Colours.of_file(file.path)
        head, _ = file.text_at(file.contents.start, 1 << 16)
        self.is_twice_decoded = is_decoded_twice(head)
        told = 0.0

        def on_progress() -> None:
            nonlocal told
            if file.is_indexed or file.index.end > 1.3 * told + 1e6:
                told = file.index.end
                self.post_message(self.Indexed())

        file.build_index(on_progress)

    def on_document_view_indexed(self) -> None:
        """Go where the reader wanted to, and show the numbers that are known now."""
        self.reach_aim()
        self.redraw()

    # Drawing

    def redraw(self) -> None:
        """Draw everything anew."""
        if self.page is not None and self.rows is not None and self.is_attached:
            self.page.forget()
            self.rows.width = self.text_width if self.wraps else 0
            wide = 0 if self.wraps else self.page.widest
            width = self.size.width
            self.virtual_size = Size(max(wide + width - self.text_width, width), 1)
        self.say_place()
        self.refresh()

    @property
    def front_width(self) -> int:
        """Cells in front of a line."""
        return (self.page.number_width if self.page else 0) + 2 * bool(self.marks)

    def on_resize(self, _event: Resize) -> None:
        """Rows are as wide as the pane."""
        self.redraw()

    def render_line(self, y: int) -> Strip:
        """A row of the screen."""
        if self.page is None:
            text = drawable(self.problem if y == 0 else "")
            return cells(text, self.style("dim")).crop_extend(0, self.size.width, self.style())
        return self.page.strip(y)

    def say_place(self) -> None:
        """Say in the frame where the reader is, and what is to be said of the file."""
        if self.page is None:
            return
        words = list(self.page.words())
        words += self.finding.words() if self.finding else ()
        if (filtering := self.filtering) is not None and filtering.wanted is not None:
            sign = "!" if filtering.wanted.is_inverted else ""
            more = "" if filtering.is_done or filtering.trouble else "…"
            words.append(f"&{sign}{filtering.wanted.text} {filtering.total:,} lines{more}")
            words += [filtering.trouble] if filtering.trouble else []
        if self.is_twice_decoded:
            words.append("repaired view" if self.is_repaired else "decoded twice? M repairs")
        words += [f"{self.chosen.spec} chosen: b breaks"] if self.chosen.spans else []
        trouble = self.file.contents.trouble if self.file else ""
        words += [word for word in (trouble, self._change or self.trouble) if word]
        self.border_subtitle = Content(" · ".join(words))

    # Keys

    def typed(self, question: Question) -> str:
        """What the reader typed to find, or to filter by, and still holds."""
        search = self.filtering if question == "filter" else self._search
        wanted = search.wanted if search else None
        sign = "!" if wanted and wanted.is_inverted else ""
        return sign + wanted.text if wanted else ""

    def action_wrap(self) -> None:
        """Wrap long lines, or not; what stands at the top, and the hit one stands on, stay."""
        rows, page, is_hit_shown = self.rows, self.page, self._is_hit_shown
        self.wraps = not self.wraps
        if rows is None or page is None:
            return
        width = self.text_width if self.wraps else 0
        before = self.top, self.scroll_offset.x
        top, left = rows.turned(*before, width)
        if self._unturned is not None and self._unturned[0] == before:
            top, left = self._unturned[1]  # nobody has moved since
        if left:
            page.widest = max(page.widest, left + self.text_width)
        self.move(lambda _: top)
        self.scroll_to(x=left, animate=False, force=True)  # its bar may not be there yet
        self._unturned = (self.top, left), before
        self._keep_hit(is_hit_shown=is_hit_shown)

    def action_pretty(self) -> None:
        """Show lines of JSON unfolded, or as they are."""
        self.is_pretty = not self.is_pretty
        self._reshape()

    def action_repair(self) -> None:
        """Show text that was decoded twice as it was meant; `context` stays as it is."""
        self.is_repaired = not self.is_repaired
        self._reshape()

    def _reshape(self) -> None:
        if self.rows is None:
            return
        is_hit_shown = self._is_hit_shown
        self.rows.reshape(*[repaired] * self.is_repaired, *[pretty] * self.is_pretty)
        self.move(lambda spot: Spot(spot.start))
        self._keep_hit(is_hit_shown=is_hit_shown)

    @property
    def _is_hit_shown(self) -> bool:
        """Whether the row with the hit one stands on is on screen."""
        finding, rows = self.finding, self.rows
        if finding is None or finding.current is None or rows is None:
            return False
        spot = rows.holding(finding.current[0])
        return any(row.spot == spot for row in self.visible_rows())

    def _keep_hit(self, *, is_hit_shown: bool) -> None:
        if is_hit_shown and self.finding is not None:
            self._show_hit(self.finding)

    @property
    def standing(self) -> int:
        """The number of the line that is found, else of the first on screen; 0 if not known."""
        rows, finding = self.visible_rows(), self.finding
        if self.file is None or not rows:
            return 0
        at = rows[0].line.start
        if finding is not None and finding.current is not None and self._is_hit_shown:
            at = self.file.line_start(finding.current[0])
        number, is_known = self.file.number_at(at)
        return number + 1 if is_known else 0

    def action_choose(self, step: int) -> None:
        """Choose the line one stands on, then as many more as one goes over."""
        file, standing = self.file, self.standing
        if file is None or (not standing and not self.chosen.moves):
            return
        self.chosen.extend(step, standing, file.line_count)
        start = file.start_of(self.chosen.moves - 1)
        self._show_marks()
        if start is not None and start not in {row.line.start for row in self.visible_rows()[:-1]}:
            self.go_to(start, rows_above=self.size.height - 2 if step > 0 else 0)

    def break_at(self, lines: list[tuple[int, int]]) -> None:
        """Mark the lines at which the run stops when they are about to be sent."""
        if lines != self._breaks.spans:
            self._breaks.spans = lines
            self._show_marks()

    def _show_marks(self) -> None:
        for marks in (self._breaks, self.chosen):
            if marks.spans and marks not in self.marks:
                self.marks.insert(0, marks)
            elif not marks.spans and marks in self.marks:
                self.marks.remove(marks)
        self.redraw()

    def action_clear(self) -> None:
        """Choose no lines any more; look for nothing; then show all lines again."""
        if self.chosen.spans:
            self.chosen.clear()
            self._show_marks()
        elif self.finding is not None and self.finding.wanted is not None:
            self.find("")
        elif self.filtering is not None:
            self.filter("")

    # Finding and filtering

    def find(self, text: str) -> None:
        """Look for something from the first row on; nothing for an empty text."""
        if self.finding is not None:
            self._find(self.finding, Wanted.typed(text) if text else None)

    @work(exclusive=True, group="find", exit_on_error=False)
    async def _find(self, finding: Finding, wanted: Wanted | None) -> None:
        if wanted is None:
            await finding.end()
        else:
            await finding.begin(wanted._replace(is_inverted=False))
            await finding.move(self.top.start + self.top.at, 1)
            self._show_hit(finding)
        self.redraw()

    @work(exclusive=True, group="find", exit_on_error=False)
    async def action_hit(self, step: int) -> None:
        """Go to the next hit, or the one before."""
        finding = self.finding
        if finding is None or finding.wanted is None:
            return
        await finding.move(self.top.start, step)
        self._show_hit(finding)

    def _show_hit(self, finding: Finding) -> None:
        if finding is not self.finding or finding.current is None:
            return
        start = finding.current[0]
        self.filter_out_of_the_way(start)
        if not self._is_hit_shown:
            self.go_to(start, rows_above=self.size.height // 3)
        if self.page is not None and not self.wraps:
            self.page.bring_into_view(start)
        self.redraw()

    def filter_out_of_the_way(self, offset: int) -> None:
        """Show all lines again, when a filter hides the one at an offset."""
        if self.filtering is not None and self.rows is not None and self.file is not None:
            selection, start = self.rows.selection, self.file.line_start(offset)
            if selection is not None and selection.following(start) not in {start, None}:
                self.filter("")

    def _on_found(self) -> None:
        self.call_later(self.redraw)

    def fetch_hits(self) -> None:
        """Find the hits of the lines on screen."""
        if self.finding is not None and self.finding.wanted is not None:
            self._fetch(self.finding)

    @work(exclusive=True, group="spans", exit_on_error=False)
    async def _fetch(self, finding: Finding) -> None:
        if await finding.fetch():
            self.redraw()

    def filter(self, text: str) -> None:
        """Show the lines that hold something alone, or with `!` those that do not."""
        if self.file is not None:
            self._filter(self.file, Wanted.typed(text) if text else None)

    @work(exclusive=True, group="filter", exit_on_error=False)
    async def _filter(self, file: DocumentFile, wanted: Wanted | None) -> None:
        if self.filtering is not None:
            await self.filtering.end()
            self.filtering = None
        if self.rows is not None:
            self.rows.selection = None
        if wanted is not None and self.rows is not None:
            self.filtering = search = Search(file.contents, self._on_found)
            await search.begin(wanted, by_line=True)
            self.rows.selection = FilteredLines(self._more_lines)
        self.move(lambda spot: spot)

    def _more_lines(self, at: int, step: int) -> None:
        self._bring_lines(at, step)

    @work(group="lines", exit_on_error=False)
    async def _bring_lines(self, at: int, step: int) -> None:
        search = self.filtering
        found = None if search is None else await search.lines(at, step, AT_ONCE)
        selection = self.rows.selection if self.rows else None
        if found is not None and search is self.filtering and isinstance(selection, FilteredLines):
            selection.take(at, step, found)
            self.go_on()


async def _end(before: asyncio.Future[None] | None, searches: list[Search]) -> None:
    if before is not None:
        await before
    for search in searches:
        await search.end()
