from __future__ import annotations

from rlm_tui.breakpoint import Breakpoint
from rlm_tui.ui.widgets.watch_pane import Watched, WatchPane
from tests.ui.widgets.conftest import all_rows, alone

WATCHES = [
    Watched("len(results)", "2", "1"),
    Watched("results[-1]", "NameError: results", is_error=True),
    Watched("later", ""),
]
BREAKPOINTS = [Breakpoint(1, "llm_query"), Breakpoint(12, "cost>0.5", enabled=False)]


async def test_watches_and_breakpoints_have_a_row_each():
    async with alone(pane := WatchPane(), (44, 12)) as pilot:
        pane.styles.display = "block"
        pane.show(WATCHES, BREAKPOINTS, {1: 3})
        await pilot.pause()
        rows = all_rows(pane)
        assert rows[0].split() == ["len(results)", "2", "(was", "1)"]
        assert "NameError" in rows[1]
        assert rows[2].endswith("…")
        assert rows[3].split() == ["●", "1", "llm_query", "hits", "3"]
        assert rows[4].split() == ["○", "12", "cost>0.5", "off"]
        assert "Watch · Breakpoints" in str(pane.border_title)


async def test_it_is_there_only_while_there_is_something():
    async with alone(pane := WatchPane(), (44, 12)):
        pane.show([], [], {})
        assert not pane.has_class("-used")
        pane.show([], BREAKPOINTS, {})
        assert pane.has_class("-used")
        assert "Breakpoints" in str(pane.border_title)


async def test_text_of_models_is_shown_literally_and_fits():
    async with alone(pane := WatchPane(), (30, 12)) as pilot:
        pane.styles.display = "block"
        pane.show([Watched("x" * 50, "[bold]\x1b[31m\n" * 20, "y" * 90)], BREAKPOINTS, {})
        await pilot.pause()
        assert "\x1b" not in "".join(all_rows(pane))
        width = pane.scrollable_content_region.width
        assert all(pane.strip_at(n, width).cell_length <= width for n in range(pane.row_count))
