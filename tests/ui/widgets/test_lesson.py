from __future__ import annotations

import pytest

from rlm_tui.ui.widgets.lesson import LessonPanel
from tests.ui.widgets.conftest import alone

LONG = " ".join(["into what comes next"] * 3)


def drawn(pilot) -> str:
    panel = pilot.app.widget
    return "\n".join(panel.render_line(y).text.rstrip() for y in range(panel.size.height))


@pytest.mark.parametrize(("width", "rows"), [(80, 2), (40, 3)])
async def test_the_text_takes_as_many_rows_as_it_needs(width, rows):
    panel = LessonPanel()
    async with alone(panel, size=(width, 12)) as pilot:
        panel.show(2, 9, f"Press `s` to step {LONG}")
        await pilot.pause()
        assert panel.size.height == rows
        assert drawn(pilot).split() == f"Tutorial 2/9 Press s to step {LONG}".split()


async def test_keys_stand_out_and_brackets_are_text():
    panel = LessonPanel()
    async with alone(panel, size=(80, 5)):
        panel.show(1, 2, "`[` goes back [b]not bold[/b]")
        text = panel.render()
        assert "[ goes back [b]not bold[/b]" in text.plain
        [key] = [span for span in text.spans if text.plain[span.start : span.end] == "["]
        assert key.style == panel._meaning("key")


async def test_behind_the_last_lesson_it_is_the_end():
    panel = LessonPanel()
    async with alone(panel, size=(80, 5)):
        panel.show(3, 2, "That was all.")
        assert panel.render().plain.startswith("Tutorial end")
