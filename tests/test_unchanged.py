from __future__ import annotations

import gzip
import hashlib

import pytest

from rlm_tui import paths
from rlm_tui.errors import DocumentError
from rlm_tui.header import DocumentRef
from rlm_tui.unchanged import unchanged_path, unchanged_texts

CONTENT = "première ligne\n".encode()


@pytest.fixture
def ref(tmp_path, monkeypatch) -> DocumentRef:
    monkeypatch.setattr(paths, "documents_dir", lambda: tmp_path / "kept")
    digest = hashlib.sha256(CONTENT).hexdigest()
    return DocumentRef(str(tmp_path / "was" / "a.txt"), len(CONTENT), digest)


@pytest.mark.parametrize("folder", ["was", "session", "kept"])
def test_a_document_is_found_where_it_was_beside_the_session_or_among_those_kept(
    ref, tmp_path, folder
):
    path = tmp_path / folder / "a.txt"
    path.parent.mkdir()
    path.write_bytes(CONTENT)
    assert unchanged_path(ref, tmp_path / "session" / "run.rlm.jsonl") == path
    assert unchanged_texts([ref], tmp_path / "session" / "run.rlm.jsonl") == [CONTENT.decode()]


def test_another_file_of_the_same_name_does_not_hide_the_right_one(ref, tmp_path):
    for folder, content in (("was", b"something else"), ("kept", CONTENT)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.txt").write_bytes(content)
    assert unchanged_path(ref) == tmp_path / "kept" / "a.txt"


@pytest.mark.parametrize(
    ("content", "told"),
    [(None, "is missing"), (CONTENT * 2, "has changed"), (CONTENT[::-1], "SHA-256 differs")],
    ids=["missing", "longer", "other"],
)
def test_what_is_not_there_as_it_was_is_told(ref, tmp_path, content, told):
    if content is not None:
        (tmp_path / "was").mkdir()
        (tmp_path / "was" / "a.txt").write_bytes(content)
    with pytest.raises(DocumentError, match=told):
        unchanged_path(ref)


def test_a_packed_document_is_unpacked(tmp_path):
    path = tmp_path / "a.txt.gz"
    path.write_bytes(gzip.compress(CONTENT))
    content = path.read_bytes()
    ref = DocumentRef(str(path), len(content), hashlib.sha256(content).hexdigest())
    assert unchanged_texts([ref]) == [CONTENT.decode()]
