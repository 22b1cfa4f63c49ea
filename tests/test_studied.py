from __future__ import annotations

import asyncio
import gzip
import os
from pathlib import Path

import pytest

from rlm_tui.errors import DocumentError
from rlm_tui.repl.guest.documents import read_context
from rlm_tui.repl.host import Sandbox
from rlm_tui.studied import StudiedDocuments


def test_the_repl_reads_the_text_that_is_examined(tmp_path):
    packed, wide = tmp_path / "a.gz", tmp_path / "b.txt"
    packed.write_bytes(gzip.compress("größer\n".encode("cp1252")))
    wide.write_bytes("größer\nkleiner\n".encode("utf-16"))
    studied = StudiedDocuments([str(packed), str(wide)], "")
    studied.unpack()
    facts = studied.examine()
    assert [fact.lines for fact in facts] == [1, 2]
    assert [fact.ref.encoding for fact in facts] == ["iso8859-1", "utf-16-le"]
    assert read_context(studied.shared) == {
        str(packed): "größer\n",
        str(wide): "größer\nkleiner\n",
    }
    assert studied.text() == "größer\n"
    studied.close()


async def test_a_packed_document_is_context_in_the_sandbox(tmp_path):
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress("größer\n".encode()))
    studied = StudiedDocuments([str(path)], "")
    studied.unpack()
    sandbox = await Sandbox.start(studied.shared)
    assert sandbox.context_chars == [7]
    await sandbox.close()
    studied.close()


def test_the_encoding_that_was_named_is_taken(tmp_path):
    path = tmp_path / "a"
    path.write_bytes("привет\n".encode("koi8-r"))
    studied = StudiedDocuments([str(path)], "koi8-r")
    assert studied.text() == "привет\n"
    studied.close()


def test_a_document_that_is_not_whole_is_remarked_on(tmp_path):
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(os.urandom(99_000).hex().encode())[:-50])
    studied = StudiedDocuments([str(path)], "")
    studied.unpack()
    assert studied.remarks == [f"{path} is not whole: the gzip data end too early."]
    studied.close()


def test_one_that_cannot_be_read_lets_the_others_go(tmp_path):
    path = tmp_path / "a"
    path.write_text("a")
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(DocumentError, match="does not exist"):
        StudiedDocuments([str(path), str(tmp_path / "none")], "")
    assert len(list(Path("/proc/self/fd").iterdir())) == before


async def test_a_change_on_disk_is_told_once(tmp_path):
    path = tmp_path / "a"
    path.write_text("before\n")
    studied = StudiedDocuments([str(path)], "")
    told: asyncio.Queue[str] = asyncio.Queue()
    watching = asyncio.ensure_future(studied.watch(told.put_nowait))
    os.truncate(path, 2)
    async with asyncio.timeout(20):
        sentence = await told.get()
    assert sentence == (f"{path} was cut short on disk; the run goes on with what it has read.")
    watching.cancel()
    studied.close()
