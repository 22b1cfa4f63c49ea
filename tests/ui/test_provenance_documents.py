"""Provenance of a run on several documents."""

from __future__ import annotations

import asyncio
import json

import pytest

from rlm_tui.assemble import live
from rlm_tui.config import Settings
from rlm_tui.source import RunRequest
from rlm_tui.ui.provenance import Provenance
from rlm_tui.ui.screens.destinations import Destinations
from rlm_tui.ui.widgets.document_view import DocumentView
from rlm_tui.ui.widgets.run_tree import RunTree
from tests.ui.conftest import Unheard, finished, until

SIZE = (160, 40)
TEXTS = [
    "".join(f"{name} row {number} says {number * odd} and goes on\n" for number in range(1_000))
    for name, odd in (("first", 7919), ("second", 104_729))
]
LINES = [text.splitlines() for text in TEXTS]


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pair")
    paths = [folder / "first.txt", folder / "second.txt"]
    for path, text in zip(paths, TEXTS, strict=True):
        path.write_text(text)
    code = (
        f"rows = grep('row 77 ', text=context[{str(paths[1])!r}])\n"
        f"a = context[{str(paths[0])!r}].split('\\n')\n"
        f"b = context[{str(paths[1])!r}].split('\\n')\n"
        "r = llm_query('Look:\\t' + '\\n'.join(a[100:130]) + '\\tand\\t' + '\\n'.join(b[700:720]))"
    )
    answer = f'It says "{LINES[1][500]}"; see line 300 of first.txt.'
    script, path = folder / "script.json", folder / "run.rlm.jsonl"
    script.write_text(json.dumps({"root": [f"```repl\n{code}\n```", f"FINAL({answer})"]}))
    settings = Settings(model=f"scripted:{script}", session=str(path))
    names = [str(path) for path in paths]
    asyncio.run(live(RunRequest("What do they say?", names, settings)).run(Unheard()))
    return path


async def read(pilot, app) -> tuple[Provenance, DocumentView]:
    await finished(pilot, app)
    provenance = app.workspace.query_one(Provenance)
    await until(pilot, lambda: provenance.known.read_share)
    view = app.workspace.query_one(DocumentView)
    await until(pilot, lambda: view.file.is_indexed)
    return provenance, view


def shows(view, text: str) -> bool:
    return any(text in view.render_line(y).text for y in range(view.size.height))


def shows_located(view, text: str) -> bool:
    rows = [view.render_line(y).text for y in range(view.size.height)]
    return any(text in row and "▌" in row for row in rows)


async def test_the_places_of_a_call_are_shown_in_one_document_after_the_other(open_app, recording):
    app = open_app(session=recording)
    async with app.run_test(size=SIZE) as pilot:
        _, view = await read(pilot, app)
        app.workspace.run.set_following(follows=False)
        app.workspace.query_one(RunTree).follow("1.1.1")
        await pilot.press("L")
        assert shows_located(view, "first row 100 ")
        await pilot.press("L")
        await until(pilot, lambda: shows_located(view, "second row 700 "))
        await pilot.press("L")
        await until(pilot, lambda: shows_located(view, "first row 100 "))


async def test_another_document_shows_what_is_marked_in_it_when_it_comes(open_app, recording):
    app = open_app(session=recording)
    async with app.run_test(size=SIZE) as pilot:
        provenance, view = await read(pilot, app)
        await pilot.press("1", "C", "J")
        await until(pilot, lambda: shows(view, "second row 0 "))
        await until(pilot, lambda: view.marks and view.file.is_indexed)
        view.go_to_line(701)
        await until(pilot, lambda: "█" in view.render_line(0).text[:-1])
        matched = provenance.known.coverages[1].levels["matched"]
        start = TEXTS[1].index(LINES[1][77])
        assert matched.meets(start, start + 5)
        assert not provenance.known.coverages[0].levels["matched"]


async def test_what_the_answer_quotes_of_each_document_is_listed_at_its_line(open_app, recording):
    app = open_app(session=recording)
    async with app.run_test(size=SIZE) as pilot:
        _, view = await read(pilot, app)
        await pilot.press("A", "L")
        assert shows_located(view, "first row 299 ")
        await pilot.press("L")
        await until(pilot, lambda: shows_located(view, "second row 500 "))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Destinations))
        assert "second row 500" in app.screen._rows[0]
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.workspace)
