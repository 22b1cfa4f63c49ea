from __future__ import annotations

from rlm_tui.document.sightings import CodeScan, Sighting, Sightings
from rlm_tui.events import (
    CodeFinished,
    CodeStarted,
    IterationStarted,
    Message,
    ModelRequested,
    Record,
    SubCallStarted,
)


def told(*happenings):
    records = [Record(seq, 0.0, node, event) for seq, (node, event) in enumerate(happenings, 1)]
    return Sightings().take(records)


def requested(kept, *messages):
    return ModelRequested("m", kept, [Message(role, text) for role, text in messages], 0)


OPENING = requested(0, ("system", "rules"), ("user", "It begins: 12:00 ERROR"))


def test_the_prompt_of_a_sub_call_was_sent():
    call = SubCallStarted("llm_query", "m", "Look at 12:00 ERROR", 1)
    assert told(("1.1.1", call)) == [Sighting(1, "1.1.1", "sent", "Look at 12:00 ERROR")]


def test_what_code_printed_is_seen_when_the_model_is_told():
    later = requested(2, ("assistant", "code"), ("user", "Output: 12:00 ERROR"))
    seen = told(
        ("1", IterationStarted(1)), ("1", OPENING), ("2", IterationStarted(2)), ("2", later)
    )
    assert seen == [Sighting(4, "2", "printed", "Output: 12:00 ERROR")]


def test_the_first_messages_of_a_loop_show_nothing():
    assert not told(("1", IterationStarted(1)), ("1", OPENING))


def test_a_direct_request_sends_the_document():
    (seen,) = told(("1", IterationStarted(1, "direct")), ("1", OPENING))
    assert (seen.level, seen.node) == ("sent", "1")


def test_code_of_the_root_that_ran_to_its_end_scanned_the_context():
    (seen,) = told(("1.1", CodeStarted("context.split()")), ("1.1", CodeFinished("ok", 0.1)))
    assert isinstance(seen, CodeScan)
    assert [one.is_whole for one in seen.scan.documents] == [True]
    assert (seen.seq, seen.node) == (2, "1.1")


def test_code_that_failed_or_is_a_childs_proves_nothing():
    code = CodeStarted("context.split()")
    assert not told(("1.1", code), ("1.1", CodeFinished("error", 0.1)))
    assert not told(("1.1.1.1.1", code), ("1.1.1.1.1", CodeFinished("ok", 0.1)))
    assert not told(("1.1", code))


def test_a_name_that_a_block_gave_another_meaning_keeps_it_in_the_next():
    first, second = told(
        ("1.1", CodeStarted("count = 3")),
        ("1.1", CodeFinished("ok", 0.1)),
        ("2.1", CodeStarted("print(count)")),
        ("2.1", CodeFinished("ok", 0.1)),
    )
    assert not first.scan.documents[0].is_whole
    assert not second.scan.documents[0].is_whole
