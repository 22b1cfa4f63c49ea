"""Several documents, going to places, and recordings whose document has changed."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from rlm_tui.ui.screens.line_prompt import LinePrompt
from rlm_tui.ui.widgets.document_view import DocumentView
from tests.ui.conftest import finished, until


def view_of(app) -> DocumentView:
    return app.screen.query_one(DocumentView)


async def type_line(pilot, app, key, text):
    await pilot.press(key)
    await until(pilot, lambda: isinstance(app.screen, LinePrompt))
    await until(pilot, lambda: app.screen.query_one(Input).has_focus)
    await pilot.press(*text, "enter")
    await until(pilot, lambda: app.screen is app.workspace)


def first_row(app) -> str:
    return view_of(app).render_line(0).text


async def ready(pilot, app):
    await until(pilot, lambda: app.workspace is not None and view_of(app).file is not None)
    await until(pilot, lambda: view_of(app).file.is_indexed)
    await pilot.pause()


@pytest.mark.parametrize(("typed", "line"), [("200", 200), ("1,20", 120), ("50%", 200), ("0%", 1)])
async def test_a_line_or_a_share_of_the_file_can_be_gone_to(open_app, studied, typed, line):
    app = open_app(document=studied)
    async with app.run_test(size=(100, 30)) as pilot:
        await ready(pilot, app)
        await type_line(pilot, app, "colon", typed)
        await until(pilot, lambda: abs(int(first_row(app).split()[0]) - line) <= 2)


async def test_what_is_no_place_is_said(open_app, studied):
    app = open_app(document=studied)
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await ready(pilot, app)
        await type_line(pilot, app, "colon", "nowhere")
        await until(
            pilot, lambda: "There is no command" in str([n.message for n in app._notifications])
        )
        assert view_of(app).top.start == 0


async def test_finding_and_filtering_are_typed_and_come_back_when_asked_again(open_app, studied):
    app = open_app(document=studied)
    async with app.run_test(size=(100, 30)) as pilot:
        await ready(pilot, app)
        await type_line(pilot, app, "ampersand", "ERROR")
        await until(pilot, lambda: "4 lines" in str(view_of(app).border_subtitle))
        await type_line(pilot, app, "slash", "E42")
        await until(pilot, lambda: "1 of 4" in str(view_of(app).border_subtitle))
        await pilot.press("slash")
        await until(pilot, lambda: isinstance(app.screen, LinePrompt))
        await until(pilot, lambda: app.screen.query(Input))
        assert app.screen.query_one(Input).value == "E42"


async def test_several_documents_are_turned_over_and_asked_about_together(
    open_app, studied, tmp_path
):
    other = tmp_path / "other.log"
    other.write_text("something else\n")
    app = open_app(document=studied, more_documents=(other,))
    async with app.run_test(size=(100, 30)) as pilot:
        await ready(pilot, app)
        assert app.workspace.studied == [studied, other]
        await pilot.press("J")
        await until(pilot, lambda: "something else" in first_row(app))
        await pilot.press("K")
        await until(pilot, lambda: "12:00" in first_row(app))
        view_of(app).go_to_line(150)
        await pilot.press("J")
        await until(pilot, lambda: "something else" in first_row(app))
        await pilot.press("K")
        await until(pilot, lambda: first_row(app).split()[0] == "150")


async def test_a_document_is_opened_anew_as_it_is_now(open_app, tmp_path):
    path = tmp_path / "a.log"
    path.write_text("before\n")
    app = open_app(document=path)
    async with app.run_test(size=(100, 30)) as pilot:
        await ready(pilot, app)
        path.write_text("afterwards\n")
        await pilot.press("ctrl+r")
        await until(pilot, lambda: "afterwards" in first_row(app))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace("E42", "E43"), "but other contents"),
        (lambda text: text + "more\n", "bytes; the run studied"),
    ],
    ids=["same size", "longer"],
)
async def test_a_recording_says_what_differs_of_its_document(
    open_app, recording, studied, change, said
):
    before = studied.read_text()
    studied.write_text(change(before))
    try:
        app = open_app(session=recording)
        async with app.run_test(size=(100, 30), notifications=True) as pilot:
            await finished(pilot, app)
            await until(pilot, lambda: said in str([n.message for n in app._notifications]))
    finally:
        studied.write_text(before)
