from __future__ import annotations

import pytest

from rlm_tui.errors import DocumentError
from rlm_tui.grounds import Grounds, KeptGrounds
from tests.engine.harness import wait_until_ended


@pytest.fixture
def document(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("some text\n", encoding="utf-8")
    return path


def group_of(grounds: Grounds) -> int:
    return grounds.sandbox._process.pid


async def prepared(*paths) -> Grounds:
    return await Grounds.prepare([str(path) for path in paths], "", "auto")


async def test_they_serve_a_run_about_the_same_documents_only(document, tmp_path):
    other = tmp_path / "b.txt"
    other.write_text("other\n", encoding="utf-8")
    grounds = await prepared(document)
    path, group = str(document), group_of(grounds)
    assert grounds.is_for([path], "", "auto")
    assert not grounds.is_for([path, str(other)], "", "auto")
    assert not grounds.is_for([path], "latin-1", "auto")
    assert not grounds.is_for([path], "", "strict")
    document.write_text("another text\n", encoding="utf-8")
    assert not grounds.is_for([path], "", "auto")
    await grounds.close()
    wait_until_ended(group)


async def test_a_document_that_cannot_be_read_leaves_nothing_running(tmp_path):
    with pytest.raises(DocumentError, match="does not exist"):
        await prepared(tmp_path / "missing.txt")


async def test_they_are_taken_once_and_closed_when_they_do_not_fit(document):
    kept = KeptGrounds()
    grounds = await prepared(document)
    group = group_of(grounds)
    await kept.put(grounds)
    assert await kept.take([str(document)], "", "auto") is grounds
    assert await kept.take([str(document)], "", "auto") is None
    await kept.put(grounds)
    assert await kept.take([str(document)], "", "strict") is None
    wait_until_ended(group)


async def test_only_the_latest_are_kept(document):
    kept = KeptGrounds()
    first, second = await prepared(document), await prepared(document)
    groups = [group_of(first), group_of(second)]
    await kept.put(first)
    await kept.put(second)
    wait_until_ended(groups[0])
    await kept.close()
    wait_until_ended(groups[1])
