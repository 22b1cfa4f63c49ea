from __future__ import annotations

import asyncio
import json

import pytest

from rlm_tui.assemble import live
from rlm_tui.config import Settings
from rlm_tui.source import RunRequest
from rlm_tui.ui.provenance import Provenance
from rlm_tui.ui.screens.destinations import Destinations
from rlm_tui.ui.widgets.bars import StatusLine
from rlm_tui.ui.widgets.document_view import DocumentView
from rlm_tui.ui.widgets.run_tree import RunTree
from tests.ui.conftest import Unheard, finished, until

SIZE = (160, 40)
TEXT = "".join(
    f"row {number} of the log says {number * 7919} and then goes on\n" for number in range(2_000)
)
LINES = TEXT.splitlines(keepends=True)
FIRST, SECOND = "".join(LINES[100:130]), "".join(LINES[1_500:1_520])
SCRIPT = {
    "root": [
        (
            "```repl\nrows = lines(101, 130)\nr = llm_query('Look:\\t' + '\\n'.join(rows))\n"
            "s = llm_query('Look:\\t' + '\\n'.join(lines(1501, 1520)) + '\\tand\\t'"
            " + '\\n'.join(rows))\n```"
        ),
        f'FINAL(It says "{LINES[700].strip()}".)',
    ],
}


@pytest.fixture(scope="module")
def studied(tmp_path_factory):
    path = tmp_path_factory.mktemp("provenance") / "rows.log"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def recording(studied):
    script, path = studied.with_name("script.json"), studied.with_name("run.rlm.jsonl")
    script.write_text(json.dumps(SCRIPT), encoding="utf-8")
    settings = Settings(model=f"scripted:{script}", session=str(path))
    asyncio.run(live(RunRequest("What does it say?", [str(studied)], settings)).run(Unheard()))
    return path


async def read(pilot, app) -> Provenance:
    """Wait until everything is known about the run that is shown."""
    await finished(pilot, app)
    provenance = app.workspace.query_one(Provenance)
    await until(pilot, lambda: provenance.known.trouble or provenance.known.read_share)
    await until(pilot, lambda: app.workspace.query_one(DocumentView).file.is_indexed)
    return provenance


def rows_of(view: DocumentView) -> list[str]:
    return [view.render_line(y).text for y in range(view.size.height)]


def select(app, node: str) -> None:
    app.workspace.run.set_following(follows=False)
    app.workspace.query_one(RunTree).follow(node)


async def test_the_status_says_how_much_was_read(open_app, recording):
    app = open_app(session=recording)
    async with app.run_test(size=SIZE) as pilot:
        provenance = await read(pilot, app)
        share = (len(FIRST) + len(SECOND)) / len(TEXT)
        assert abs(provenance.known.read_share - share) < 0.001
        status = app.workspace.query_one(StatusLine)
        shown = "\n".join(status.render_line(y).text for y in range(status.size.height))
        assert f"read {share:.0%}" in shown
        assert app.workspace.run.read == f"read {share:.0%}"


async def test_what_was_read_is_that_of_the_event_one_stands_at(open_app, recording):
    app = open_app(session=recording)
    async with app.run_test(size=SIZE) as pilot:
        provenance = await read(pilot, app)
        whole = provenance.known.read_share
        records = app.workspace.run.transport.playhead.records
        calls = [at for at, one in enumerate(records, 1) if one.node == "1.1.1"]
        app.workspace.run.transport.go_to(calls[0])
        await until(pilot, lambda: provenance.known.read_share < whole)
        assert abs(provenance.known.read_share - len(FIRST) / len(TEXT)) < 0.001
        app.workspace.run.transport.go_to(len(records))
        await until(pilot, lambda: provenance.known.read_share == whole)


async def test_a_key_shows_what_a_call_saw_and_then_the_next_place_of_it(open_app, recording):
    app = open_app(session=recording)
    async with app.run_test(size=SIZE) as pilot:
        await read(pilot, app)
        view = app.workspace.query_one(DocumentView)
        select(app, "1.1.2")
        await pilot.press("L")
        assert any("row 100 of" in row and "▌" in row for row in rows_of(view))
        assert app.focused is view
        await pilot.press("L")
        assert any("row 1500 of" in row and "▌" in row for row in rows_of(view))
        await pilot.press("L")
        assert any("row 100 of" in row for row in rows_of(view))


async def test_lines_that_a_call_did_not_see_are_not_marked_for_it(open_app, recording):
    app = open_app(session=recording)
    async with app.run_test(size=SIZE) as pilot:
        await read(pilot, app)
        view = app.workspace.query_one(DocumentView)
        select(app, "1.1.1")
        await pilot.press("L")
        view.go_to_line(1_501)
        assert not any("▌" in row[:-1] for row in rows_of(view))


async def test_the_answer_is_located_by_what_it_quotes(open_app, recording):
    app = open_app(session=recording)
    async with app.run_test(size=SIZE) as pilot:
        await read(pilot, app)
        await pilot.press("A", "L")
        view = app.workspace.query_one(DocumentView)
        assert any("row 700 of" in row and "▌" in row for row in rows_of(view))


async def test_colours_tell_what_was_sent_from_what_was_not(open_app, recording):
    app = open_app(session=recording)
    async with app.run_test(size=SIZE) as pilot:
        await read(pilot, app)
        view = app.workspace.query_one(DocumentView)
        view.go_to_line(1)
        assert not any("█" in row[:-1] for row in rows_of(view))
        await pilot.press("C")
        view.go_to_line(101)
        assert "█" in rows_of(view)[0][:-1]
        view.go_to_line(1)
        assert "█" not in rows_of(view)[0][:-1]
        await pilot.press("C")
        view.go_to_line(101)
        assert "█" not in rows_of(view)[0][:-1]


async def test_enter_lists_who_saw_a_line_and_goes_there(open_app, recording):
    app = open_app(session=recording)
    async with app.run_test(size=SIZE) as pilot:
        await read(pilot, app)
        await pilot.press("1")
        app.workspace.query_one(DocumentView).go_to_line(110)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Destinations))
        assert [row.split()[:3] for row in app.screen._rows] == [
            ["sent", "llm_query", "1.1.1"],
            ["sent", "llm_query", "1.1.2"],
        ]
        await pilot.press("down", "enter")
        await until(pilot, lambda: app.screen is app.workspace)
        assert app.workspace.query_one(RunTree).selected == "1.1.2"


async def test_enter_lists_the_quotations_of_a_line_too(open_app, recording):
    app = open_app(session=recording)
    async with app.run_test(size=SIZE) as pilot:
        await read(pilot, app)
        await pilot.press("1")
        app.workspace.query_one(DocumentView).go_to_line(701)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Destinations))
        assert "row 700 of the log" in app.screen._rows[0]
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.workspace)


async def test_of_a_line_that_nobody_saw_that_is_said(open_app, recording):
    app = open_app(session=recording)
    async with app.run_test(size=SIZE) as pilot:
        await read(pilot, app)
        await pilot.press("1")
        app.workspace.query_one(DocumentView).go_to_line(900)
        await pilot.press("enter")
        await until(pilot, lambda: app._notifications)
        assert any("anyone saw line 900" in one.message for one in app._notifications)
        assert app.screen is app.workspace


async def test_of_a_document_that_has_changed_nothing_is_claimed(
    open_app, recording, studied, tmp_path
):
    path = tmp_path / "run.rlm.jsonl"
    path.write_bytes(recording.read_bytes().replace(str(studied).encode(), b"/gone/rows.log"))
    (tmp_path / "rows.log").write_text(TEXT[::-1], encoding="utf-8")
    app = open_app(session=path)
    async with app.run_test(size=SIZE) as pilot:
        await finished(pilot, app)
        provenance = app.workspace.query_one(Provenance)
        await until(pilot, lambda: provenance.known.trouble)
        assert "changed" in provenance.known.trouble
        assert not app.workspace.run.read


async def test_without_a_run_there_is_nothing_to_show(open_app, studied):
    app = open_app(document=studied)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: app.workspace is not None)
        await pilot.press("C")
        await until(pilot, lambda: app._notifications)
        assert any("no run on this document" in one.message for one in app._notifications)


async def test_a_breakpoint_on_lines_of_the_document_holds_where_they_are_sent(open_app, recording):
    app = open_app(session=recording)
    async with app.run_test(size=SIZE) as pilot:
        await read(pilot, app)
        run = app.workspace.run
        app.workspace.debugger.toggle("doc 1510-1512")
        run.transport.go_to(0)
        await pilot.press("c")
        await until(pilot, lambda: run.transport.playhead.position)
        records = run.transport.playhead.records
        assert records[run.transport.playhead.position].node == "1.1.2"


async def test_b_breaks_on_the_lines_that_were_chosen_and_marks_them(open_app, recording):
    app = open_app(session=recording)
    async with app.run_test(size=SIZE) as pilot:
        await read(pilot, app)
        view, debugger = app.workspace.query_one(DocumentView), app.workspace.debugger
        await pilot.press("1")
        view.go_to_line(1_510)
        await pilot.press("V", "shift+down", "shift+down", "b")
        assert [one.spec for one in debugger.breakpoints.all] == ["doc 1510-1512"]
        await pilot.press("escape")
        marked = [row.split()[0] for row in rows_of(view) if "●" in row[:-1]]
        assert marked == ["1,510", "1,511", "1,512"]
        await pilot.press("V", "shift+down", "shift+down", "b")
        assert not debugger.breakpoints.all
        await pilot.press("escape")
        assert not any("●" in row for row in rows_of(view))


async def test_lines_are_broken_at_before_anything_is_asked(open_app, studied):
    app = open_app(document=studied)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: app.workspace is not None)
        view = app.workspace.query_one(DocumentView)
        await until(pilot, lambda: view.file.is_indexed)
        view.go_to_line(1_510)
        await pilot.press("1", "V", "b")
        assert [one.spec for one in app.workspace.debugger.breakpoints.all] == ["doc 1510"]


async def test_enter_after_locating_is_about_what_was_located(open_app, recording):
    app = open_app(session=recording)
    async with app.run_test(size=SIZE) as pilot:
        await read(pilot, app)
        select(app, "1.1.1")
        await pilot.press("L", "enter")
        await until(pilot, lambda: isinstance(app.screen, Destinations))
        assert "101" in app.screen._title
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.workspace)


async def test_calls_of_unknown_text_are_not_told_as_nothing_read(open_app, studied, tmp_path):
    script, path = tmp_path / "script.json", tmp_path / "run.rlm.jsonl"
    root = ["```repl\nr = llm_query('What do you think of rows in general?')\n```", "FINAL(x)"]
    script.write_text(json.dumps({"root": root}), encoding="utf-8")
    settings = Settings(model=f"scripted:{script}", session=str(path))
    await live(RunRequest("Rows?", [str(studied)], settings)).run(Unheard())
    app = open_app(session=path)
    async with app.run_test(size=SIZE) as pilot:
        await finished(pilot, app)
        await until(pilot, lambda: app.workspace.run.read == "read unknown")
