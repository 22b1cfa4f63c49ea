from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from rlm_tui.document import file as file_module
from rlm_tui.document.file import DocumentFile
from rlm_tui.document.pretty import pretty
from rlm_tui.ui.widgets import document_rows as module
from rlm_tui.ui.widgets.document_rows import DocumentRows, Spot, column_in, drawn

QUIET = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
TEXTS = st.lists(
    st.sampled_from(["\n", "word ", "x", "é", "你", "🙂", "\t", "\r\n", "e\u0301", "longword" * 3]),
    min_size=1,
    max_size=50,
).map("".join)


@pytest.fixture(params=[True, False], ids=["long lines", "lines"])
def limits(request, monkeypatch):
    """With limits so low that most lines are very long ones, and as they are."""
    if request.param:
        monkeypatch.setattr(file_module, "LINE_LIMIT", 16)
        monkeypatch.setattr(file_module, "_USUAL", 4)
        monkeypatch.setattr(module, "_SEGMENT_ROWS", 2)
        monkeypatch.setattr(module, "_AHEAD", 3)


def all_forward(rows: DocumentRows) -> list[module.Row]:
    return rows.forward(Spot(rows.file.contents.start), 10_000)


@QUIET
@given(TEXTS, st.integers(0, 12))
def test_going_back_passes_the_rows_that_lead_forward(tmp_path, limits, text, width):
    path = tmp_path / "a"
    path.write_text(text, encoding="utf-8", newline="")
    file = DocumentFile(path, "utf-8")
    rows = DocumentRows(file)
    rows.width = width
    spots = [row.spot for row in all_forward(rows)]
    assert rows.last() == spots[-1]
    for number, spot in enumerate(spots):
        assert DocumentRows.back(rows, spot, 1) == spots[max(number - 1, 0)]
        assert rows.back(spot, 3) == spots[max(number - 3, 0)]
        assert [row.spot for row in rows.forward(spot, 4)] == spots[number : number + 4]
    file.close()


@QUIET
@given(TEXTS, st.integers(4, 12))
def test_wrapped_rows_hold_every_character_and_fit(tmp_path, limits, text, width):
    path = tmp_path / "a"
    path.write_text(text, encoding="utf-8", newline="")
    file = DocumentFile(path, "utf-8")
    rows = DocumentRows(file)
    rows.width = width
    shown = all_forward(rows)
    assert all(cell_len(row.text) <= width for row in shown)
    signs = "".join(row.text for row in shown)
    for sign in "xéw你🙂d":
        assert signs.count(sign) == text.count(sign)
    file.close()


@QUIET
@given(TEXTS, st.integers(0, 12), st.integers(0, 200))
def test_the_row_that_holds_an_offset_is_the_last_that_begins_before_it(
    tmp_path, text, width, offset
):
    path = tmp_path / "a"
    path.write_text(text, encoding="utf-8", newline="")
    file = DocumentFile(path, "utf-8")
    rows = DocumentRows(file)
    rows.width = width
    offset = min(offset, file.size - 1)
    spots = [row.spot for row in all_forward(rows)]
    assert rows.holding(offset) in spots
    assert rows.holding(offset).start == file.line_start(offset)
    file.close()


def test_a_shape_makes_several_rows_of_a_line(tmp_path):
    path = tmp_path / "a"
    path.write_text('{"a": 1}\nplain\n')
    file = DocumentFile(path)
    rows = DocumentRows(file)
    rows.reshape(pretty)
    shown = all_forward(rows)
    assert [row.text for row in shown] == ["{", '  "a": 1', "}", "plain"]
    assert rows.back(shown[3].spot, 2) == shown[1].spot
    file.close()


@pytest.mark.parametrize(
    ("text", "shown"), [("a\tb", "a→   b"), ("\x1b[0m\0", "␛[0m␀"), ("plain", "plain")]
)
def test_what_cannot_be_drawn_is_a_symbol(text, shown):
    assert drawn(text) == shown


def test_columns_behind_tabs_move_to_the_right():
    assert [column_in("\ta\tb", column) for column in range(5)] == [0, 4, 5, 9, 10]


def test_turning_wrapping_on_and_off_stays_with_the_line_at_the_top(tmp_path):
    path = tmp_path / "a"
    path.write_text("short\n" + "word " * 100 + "\nshort\n")
    rows = DocumentRows(DocumentFile(path))
    rows.width = 10
    third = rows.forward(Spot(6), 3)[-1].spot
    assert rows.turned(third, 0, 0) == (Spot(6), 0)
    assert rows.width == 0
    assert rows.turned(Spot(6), 0, 10) == (Spot(6), 0)
    far = rows.forward(Spot(6), 30)[-1].spot
    assert rows.turned(far, 0, 0) == (Spot(6), far.at)
    assert rows.turned(Spot(6), far.at, 10) == (far, 0)
    rows.file.close()


def test_turning_wrapping_on_and_off_stays_at_a_place_of_a_very_long_line(tmp_path, monkeypatch):
    monkeypatch.setattr(file_module, "LINE_LIMIT", 64)
    path = tmp_path / "a"
    path.write_text("é" * 5_000, encoding="utf-8")
    rows = DocumentRows(DocumentFile(path))
    rows.file.build_index(lambda: None)
    rows.width = 10
    far = rows.holding(6_000)
    assert far.at == 6_000
    assert rows.turned(far, 0, 0) == (Spot(0), 3_000)
    assert rows.turned(Spot(0), 3_000, 10) == (far, 0)
    rows.file.close()


def test_the_row_that_holds_an_offset_of_an_unfolded_line_shows_it(tmp_path):
    path = tmp_path / "a"
    path.write_text('{"a": [1, 22]}\nplain\n')
    rows = DocumentRows(DocumentFile(path))
    rows.reshape(pretty)
    shown = {row.spot: row.text for row in all_forward(rows)}
    assert shown[rows.holding(path.read_text().index("22"))] == "    22"
    assert shown[rows.holding(path.read_text().index("plain"))] == "plain"
    rows.file.close()
