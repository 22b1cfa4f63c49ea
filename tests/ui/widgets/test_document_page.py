from __future__ import annotations

from rlm_tui.document.file import DocumentFile
from rlm_tui.ui.widgets.document_view import DocumentView
from tests.ui.conftest import until
from tests.ui.widgets.conftest import alone


async def open_with(pilot, view, path, text):
    path.write_text(text, encoding="utf-8")
    view.open(DocumentFile(path))
    await until(pilot, lambda: view.file.is_indexed)
    await pilot.pause()


def meanings_of(view, y, text):
    """The styles in which a part of a row is drawn."""
    return {segment.style for segment in view.render_line(y) if text in segment.text}


async def test_hits_are_marked_in_their_line_beside_it_and_on_the_map(tmp_path):
    view = DocumentView()
    async with alone(view, (50, 12)) as pilot:
        lines = ["\tplain\n"] * 300 + ["\tthe E42 one\n"] + ["plain\n"] * 300
        await open_with(pilot, view, tmp_path / "a", "".join(lines))
        view.find("E42")
        await until(pilot, lambda: view.finding.current is not None)
        await until(pilot, lambda: "1 of 1" in str(view.border_subtitle))
        rows = [view.render_line(y) for y in range(view.size.height)]
        y = next(y for y, row in enumerate(rows) if "E42" in row.text)
        await until(pilot, lambda: meanings_of(view, y, "E42") == {view.style("here")})
        assert rows[y].text.lstrip().startswith("301•")
        assert "".join(row.text[-1] for row in rows).count("━") == 1


async def test_a_hit_far_to_the_right_is_brought_into_view(tmp_path):
    view = DocumentView()
    async with alone(view, (50, 12)) as pilot:
        await open_with(pilot, view, tmp_path / "a", "x" * 500 + " E42 " + "x" * 500 + "\n")
        view.find("E42")
        await until(pilot, lambda: "E42" in view.render_line(0).text)


async def test_numbers_are_guessed_where_lines_are_not_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(DocumentFile, "build_index", lambda *_: None)
    view = DocumentView()
    async with alone(view, (50, 12)) as pilot:
        path = tmp_path / "a"
        path.write_text("line of text\n" * 90_000)
        view.open(DocumentFile(path))
        await pilot.pause()
        view.action_edge("bottom")
        assert view.render_line(3).text.lstrip().startswith("~89,")
        assert "~" in str(view.border_subtitle)
