from __future__ import annotations

import pytest

from rlm_tui.breakpoint import Breakpoint
from rlm_tui.ui.breakpoint_list import BreakpointList
from rlm_tui.ui.screens.breakpoint_table import BreakpointRows, BreakpointTable
from tests.ui.conftest import until


@pytest.fixture
def breakpoints():
    some = BreakpointList()
    for spec in ("llm_query", "error", "cost>0.5"):
        some.add(spec)
    return some


@pytest.fixture
def table(breakpoints):
    table = BreakpointTable(breakpoints, lambda: {1: 3}, lambda: table.told.append(1))
    table.told = []
    return table


async def test_each_has_a_row_with_its_hits_and_what_happens_then(shown, table, breakpoints):
    breakpoints.change(2, enabled=False)
    async with shown(table) as pilot:
        rows = [row for row in pilot.app.text().split("\n") if "●" in row or "○" in row]
        first, second, _ = rows
        assert first.split()[-6:-1] == ["●", "1", "llm_query", "3", "pause"]
        assert "○" in second
        assert "off" in second


@pytest.mark.parametrize(
    ("keys", "changed"),
    [
        (["space"], Breakpoint(1, "llm_query", enabled=False)),
        (["t"], Breakpoint(1, "llm_query", action="log")),
        (["t", "t"], Breakpoint(1, "llm_query", action="ask")),
        (["o"], Breakpoint(1, "llm_query", once=True)),
        (["down", "down", "up", "up", "space"], Breakpoint(1, "llm_query", enabled=False)),
    ],
    ids=str,
)
async def test_one_is_changed_with_a_key_and_it_holds_at_once(
    shown, table, breakpoints, keys, changed
):
    async with shown(table) as pilot:
        await pilot.press(*keys)
        await pilot.pause()
        assert breakpoints.all[0] == changed
        assert table.told


async def test_one_is_removed_and_the_last_leaves_a_word_how_to_set_one(shown, table, breakpoints):
    async with shown(table) as pilot:
        await pilot.press("down", "delete")
        assert [item.number for item in breakpoints.all] == [1, 3]
        await pilot.press("delete", "delete", "delete", "space")
        await pilot.pause()
        assert breakpoints.all == []
        assert "n sets one" in pilot.app.text()


async def test_a_new_one_is_typed(shown, table, breakpoints):
    async with shown(table) as pilot:
        await pilot.press("n", *"it", "space", "5", "enter")
        await pilot.pause()
        assert breakpoints.all[-1] == Breakpoint(4, "it 5")
        assert "it 5" in pilot.app.text()
        assert pilot.app.focused is table.query_one(BreakpointRows)


async def test_words_that_cannot_be_read_are_refused_where_they_are_typed(
    shown, table, breakpoints
):
    async with shown(table) as pilot:
        await pilot.press("enter")
        await pilot.pause()
        assert table.query_one("Input").value == "llm_query"
        await pilot.press("x", "enter")
        await pilot.pause()
        assert "'llm_queryx' is not known" in pilot.app.text()
        assert breakpoints.all[0].spec == "llm_query"
        await pilot.press("escape", "escape")
        await pilot.pause()
        assert pilot.app.result is None


async def test_the_rows_follow_the_cursor_and_the_mouse(shown, breakpoints):
    for number in range(40):
        breakpoints.add(f"it {number + 1}")
    async with shown(BreakpointTable(breakpoints, dict, list)) as pilot:
        await pilot.press(*["down"] * 30)
        await pilot.pause()
        assert any(row.lstrip("┃ ").startswith(">") for row in pilot.app.text().split("\n"))
        await pilot.click(BreakpointRows, offset=(10, 3))
        await pilot.press("space")
        assert sum(not item.enabled for item in breakpoints.all) == 1


async def test_those_of_the_last_run_are_offered_where_there_are_none(shown):
    none, told = BreakpointList(), []
    none.remembered = lambda: [Breakpoint(1, "llm_query"), Breakpoint(2, "error")]
    async with shown(BreakpointTable(none, dict, lambda: told.append(1))) as pilot:
        await until(pilot, lambda: "llm_query · error" in pilot.app.text())
        await pilot.press("u")
        assert [item.spec for item in none.all] == ["llm_query", "error"]
        assert told == [1]
        assert none.add("FINAL").number == 3
