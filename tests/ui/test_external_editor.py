from __future__ import annotations

import stat
import sys

import pytest

from rlm_tui.errors import UsageError
from rlm_tui.ui.external_editor import edited, editor_of


def editor(tmp_path, code):
    """The environment of an editor that does this to `text` and writes it back."""
    path = tmp_path / "an editor.py"
    path.write_text(
        "import sys, pathlib, os\n"
        "path = pathlib.Path(sys.argv[-1])\n"
        f"text = path.read_bytes().decode()\n{code}\npath.write_bytes(text.encode())\n"
    )
    return {"EDITOR": f"{sys.executable} '{path}'"}


def test_what_the_editor_leaves_is_the_text(tmp_path):
    assert edited("x = 1", suffix=".py", environ=editor(tmp_path, "text += ' + 2'")) == "x = 1 + 2"


@pytest.mark.parametrize("text", ["", "x", "x\n", "a\r\nb", "ä 你\n\n"])
def test_a_text_that_is_only_looked_at_stays_as_it_is(tmp_path, text):
    assert edited(text, suffix=".md", environ=editor(tmp_path, "")) == text


def test_the_newline_that_editors_add_is_not_part_of_the_text(tmp_path):
    assert edited("x", suffix=".py", environ=editor(tmp_path, "text = 'y\\n'")) == "y"
    assert edited("x\n", suffix=".py", environ=editor(tmp_path, "text = 'y\\n'")) == "y\n"


def test_the_file_has_the_suffix_and_is_gone_afterwards(tmp_path):
    env = editor(tmp_path, "text = str(path) + ' ' + oct(path.parent.stat().st_mode)")
    path, mode = edited("", suffix=".py", environ=env).split()
    assert path.endswith(".py")
    assert not (tmp_path / path).exists()
    assert stat.S_IMODE(int(mode, 8)) == 0o700


@pytest.mark.parametrize(
    ("environ", "why"),
    [
        ({"EDITOR": "/nowhere/editor"}, "cannot be started"),
        ({"EDITOR": f"{sys.executable} -c 'raise SystemExit(3)'"}, "ended with status 3"),
        ({"EDITOR": "vi 'unclosed"}, "is not a command"),
    ],
)
def test_an_editor_that_does_not_work_is_named(environ, why):
    with pytest.raises(UsageError, match=why):
        edited("x", suffix=".py", environ=environ)


def test_what_is_not_text_any_more_is_refused(tmp_path):
    env = editor(tmp_path, "path.write_bytes(b'\\xff'); raise SystemExit")
    with pytest.raises(UsageError, match="cannot be read"):
        edited("x", suffix=".py", environ=env)


def test_visual_comes_before_editor_and_vi_last():
    assert editor_of({"VISUAL": "code -w", "EDITOR": "nano"}) == ["code", "-w"]
    assert editor_of({"EDITOR": "nano"}) == ["nano"]
    assert editor_of({}) == ["vi"]
