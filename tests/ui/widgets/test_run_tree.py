from __future__ import annotations

import pytest
from rich.cells import cell_len

from rlm_tui.events import CodeStarted, IterationStarted, SubCallStarted
from rlm_tui.trajectory import Trajectory
from rlm_tui.ui.widgets.run_tree import RunTree
from rlm_tui.ui.widgets.tree_rows import ANSWER, LAST, ROOT
from tests import runs
from tests.ui.conftest import until
from tests.ui.widgets.conftest import alone, rows_on_screen
from tests.ui.widgets.test_tree_rows import crowd


def folded(records):
    trajectory = Trajectory()
    trajectory.apply_all(records)
    return trajectory


class Heard:
    """The messages of a tree, in their order."""

    def __init__(self):
        self.all = []
        self._heard = []

    def __call__(self, message):
        if any(message is other for other in self._heard):
            return  # on its way up it reaches others
        self._heard.append(message)
        match message:
            case RunTree.Opened():
                self.all.append(("opened", message.node, message.is_answer))
            case RunTree.Selected():
                self.all.append(("selected", message.node, message.is_answer))
            case RunTree.Moved():
                self.all.append(("moved",))

    def chosen(self, kind):
        return [said[1] for said in self.all if said[0] == kind]


def tree_of(records):
    """A tree that shows a run when it is mounted."""
    tree = RunTree()
    tree.show(folded(records), None)
    return tree


def cursor_row(tree):
    """The row that is drawn as the one the cursor stands on."""
    rows = [
        y
        for y in range(tree.scrollable_content_region.height)
        if any(
            part.style
            and part.style.bgcolor in {tree.style("cursor").bgcolor, tree.style("mark").bgcolor}
            for part in tree.render_line(y)
        )
    ]
    assert len(rows) <= 1
    return rows[0] if rows else None


async def test_without_a_run_it_is_said_how_to_ask():
    async with alone(tree := RunTree()):
        assert rows_on_screen(tree)[:3] == [" No run yet.", "", " ctrl+n  ask a question"]
        tree.await_rows(is_live=True)
        assert rows_on_screen(tree)[:2] == [" The run begins.", ""]


async def test_a_row_has_its_label_at_the_left_and_its_state_and_time_at_the_right():
    async with alone(tree := tree_of(runs.NAMED["parallel"](4)), (40, 12)):
        rows = rows_on_screen(tree)
        width = tree.scrollable_content_region.width
        assert rows[0].startswith("▾ root openai/gpt-5")
        assert rows[0].endswith(" $0.750")
        assert rows[1].startswith("  ▾ it 1 llm_query_batched(")
        assert rows[2].startswith("      ┌#1 llm 300>20 ")
        assert [row.split()[-2] for row in rows[1:6]] == ["ok", "ok", "ok", "ERR", "ok"]
        assert {cell_len(row) for row in rows[:6]} == {width}
        assert rows[6] == "    = 715"


@pytest.mark.parametrize(
    "label", ["print('你好你好你好你好你好你好')", "x" * 200, "e\u0301" * 60, "\x1b[31m\t" * 9]
)
async def test_a_label_too_long_for_its_room_leaves_the_state_where_it_is(label):
    happenings = [("1", IterationStarted(1)), ("1.1", CodeStarted(label))]
    async with alone(tree := tree_of(runs.numbered(happenings)), (30, 6)):
        row = rows_on_screen(tree)[1]
        assert row.endswith("… run  .2")
        assert cell_len(row) == tree.scrollable_content_region.width
        assert "\x1b" not in row


async def test_a_row_that_stands_for_several_calls_says_how_many():
    async with alone(tree := tree_of(crowd(25)), (40, 30)):
        assert rows_on_screen(tree)[22] == "    … 5 more ok"


async def test_the_cursor_is_seen_with_and_without_the_focus_but_not_in_the_same_look():
    async with alone(tree := tree_of(runs.NAMED["answered"]())) as pilot:
        tree.focus()
        await pilot.pause()
        assert cursor_row(tree) == 0
        focused = [part.style for part in tree.render_line(0)]
        pilot.app.set_focus(None)
        await pilot.pause()
        assert cursor_row(tree) == 0
        assert [part.style for part in tree.render_line(0)] != focused


@pytest.mark.parametrize(
    ("keys", "cursor"),
    [
        (["down", "j"], (1, 1, 1)),
        (["down", "down", "k"], (1,)),
        (["up"], ROOT),
        (["G"], ANSWER),
        (["G", "down"], ANSWER),
        (["end", "home"], ROOT),
        (["pagedown"], ANSWER),
        (["pagedown", "pageup"], ROOT),
        (["right"], (1,)),
        (["right", "l", "right"], (1, 1, 1, 1)),
        (["right", "right", "down", "left"], (1, 1, 1)),
        (["G", "left"], ROOT),
    ],
    ids=str,
)
async def test_keys_move_the_cursor(keys, cursor):
    heard = Heard()
    async with alone(tree := tree_of(runs.NAMED["nested"]()), (40, 11), heard) as pilot:
        tree.rows.set_collapsed((1, 1, 1, 1), collapsed=True)
        tree.focus()
        await pilot.press(*keys)
        await until(pilot, lambda: tree.cursor == cursor)
        assert ("moved",) in heard.all
        assert cursor_row(tree) is not None


async def test_whoever_listens_is_told_of_the_row_under_the_cursor_once():
    heard = Heard()
    async with alone(tree := tree_of(runs.NAMED["answered"]()), (40, 10), heard) as pilot:
        tree.focus()
        await pilot.press("down", "up", "up", "G")
        await until(pilot, lambda: tree.is_on_answer)
        await pilot.pause()
        assert [said for said in heard.all if said[0] == "selected"] == [
            ("selected", "1", False),
            ("selected", "", False),
            ("selected", "", True),
        ]
        assert tree.selected == ""


async def test_following_the_run_moves_the_cursor_but_is_no_move_of_the_readers():
    heard = Heard()
    async with alone(tree := tree_of(runs.NAMED["answered"]()), (40, 10), heard) as pilot:
        tree.follow("2")
        await until(pilot, lambda: heard.chosen("selected") == ["2"])
        assert tree.selected == "2"
        tree.follow("")
        assert tree.is_on_answer
        await pilot.pause()
        assert ("moved",) not in heard.all


async def test_the_cursor_is_scrolled_into_view_in_both_directions():
    async with alone(tree := tree_of(crowd(20)), (40, 10)) as pilot:
        tree.focus()
        await pilot.press("G")
        await until(pilot, lambda: cursor_row(tree) == tree.scrollable_content_region.height - 1)
        await pilot.press("g")
        await until(pilot, lambda: cursor_row(tree) == 0)
        assert tree.scroll_offset.y == 0


async def test_left_folds_and_right_unfolds_what_is_below_the_cursor():
    async with alone(tree := tree_of(runs.NAMED["nested"]()), (40, 20)) as pilot:
        tree.focus()
        whole = rows_on_screen(tree)
        await pilot.press("down", "left")
        await until(pilot, lambda: rows_on_screen(tree)[1].startswith("  ▸ it 1"))
        assert rows_on_screen(tree)[2] == "    = 715"
        await pilot.press("right")
        await until(pilot, lambda: rows_on_screen(tree) == whole)


async def test_the_space_bar_and_plus_and_minus_fold():
    async with alone(tree := tree_of(runs.NAMED["nested"]()), (40, 20)) as pilot:
        tree.focus()
        whole = list(tree.rows.keys)
        await pilot.press("space")
        await until(pilot, lambda: tree.rows.keys == [ROOT])
        await pilot.press("space")
        await until(pilot, lambda: tree.rows.keys == whole)
        await pilot.press("minus")
        await until(pilot, lambda: tree.rows.keys == [ROOT, (1,), ANSWER])
        await pilot.press("plus")
        await until(pilot, lambda: tree.rows.keys == whole)


async def test_folding_around_the_cursor_takes_it_to_a_row_that_is_there():
    async with alone(tree := tree_of(runs.NAMED["nested"]()), (40, 20)) as pilot:
        tree.focus()
        tree.follow("1.1.1.1.1.1")
        await pilot.press("minus")
        await until(pilot, lambda: tree.cursor == (1,))
        assert cursor_row(tree) == 1


async def test_a_row_that_stands_for_several_unfolds_when_it_is_opened():
    heard = Heard()
    async with alone(tree := tree_of(crowd(25)), (40, 40), heard) as pilot:
        tree.focus()
        await pilot.press("G", "up")
        await until(pilot, lambda: tree.cursor == (1, 1, LAST))
        await pilot.press("enter")
        await until(pilot, lambda: (1, 1, 25) in tree.rows.keys)
        assert tree.cursor in tree.rows.keys
        assert heard.chosen("opened") == []


@pytest.mark.parametrize(
    ("keys", "opened"), [(["down", "enter"], ("1", False)), (["G", "enter"], ("", True))]
)
async def test_enter_opens_the_row_under_the_cursor(keys, opened):
    heard = Heard()
    async with alone(tree := tree_of(runs.NAMED["answered"]()), (40, 10), heard) as pilot:
        tree.focus()
        await pilot.press(*keys)
        await until(pilot, lambda: ("opened", *opened) in heard.all)


async def test_a_click_opens_a_row_and_on_its_mark_folds_it():
    heard = Heard()
    async with alone(tree := tree_of(runs.NAMED["nested"]()), (40, 20), heard) as pilot:
        left, top = tree.gutter.left, tree.gutter.top
        await pilot.click(tree, offset=(left + 12, top + 2))
        await until(pilot, lambda: heard.chosen("opened") == ["1.1.1"])
        await pilot.click(tree, offset=(left + 4, top + 2))
        await until(pilot, lambda: tree.rows.is_collapsed((1, 1, 1)))
        await pilot.click(tree, offset=(left + 4, top + 18))
        await pilot.pause()
        assert heard.chosen("opened") == ["1.1.1"]


async def test_a_run_that_goes_on_gets_its_rows_and_the_time_goes_on_with_it():
    trajectory, tree = Trajectory(), RunTree()
    happenings = [
        ("1", IterationStarted(1)),
        ("1.1", CodeStarted("x = 1")),
        ("1.1.1", SubCallStarted("llm_query", "m", "p", 1)),
    ]
    async with alone(tree, (40, 10)):
        for record in runs.numbered(happenings, step=2.0):
            trajectory.apply(record)
            tree.show(trajectory, [record.node])
        assert rows_on_screen(tree)[1].endswith("run 4.0")
        assert rows_on_screen(tree)[2].endswith("run  .0")
        assert tree.row_count == 3


async def test_another_run_takes_the_place_of_the_first():
    async with alone(tree := tree_of(runs.NAMED["nested"]()), (40, 20)):
        tree.follow("1.1.1.2")
        tree.show(folded(runs.NAMED["answered"]()), None)
        assert tree.row_count == 5
        tree.show(Trajectory(), None)
        assert rows_on_screen(tree)[0] == " No run yet."
