"""Everything the root knows, it reads off the messages."""

from __future__ import annotations

from rlm_tui.document.facts import ContextFacts, facts_of_text
from rlm_tui.engine import prompts
from rlm_tui.engine.models.offline.situation import Seen, situation
from rlm_tui.events import LimitReached, Message

TEXT = "one\ntwo\nthree\n"
QUESTION = "Who?\n\nAnd when?"


def messages(*outputs, depth_left=1):
    facts = facts_of_text(TEXT)
    told = [
        prompts.system_message(depth_left=depth_left, documents=1),
        prompts.first_message(QUESTION, facts, 30),
    ]
    for number, output in enumerate(outputs, 1):
        told.append(Message("assistant", "```repl\n1\n```"))
        report = prompts.block_report(1, 1, output, 0)
        told.append(Message("user", f"{report}\n\n{prompts.turn_footer(number, 30)}"))
    return told


def test_the_first_message_tells_question_and_size():
    now = situation(messages())
    assert (now.question, now.chars, now.lines, now.head) == (QUESTION, 14, 3, TEXT)
    assert (now.names, now.steps, now.can_ask, now.can_recurse) == ([], [], True, False)


def test_the_system_message_tells_which_calls_there_are():
    assert not situation(messages(depth_left=0)).can_ask
    assert situation(messages(depth_left=2)).can_recurse


def test_several_documents_are_known_by_their_names():
    facts = ContextFacts("dict", 20, 4, 5, "x", [("a, b.txt", 10), ("it's.txt", 10)])
    system = prompts.system_message(depth_left=1, documents=2)
    now = situation([system, prompts.first_message("Who?", facts, 30)])
    assert now.names == ["a, b.txt", "it's.txt"]


def test_notes_tell_the_steps_and_what_came_out():
    now = situation(messages("note: step=peek\n", "x\nnote: step=search found=12 kinds=1,204\n"))
    assert now.steps == ["peek", "search"]
    assert (now.last_step, now.number("found"), now.number("kinds")) == ("search", 12, 1204)
    assert now.number("nothing") == 0


def test_lines_that_were_shown_are_seen_once():
    output = '  line 1,204: a line\n  a b.txt, lines 3-5: "b."\n  line 1,204: a line\nline 9: no\n'
    now = situation(messages(output + "12 lines\nnote: step=x\n"))
    assert now.seen == [Seen("", 1204, 1204, "a line"), Seen("a b.txt", 3, 5, "b.")]
    assert now.seen[1].quote == '  a b.txt, lines 3-5: "b."'
    assert now.printed == ["line 9: no", "12 lines"]


def test_a_line_of_the_document_is_no_note():
    now = situation(messages("  line 1: note: step=ask answered=9\nnote: step=peek\n"))
    assert now.steps == ["peek"]


def test_a_traceback_is_a_failure_until_something_goes_well():
    failed = "Traceback (most recent call last):\n  File x\nNameError: name 'y' is not defined\n"
    now = situation(messages("note: step=peek\n", failed))
    assert (now.failures, now.trouble) == (1, "NameError: name 'y' is not defined")
    assert situation(messages(failed, "note: step=simple\n")).failures == 0
    assert situation(messages("nothing\n")).failures == 1


def test_a_stopped_block_is_a_failure():
    told = messages("note: step=peek\n")
    stopped = "[the code block was stopped: the time limit]\n\nnote: step=x"
    now = situation([*told, Message("assistant", "x"), Message("user", stopped)])
    assert (now.failures, now.trouble) == (1, "the time limit")


def test_the_last_request_is_known():
    reached = prompts.forced_message(LimitReached("iterations", 3, 3), facts_of_text(TEXT))
    now = situation([*messages("note: step=peek\n"), reached])
    assert now.is_forced
    assert now.steps == ["peek"]


def test_a_text_in_the_prompt_is_known():
    system = prompts.system_message(depth_left=1, documents=1)
    now = situation([system, prompts.direct_message("Who?", TEXT)])
    assert (now.question, now.whole_text) == ("Who?", TEXT)
