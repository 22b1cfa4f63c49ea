from __future__ import annotations

import pytest

from rlm_tui.document.file import DocumentFile
from rlm_tui.ui.widgets.document_view import DocumentView
from tests.ui.conftest import until
from tests.ui.widgets.conftest import alone
from tests.ui.widgets.test_document_view import rows_on_screen, viewing, written

LOG = "".join(f"{'ERROR' if n % 50 == 0 else 'INFO '} line {n}\n" for n in range(1, 20_001))


def shown(view) -> list[str]:
    rows = [view.render_line(y).text[:-1].rstrip() for y in range(view.size.height)]
    return [row.split(" line ")[-1] for row in rows]


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "a.log"
    path.write_text(LOG)
    return path


async def filtered(pilot, view, path, text):
    view.open(DocumentFile(path))
    await until(pilot, lambda: view.file.is_indexed)
    view.filter(text)
    await until(pilot, lambda: view.filtering is not None and view.filtering.is_done)
    await until(pilot, lambda: view.visible_rows() != [])
    await pilot.pause()


async def test_a_filter_shows_its_lines_alone_from_end_to_end(path):
    view = DocumentView()
    async with alone(view, (50, 12)) as pilot:
        await filtered(pilot, view, path, "ERROR")
        assert shown(view)[:3] == ["50", "100", "150"]
        assert "&ERROR 400 lines" in str(view.border_subtitle)
        view.action_edge("bottom")
        await until(pilot, lambda: shown(view)[-1] == "20000")
        view.action_page(-1)
        await until(pilot, lambda: shown(view)[-1] == "19550")
        view.action_edge("top")
        await until(pilot, lambda: shown(view)[0] == "50")


async def test_an_inverted_filter_shows_the_lines_without(path):
    view = DocumentView()
    async with alone(view, (50, 12)) as pilot:
        await filtered(pilot, view, path, "!INFO")
        assert shown(view)[:3] == ["50", "100", "150"]


async def test_escape_forgets_the_search_and_then_the_filter(path):
    view = DocumentView()
    async with alone(view, (50, 12)) as pilot:
        await filtered(pilot, view, path, "ERROR")
        view.find("line 250")
        await until(pilot, lambda: view.finding.current is not None)
        view.focus()
        await pilot.press("escape")
        await until(pilot, lambda: view.finding.wanted is None)
        assert view.filtering is not None
        await pilot.press("escape")
        await until(pilot, lambda: view.filtering is None)
        await until(pilot, lambda: shown(view)[:2] != ["50", "100"])


async def test_next_and_previous_go_from_hit_to_hit(path):
    view = DocumentView()
    async with alone(view, (50, 12)) as pilot:
        view.open(DocumentFile(path))
        await until(pilot, lambda: view.file.is_indexed)
        view.focus()
        view.find("ERROR line 1")
        await until(pilot, lambda: view.finding.current is not None)
        first = view.finding.current[0]
        await pilot.press("n")
        await until(pilot, lambda: view.finding.current[0] > first)
        assert "150" in shown(view)
        await pilot.press("N")
        await until(pilot, lambda: view.finding.current[0] == first)
        assert "100" in shown(view)


# Moving before and after the lines are counted


def without_index(monkeypatch):
    monkeypatch.setattr(DocumentFile, "build_index", lambda *_: None)


async def test_the_end_and_any_share_of_a_file_are_there_before_its_lines_are_counted(
    path, monkeypatch
):
    without_index(monkeypatch)
    view = DocumentView()
    async with alone(view, (40, 8)) as pilot:
        view.open(written(path, "".join(f"line {n}\n" for n in range(1, 50_001))))
        await pilot.pause()
        view.action_edge("bottom")
        assert rows_on_screen(view)[-1].endswith("line 50000")
        view.go_to_share(0.5)
        number = int(rows_on_screen(view)[0].split()[-1])
        assert 24_000 < number < 27_000
        assert rows_on_screen(view)[0].split()[0].startswith("~")


async def test_a_line_that_is_not_counted_yet_is_gone_to_when_it_is(path, monkeypatch):
    build = DocumentFile.build_index
    without_index(monkeypatch)
    view = DocumentView()
    # The second half has lines ten times as long, so that a guess is far off.
    text = "".join(f"{n}\n" for n in range(1, 40_001)) + "".join(
        f"{n} {'x' * 60}\n" for n in range(40_001, 60_001)
    )
    async with alone(view, (40, 8)) as pilot:
        file = written(path, text)
        view.open(file)
        await pilot.pause()
        view.go_to_line(50_000)
        assert rows_on_screen(view)[0].split()[1] != "50000"
        build(file, lambda: None)
        view.post_message(view.Indexed())
        await until(pilot, lambda: rows_on_screen(view)[0].split()[:2] == ["50,000", "50000"])


async def test_a_line_behind_the_end_is_the_end(path):
    async with viewing(written(path, "a\nb\n" * 50)) as (view, _):
        view.go_to_line(1_000)
        assert rows_on_screen(view)[-1].split() == ["100", "b"]


async def test_a_line_that_was_asked_for_while_reading_on_is_forgotten(path, monkeypatch):
    build = DocumentFile.build_index
    without_index(monkeypatch)
    view = DocumentView()
    async with alone(view, (40, 8)) as pilot:
        file = written(path, "line\n" * 50_000)
        view.open(file)
        await pilot.pause()
        view.go_to_line(40_000)
        view.action_edge("top")
        build(file, lambda: None)
        view.post_message(view.Indexed())
        await pilot.pause()
        assert view.top.start == 0
