from __future__ import annotations

import pytest

from rlm_tui.document.coverage import Coverage
from rlm_tui.document.file import DocumentFile
from rlm_tui.document.readings import Reading
from rlm_tui.document.stretches import Stretches
from rlm_tui.ui.widgets.coverage_marks import SIGNS, CoverageMarks

LINE = 20


@pytest.fixture(params=["ascii", "wide"])
def marks(request, tmp_path):
    """A document of 100 lines of 20 characters, of which a few were read."""
    last = "x" if request.param == "ascii" else "é"
    text = "".join(f"line {number:03} of a text{last}\n" for number in range(100))
    text = "".join(line.ljust(LINE - 1)[: LINE - 2] + last + "\n" for line in text.splitlines())
    path = tmp_path / "a.txt"
    path.write_text(text, encoding="utf-8")
    file = DocumentFile(path)
    file.build_index(lambda: None)
    marks = CoverageMarks(file)
    marks.coverage = Coverage(
        [
            Reading(1, "1.1", "matched", [(10 * LINE, 12 * LINE)]),
            Reading(2, "1.1.1", "sent", [(50 * LINE + 5, 52 * LINE)]),
        ]
    )
    yield marks
    file.close()


def of_line(marks: CoverageMarks, number: int):
    line = marks.file.lines(number, 1)[0]
    return marks.of_line(line.start, line.after)


def test_at_first_nothing_is_marked(marks):
    assert marks.is_empty
    assert of_line(marks, 50) is None


def test_a_line_is_marked_by_the_furthest_that_a_part_of_it_has_come(marks):
    marks.is_coloured = True
    assert of_line(marks, 10).sign == SIGNS["matched"]
    assert of_line(marks, 12) is None
    assert [of_line(marks, number).sign for number in (50, 51)] == [SIGNS["sent"]] * 2
    assert of_line(marks, 52) is None


def test_what_is_located_is_marked_with_and_without_colours(marks):
    marks.located = Stretches([(50 * LINE, 51 * LINE)])
    assert of_line(marks, 50).sign == "▌"
    assert of_line(marks, 51) is None
    marks.is_coloured = True
    assert of_line(marks, 50).sign == SIGNS["sent"] + "▌"


def test_the_map_marks_the_parts_of_the_file_in_which_something_is_marked(marks):
    marks.is_coloured = True
    found = [row for row, mark in enumerate(marks.of_file(10)) if mark is not None]
    assert found == [1, 5]


def test_what_was_read_since_is_on_the_map_once_it_is_drawn_anew(marks):
    marks.is_coloured = True
    assert marks.of_file(10)[9] is None
    marks.coverage.add([Reading(3, "1.1.2", "sent", [(95 * LINE, 96 * LINE)])])
    marks.forget()
    assert marks.of_file(10)[9].sign == SIGNS["sent"]


def test_a_place_that_is_not_counted_yet_is_not_marked(tmp_path):
    path = tmp_path / "b.txt"
    path.write_text("some text\n" * 100_000, encoding="utf-8")
    file = DocumentFile(path)
    marks = CoverageMarks(file)
    marks.is_coloured = True
    marks.coverage = Coverage([Reading(1, "1.1", "scanned", [(0, 1_000_000)])])
    assert marks.of_line(900_000, 900_010) is None
    assert marks.char_of(900_000) is None
    file.close()
