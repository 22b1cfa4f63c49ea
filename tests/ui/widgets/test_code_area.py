from __future__ import annotations

import pytest

from rlm_tui.ui.widgets.code_area import CodeArea
from tests.ui.widgets.conftest import alone

CODE = "for x in y:\n    print('a')\nz = 1"


def colours(area, line):
    return {str(span.style) for span in area.get_line(line).spans}


async def test_python_is_coloured_and_a_prompt_is_not():
    area, prompt = CodeArea(CODE, is_code=True), CodeArea(CODE, is_code=False)
    async with alone(area):
        assert len(colours(area, 1)) == 2
    async with alone(prompt):
        assert colours(prompt, 1) == set()


async def test_a_line_that_was_changed_is_marked_until_it_is_as_it_was():
    area = CodeArea(CODE, is_code=False)
    async with alone(area) as pilot:
        await pilot.press("q")
        await pilot.pause()
        assert colours(area, 0)
        assert not colours(area, 2)
        await pilot.press("backspace")
        await pilot.pause()
        assert not colours(area, 0)


@pytest.mark.parametrize("text", ["", "\n\n", "x = '''\nunclosed", "\t\x1b[31m", "é你\u200d"])
async def test_any_text_is_drawn(text):
    area = CodeArea(text, is_code=True)
    async with alone(area, (20, 5)):
        assert area.render_line(0).cell_length == 20
