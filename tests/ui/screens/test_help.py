from __future__ import annotations

import pytest

from rlm_tui.ui import keymap
from rlm_tui.ui.screens.help import Help, KeySheet

TABLES = [("", keymap.TREE), ("", keymap.WORKSPACE), ("", keymap.APP)]


def rows(pilot):
    sheet = pilot.app.screen.query_one(KeySheet)
    return [sheet.strip_at(row, 90).text for row in range(sheet.row_count)]


async def test_every_key_stands_there_with_its_sentence(shown):
    async with shown(Help(TABLES)) as pilot:
        told = rows(pilot)
    for _, table in TABLES:
        for key in table:
            assert f"  {keymap.shown_keys(key):<20}{key.tooltip}" in told


async def test_the_first_table_comes_first_and_groups_have_titles(shown):
    async with shown(Help([("Tree", keymap.TREE), ("", keymap.WORKSPACE)])) as pilot:
        told = rows(pilot)
    titles = [row for row in told if row and not row.startswith(" ")]
    assert titles == ["Tree · Move in the pane", "Run", "Time", "Look", "Panes", "App"]


async def test_keys_never_run_into_their_sentence(shown):
    async with shown(Help([("", table) for table in keymap.TABLES.values()])) as pilot:
        told = [row for row in rows(pilot) if row.startswith("  ")]
    assert [row for row in told if row[21] != " "] == []


async def test_no_sentence_is_cut_where_there_are_eighty_columns(shown):
    async with shown(Help([("", table) for table in keymap.TABLES.values()])) as pilot:
        width = pilot.app.screen.query_one(KeySheet).scrollable_content_region.width
        assert [row for row in rows(pilot) if len(row) > width] == []


@pytest.mark.parametrize("size", [(80, 24), (50, 20), (120, 40)], ids=str)
async def test_the_sheet_fits_and_its_end_can_be_reached(shown, size):
    async with shown(Help(TABLES), size) as pilot:
        assert "One row up" in pilot.app.text()
        assert "esc Close" in pilot.app.text()
        await pilot.press("G")
        await pilot.pause()
        assert "Draw the screen" in pilot.app.text()


async def test_q_closes_it(shown):
    async with shown(Help(TABLES)) as pilot:
        await pilot.press("q")
        await pilot.pause()
        assert not pilot.app.is_open
