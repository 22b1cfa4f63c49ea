from __future__ import annotations

import bz2
import gzip
import io
import lzma
from pathlib import Path

import pytest
from backports import zstd

from rlm_tui.document import packing as module
from rlm_tui.document.packing import damages, packing_of, unpacked, why_unreadable
from rlm_tui.errors import DocumentError

TEXT = b"line of text\n" * 1000
PACKED = {
    "gzip": gzip.compress(TEXT),
    "bzip2": bz2.compress(TEXT),
    "xz": lzma.compress(TEXT),
    "zstd": zstd.compress(TEXT),
}


@pytest.mark.parametrize("packing", PACKED)
def test_a_compressed_file_is_known_by_its_beginning_and_read_as_what_it_contains(packing):
    content = PACKED[packing]
    assert packing_of(content) == packing
    stream = unpacked(packing, io.BytesIO(content + content), Path("a"))
    assert b"".join(iter(lambda: stream.read1(999), b"")) == TEXT + TEXT


@pytest.mark.parametrize("text", [b"", b"BZh, he said", b"\x1f\x8b", b"plain", b"BZh91AY"])
def test_text_is_not_taken_for_compressed(text):
    assert packing_of(text) == ""


@pytest.mark.parametrize("packing", PACKED)
def test_a_file_that_is_cut_is_told_in_words(packing):
    stream = unpacked(packing, io.BytesIO(PACKED[packing][:-9]), Path("a"))
    with pytest.raises(damages()) as caught:
        b"".join(iter(lambda: stream.read1(1 << 20), b""))
    assert why_unreadable(packing, caught.value) == f"the {packing} data end too early"


def test_without_zstd_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setattr(module, "_zstd_module", lambda: None)
    with pytest.raises(DocumentError, match=r"a.zst is compressed with zstd.*backports\.zstd"):
        unpacked("zstd", io.BytesIO(), Path("a.zst"))
    assert damages()
