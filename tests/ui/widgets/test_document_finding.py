from __future__ import annotations

import asyncio

import pytest

from rlm_tui.document.file import DocumentFile
from rlm_tui.document.pattern import Wanted
from rlm_tui.ui.widgets.document_finding import Finding


@pytest.fixture
async def finding(tmp_path):
    path = tmp_path / "a"
    path.write_text("one é two\nthree\ntwo é é two\n", encoding="utf-8")
    file = DocumentFile(path)
    file.build_index(lambda: None)
    changed = asyncio.Event()
    found = Finding(file, changed.set)
    await found.begin(Wanted("two"))
    async with asyncio.timeout(20):
        while not found.search.is_done:
            await changed.wait()
            changed.clear()
    yield found
    await found.end()
    file.close()


async def test_hits_on_screen_are_known_once_they_are_fetched_in_characters(finding):
    third = len("one é two\nthree\n".encode())
    assert finding.hits(third, third + 15) == []
    assert finding.lacks_some
    assert await finding.fetch()
    assert finding.hits(third, third + 15) == [(0, 3, False), (8, 11, False)]
    assert not await finding.fetch()
    await finding.move(third + 1, 1)
    assert [hit.is_current for hit in finding.hits(third, third + 15)] == [False, True]


async def test_a_search_that_was_given_up_is_not_asked_again_and_again(finding):
    finding.search.trouble = "the pattern takes too long"
    assert finding.hits(0, 9) == []
    assert not await finding.fetch()


async def test_moving_goes_from_hit_to_hit_and_around(finding):
    numbers = []
    for _ in range(4):
        assert await finding.move(0, 1)
        numbers.append(finding.current[2])
    assert numbers == [1, 2, 3, 1]
    assert await finding.move(0, -1)
    assert finding.current[2] == 3


async def test_what_is_said_of_a_search_is_which_of_how_many(finding):
    assert list(finding.words()) == ["/two 3"]
    await finding.move(0, 1)
    assert list(finding.words()) == ["/two 1 of 3"]
    assert sum(finding.on_map(10)) == 3
    await finding.end()
    assert (list(finding.words()), finding.hits(0, 9)) == ([], [])


async def test_which_hit_one_stands_on_is_asked_for_once_all_are_counted(finding):
    await finding.move(0, 1)
    finding.current = (*finding.current[:2], 0)  # as it is known while the search goes on
    assert finding.lacks_some
    assert await finding.fetch()
    assert finding.current[2] == 1
    assert not finding.lacks_some
