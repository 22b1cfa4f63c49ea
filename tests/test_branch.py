from __future__ import annotations

import msgspec
import pytest

from rlm_tui.branch import Branch
from rlm_tui.codec import encode_line
from rlm_tui.config import Settings
from rlm_tui.errors import SessionError, UsageError
from rlm_tui.events import Intervened, Record
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
