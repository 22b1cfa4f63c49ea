from __future__ import annotations

import asyncio
import contextlib
import gzip
from pathlib import Path

import pytest

from rlm_tui.document import search as module
from rlm_tui.document.contents import Contents
from rlm_tui.document.pattern import Wanted
from rlm_tui.document.search import Search


@contextlib.asynccontextmanager
async def searching(path: Path, wanted: Wanted, *, by_line: bool = False, is_unpacked: bool = True):
    contents = Contents(path)
    changed = asyncio.Event()
    search = Search(contents, changed.set)
    if is_unpacked:
        contents.unpack()
    await search.begin(wanted, by_line=by_line)
    try:
        yield search, changed, contents
    finally:
        await search.end()
        contents.close()


async def until_done(search, changed):
    async with asyncio.timeout(30):
        while not search.is_done and not search.trouble:
            changed.clear()
            await changed.wait()


@pytest.fixture
def log(tmp_path) -> Path:
    path = tmp_path / "a.log"
    path.write_bytes(b"".join(b"line %d of the log\n" % n for n in range(100_000)))
    return path


async def test_all_hits_are_counted_by_the_quarter_megabyte(log):
    async with searching(log, Wanted("99 of")) as (search, changed, _):
        await until_done(search, changed)
        assert search.total == sum(search.counts) == 1000
        assert search.searched_share == 1.0
        at = log.read_bytes().index(b"99 of")
        assert await search.next(0, 1) == (at, at + 5, 1)
        last = log.read_bytes().rindex(b"99 of")
        assert await search.next(0, -1) == (last, last + 5, 1000)


async def test_lines_and_spans_are_told_when_they_are_asked_for(log):
    async with searching(log, Wanted("line 5 "), by_line=True) as (search, changed, _):
        start = len(b"line 0 of the log\n") * 5
        assert await search.lines(0, 1, 9) == [start]
        assert await search.lines(start, -1, 9) == []
        assert await search.spans([(start, start + 18)]) == {(start, start + 18): [(0, 7)]}
        await until_done(search, changed)
        assert search.total == 1


async def test_another_pattern_begins_from_nothing(log):
    async with searching(log, Wanted("99 of")) as (search, changed, _):
        await until_done(search, changed)
        await search.begin(Wanted("no such text"), by_line=False)
        await until_done(search, changed)
        assert (search.total, await search.next(0, 1)) == (0, None)


async def test_a_pattern_that_takes_too_long_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.3)
    path = tmp_path / "a"
    path.write_text("a" * 40 + "b\n")
    async with searching(path, Wanted("(a+)+$", is_regex=True)) as (search, changed, _):
        await until_done(search, changed)
        assert search.trouble == "the pattern takes too long"
        assert await search.next(0, 1) is None
        assert await search.lines(0, 1, 5) is None


async def test_a_document_is_searched_as_it_is_unpacked(tmp_path, log):
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(log.read_bytes()))
    async with searching(path, Wanted("of the"), is_unpacked=False) as (search, changed, contents):
        assert not search.is_done
        await asyncio.to_thread(contents.unpack)
        await until_done(search, changed)
        assert search.total == 100_000


async def test_ending_a_search_leaves_no_process_and_no_question_open(log):
    async with searching(log, Wanted("line")) as (search, _, _):
        process = search._process
        asked = asyncio.ensure_future(search.lines(0, 1, 200))
        await asyncio.sleep(0)
        await search.end()
        assert process.returncode is not None
        assert await asked is None
        assert search.wanted is None
