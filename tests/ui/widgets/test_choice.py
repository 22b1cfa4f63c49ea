from __future__ import annotations

from rlm_tui.ui.widgets.choice import Choice
from tests.ui.widgets.conftest import alone


def rows(choice):
    return [choice.render_line(y).text.rstrip() for y in range(choice.size.height)]


async def test_one_of_the_rows_is_chosen_with_keys_or_the_mouse():
    choice = Choice(["this", "that", "neither"])
    async with alone(choice) as pilot:
        assert rows(choice)[:3] == ["(•) this", "( ) that", "( ) neither"]
        await pilot.press("down")
        assert choice.chosen == 1
        await pilot.press("down", "down", "down")
        assert choice.chosen == 2
        await pilot.press("up")
        assert rows(choice)[1] == "(•) that"
        await pilot.click(Choice, offset=(2, 0))
        assert choice.chosen == 0


async def test_it_is_told_once_for_each_change():
    told = []

    def hear(message):
        if isinstance(message, Choice.Chosen) and message.choice is choice:
            told.append(choice.chosen)

    choice = Choice(["this", "that"])
    async with alone(choice, hear=hear) as pilot:
        choice.choose(1)
        choice.choose(1)
        choice.choose(7)
        await pilot.pause()
    assert set(told) == {1}


async def test_markup_in_an_option_is_text():
    choice = Choice(["[bold]x[/bold]"])
    async with alone(choice):
        assert rows(choice)[0] == "(•) [bold]x[/bold]"
