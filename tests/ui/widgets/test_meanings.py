from __future__ import annotations

import pytest
from rich.color import Color
from textual.widgets import Static

from rlm_tui.ui.widgets.meanings import LOOKS, Meanings
from tests.ui.widgets.conftest import alone


def color_of(app, name):
    """A variable of the theme as Rich knows it."""
    return Color.parse(app.theme_variables[name])


async def test_every_meaning_can_be_read_in_every_theme_of_ours_and_of_textual():
    widget = Static()
    async with alone(widget) as pilot:
        meaning = Meanings(widget)
        for theme in sorted(pilot.app.available_themes):
            pilot.app.theme = theme
            await pilot.pause()
            for name, look in LOOKS.items():
                style = meaning(name)
                assert style.color.is_default or style.color != style.bgcolor, (theme, name)
                assert bool(style.bold) == look.bold


async def test_a_meaning_has_the_color_of_its_variable_on_the_background_of_the_widget():
    widget = Static()
    widget.styles.background = "#102030"
    async with alone(widget) as pilot:
        style = Meanings(widget)("error")
        assert style.color.triplet == color_of(pilot.app, "error").triplet
        assert style.bgcolor.triplet.hex == "#102030"


async def test_what_is_dim_lies_between_its_colour_and_the_background():
    widget = Static()
    widget.styles.background = "#000000"
    async with alone(widget):
        meaning = Meanings(widget)
        plain, dim, faint = (meaning(name).color.triplet for name in ("", "dim", "faint"))
        assert sum(plain) > sum(dim) > sum(faint) > 0


async def test_a_mode_has_a_background_of_its_own():
    widget = Static()
    async with alone(widget) as pilot:
        style = Meanings(widget)("mode-failed")
        assert style.bgcolor.triplet == color_of(pilot.app, "error").triplet
        assert style.color.triplet == color_of(pilot.app, "background").triplet


async def test_another_theme_or_background_changes_the_styles_and_the_same_one_does_not():
    widget = Static()
    async with alone(widget) as pilot:
        meaning = Meanings(widget)
        dark = meaning("ok")
        assert meaning("ok") is dark
        pilot.app.theme = "rlm-light"
        await pilot.pause()
        light = meaning("ok")
        assert light.color != dark.color
        widget.styles.background = "#102030"
        await pilot.pause()
        assert meaning("ok").bgcolor.triplet.hex == "#102030"
        assert meaning("ok").color == light.color


async def test_an_unknown_meaning_is_a_mistake_that_is_noticed():
    widget = Static()
    async with alone(widget):
        with pytest.raises(KeyError, match="no such"):
            Meanings(widget)("no such meaning")
