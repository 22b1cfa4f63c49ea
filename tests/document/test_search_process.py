from __future__ import annotations

import os
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rlm_tui.document import search_process as module
from rlm_tui.document.search_process import Searcher

QUIET = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
CONTENTS = st.lists(
    st.sampled_from([b"\n", b"ab", b"a", b"xx", "é".encode(), b"longer than a cell", b"\xff"]),
    min_size=1,
    max_size=40,
).map(b"".join)


@pytest.fixture(autouse=True)
def unheard(monkeypatch):
    """What is said on the way to an answer would go to the tests' output."""
    monkeypatch.setattr(module, "_say", lambda message: None)


@pytest.fixture
def small_cells(monkeypatch):
    """Cells so small that a short text has many, and lines that go over several."""
    monkeypatch.setattr(module, "CELL", 8)


def searcher(path, content, text="ab", *, by_line=False, is_searched=True):
    path.write_bytes(content)
    made = Searcher(os.open(path, os.O_RDONLY), 0, "utf-8")
    made.answer({"op": "size", "size": len(content), "is_whole": True})
    wanted = [text, False, False, False]
    made.answer({"op": "search", "wanted": wanted, "by_line": by_line})
    while is_searched and made.has_work:
        made.work()
    return made


@QUIET
@given(CONTENTS)
def test_every_hit_is_counted_once_wherever_cells_end(tmp_path, small_cells, content):
    made = searcher(tmp_path / "a", content)
    assert sum(made._counts) == content.count(b"ab")
    os.close(made._fd)


@QUIET
@given(CONTENTS, st.integers(0, 90), st.booleans())
def test_the_next_hit_is_the_nearest_and_goes_around_the_ends(
    tmp_path, small_cells, content, at, is_searched
):
    made = searcher(tmp_path / "a", content, is_searched=is_searched)
    starts = [match.start() for match in re.finditer(b"ab", content)]
    ahead = [start for start in starts if start >= at] or starts
    behind = [start for start in starts if start < at] or starts
    for step, expected in ((1, ahead[:1]), (-1, behind[-1:])):
        hit = made.answer({"op": "next", "at": at, "step": step})["hit"]
        assert ([] if hit is None else [hit[0]]) == expected
        if hit and is_searched:
            assert hit[1:] == [hit[0] + 2, starts.index(hit[0]) + 1]
    os.close(made._fd)


@QUIET
@given(CONTENTS, st.integers(0, 90), st.integers(1, 4), st.booleans())
def test_lines_from_a_place_on_and_before_it_come_nearest_first(
    tmp_path, small_cells, content, at, count, is_searched
):
    made = searcher(tmp_path / "a", content, by_line=True, is_searched=is_searched)
    starts, start = [], 0
    for line in content.split(b"\n"):
        if b"ab" in line:
            starts.append(start)
        start += len(line) + 1
    ahead = made.answer({"op": "lines", "at": at, "step": 1, "count": count})["lines"]
    behind = made.answer({"op": "lines", "at": at, "step": -1, "count": count})["lines"]
    assert ahead == [start for start in starts if start >= at][:count]
    assert behind == [start for start in starts if start < at][::-1][:count]
    os.close(made._fd)


def test_a_hit_across_the_border_of_two_cells_of_a_long_line_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "CELL", 4096)
    monkeypatch.setattr(module, "_LONG", 4096)
    content = b"x" * 8191 + b"ab" + b"x" * 30_000 + b"ab"
    made = searcher(tmp_path / "a", content)
    assert sum(made._counts) == 2
    assert made.answer({"op": "next", "at": 0, "step": 1})["hit"] == [8191, 8193, 1]
    os.close(made._fd)


def test_where_hits_are_in_a_line_is_told_in_bytes_of_the_line(tmp_path):
    made = searcher(tmp_path / "a", "é\näb ab\n".encode(), "b")
    assert made.answer({"op": "spans", "lines": [[3, 10]]})["spans"] == [[3, [(2, 3), (5, 6)]]]
    os.close(made._fd)


def test_what_is_not_unpacked_yet_is_searched_when_it_is(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"ab\n" * 1_000_000)
    made = Searcher(os.open(path, os.O_RDONLY), 0, "utf-8")
    made.answer({"op": "size", "size": 600_000, "is_whole": False})
    made.answer({"op": "search", "wanted": ["ab", False, False, False], "by_line": False})
    assert not made.has_work
    made.answer({"op": "size", "size": 3_000_000, "is_whole": True})
    while made.has_work:
        told = made.work()
    assert told["is_done"]
    assert sum(made._counts) == 1_000_000
    os.close(made._fd)
