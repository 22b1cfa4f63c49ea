from __future__ import annotations

import pytest
from textual.app import App
from textual.binding import Binding
from textual.widgets import Input, Static

from rlm_tui.ui.widgets.key_bar import KeyBar
from tests.ui.conftest import until


class Pane(Static, can_focus=True):
    """Has an action of its own."""

    BINDINGS = [Binding("p", "mark", "Mark")]  # noqa: RUF012 - Textual's form

    def action_mark(self):
        self.app.done.append("mark")


class Board(App[None]):
    """A key bar below an input, and actions that write down that they were done."""

    CSS = "KeyBar { height: 1; dock: bottom; }"
    BINDINGS = [  # noqa: RUF012 - Textual's form
        Binding("a,b", "note('first')", "First", key_display="A"),
        Binding("c", "note('hidden')", "Hidden", show=False),
        Binding("d", "note('second')", "Second"),
        Binding("e", "absent", "Absent"),
        Binding("f", "note('你好')", "你好"),
        Binding("g", "note('last')", "Last"),
    ]

    def __init__(self):
        super().__init__()
        self.bar = KeyBar()
        self.done = []
        self.is_absent = True

    def compose(self):
        yield Input()
        yield Pane()
        yield self.bar

    def action_note(self, what):
        self.done.append(what)

    def action_absent(self):
        self.done.append("absent")

    def check_action(self, action, parameters):
        return not (action == "absent" and self.is_absent)


def shown(app):
    return app.bar.render_line(0).text.rstrip()


async def test_the_keys_that_do_something_now_are_shown_in_their_order_one_for_each_action():
    app = Board()
    async with app.run_test(size=(80, 5)) as pilot:
        app.set_focus(None)
        await until(pilot, lambda: "First" in shown(app))
        text = shown(app)
        assert text.startswith(" A First  d Second  f 你好  g Last")
        assert "Hidden" not in text
        assert "Absent" not in text


async def test_an_action_that_can_be_done_now_comes_and_one_that_cannot_any_more_goes():
    app = Board()
    async with app.run_test(size=(80, 5)) as pilot:
        app.set_focus(None)
        app.is_absent = False
        app.refresh_bindings()
        await until(pilot, lambda: "d Second  e Absent  f" in shown(app))
        app.is_absent = True
        app.refresh_bindings()
        await until(pilot, lambda: "Absent" not in shown(app))


@pytest.mark.parametrize(
    ("width", "text"),
    [
        (34, " A First  d Second  f 你好  g Last"),
        (33, " A First  d Second  f 你好 …"),
        (26, " A First  d Second  f 你好"),
        (25, " A First  d Second …"),
        (17, " A First …"),
        (5, "…"),
    ],
)
async def test_a_key_that_does_not_fit_whole_leaves_an_ellipsis_where_there_is_room(width, text):
    app = Board()
    async with app.run_test(size=(width, 5)) as pilot:
        app.set_focus(None)
        await pilot.pause()
        assert shown(app) == text


@pytest.mark.parametrize(
    ("x", "done"),
    [
        (0, []),
        (1, ["first"]),
        (7, ["first"]),
        (8, []),
        (10, ["second"]),
        (25, ["你好"]),
        (26, []),
        (28, ["last"]),
        (79, []),
    ],
)
async def test_a_click_on_a_key_does_what_it_does(x, done):
    app = Board()
    async with app.run_test(size=(80, 5)) as pilot:
        app.set_focus(None)
        await until(pilot, lambda: "First" in shown(app))
        await pilot.click(KeyBar, offset=(x, 0))
        await pilot.pause()
        assert [what for what in app.done if what in {"first", "second", "你好", "last"}] == done


async def test_the_keys_of_the_focused_pane_come_and_go_with_the_focus_and_can_be_clicked():
    app = Board()
    async with app.run_test(size=(80, 5)) as pilot:
        app.query_one(Pane).focus()
        await until(pilot, lambda: "p Mark" in shown(app))
        await pilot.click(KeyBar, offset=(shown(app).index("Mark"), 0))
        await until(pilot, lambda: app.done == ["mark"])
        app.query_one(Input).focus()
        await until(pilot, lambda: "p Mark" not in shown(app))


class Named(App[None]):
    """Bindings with ids, two of which are not shown by themselves."""

    BINDINGS = [  # noqa: RUF012 - Textual's form
        Binding("a", "note", "First", id="one"),
        Binding("b,c", "note('b')", "Second", show=False, id="two"),
        Binding("d", "note('d')", "Third", show=False, id="three"),
        Binding("e", "note('e')", "Last", id="four"),
    ]

    def action_note(self, what=""):
        pass

    def compose(self):
        self.bar = KeyBar()
        yield self.bar


async def test_keys_that_are_offered_come_first_in_the_order_given():
    app = Named()
    async with app.run_test(size=(80, 6)) as pilot:
        assert shown(app).startswith(" a First  e Last")
        app.bar.offer(["four", "nowhere", "two"])
        await pilot.pause()
        assert shown(app).startswith(" e Last  b Second  a First")
        app.bar.offer([])
        await pilot.pause()
        assert shown(app).startswith(" a First  e Last")
