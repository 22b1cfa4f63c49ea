from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from rlm_tui.branch import Branch, fork_trouble
from rlm_tui.codec import encode_line
from rlm_tui.config import Settings
from rlm_tui.document.facts import identity
from rlm_tui.errors import SessionError, UsageError
from rlm_tui.events import Intervened, Record
from rlm_tui.header import DocumentRef
from rlm_tui.repl.checkpoints import Checkpoints
from rlm_tui.source import Fork
from tests.runs import HEADER, NAMED


@pytest.fixture
def session(tmp_path):
    """Writes a session and names it."""

    def write(records):
        path = tmp_path / "parent.rlm.jsonl"
        path.write_bytes(b"".join(map(encode_line, [HEADER, *records])))
        return str(path)

    return write


def test_it_shares_the_events_up_to_where_it_leaves(session):
    records = NAMED["answered"]()
    branch = Branch.begin(Fork(session(records), 4), Checkpoints())
    assert (branch.parent, branch.past.records, branch.shortcut) == (HEADER, records[:4], None)


def test_a_parent_that_is_not_there_is_said(tmp_path):
    with pytest.raises(SessionError, match=r"no\.rlm\.jsonl"):
        Branch.begin(Fork(str(tmp_path / "no.rlm.jsonl"), 4), Checkpoints())


def test_limits_are_as_high_as_the_user_had_raised_them(session):
    records = NAMED["answered"]()[:3]
    raised = ("cost none", "cost 2"), ("sub-calls 9", "sub-calls 400"), ("tokens 9", "tokens 5")
    for before, after in raised:
        records.append(Record(len(records) + 1, 0.5, "", Intervened("raised_limit", before, after)))
    branch = Branch.begin(Fork(session(records), 9), Checkpoints())
    settings = branch.settings(Settings(max_cost=1.0, max_sub_calls=200, max_tokens=100))
    assert (settings.max_cost, settings.max_sub_calls, settings.max_tokens) == (2.0, 400, 100)


class Facts(msgspec.Struct):
    ref: object


def test_other_documents_are_refused(session):
    branch = Branch.begin(Fork(session(NAMED["answered"]()), 4), Checkpoints())
    branch.check([Facts(HEADER.document)])
    changed = msgspec.structs.replace(HEADER.document, sha256="0" * 64)
    with pytest.raises(UsageError, match="is not what it was"):
        branch.check([Facts(changed)])


def test_what_hinders_a_branch_is_said_without_beginning_it(session, tmp_path):
    fork = Fork(session(NAMED["answered"]()), 4)
    assert "does not exist" in fork_trouble(fork, Settings())
    assert "no.rlm.jsonl" in fork_trouble(Fork(str(tmp_path / "no.rlm.jsonl"), 4), Settings())


@pytest.fixture
def document(tmp_path):
    """A document, and what a header says of it."""
    path = tmp_path / "own.log"
    path.write_text("one line\n", encoding="utf-8")
    size, digest = identity(path)
    return DocumentRef(str(path), size, digest)


def test_a_document_is_compared_as_it_lies_on_the_disk(document, tmp_path):
    header = msgspec.structs.replace(HEADER, document=document)
    path = tmp_path / "parent.rlm.jsonl"
    path.write_bytes(b"".join(map(encode_line, [header, *NAMED["answered"]()])))
    fork, settings = Fork(str(path), 4), Settings(model="offline")
    assert fork_trouble(fork, settings) == ""
    Path(document.path).write_text("one lime\n", encoding="utf-8")
    assert "is not what it was" in fork_trouble(fork, settings)


def test_a_model_that_cannot_be_used_hinders_a_branch(document, tmp_path):
    header = msgspec.structs.replace(HEADER, document=document)
    path = tmp_path / "parent.rlm.jsonl"
    path.write_bytes(b"".join(map(encode_line, [header, *NAMED["answered"]()])))
    missing = Settings(model=f"scripted:{tmp_path / 'no.json'}")
    assert "no.json" in fork_trouble(Fork(str(path), 4), missing)
