from __future__ import annotations

import pytest

from rlm_tui.document.file import DocumentFile
from rlm_tui.ui.widgets.document_lines import ChosenLines, NumberedLines
from rlm_tui.ui.widgets.document_marks import Mark
from rlm_tui.ui.widgets.document_view import DocumentView
from tests.ui.conftest import until
from tests.ui.widgets.conftest import alone, rows_on_screen

MARK = Mark("●", "error")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("line\n" * 100)
    file = DocumentFile(path)
    yield file
    file.close()


def test_lines_are_marked_by_their_numbers_and_on_the_map(file):
    file.build_index(lambda: None)
    marks = NumberedLines(MARK, [(3, 4), (100, 100)])
    assert marks.of_line(10, 15) is None
    marks.file = file
    marked = [n for n in range(1, 101) if marks.of_line(5 * n - 5, 5 * n)]
    assert marked == [3, 4, 100]
    assert [row for row, mark in enumerate(marks.of_file(10)) if mark] == [0, 9]


def test_lines_that_are_not_there_are_marked_nowhere(file):
    file.build_index(lambda: None)
    marks = NumberedLines(MARK, [(101, 200)])
    marks.file = file
    assert not any(marks.of_file(10))


def test_a_choice_grows_and_shrinks_from_the_line_that_stays():
    chosen = ChosenLines()
    words = []
    for step in (1, 1, 1, -1, -1, -1):
        chosen.extend(step, 5, 6)
        words.append(chosen.spec)
    assert words == ["doc 5", "doc 5-6", "doc 5-6", "doc 5", "doc 4-5", "doc 3-5"]
    chosen.clear()
    assert (chosen.spec, chosen.spans) == ("", [])


async def test_keys_choose_lines_which_stay_in_view_until_they_are_let_go(file):
    view = DocumentView()
    async with alone(view, (60, 8)) as pilot:
        view.open(file)
        await until(pilot, lambda: view.file.is_indexed)
        view.focus()
        view.go_to_line(50)
        await pilot.press("V", *["shift+down"] * 9)
        assert view.chosen.spec == "doc 50-59"
        assert "doc 50-59 chosen" in str(view.border_subtitle)
        assert any(row.lstrip().startswith("59 ┃") for row in rows_on_screen(view))
        await pilot.press(*["shift+up"] * 12)
        assert view.chosen.spec == "doc 47-50"
        assert rows_on_screen(view)[0].lstrip().startswith("47 ┃")
        await pilot.press("escape")
        assert not view.chosen.spans
        assert not any("┃" in row for row in rows_on_screen(view))
