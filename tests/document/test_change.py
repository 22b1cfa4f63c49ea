from __future__ import annotations

import os

import pytest

from rlm_tui.document.change import change_of
from rlm_tui.document.contents import Contents


def replace(path):
    other = path.with_name("b")
    other.write_text("another\n")
    other.replace(path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda path: None, ""),
        (lambda path: path.unlink(), "was deleted"),
        (lambda path: os.truncate(path, 2), "was cut short on disk"),
        (lambda path: path.write_text("longer than it was\n"), "has grown on disk"),
        (lambda path: os.utime(path, (1, 1)), "was changed on disk"),
        (replace, "was replaced by another file"),
    ],
    ids=["nothing", "deleted", "cut", "grown", "touched", "replaced"],
)
def test_what_happened_to_a_file_since_it_was_opened_is_said(tmp_path, change, said):
    path = tmp_path / "a"
    path.write_text("before\n")
    contents = Contents(path)
    change(path)
    assert change_of(contents) == said
    contents.close()
