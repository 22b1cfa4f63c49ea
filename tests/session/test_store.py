from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from rlm_tui.session.store import SUFFIX, session_path
from tests.runs import HEADER

FOLDER = Path("/sessions")


def test_a_session_is_named_by_when_about_what_and_the_run():
    name = session_path(FOLDER, HEADER).name
    assert name == "20260314T092653-which-errors-repeat-most-01234567.rlm.jsonl"


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters() | st.characters(categories=["Cs"])))
def test_any_question_makes_one_plain_file_name(question):
    path = session_path(FOLDER, replace(HEADER, question=question))
    assert path.parent == FOLDER
    assert re.fullmatch(r"20260314T092653-[a-z0-9-]{1,40}-01234567\.rlm\.jsonl", path.name)
    assert "--" not in path.name


@pytest.mark.parametrize("question", ["", "???", "何がありますか", "../../etc"])
def test_a_question_without_latin_letters_still_has_a_name(question):
    name = session_path(FOLDER, replace(HEADER, question=question)).name
    assert name.split("-")[1] in {"run", "etc"}
    assert name.endswith(SUFFIX)


@pytest.mark.parametrize(
    "started", ["2026-03-14T09:26:53.589+00:00", "2026-03-14T09:26:53.001+00:00"]
)
def test_names_sort_by_time(started):
    later = replace(HEADER, started=started.replace("T09", "T10"))
    assert session_path(FOLDER, replace(HEADER, started=started)) < session_path(FOLDER, later)


def test_runs_of_one_second_about_one_question_have_names_of_their_own():
    """A script may start a hundred at once; four digits are too few to tell them apart."""
    runs = [replace(HEADER, run=f"0123{n:08x}") for n in range(0, 1 << 32, 1 << 25)]
    assert len({session_path(FOLDER, run) for run in runs}) == len(runs)
