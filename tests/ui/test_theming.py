from __future__ import annotations

import pytest
from textual.color import Color

from rlm_tui.errors import UsageError
from rlm_tui.ui.theming import read_theme, shipped_themes
from rlm_tui.ui.widgets.meanings import LOOKS

GOOD = 'name = "mine"\nprimary = "#7cb7ff"\n'


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "name"),
        (b'primary = "#fff"\n', "name"),
        (b'name = "mine"\n', "primary"),
        (b"name = \n", "not a theme"),
        (b'name = 7\nprimary = "#fff"\n', "name"),
        (GOOD.encode() + b'dark = "yes"\n', "dark"),
        (GOOD.encode() + b"[variables]\nborder = 3\n", "variables"),
        (b"\xff\xfe\x00", "not a theme"),
    ],
    ids=["empty", "nameless", "without colours", "no toml", "name", "dark", "variables", "binary"],
)
def test_what_is_no_theme_is_named_with_what_is_wrong(tmp_path, content, told):
    path = tmp_path / "mine.toml"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=told) as raised:
        read_theme(path)
    assert str(raised.value).startswith(str(path))


def test_a_theme_that_is_missing_is_a_sentence(tmp_path):
    with pytest.raises(UsageError, match=r"mine\.toml: not a theme: .*No such file"):
        read_theme(tmp_path / "mine.toml")


def test_a_theme_is_read_as_it_is_written(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(f'{GOOD}dark = false\n[variables]\nborder = "red"\n', encoding="utf-8")
    theme = read_theme(path)
    assert (theme.name, theme.primary, theme.dark) == ("mine", "#7cb7ff", False)
    assert theme.variables == {"border": "red"}


THEMES = pytest.mark.parametrize("theme", shipped_themes(), ids=lambda theme: theme.name)


def test_a_dark_and_a_light_theme_are_shipped():
    assert {"rlm-dark": True, "rlm-light": False}.items() <= {
        theme.name: theme.dark for theme in shipped_themes()
    }.items()


@THEMES
def test_every_colour_of_a_theme_is_one(theme):
    for name in ("primary", "secondary", "accent", "success", "warning", "error"):
        assert Color.parse(getattr(theme, name)).a == 1
    for name in ("foreground", "background", "surface", "panel"):
        assert Color.parse(getattr(theme, name)).a == 1


@THEMES
def test_text_can_be_read_on_every_ground(theme):
    """WCAG 2.2, 1.4.3: 4.5 to 1 for text."""
    known = {**vars(theme), **theme.variables}
    pairs = {
        (look.color, ground)
        for look in LOOKS.values()
        if look.strength == 1
        for ground in ([look.background] if look.background else ["background", "surface"])
    }
    ratios = {pair: contrast(*(known[name] for name in pair)) for pair in pairs}
    assert {pair: ratio for pair, ratio in ratios.items() if ratio < 4.5} == {}


def contrast(one, other):
    """The contrast ratio of WCAG 2.2 (relative luminance of sRGB)."""
    lighter, darker = sorted(map(luminance, (one, other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(color):
    channels = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in Color.parse(color).normalized
    ]
    return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
