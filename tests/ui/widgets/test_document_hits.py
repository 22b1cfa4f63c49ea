from __future__ import annotations

import pytest

from rlm_tui.document import file as file_module
from rlm_tui.document.file import DocumentFile
from rlm_tui.ui.widgets.document_view import DocumentView
from tests.ui.conftest import until
from tests.ui.widgets.conftest import alone


async def open_with(pilot, view, path, text):
    path.write_text(text, encoding="utf-8")
    view.open(DocumentFile(path))
    await until(pilot, lambda: view.file.is_indexed)
    await pilot.pause()


def marked(view, meaning):
    """What is drawn in the style of a meaning, row by row."""
    rows = [view.render_line(y) for y in range(view.size.height)]
    signs = view.style(meaning)
    return [
        "".join(part.text for part in row if part.style == signs)
        for row in rows
        if any(part.style == signs for part in row)
    ]


async def find(pilot, view, text, number):
    view.find(text)
    await until(pilot, lambda: view.finding.current is not None and view.finding.search.is_done)
    for _ in range(number - 1):
        before = view.finding.current
        view.action_hit(1)
        await until(pilot, lambda before=before: view.finding.current != before)


@pytest.mark.parametrize("wraps", [False, True])
async def test_hits_in_unfolded_json_are_marked_and_gone_to_where_they_stand(tmp_path, wraps):
    view = DocumentView()
    line = '{"\tfirst":[' + ",".join(f"{n}" for n in range(100)) + '],"é":"the needle here"}\n'
    async with alone(view, (40, 12)) as pilot:
        await open_with(pilot, view, tmp_path / "a", line * 3)
        view.action_pretty()
        if wraps:
            view.action_wrap()
        await find(pilot, view, "needle", 2)
        await until(pilot, lambda: marked(view, "here") == ["needle"])
        rows = [view.render_line(y).text for y in range(view.size.height)]
        y = next(y for y, row in enumerate(rows) if "needle" in row)
        assert "•" in rows[y]
        assert not any("•" in row for row in rows[y - 3 : y])


async def test_hits_are_marked_in_the_repaired_view(tmp_path):
    view = DocumentView()
    twice = "ein größerer Fund für später, größer\n".encode().decode("latin-1")
    async with alone(view, (60, 12)) as pilot:
        await open_with(pilot, view, tmp_path / "a", twice)
        await find(pilot, view, "fund f", 1)
        view.action_repair()
        await until(pilot, lambda: marked(view, "here") == ["Fund f"])


async def test_hits_far_along_a_very_long_line_are_marked(tmp_path):
    view = DocumentView()
    words = "".join(f"{n:06}é " for n in range(60_000)).replace("050000", "n\teedl")
    async with alone(view, (50, 12)) as pilot:
        await open_with(pilot, view, tmp_path / "a", words + "\nlast\n")
        await find(pilot, view, "n\teedl", 1)
        await until(pilot, lambda: marked(view, "here") == ["n→   eedl"])
        view.action_wrap()
        await until(pilot, lambda: "".join(marked(view, "here")) == "n␉eedl")
        view.action_wrap()
        await until(pilot, lambda: marked(view, "here") == ["n→   eedl"])


async def test_a_hit_that_is_broken_between_two_rows_is_marked_in_both(tmp_path, monkeypatch):
    monkeypatch.setattr(file_module, "LINE_LIMIT", 64)
    monkeypatch.setattr(file_module, "_USUAL", 16)
    view = DocumentView()
    async with alone(view, (30, 12)) as pilot:
        await open_with(pilot, view, tmp_path / "a", "x" * 300 + "\nlast\n")
        view.action_wrap()
        width = view.text_width
        text = "é" * (width - 3) + "needle" + "é" * 300
        await open_with(pilot, view, tmp_path / "b", text)
        view.action_wrap()
        await find(pilot, view, "needle", 1)
        await until(pilot, lambda: marked(view, "here") == ["nee", "dle"])


async def test_turning_wrapping_on_and_off_comes_back_to_where_one_was(tmp_path):
    view = DocumentView()
    async with alone(view, (40, 12)) as pilot:
        await open_with(pilot, view, tmp_path / "a", ("word " * 30 + "\n") * 50)
        view.action_wrap()
        view.action_row(11)
        top = view.top
        assert top.at
        view.action_wrap()
        assert view.top.start == top.start
        view.action_wrap()
        assert view.top == top
